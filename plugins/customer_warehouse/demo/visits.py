"""Visits to the web shop, event by event: those that orders and left checkouts came of, and those that nothing came of.

Tracking was switched on when the brand was 22 months old. Whoever has an account signs in when something goes into the
cart; a guest and somebody who only looks around never do. A person has a browser or two, each with an id of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.carts import Cart
from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.chance import Chance
from customer_warehouse.demo.moments import DAY, EPOCH, EPOCH_DATE, day_index, iso_text
from customer_warehouse.demo.shop import Followed, ShopRow
from customer_warehouse.demo.tables import Weighted

TRACKED_FROM = EPOCH + (date(2026, 9, 1) - EPOCH_DATE).days * DAY
BROWSED_WITHIN = 60 * DAY
"""How long after an order its buyer still comes back to look around."""
BROWSING = 3
"""At most so many visits of that kind an order, half of them on the whole."""
SECOND_BROWSER = 0.3
"""Share of the visits with a person's second browser."""
PAUSE = 35
"""Seconds from one event to the next, at least; three times as many at most."""
VISITS, EVENTS = 8, 32
"""Keys are given out in blocks: so many visits an order, so many events a visit."""
CAMPAIGNS = Weighted(
    (
        "null",
        '{"source":"google","medium":"cpc","name":"brand"}',
        '{"source":"google","medium":"organic","name":null}',
        '{"source":"facebook","medium":"paid_social","name":"autumn"}',
        '{"source":"line","medium":"message","name":"members"}',
        '{"source":"newsletter","medium":"email","name":"weekly"}',
    ),
    (42, 16, 16, 12, 8, 6),
)
LANDINGS = Weighted(("/", "/collections/all", "/collections/new"), (6, 3, 1))
SEARCHES = ("soap", "面霜", "禮盒", "refill")
Event = tuple[str, str, str]
"""Name, page and properties, the last as JSON."""


class Visit(NamedTuple):
    """One visit: when its last event is, and what was done."""

    number: int
    ends: int
    account: str
    skus: list[str]
    kind: str
    """browse, cart or order."""


def event_rows(
    person: int, orders: list[Followed], carts: Iterable[Cart], catalogue: Catalogue, chances: Chance, until: int
) -> Iterator[ShopRow]:
    """The events of the person's visits as the shop's API shows them before `until`."""
    for visit in _visits(orders, carts, catalogue, chances, until):
        bits = chances.bits(visit.number)
        second = (bits >> 50) % 1000 < SECOND_BROWSER * 1000
        browser = f"{chances.bits(person, 1 + second):016x}"
        yield from _events(visit, browser, "mobile" if (person + second) % 2 else "desktop", bits)


def _visits(
    orders: list[Followed], carts: Iterable[Cart], catalogue: Catalogue, chances: Chance, until: int
) -> Iterator[Visit]:
    for order in orders:
        first = (order.placed.row.id - keys.FIRST_ORDER) * VISITS
        if order.at >= TRACKED_FROM:
            yield Visit(first, order.at, order.placed.account, [line.sku for line in order.lines], "order")
        if order.at + BROWSED_WITHIN < TRACKED_FROM:
            continue
        for number in range(first + 2, first + 2 + chances.bits(first) % (BROWSING + 1)):
            bits = chances.bits(number, 3)
            ends = order.at + 1_000 + bits % BROWSED_WITHIN
            if TRACKED_FROM <= ends < until:
                on_sale = catalogue.on_sale(day_index(ends))
                skus = [on_sale[(bits >> shift) % len(on_sale)].sku for shift in (30, 40, 50)][: (bits >> 60) % 4]
                yield Visit(number, ends, "", skus, "browse")
    for cart in carts:
        if cart.begun >= TRACKED_FROM:
            first = (cart.number - keys.FIRST_ORDER) * VISITS
            yield Visit(first + 1, cart.begun, cart.account, [variant.sku for variant in cart.variants], "cart")


def _events(visit: Visit, browser: str, device: str, bits: int) -> Iterator[ShopRow]:
    done = _done(visit, bits)
    campaign = CAMPAIGNS.at((bits >> 20) % 1000 / 1000)
    signed_in = next((place for place, event in enumerate(done) if event[0] == "product_added_to_cart"), len(done))
    at = visit.ends - sum(PAUSE + (bits >> place) % (2 * PAUSE) for place in range(1, len(done)))
    for place, (name, page, properties) in enumerate(done):
        at += PAUSE + (bits >> place) % (2 * PAUSE) if place else 0
        key, text = visit.number * EVENTS + place, iso_text(at)
        user = visit.account if visit.account and place >= signed_in else "null"
        body = (
            f'{{"id":{key},"event":"{name}","anonymous_id":"{browser}","user_id":{user},"timestamp":"{text}",'
            f'"context":{{"page":{{"path":"{page}"}},"device":{{"type":"{device}"}},'
            f'"campaign":{"null" if place else campaign}}},"properties":{properties},"updated_at":"{text}"}}'
        )
        yield ShopRow(key, at, True, body.encode())


def _done(visit: Visit, bits: int) -> list[Event]:
    events: list[Event] = [("page_viewed", LANDINGS.at((bits >> 40) % 1000 / 1000), "{}")]
    if bits % 5 == 0:
        events.append(("search_submitted", "/search", f'{{"query":"{SEARCHES[(bits >> 3) % len(SEARCHES)]}"}}'))
    for sku in visit.skus:
        page, properties = f"/products/{sku.lower()}", f'{{"sku":"{sku}"}}'
        events.append(("product_viewed", page, properties))
        if visit.kind != "browse":
            events.append(("product_added_to_cart", page, properties))
    if visit.kind == "order":
        order = visit.number // VISITS + keys.FIRST_ORDER
        events.append(("checkout_completed", "/checkout/thanks", f'{{"order_id":{order}}}'))
    return events
