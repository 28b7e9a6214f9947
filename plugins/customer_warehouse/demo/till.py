"""The tills' rows: loyalty members, tickets, ticket lines and returns as lines of CSV, by business day and store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.catalogue import hash_text
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import DAY, day_index, day_text, local_text
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.purchases import Purchase
from customer_warehouse.demo.records import Consent, Record, Records, State, draw_store, store_moment
from customer_warehouse.demo.truth import Fact, facts_of

HEADERS = {
    "members": "member_number,name,phone,email,gender,birth_date,occupation,address,city,district,postcode,"
    "sms_consent,email_consent,consent_date,registered_at,updated_at,status\n",
    "tickets": "ticket_id,store_code,member_number,sold_at,cashier,total_amount,currency\n",
    "ticket_lines": "ticket_id,line_no,sku,product_name,quantity,unit_price,discount_amount\n",
    "returns": "return_id,ticket_id,line_no,sku,returned_at,quantity,amount,reason,member_number\n",
}
DAILY = {
    "payments": "payment_id,ticket_id,store_code,kind,tender,amount,currency,paid_at\n",
    "points": "movement_id,member_number,ticket_id,type,points,moved_at,valid_until\n",
}
"""Files of the head office: one a day for all stores."""
ITEM_COLUMNS = ("sku", "item_name", "department", "brand", "unit_cost", "status")
STORE_COLUMNS = ("store_code", "store_name", "city", "region", "country", "opened_on")
CONSENT_CODES = {"granted": "Y", "denied": "N"}
OCCUPATIONS = (
    "學生",
    "軍公教",
    "服務業",
    "製造業",
    "商",
    "資訊業",
    "金融業",
    "醫療",
    "家管",
    "自由業",
    "退休",
    "其他",
    "",
    "",
)
"""What is ticked on the membership form, if anything; each as often as the others."""
REASONS = ("瑕疵", "不適合", "買錯", "過敏", "重複購買", "")


class TillLine(NamedTuple):
    """One line of one file of the drop folder; without a store, of a file of the head office."""

    day: int
    store: str
    entity: str
    text: str


class Back(NamedTuple):
    """Something brought back to a till: when, where, on which ticket (if it was shown), and for how much in TWD."""

    at: int
    store: str
    ticket: str
    amount: int


class Ticket(NamedTuple):
    """A purchase at a till: its lines in the drop folder, the truth about them, and what follows from it."""

    lines: list[TillLine]
    facts: list[Fact]
    number: str
    store: str
    member: str
    """Number of the membership that was shown and is somebody's; else empty."""
    total: int
    back: Back | None

    @property
    def key(self) -> int:
        """The number that tickets are told apart by."""
        return int(self.number.rpartition("-")[2], 16)


def member_lines(record: Record, until: int) -> Iterator[TillLine]:
    """One line for each time before `until` that a till wrote the member; the last one is the tombstone, if any."""
    for version in record.versions:
        if version.at < until:
            text = member_text(record.key, version.state, record.created, version.at)
            yield TillLine(day_index(version.at), version.store, "members", text)
    if record.deleted is not None and record.deleted < until:
        yield tombstone(record.key, record.created, record.deleted, record.deleted_at_store)


def tombstone(key: str, created: int, deleted: int, store: str) -> TillLine:
    """The line that takes a member off the list; it says no more about the person than the number."""
    text = csv_line((key, *[""] * 13, local_text(created), local_text(deleted), "deleted"))
    return TillLine(day_index(deleted), store, "members", text)


def member_text(key: str, state: State, created: int, updated: int) -> str:
    address = state.address
    consents = (state.sms_consent, state.email_consent)
    decided = max(consent.at for consent in consents)
    return csv_line(
        (
            key,
            state.written.full,
            state.phone,
            state.email,
            state.gender,
            state.birth_date,
            OCCUPATIONS[hash_text(key) % len(OCCUPATIONS)],
            address_street(state),
            address.city if address else "",
            address.district if address else "",
            address.postcode if address else "",
            *[consent_code(consent) for consent in consents],
            day_text(day_index(decided)) if decided else "",
            local_text(created),
            local_text(updated),
            "active",
        )
    )


