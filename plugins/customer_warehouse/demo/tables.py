"""The brand's tables of facts (names, places, stores, texts) from `data/`, read once."""

from __future__ import annotations

import csv
from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

import yaml

FOLDER = Path(__file__).parent / "data"

Row = dict[str, str]
Item = TypeVar("Item")


class Weighted(Generic[Item]):
    """Things to be drawn, some more often than others."""

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self.items = list(items)
        self.cumulative = list(accumulate(weights))

    def at(self, share: float) -> Item:
        """The thing at this share (0 to below 1) of all weights."""
        return self.items[bisect(self.cumulative, share * self.cumulative[-1])]

    def draw(self, random: Random) -> Item:
        return random.choices(self.items, cum_weights=self.cumulative)[0]


@cache
def rows(name: str) -> list[Row]:
    """The rows of `data/<name>.csv`."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def weighted(name: str) -> Weighted[Row]:
    """The rows of `data/<name>.csv`, drawn by their column `weight`."""
    found = rows(name)
    return Weighted(found, [float(row["weight"]) for row in found])


@cache
def taiwan_place(city: str, district: str) -> Row:
    """The row of `taiwan_places` with this city and district."""
    return next(row for row in rows("taiwan_places") if (row["city"], row["district"]) == (city, district))


@cache
def document(name: str) -> Any:
    """The content of `data/<name>.yml`."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
