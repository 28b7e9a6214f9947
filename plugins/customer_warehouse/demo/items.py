"""The head office's list of items: what each unit costs the brand, and what was sold before and is listed no longer."""

from __future__ import annotations

from collections.abc import Iterator

from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.moments import DAY, EPOCH

COST_SHARE = (0.24, 0.46)
"""Between which shares of its first price a unit costs the brand; an assumption of the demo."""


def has_item_list(day: int) -> bool:
    """Whether the list is delivered on this day: the brand's first, and every Saturday, when something is launched."""
    return day == 0 or day % 7 == 1


def item_list(catalogue: Catalogue, day: int) -> Iterator[str]:
    """Its lines: every unit that was ever launched until the end of the day. Costs are in TWD."""
    end, chances = EPOCH + (day + 1) * DAY, Chance(catalogue.seed, "cost")
    least, most = COST_SHARE
    for product in catalogue.products:
        if product.states[0].since >= end:
            continue
        state = product.at(end)
        status = "active" if state is not None and state.status == "active" else "discontinued"
        share = least + (most - least) * chances.share(product.product_id)
        for sku, size, price in zip(product.skus, product.sizes, product.states[0].prices, strict=True):
            name = f"{product.title} {size}"
            yield csv_line((sku, name, product.category, catalogue.brand, f"{price * share:.1f}", status))
