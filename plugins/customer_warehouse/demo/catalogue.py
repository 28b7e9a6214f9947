"""What the brand sells: a range that grows by a limited edition a week, is repriced now and then, and loses products.

A product is a pure function of the seed and its number; its states are dated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from customer_warehouse.demo import tables
from customer_warehouse.demo.moments import DAY, EPOCH, HOUR, YEAR

WEEK = 7 * DAY


class Variant(NamedTuple):
    """One stock-keeping unit as it is sold on a certain day; `price` in TWD."""

    sku: str
    title: str
    variant_id: int
    price: int


class State(NamedTuple):
    """How a product stands from `since` on."""

    since: int
    status: str
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Product:
    """A product and everything that ever happens to it."""

    product_id: int
    title: str
    category: str
    skus: tuple[str, ...]
    sizes: tuple[str, ...]
    states: tuple[State, ...]
    deleted: int | None

    def at(self, moment: int) -> State | None:
        """The state that holds just before `moment`; None before the launch and after the deletion."""
        if self.deleted is not None and self.deleted < moment:
            return None
        found = None
        for state in self.states:
            if state.since >= moment:
                break
            found = state
        return found


class Catalogue:
    """All products that are launched before `until`."""

    def __init__(self, seed: int, until: int) -> None:
        self.seed = seed
        self.until = until
        self.brand = str(tables.document("catalogue")["brand"])
        self._on_sale: dict[int, list[Variant]] = {}
        self._variants: dict[tuple[str, int], Variant] = {}

    @cached_property
    def products(self) -> list[Product]:
        document = tables.document("catalogue")
        made: list[Product] = []
        for series in document["series"]:
            for code in series["kinds"]:
                kind = document["kinds"][code]
                made.append(
                    self._product(len(made) + 1, f"{series['code']}-{code}", series["name"], kind, EPOCH + HOUR, None)
                )
        seasons, kinds = document["seasons"]["names"], document["seasons"]["kinds"]
        for week in range(1 + (self.until - EPOCH) // WEEK):
            launch = EPOCH + week * WEEK + 34 * HOUR
            kind_code = kinds[week % len(kinds)]
            name = f"{seasons[week // 6 % len(seasons)]}限定"
            code = f"L{week:03d}-{kind_code}"
            made.append(
                self._product(1000 + week, code, name, document["kinds"][kind_code], launch, launch + 12 * WEEK)
            )
        return made

    def _product(
        self, number: int, code: str, series: str, kind: dict[str, object], launch: int, end: int | None
    ) -> Product:
        random = Random(f"{self.seed}:product:{number}")
        sizes = kind["sizes"]
        assert isinstance(sizes, dict)
        prices = tuple(int(price) for price in sizes.values())
        states = [State(launch, "active", prices)]
        if end is None and random.random() < 0.15:
            end = launch + int(random.uniform(0.4, 3.0) * YEAR)
        deleted = None
        if end is not None:
            deleted = end + 4 * WEEK if random.random() < 0.6 or number >= 1000 else None
        moment = launch
        while True:
            moment += int(random.expovariate(1 / (0.9 * YEAR)))
            if moment >= self.until or (end is not None and moment >= end):
                break
            factor = random.choice((0.9, 0.95, 1.05, 1.08, 1.1, 1.15))
            prices = tuple(round(price * factor) for price in prices)
            states.append(State(moment, "active", prices))
        if end is not None:
            states.append(State(end, "archived", prices))
        skus = tuple(f"{code}-{position + 1:02d}" for position in range(len(prices)))
        return Product(
            8_000_000_000 + number,
            f"{series}{kind['name']}",
            str(kind["category"]),
            skus,
            tuple(map(str, sizes)),
            tuple(states),
            deleted,
        )

    @cached_property
    def _best_sellers(self) -> list[tuple[Product, int]]:
        """Every variant as product and position; which ones sell best has no reason and never changes."""
        variants = [(product, position) for product in self.products for position in range(len(product.skus))]
        return sorted(variants, key=lambda variant: hash_text(variant[0].skus[variant[1]]))

    def on_sale(self, day: int) -> list[Variant]:
        """What can be bought on this day, best sellers first, at the prices of the day's first hour."""
        found = self._on_sale.get(day)
        if found is None:
            opening = EPOCH + day * DAY + HOUR + 1
            states = {product.product_id: product.at(opening) for product in self.products}
            found = self._on_sale[day] = []
            for product, position in self._best_sellers:
                state = states[product.product_id]
                if state is not None and state.status == "active":
                    sku, price = product.skus[position], state.prices[position]
                    variant = self._variants.get((sku, price))
                    if variant is None:
                        title = f"{product.title} {product.sizes[position]}"
                        variant = Variant(sku, title, product.product_id * 10 + position, price)
                        self._variants[sku, price] = variant
                    found.append(variant)
        return found


def hash_text(text: str) -> int:
    """A number that scatters texts and is the same in every process."""
    number = 2_166_136_261
    for byte in text.encode():
        number = (number ^ byte) * 16_777_619 % 2**32
    return number
