"""Names at a place in a text: the longest one that is known there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")


class NameIndex(Generic[Meaning]):
    """Names of at least two characters, each with its meaning, to be found at a given place of a text."""

    def __init__(self, names: Mapping[str, Meaning]) -> None:
        self.names = dict(names)
        lengths: dict[str, set[int]] = {}
        for name in names:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths = {beginning: sorted(found, reverse=True) for beginning, found in lengths.items()}

    def at(self, text: str, start: int) -> tuple[Meaning, int] | None:
        """The meaning of the longest name that begins at `start`, and where it ends; None when there is none."""
        for length in self._lengths.get(text[start : start + 2], ()):
            found = self.names.get(text[start : start + length])
            if found is not None:
                return found, start + length
        return None
