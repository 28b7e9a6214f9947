"""Word lists: what `data/*.yml` says, loaded once and folded the way values are compared with it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from customer_warehouse.standardise.characters import simplified

_DATA = Path(__file__).parent / "data"


@lru_cache
def read(name: str) -> dict[str, Any]:
    """The content of `data/<name>.yml`."""
    content: dict[str, Any] = yaml.safe_load((_DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return content


@lru_cache
def words(name: str, *path: str) -> frozenset[str]:
    """The list at `path` in `data/<name>.yml`, folded: simplified characters, lower case."""
    found = listed(name, *path)
    if not all(isinstance(word, str) for word in found):
        raise TypeError(f"data/{name}.yml: quote what YAML does not read as text, in {'.'.join(path)}")
    return frozenset(map(fold, found))


def listed(name: str, *path: str) -> list[Any]:
    """The list at `path` in `data/<name>.yml` as it is written there, without who owns its entries and why."""
    found: Any = read(name)
    for step in path:
        found = found[step]
    values: list[Any] = []
    for entry in found:
        values += entry["values"] if isinstance(entry, dict) else [entry]
    return values


def fold(text: str) -> str:
    """How a text is compared with a list."""
    return simplified(text.casefold())


def is_placeholder(text: str) -> bool:
    """Does a cleaned text say that there is nothing to say, whatever its type?"""
    if len(text) <= _longest_placeholder() and fold(text) in words("placeholders", "words"):
        return True
    return not any(map(str.isalnum, text))


@lru_cache(maxsize=1)
def _longest_placeholder() -> int:
    return max(map(len, words("placeholders", "words")))
