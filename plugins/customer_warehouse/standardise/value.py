"""What every value type answers: the standard value, or none and why."""

from __future__ import annotations

from typing import Any, NamedTuple


class Value(NamedTuple):
    """One standardised value. A missing value is `Value(None)`: no value, and no reason because nothing was wrong."""

    value: Any | None
    """The canonical value: str, date, aware UTC datetime or Decimal, as the type says."""
    key: str | None = None
    """The match key, for types that have one: equal keys mean "may be the same", never "is the same"."""
    flags: tuple[str, ...] = ()
    """What was noticed or repaired on the way, as short snake_case words."""
    reason: str | None = None
    """Why there is no value, as a snake_case word. It never holds any of the value itself."""
    parts: dict[str, str] | None = None
    """Pieces of the value that have a name of their own, such as `given` and `family`."""


MISSING = Value(None)


def rejected(reason: str) -> Value:
    """The answer for a value that was given but cannot be used."""
    return Value(None, reason=reason)