def address_street(state: State) -> str:
    """What a till keeps beside city and district: the rest of the address on one line."""
    address = state.address
    if address is None:
        return ""
    if address.country in ("TW", "CN"):
        return address.street + address.unit
    return ", ".join(filter(None, (address.street, address.unit)))


def consent_code(consent: Consent) -> str:
    return CONSENT_CODES.get(consent.state, "")


def member_facts(person: Person, record: Record, until: int) -> list[Fact]:
    """The truth about the member as the tills know it before `until`; nothing once it is deleted."""
    version = record.last(until)
    if version is None:
        return []
    gender = {"f": "female", "m": "male"}[person.sex]
    return [
        *facts_of("point_of_sale", record.key, version.state),
        Fact("point_of_sale", record.key, "birth_date", version.state.birth_date, person.birth_date),
        Fact("point_of_sale", record.key, "gender", version.state.gender, gender),
    ]


def ticket_lines(person: Person, records: Records, purchase: Purchase, until: int, dirt: Dirt) -> Ticket:
    """The purchase at a till, with its return before `until` if any."""
    random, lines, at = purchase.random, purchase.lines, purchase.at
    details = records.details_at(at)
    store, day = draw_store(details.address, at, random).code, day_index(at)
    moment = local_text(at)
    stamp = moment.replace("-", "").replace(":", "").replace(" ", "-")[2:]
    ticket = f"{store}-{stamp}-{keys.ticket_number(person.index, purchase.number)}"
    cashier = f"{store}-{random.randrange(1, 8):02d}"
    member = _member(records.members, at)
    forgotten = dirt.strikes("forgotten_card", random, applies=bool(member))
    shown = "" if forgotten else member
    if dirt.strikes("wrong_member_number", random, applies=bool(shown)):
        shown = f"{shown[:-2]}{(int(shown[-2:]) + 37) % 100:02d}9"
    total, facts = sum(line.amount for line in lines), []
    total_text = true_total = f"{total}.00"
    if dirt.strikes("wrong_ticket_total", random):
        total_text = f"{total + random.choice((-100, -10, 10, 90, 100))}.00"
    if dirt.strikes("impossible_amount", random):
        total_text = random.choice(("-1", "1000000000000"))
    if total_text != true_total:
        facts.append(Fact("point_of_sale", ticket, "total_amount", total_text, true_total))
    made = [TillLine(day, store, "tickets", f"{ticket},{store},{shown},{moment},{cashier},{total_text},TWD\n")]
    for position, line in enumerate(lines, 1):
        text = f"{ticket},{position},{line.sku},{line.title},{line.quantity},{line.price}.00,{line.discount}.00\n"
        made.append(TillLine(day, store, "ticket_lines", text))
    brought: Back | None = None
    if random.random() < 0.035:
        back = store_moment(at + int(random.uniform(1, 30) * DAY), random)
        place = store if random.random() < 0.9 else draw_store(details.address, back, random).code
        unknown = dirt.strikes("unknown_ticket", random)
        position = random.randrange(len(lines))
        line = lines[position]
        quantity = random.randrange(1, line.quantity + 1)
        amount = round(line.amount * quantity / line.quantity)
        purchase.returned.append((back, [line.sku]))
        values = (
            f"R{keys.ticket_number(person.index, purchase.number)}",
            "" if unknown else ticket,
            "" if unknown else str(position + 1),
            line.sku,
            local_text(back),
            str(quantity),
            f"{amount}.00",
            random.choice(REASONS),
            member,
        )
        if back < until:
            made.append(TillLine(day_index(back), place, "returns", csv_line(values)))
            brought = Back(back, place, "" if unknown else ticket, amount)
    return Ticket(made, facts, ticket, store, member if shown == member else "", total, brought)


def _member(members: list[Record], at: int) -> str:
    """The number of the membership that the person uses at the moment; empty when there is none."""
    alive = [record.key for record in members if record.at(at) is not None]
    return alive[-1] if alive else ""
