"""What was paid: every order and ticket to the cent, and nothing about people or purchases has changed by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from customer_warehouse.demo.items import has_item_list
from customer_warehouse.demo.moments import day_index, day_text, end_of
from customer_warehouse.demo.world import World
from unit.demo.test_world import bodies, table, wrong_amounts


def paid(world: World) -> tuple[Counter[str], Counter[str]]:
    """By ticket, what the head office's files say was paid and given back; returns without a ticket under ''."""
    came, went = Counter[str](), Counter[str]()
    for path in world.till.glob("*/payments.csv"):
        for row in table(path):
            (came if row["kind"] == "SALE" else went)[row["ticket_id"]] += int(Decimal(row["amount"]))
    return came, went


def test_orders_are_paid_to_the_cent_unless_they_wait_or_were_cancelled(world: World) -> None:
    wrong, payments = wrong_amounts(world), defaultdict[int, list[dict[str, str]]](list)
    for row in bodies(world, "transactions").values():
        payments[int(row["order_id"])].append(row)
    statuses = Counter[str]()

    for number, order in bodies(world, "orders").items():
        total = Decimal(wrong.get(str(number), ("", order["total_price"]))[1])
        moved = [row for row in payments[number] if row["status"] == "success"]
        came = sum(Decimal(row["amount"]) for row in moved if row["kind"] == "sale")
        went = sum(Decimal(row["amount"]) for row in moved if row["kind"] == "refund")
        refunds = order["refunds"]
        given_back = sum(Decimal(line["subtotal"]) for refund in refunds for line in refund["refund_line_items"])
        given_back -= sum(Decimal(part["amount"]) for refund in refunds for part in refund["order_adjustments"])
        assert went == given_back
        assert came == (0 if order["financial_status"] in ("pending", "voided") else total)
        statuses.update(row["status"] for row in payments[number])
    assert {"success", "failure"} <= set(statuses) <= {"success", "failure", "pending"}
    assert sum(map(len, payments.values())) == sum(statuses.values())


def test_tickets_are_paid_to_the_cent(world: World) -> None:
    came, went = paid(world)
    last = day_index(end_of(world.night)) - 1
    delivered = {row["ticket_id"] for path in world.till.glob("*/*/tickets.csv") for row in table(path)}
    sums, returned = Counter[str](), Counter[str]()
    for path in world.till.glob("*/*/ticket_lines.csv"):
        for line in table(path):
            amount = Decimal(line["quantity"]) * Decimal(line["unit_price"]) - Decimal(line["discount_amount"])
            sums[line["ticket_id"]] += int(amount)
    for path in world.till.glob("*/*/returns.csv"):
        for row in table(path):
            returned[row["ticket_id"]] += int(Decimal(row["amount"]))
    late = {ticket for ticket in came if ticket not in delivered}

    assert len(delivered) > 500
    assert {ticket: amount for ticket, amount in came.items() if ticket not in late} == sums
    assert all(day_text(last - 1)[2:].replace("-", "") <= ticket.split("-")[1] for ticket in late)
    assert {t: a for t, a in went.items() if t in returned} == {t: a for t, a in returned.items() if t in went}
    assert went[""] > 0


def test_every_unit_sold_has_a_cost_below_its_price(world: World) -> None:
    days = [day for day in range(day_index(end_of(world.night))) if has_item_list(day)]
    known: dict[str, dict[str, str]] = {}
    for day in days:
        known |= {row["sku"]: row for row in table(world.till / day_text(day) / "items.csv")}
    lines = [line for path in world.till.glob("*/*/ticket_lines.csv") for line in table(path)]

    assert {line["sku"] for line in lines} <= known.keys()
    assert all(0 < Decimal(known[line["sku"]]["unit_cost"]) < Decimal(line["unit_price"]) for line in lines)
    assert {row["status"] for row in known.values()} == {"active", "discontinued"}
    assert len(known) > len(bodies(world, "products"))


def test_a_list_of_items_does_not_change_once_it_is_there(world: World, next_world: World) -> None:
    for path in world.till.glob("*/items.csv"):
        assert path.read_bytes() == (next_world.till / path.relative_to(world.till)).read_bytes()
