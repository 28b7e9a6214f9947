"""Identity's figures beside what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

COST_RATIO = 1.3
"""A record of the largest file may cost so many times what one of the smallest costs."""
NIGHT_RATIO = 0.1
"""A night of few changes may take such a share of a full run."""
PEAK_MB = 3_000
"""Peak memory of a full run of MANY records."""
MANY = 500_000
PRECISION, B_CUBED, LEAD = 0.998, 0.975, 0.03
"""On the demo's truth at PEOPLE: pairwise precision, B³ F1, and pairwise F1 above the peer's fixed threshold."""
PEOPLE = 100_000

Measured = Mapping[str, Any]


class Target(NamedTuple):
    """One thing asked for."""

    what: str
    asked: str
    found: str
    passes: bool | None
    """None where the run was smaller than what the target is about."""


def targets(found: Measured) -> list[Target]:
    """Every target that the measured parts speak of."""
    return [
        *_of_generated(found.get("generated", [])),
        *_of_nights(found.get("nights")),
        *_of_truth(found.get("truth")),
    ]


def _of_generated(sizes: Sequence[Measured]) -> Iterator[Target]:
    for size in sizes:
        ours, peer = size["ours"], size["peer"]
        of = f"{size['records']:,} records"
        yield _at_most(f"seconds by the peer's, {of}", 1.0, ours["seconds"] / peer["seconds"])
        for threshold in ("fixed", "best"):
            theirs = peer[threshold]
            what = f"F1 above the peer's at {threshold} {theirs['threshold']:g}, {of}"
            yield _at_least(what, 0.0, ours["pairwise"]["f1"] - theirs["pairwise"]["f1"])
        yield _at_most(f"peak MB, {of}", PEAK_MB, ours["peak_mb"], size["records"] >= MANY)
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        cost = [size["ours"]["seconds"] / size["records"] for size in (first, last)]
        what = f"cost of a record, {last['records']:,} by {first['records']:,}"
        yield _at_most(what, COST_RATIO, cost[1] / cost[0], last["records"] >= MANY)


def _of_nights(nights: Measured | None) -> Iterator[Target]:
    if nights is None:
        return
    what = f"night of {nights['share']:.0%} changed by a full run, {nights['records']:,} records"
    yield _at_most(
        what, NIGHT_RATIO, nights["changed"]["seconds"] / nights["full"]["seconds"], nights["records"] >= MANY
    )


def _of_truth(truth: Measured | None) -> Iterator[Target]:
    if truth is None:
        return
    ours, counts = truth["ours"], truth["people"] >= PEOPLE
    yield _at_least("demo: pairwise precision", PRECISION, ours["pairwise"]["precision"], counts)
    yield _at_least("demo: B³ F1", B_CUBED, ours["b_cubed"]["f1"], counts)
    for name in ("fixed", "best"):
        peer = truth["peer"][name]
        what = f"demo: pairwise F1 above the peer's at {name} {peer['threshold']:g}"
        yield _at_least(what, LEAD, ours["pairwise"]["f1"] - peer["pairwise"]["f1"], counts)


def _at_most(what: str, asked: float, found: float, counts: bool = True) -> Target:
    return Target(what, f"≤ {asked:,g}", f"{found:,.3f}", found <= asked if counts else None)


def _at_least(what: str, asked: float, found: float, counts: bool = True) -> Target:
    return Target(what, f"≥ {asked:,g}", f"{found:,.4f}", found >= asked if counts else None)


def print_tables(found: Measured, console: Console) -> None:
    """Print the figures and the targets."""
    runs = Table(box=None, pad_edge=False, header_style="bold")
    runs.add_column("on", no_wrap=True)
    for head in ("seconds", "µs a record", "core s", "peak MB", "precision", "recall", "F1", "B³ F1"):
        runs.add_column(head, justify="right", no_wrap=True)
    for row in _rows(found):
        runs.add_row(*row)
    console.print(runs)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("target", "asked", "found", ""):
        table.add_column(head, no_wrap=True)
    for target in targets(found):
        verdict = {True: "[green]passes[/]", False: "[bold red]falls short[/]", None: "too small to tell"}
        table.add_row(target.what, target.asked, target.found, verdict[target.passes])
    console.print(table)
    console.print(
        "seconds: wall, from opening the records to the clusters, training included on generated records, medians;"
        " core s: processor seconds of the whole process, imports and counting included; peak: all processes together;"
        " PostgreSQL's own are in neither.",
        highlight=False,
        soft_wrap=True,
    )


def _rows(found: Measured) -> Iterator[list[str]]:
    for size in found.get("generated", []):
        of = f"{size['records']:,} generated"
        yield _row(f"ours, {of}", size["ours"], size["records"], size["ours"])
        yield from _of_peer(of, size["peer"], size["records"])
    if nights := found.get("nights"):
        for name in ("first", "changed", "full"):
            yield _row(f"{name} night, {nights['records']:,} generated", nights[name], nights["records"], None)
    if truth := found.get("truth"):
        of = f"demo of {truth['people']:,} people"
        yield _row(f"ours, {of}", truth["ours"], truth["records"], truth["ours"])
        yield from _of_peer(of, truth["peer"], truth["records"])


def _of_peer(of: str, run: Measured, records: int) -> Iterator[list[str]]:
    for name in ("fixed", "best"):
        threshold = run[name]["threshold"]
        said = f"Splink, {of}, {threshold:g}{' (best by the truth)' if name == 'best' else ''}"
        yield _row(said, run, records, run[name])


def _row(name: str, run: Measured, records: int, accuracy: Measured | None) -> list[str]:
    row = [name, f"{run['seconds']:.2f}", f"{1e6 * run['seconds'] / records:.0f}"]
    row += [f"{run['processor']:.1f}", f"{run['peak_mb']:,.0f}"]
    if accuracy is not None:
        pairwise = accuracy["pairwise"]
        row += [f"{pairwise[name]:.4f}" for name in ("precision", "recall", "f1")]
        row.append(f"{accuracy['b_cubed']['f1']:.4f}")
    return row
