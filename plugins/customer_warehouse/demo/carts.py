"""Checkouts that were begun and left: some are ordered days later, most never."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, HOUR, day_index, iso_text
from customer_warehouse.demo.shop import Followed, ShopRow

BEGUN = 0.3
"""Share of the orders with an account that another checkout follows, within forty days, that is left."""
TAKEN_UP = 5 * DAY
"""How long after it was left an order of the same account still takes the checkout up."""


def cart_rows(orders: list[Followed], catalogue: Catalogue, chances: Chance, until: int) -> Iterator[ShopRow]:
    """The checkouts as the shop's API shows them before `until`."""
    for order in orders:
        number, account = order.placed.row.id, order.placed.account
        bits = chances.bits(number)
        if not account or bits % 1000 >= BEGUN * 1000:
            continue
        begun = order.at + 6 * HOUR + (bits >> 10) % (40 * DAY)
        if begun >= until:
            continue
        later = (o for o in orders if o.placed.account == account and begun < o.at <= begun + TAKEN_UP)
        taken_up = next(later, None)
        on_sale = catalogue.on_sale(day_index(begun))
        places = [(bits >> 34) % len(on_sale), (bits >> 46) % len(on_sale)][: 1 + (bits >> 60) % 2]
        variants = [on_sale[place] for place in dict.fromkeys(places)]
        updated = taken_up.at if taken_up else begun
        body = {
            "id": number,
            "customer": {"id": int(account)},
            "created_at": iso_text(begun),
            "updated_at": iso_text(updated),
            "completed_at": iso_text(updated) if taken_up else None,
            "order_id": taken_up.placed.row.id if taken_up else None,
            "currency": "TWD",
            "total_price": f"{sum(variant.price for variant in variants)}.00",
            "item_count": len(variants),
            "line_items": [
                {"sku": variant.sku, "title": variant.title, "quantity": 1, "price": f"{variant.price}.00"}
                for variant in variants
            ],
        }
        yield ShopRow(number, updated, True, orjson.dumps(body))
