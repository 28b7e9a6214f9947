"""Faults of the demo shop, on demand: what a real API does to its readers now and then.

A rule strikes on the `nth` request (counted from 1) whose path holds `path`, and on the `times - 1` after it:

    status      answer with `status`; with `retry_after`, say how many seconds to wait
    malformed   cut the JSON body in half
    reset       drop the connection without an answer
    slow        answer after `seconds`
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

KINDS = ("status", "malformed", "reset", "slow")


@dataclass(frozen=True)
class Fault:
    """One rule. Raises ValueError when its kind is unknown."""

    kind: str
    path: str = ""
    nth: int = 1
    times: int = 1
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"The kind of a fault is one of {', '.join(KINDS)}.")


class Faults:
    """The rules in force, and how many requests each has seen. Any thread may change or ask them."""

    def __init__(self, rules: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._rules = list(rules)
        self._seen: Counter[int] = Counter()

    @classmethod
    def read(cls, path: Path) -> Self:
        """The rules in a JSON file: a list of objects with the fields of `Fault`.

        Raises ValueError when the file is something else.
        """
        content = json.loads(path.read_text(encoding="utf-8"))
        names = {field.name for field in fields(Fault)}
        if not isinstance(content, list) or not all(isinstance(rule, dict) and set(rule) <= names for rule in content):
            raise ValueError(f"{path} is not a list of faults; their fields are {', '.join(sorted(names))}.")
        return cls(Fault(**rule) for rule in content)

    def set(self, *rules: Fault) -> None:
        """Replace all rules, and start counting again."""
        with self._lock:
            self._rules = list(rules)
            self._seen.clear()

    def strike(self, path: str) -> Fault | None:
        """Count a request for `path`; the first rule that strikes on it, if any."""
        with self._lock:
            struck = None
            for position, rule in enumerate(self._rules):
                if rule.path not in path:
                    continue
                self._seen[position] += 1
                if struck is None and rule.nth <= self._seen[position] < rule.nth + rule.times:
                    struck = rule
            return struck

    def to_json(self) -> list[dict[str, Any]]:
        """The rules as `read` takes them."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
