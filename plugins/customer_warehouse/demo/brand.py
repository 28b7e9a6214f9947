"""The brand: a stream of people and of everything the three systems hold about them.

Person `i` is a pure function of (seed, i): their records and events are drawn in an order that does not depend on the
day asked for, and what happens at or after that day is left out. So a later day only adds to an earlier one. (When
somebody joins also depends on the brand's size, from the first person beyond `people` on.)
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from customer_warehouse.demo import keys, staff
from customer_warehouse.demo.campaigns import message_rows, messages, prompted
from customer_warehouse.demo.carts import cart_row, left_carts
from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.companies import company_account
from customer_warehouse.demo.coupons import coupon_rows
from customer_warehouse.demo.desk import desk_rows
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.kin import GROWTH, growth_step
from customer_warehouse.demo.leads import lead_facts, lead_rows, registration_rows
from customer_warehouse.demo.moments import EPOCH
from customer_warehouse.demo.payments import order_payments, ticket_payments
from customer_warehouse.demo.person import Person, draw_person
from customer_warehouse.demo.points import Ledgers
from customer_warehouse.demo.purchases import Purchase, purchases
from customer_warehouse.demo.records import draw_records
from customer_warehouse.demo.reviews import review_rows
from customer_warehouse.demo.shop import Followed, ShopRow, customer_row, order_name, order_row
from customer_warehouse.demo.till import TillLine, member_facts, member_lines, ticket_lines
from customer_warehouse.demo.truth import Fact, facts_of
from customer_warehouse.demo.visits import event_rows

SEED = 20241122
TOPICS = ("payments", "points", "coupons", "carts", "reviews", "campaigns", "visits", "leads", "registrations")
"""What is drawn beside people and purchases."""
PEOPLE = 5_000


@dataclass(slots=True)
class Traces:
    """Everything the three systems hold about one person, and the truth about it."""

    person: str
    customers: list[ShopRow] = field(default_factory=list)
    orders: list[ShopRow] = field(default_factory=list)
    shop: list[tuple[str, ShopRow]] = field(default_factory=list)
    """What else the shop has, by table."""
    till: list[TillLine] = field(default_factory=list)
    desk: list[tuple[str, str]] = field(default_factory=list)
    owned: list[tuple[str, str]] = field(default_factory=list)
    """Source and key of each record that is this person's and not deleted."""
    facts: list[Fact] = field(default_factory=list)
    prompted: list[tuple[int, int]] = field(default_factory=list)
    """Campaign and order of each purchase that would not have been made without the campaign."""


