"""`python -m customer_warehouse.demo`."""

from __future__ import annotations

from customer_warehouse.demo.commands import app

if __name__ == "__main__":
    app(prog_name="python -m customer_warehouse.demo")
