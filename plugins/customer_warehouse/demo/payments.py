"""What was paid for orders and tickets, and what was given back.

A purchase of TWD 0 does not occur, so every order has a payment; one that was never paid has one that failed.
"""

from __future__ import annotations

from collections.abc import Iterator

from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import day_index, iso_text, local_text
from customer_warehouse.demo.purchases import Purchase
from customer_warehouse.demo.shop import Placed, ShopRow
from customer_warehouse.demo.tables import Weighted
from customer_warehouse.demo.till import Ticket, TillLine

AT_ONCE = Weighted(("shopify_payments", "line_pay", "apple_pay", "jkopay"), (58, 22, 12, 8))
"""Gateways of orders paid when they are placed; the weights are assumptions, as everywhere in the demo."""
LATER = Weighted(("ecpay_cvs", "ecpay_atm"), (55, 45))
TENDERS = Weighted(("CASH", "CARD", "LINEPAY", "EASYCARD", "JKOPAY"), (34, 38, 14, 8, 6))
DECLINED = 0.03
"""Share of the orders paid at once whose first attempt fails."""
SPLIT = 0.05
"""Share of the tickets paid with a gift voucher and something else."""
PAYMENTS = 10
"""Keys of payments are given out in blocks of this size, one for each order."""


def order_payments(order: Placed, purchase: Purchase, chances: Chance, until: int) -> Iterator[ShopRow]:
    """The order's transactions as they stand before `until`: attempts, the payment, refunds."""
    number, fate, at = order.row.id, order.fate, purchase.at
    pays_later = fate.paid != at
    gateway = (LATER if pays_later else AT_ONCE).at(chances.share(number))
    if not pays_later and chances.share(number, 1) < DECLINED:
        yield _row(number, 0, at, at, "sale", "failure", gateway, order.total)
    if fate.paid is not None and fate.paid < until:
        yield _row(number, 1, at, fate.paid, "sale", "success", gateway, order.total)
    elif fate.paid is None and fate.cancelled is not None and fate.cancelled < until:
        yield _row(number, 1, at, fate.cancelled, "sale", "failure", gateway, order.total)
    else:
        yield _row(number, 1, at, at, "sale", "pending", gateway, order.total)
    for position, refund in enumerate(fate.refunds, 2):
        if refund.at < until:
            amount = refund.amount(purchase.lines)
            yield _row(number, position, refund.at, refund.at, "refund", "success", gateway, amount)


def _row(
    order: int, position: int, at: int, updated: int, kind: str, status: str, gateway: str, amount: int
) -> ShopRow:
    key, moment = order * PAYMENTS + position, iso_text(updated)
    created = moment if at == updated else iso_text(at)
    parent = order * PAYMENTS + 1 if kind == "refund" else "null"
    body = (
        f'{{"id":{key},"order_id":{order},"parent_id":{parent},"kind":"{kind}","status":"{status}",'
        f'"gateway":"{gateway}","amount":"{amount}.00","currency":"TWD",'
        f'"created_at":"{created}","processed_at":"{moment}","updated_at":"{moment}"}}'
    )
    return ShopRow(key, updated, True, body.encode())


def ticket_payments(ticket: Ticket, at: int, chances: Chance) -> Iterator[TillLine]:
    """The ticket's payments in the head office's files, and the money that went back over a counter."""
    about = ticket.key
    key = f"{about:08x}"
    tender = TENDERS.at(chances.share(about, 2))
    parts = [(tender, ticket.total)]
    if chances.share(about, 3) < SPLIT and ticket.total > 100:
        parts = [("VOUCHER", 100), (tender, ticket.total - 100)]
    day, moment = day_index(at), local_text(at)
    for position, (word, amount) in enumerate(parts, 1):
        text = f"P{key}-{position},{ticket.number},{ticket.store},SALE,{word},{amount}.00,TWD,{moment}\n"
        yield TillLine(day, "", "payments", text)
    if ticket.back is not None:
        back, moment = ticket.back, local_text(ticket.back.at)
        text = f"P{key}-R,{back.ticket},{back.store},REFUND,{tender},{back.amount}.00,TWD,{moment}\n"
        yield TillLine(day_index(back.at), "", "payments", text)
