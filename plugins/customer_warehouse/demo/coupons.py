"""Coupons: given to accounts when they are opened and before the festivals, redeemed by orders that had a discount."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, EPOCH, EPOCH_DATE, iso_text
from customer_warehouse.demo.records import Record
from customer_warehouse.demo.shop import Followed, ShopRow

FESTIVALS = (("CNY", 1, 8, 30), ("MOTHER", 4, 26, 16), ("MID618", 6, 5, 16), ("DOUBLE11", 10, 28, 15))
"""Campaign, the day its coupons are given out at 10:00, and for how many days they hold."""
WELCOME_DAYS = 60
REACHED = 0.5
"""Share of the accounts that a festival's coupon is given to."""
REDEEMED = 0.7
"""Share of the discounted orders that redeem a coupon, if the account has one; other discounts were prices."""
COUPONS = 100
"""Keys are given out in blocks of this size, one for each account."""


class Coupon(NamedTuple):
    number: int
    campaign: str
    issued: int
    ends: int


@cache
def festivals(year: int) -> list[tuple[str, int, int]]:
    """The year's campaigns: name, when coupons are given out, and when they end."""
    days = [(name, (date(year, month, day) - EPOCH_DATE).days, length) for name, month, day, length in FESTIVALS]
    return [(f"{name}-{year}", EPOCH + day * DAY + 36_000, EPOCH + (day + length) * DAY) for name, day, length in days]


def issued(account: Record, chances: Chance, until: int) -> Iterator[Coupon]:
    """The coupons given to the account before `until`, in order."""
    created, gone = account.created, min(account.deleted or until, until)
    if created < gone:
        yield Coupon(0, "WELCOME", created, created + WELCOME_DAYS * DAY)
    number = 0
    for year in range(EPOCH_DATE.year, EPOCH_DATE.year + 1 + int((until - EPOCH) / (365 * DAY)) + 1):
        for campaign, at, ends in festivals(year):
            number += 1
            if created < at < gone and chances.share(int(account.key), number) < REACHED:
                yield Coupon(number, campaign, at, ends)


def coupon_rows(accounts: list[Record], orders: list[Followed], chances: Chance, until: int) -> Iterator[ShopRow]:
    """The accounts' coupons as the shop's API shows them before `until`."""
    for account in accounts:
        bought = [
            order
            for order in orders
            if order.placed.account == account.key
            and order.discount
            and chances.share(order.placed.row.id, COUPONS) < REDEEMED
        ]
        for coupon in issued(account, chances, until):
            order = next((o for o in bought if coupon.issued <= o.at < coupon.ends), None)
            if order is not None:
                bought.remove(order)
            yield _row(account.key, coupon, order)


def _row(account: str, coupon: Coupon, order: Followed | None) -> ShopRow:
    key = int(account) * COUPONS + coupon.number
    updated = coupon.issued if order is None else order.at
    used = f'"{iso_text(order.at)}"' if order else "null"
    amount = f'"{order.discount}.00"' if order else "null"
    body = (
        f'{{"id":{key},"code":"{coupon.campaign}-{key % 1_000_003:06d}","campaign":"{coupon.campaign}",'
        f'"customer_id":{account},"created_at":"{iso_text(coupon.issued)}","ends_at":"{iso_text(coupon.ends)}",'
        f'"used_at":{used},"order_id":{order.placed.row.id if order else "null"},"discount_amount":{amount},'
        f'"currency":"TWD","updated_at":"{iso_text(updated)}"}}'
    )
    return ShopRow(key, updated, True, body.encode())
