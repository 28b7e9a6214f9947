"""The warehouse stage: facts and dimensions, built by dbt from `standardised` and `identity`."""

from __future__ import annotations

from customer_warehouse.warehouse.stage import build

__all__ = ["build"]
