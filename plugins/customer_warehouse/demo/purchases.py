"""When people buy, where, and what: one stream of dated purchases a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from customer_warehouse.demo import keys
from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.moments import DAY, YEAR, day_index, day_text
from customer_warehouse.demo.person import Person
from customer_warehouse.demo.records import store_moment

CASE_AFTER_PURCHASE = 0.035
PEAKS = (
    "11-08",
    "11-09",
    "11-10",
    "11-11",
    "11-12",
    "12-18",
    "12-19",
    "12-20",
    "12-21",
    "12-22",
    "05-05",
    "05-06",
    "05-07",
    "05-08",
    "05-09",
    "05-10",
)


class Line(NamedTuple):
    """One line; amounts in whole TWD, the discount for the whole line."""

    sku: str
    title: str
    variant_id: int
    quantity: int
    price: int
    discount: int

    @property
    def amount(self) -> int:
        return self.quantity * self.price - self.discount


@dataclass(slots=True)
class Purchase:
    """One order or ticket. `random` goes on to decide what becomes of it; `returned` then says which of its products
    come back and when, even if that lies ahead."""

    number: int
    at: int
    online: bool
    lines: list[Line]
    leads_to_case: bool
    random: Random
    returned: list[tuple[int, list[str]]] = field(default_factory=list)
    account: str = ""
    """Key of the account that it was made with, where a message to that account prompted it."""


def purchases(person: Person, seed: int, until: int, catalogue: Catalogue) -> Iterator[Purchase]:
    """What the person buys before `until`, in order."""
    habit = person.habit
    if not habit.purchases:
        return
    stream = Random(f"{seed}:{person.index}:purchases")
    moment = person.joined + stream.expovariate(1 / (6 * DAY))
    rate = habit.purchases * stream.uniform(0.6, 1.5) / YEAR
    number = 0
    while moment < until and number < keys.PROMPTED and (moment < person.lapsed or not number):
        random = Random(stream.getrandbits(64))
        at, online = int(moment), random.random() < person.online
        if not online:
            at = store_moment(at, random)
        lines = draw_lines(catalogue, at, online, random)
        leads_to_case = random.random() < CASE_AFTER_PURCHASE
        if at < until:
            yield Purchase(number, at, online, lines, leads_to_case, random)
        number += 1
        if habit.name == "once":
            return
        moment = next_moment(moment, rate, stream)


def next_moment(moment: float, rate: float, stream: Random) -> float:
    """The next purchase after `moment`; one in five purchases outside the season of presents is not made."""
    while True:
        moment += stream.expovariate(rate * 1.2)
        if stream.random() < 0.8 or day_text(day_index(int(moment)))[5:] in PEAKS:
            return moment


def draw_lines(catalogue: Catalogue, at: int, online: bool, random: Random) -> list[Line]:
    """One to five lines of what is sold that day, best sellers more often; some at a discount."""
    on_sale = catalogue.on_sale(day_index(at))
    share = random.random()
    count = 1 if share < 0.42 else 2 if share < 0.70 else 3 if share < 0.87 else 4 if share < 0.96 else 5
    off = random.choice((0.05, 0.1, 0.1, 0.15, 0.2)) if random.random() < (0.3 if online else 0.2) else 0.0
    lines: list[Line] = []
    for _ in range(count):
        variant = on_sale[int(len(on_sale) * random.random() ** 2)]
        share = random.random()
        quantity = 1 if share < 0.78 else 2 if share < 0.94 else 3
        discount = round(quantity * variant.price * off) if off else 0
        lines.append(Line(variant.sku, variant.title, variant.variant_id, quantity, variant.price, discount))
    return lines
