"""The demo's three systems, run beside the embedded services: the shop's API, the tills' drop folder, the desk."""

from __future__ import annotations

from customer_warehouse.embedded.layout import Layout
from customer_warehouse.night import Night


def start(layout: Layout, night: Night, people: int | None) -> None:
    """Bring the demo's sources to the end of `night` and serve them."""


def stop(layout: Layout) -> list[str]:
    """Stop the shop's API; the names of what ran."""
    return []
