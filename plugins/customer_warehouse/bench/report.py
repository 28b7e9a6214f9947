"""What was measured, beside what was asked for."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from customer_warehouse.bench.measure import CUSTOMERS, VALUES, Measured
from customer_warehouse.database import connect, scalar

FILES_BY_FLOOR = 3.0
"""Extract and landing of files may take so many times what the plain COPY takes."""
CUSTOMERS_A_SECOND = 10_000
"""Customer records to standardise in a second of one core, be it Python's or PostgreSQL's, reading and writing
included."""
FORMATS_A_SECOND = 150_000
VALUES_A_SECOND = 40_000
"""Customer records to standardise in a second of wall time, without a database: formats only, and names and addresses
too."""
PEAK_MIB = 1536
MANY_PEOPLE = 1_000_000
"""The size at which the peak memory of every step must stay under PEAK_MIB."""


def target(measured: Measured, people: int | None) -> tuple[str, bool] | None:
    """What is asked of the figure, and whether it is met; None when nothing is."""
    if measured.name.endswith(" files") and measured.ratio is not None:
        return f"≤ {FILES_BY_FLOOR:g} × floor", measured.ratio <= FILES_BY_FLOOR
    for name, rate in zip(VALUES, (FORMATS_A_SECOND, VALUES_A_SECOND), strict=True):
        if measured.name.startswith(name):
            return f"≥ {rate:,}/s", measured.rate >= rate
    if measured.name == CUSTOMERS:
        return f"≥ {CUSTOMERS_A_SECOND:,} a core second", measured.rate_of_a_core >= CUSTOMERS_A_SECOND
    if people is not None and people >= MANY_PEOPLE and measured.peak_mib is not None:
        return f"< {PEAK_MIB:,} MiB", measured.peak_mib < PEAK_MIB
    return None


def print_table(measured: Sequence[Measured], people: int, console: Console) -> None:
    """Print all figures with their targets."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage", no_wrap=True)
    heads = (
        "rows in",
        "seconds",
        "rows/s",
        "with start",
        "core s",
        "rows/core s",
        "peak MiB",
        "floor s",
        "× floor",
        "core ×",
    )
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    for row in measured:
        table.add_row(
            row.name,
            f"{row.rows:,}",
            f"{row.seconds:.2f}",
            f"{row.rate:,.0f}",
            _number(row.total_seconds, ".2f"),
            _number(row.processor_seconds, ".2f"),
            f"{row.rate_of_a_core:,.0f}",
            _number(row.peak_mib, ",.0f"),
            _number(row.floor_seconds, ".2f"),
            _number(row.ratio, ".1f"),
            _number(row.processor_ratio, ".1f"),
            _verdict(target(row, people)),
        )
    console.print(table)
    peak = max((row.peak_mib for row in measured if row.peak_mib is not None), default=0.0)
    asked = f"asked for: under {PEAK_MIB:,} MiB at {MANY_PEOPLE:,} people"
    said = "" if people < MANY_PEOPLE else " – " + ("passes" if peak < PEAK_MIB else "falls short")
    console.print(f"Largest peak of any step: {peak:,.0f} MiB at {people:,} people ({asked}){said}.", highlight=False)
    console.print(
        "seconds: the work alone, median; with start: the whole process with interpreter and imports; core s: processor"
        " seconds of Python, dbt and PostgreSQL together; floor: plain COPY of the same bytes into a table of text"
        " without a key; core ×: the same ratio in processor seconds.",
        highlight=False,
        soft_wrap=True,
    )


def machine(url: str) -> dict[str, Any]:
    """What it was measured on, and how busy that was."""
    with connect(url) as connection:
        version = scalar(connection, "show server_version")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": str(version),
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def as_json(
    measured: Sequence[Measured], people: int, repeats: int, before: dict[str, Any], load_after: Sequence[float]
) -> dict[str, Any]:
    """Everything as plain values."""
    return {
        "people": people,
        "repeats": repeats,
        "machine": before,
        "load_average_after": [round(value, 2) for value in load_after],
        "measured": [
            asdict(row)
            | {
                "rate": row.rate,
                "rate_of_a_core": row.rate_of_a_core,
                "ratio": row.ratio,
                "processor_ratio": row.processor_ratio,
                "target": _target_json(target(row, people)),
            }
            for row in measured
        ],
    }


def _target_json(found: tuple[str, bool] | None) -> dict[str, Any] | None:
    return {"asked": found[0], "passes": found[1]} if found else None


def _verdict(found: tuple[str, bool] | None) -> str:
    if found is None:
        return ""
    return f"{found[0]}: " + ("[green]passes[/]" if found[1] else "[bold red]falls short[/]")


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
