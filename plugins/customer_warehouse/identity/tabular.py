"""Tables and sentences as the commands of identity print them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text


def say(sentences: Iterable[str]) -> None:
    """Print sentences below a heading."""
    for sentence in sentences:
        print(f"  {sentence}")


def table_of(*names: str) -> Table:
    """A table without lines; `#` before a name puts its numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.removeprefix("#"), justify="right" if name.startswith("#") else "left")
    return table


def add(table: Table, *cells: str) -> None:
    """Add a row; what looks like the console's markup is only text, what would move the cursor is its escape."""
    table.add_row(
        *(Text("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cell)) for cell in cells)
    )


def print_table(table: Table, of: int = 0) -> None:
    """Print a table, and how many rows there are when it shows only some of them."""
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
    if of > table.row_count:
        print(f"  {of:,} in all; the tables of schema identity have the rest.")
