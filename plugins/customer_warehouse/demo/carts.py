"""Checkouts that were begun and left: some are ordered days later, most never."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from customer_warehouse.demo.catalogue import Catalogue, Variant
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, HOUR, day_index, iso_text
from customer_warehouse.demo.shop import Followed, ShopRow

BEGUN = 0.3
"""Share of the orders with an account that another checkout follows, within forty days, that is left."""
TAKEN_UP = 5 * DAY
"""How long after it was left an order of the same account still takes the checkout up."""


class Cart(NamedTuple):
    """A checkout that was begun and left."""

    number: int
    account: str
    begun: int
    variants: list[Variant]
    taken_up: Followed | None
    """The order that took it up, if one did."""


def left_carts(orders: list[Followed], catalogue: Catalogue, chances: Chance, until: int) -> Iterator[Cart]:
    """The checkouts that were left before `until`."""
    for order in orders:
        number, account = order.placed.row.id, order.placed.account
        bits = chances.bits(number)
        if not account or bits % 1000 >= BEGUN * 1000:
            continue
        begun = order.at + 6 * HOUR + (bits >> 10) % (40 * DAY)
        if begun >= until:
            continue
        later = (o for o in orders if o.placed.account == account and begun < o.at <= begun + TAKEN_UP)
        on_sale = catalogue.on_sale(day_index(begun))
        places = [(bits >> 34) % len(on_sale), (bits >> 46) % len(on_sale)][: 1 + (bits >> 60) % 2]
        variants = [on_sale[place] for place in dict.fromkeys(places)]
        yield Cart(number, account, begun, variants, next(later, None))


def cart_row(cart: Cart) -> ShopRow:
    """The checkout as the shop's API shows it."""
    taken_up = cart.taken_up
    updated = taken_up.at if taken_up else cart.begun
    body = {
        "id": cart.number,
        "customer": {"id": int(cart.account)},
        "created_at": iso_text(cart.begun),
        "updated_at": iso_text(updated),
        "completed_at": iso_text(updated) if taken_up else None,
        "order_id": taken_up.placed.row.id if taken_up else None,
        "currency": "TWD",
        "total_price": f"{sum(variant.price for variant in cart.variants)}.00",
        "item_count": len(cart.variants),
        "line_items": [
            {"sku": variant.sku, "title": variant.title, "quantity": 1, "price": f"{variant.price}.00"}
            for variant in cart.variants
        ],
    }
    return ShopRow(cart.number, updated, True, orjson.dumps(body))