@dataclass(frozen=True)
class Brand:
    """A brand of `people` people, two years after its first day; it goes on growing after that."""

    seed: int = SEED
    people: int = PEOPLE

    @cached_property
    def chances(self) -> dict[str, Chance]:
        """What happens beside the purchases themselves, by topic."""
        return {topic: Chance(self.seed, topic) for topic in TOPICS}

    def known(self, until: int) -> int:
        """How many people can have joined before `until` (some of the first `people` join later than that)."""
        return self.people + max(0, math.ceil((until - EPOCH - GROWTH) / growth_step(self.people)))

    def catalogue(self, until: int) -> Catalogue:
        return Catalogue(self.seed, until)

    def traces(self, until: int, dirt: Dirt | None = None) -> Iterator[Traces]:
        """Each person's traces before the moment `until`, one person at a time, each with their company's if it has an
        account of its own, then those of the staff's trials.

        `dirt` counts what was made wrong.
        """
        dirt, catalogue = dirt or Dirt(), self.catalogue(until)
        for index in range(self.known(until)):
            drawn = draw_person(self.seed, index, self.people, until, dirt)
            if drawn is None:
                continue
            person, random = drawn
            yield self._traces(person, random, catalogue, until, dirt)
            account = company_account(person, self.seed, until, dirt)
            row = customer_row(account, until) if account else None
            if account and row:
                key = f"{person.key}-company"
                facts = facts_of("shop_platform", account.key, account.versions[0].state)
                yield Traces(key, customers=[row], owned=[("shop_platform", account.key)], facts=facts)
        yield from _staff(until)

    def _traces(self, person: Person, random: Random, catalogue: Catalogue, until: int, dirt: Dirt) -> Traces:
        traces = Traces(person.key)
        records = draw_records(person, self.seed, until, dirt, random)
        for record in records.accounts:
            row, last = customer_row(record, until), record.last(until)
            if row is not None and last is not None:
                traces.customers.append(row)
                traces.facts += facts_of("shop_platform", record.key, last.state)
                traces.owned.append(("shop_platform", record.key))
        for record in records.members:
            traces.till += member_lines(record, until)
            facts = member_facts(person, record, until)
            if facts:
                traces.facts += facts
                traces.owned.append(("point_of_sale", record.key))
        made: list[tuple[Purchase, str]] = []
        chances = self.chances
        ledgers = Ledgers(chances["points"])
        orders: list[Followed] = []
        sent = messages(records.accounts, chances["campaigns"], until)
        traces.shop += [("marketing_messages", row) for row in message_rows(sent, until)]
        extra = prompted(person, self.seed, records.accounts, sent, catalogue, chances["campaigns"])
        of_its_own = purchases(person, self.seed, until, catalogue)
        for purchase in heapq.merge(of_its_own, extra, key=lambda purchase: purchase.at):
            if purchase.online:
                order = order_row(person, records, purchase, until, dirt)
                if purchase.account:
                    traces.prompted.append((purchase.number - keys.PROMPTED + 1, order.row.id))
                traces.orders.append(order.row)
                traces.facts += order.facts
                if not order.account:
                    traces.owned.append(("shop_platform", f"guest-{order.row.id}"))
                traces.shop += [
                    ("transactions", row) for row in order_payments(order, purchase, chances["payments"], until)
                ]
                ledgers.order(order, [refund.amount(purchase.lines) for refund in order.fate.refunds])
                orders.append(Followed(order, purchase.at, purchase.lines))
                reference = order_name(order.row.id)
            else:
                ticket = ticket_lines(person, records, purchase, until, dirt)
                traces.till += ticket.lines
                traces.till += ticket_payments(ticket, purchase.at, chances["payments"])
                ledgers.ticket(ticket, purchase.at)
                traces.facts += ticket.facts
                reference = ticket.number
            made.append((purchase, reference))
        traces.shop += [("point_movements", row) for row in ledgers.shop_rows(until)]
        traces.till += ledgers.till_lines(until)
        coupons = coupon_rows(records.accounts, orders, chances["coupons"], until)
        traces.shop += [("coupons", row) for row in coupons]
        carts = list(left_carts(orders, catalogue, chances["carts"], until))
        traces.shop += [("checkouts", cart_row(cart)) for cart in carts]
        traces.shop += [("reviews", row) for row in review_rows(orders, chances["reviews"], until)]
        visits = event_rows(person.index, orders, carts, catalogue, chances["visits"], until)
        traces.shop += [("events", row) for row in visits]
        desk = desk_rows(person, records, self.seed, made, until, dirt)
        traces.desk = desk.lines
        for table, values in lead_rows(person, records, chances["leads"], until):
            desk.add(table, *values)
        desk.facts += lead_facts(person, records, chances["leads"], until)
        for table, values in registration_rows(person, made, chances["registrations"], until):
            desk.add(table, *values)
        traces.facts += desk.facts
        traces.owned += [("service_desk", fact.source_key) for fact in desk.facts if fact.column == "full_name"]
        return traces


def _staff(until: int) -> Iterator[Traces]:
    for day, trial in staff.staff_records(until):
        account, member = staff.shop_record(day, trial), staff.till_record(day, trial)
        row = customer_row(account, until)
        traces = Traces(f"trial-{day:05d}", till=list(member_lines(member, until)))
        if row is not None:
            traces.customers.append(row)
            traces.owned += [("shop_platform", account.key), ("point_of_sale", member.key)]
        contact = staff.contact_line(day, trial, until)
        traces.desk.append(("contacts", contact))
        if row is not None:
            traces.owned.append(("service_desk", contact.partition(",")[0]))
        yield traces
