"""CSV lines, quoted only where they must be."""

from __future__ import annotations

from collections.abc import Iterable


def csv_line(values: Iterable[str]) -> str:
    """The values as one line of CSV, with its line feed."""
    return ",".join([_quoted(value) if "," in value or '"' in value else value for value in values]) + "\n"


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
