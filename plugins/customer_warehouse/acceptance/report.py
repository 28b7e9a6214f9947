"""What an acceptance says: a table a night, a summary at the end, and the same for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from customer_warehouse.acceptance.data_set import DataSet
from customer_warehouse.acceptance.reconcile import Line
from customer_warehouse.acceptance.run import NightResult

MOST_PLACES = 5
"""Isolated places named on the screen; the JSON names all."""


def hints(data_set: DataSet, missing: Sequence[str]) -> list[str]:
    """What the declarations leave out, and `missing`: entities without any file."""
    without = [source.source for source in data_set.file_sources if not source.controls]
    return [
        *(f"Look at the path of {text}." for text in missing),
        *(
            f"{name}.yml has no `controls`: its rows are accounted for from file to marts, but no figure is compared."
            for name in without
        ),
    ]


def print_night(result: NightResult, console: Console, *, history: bool) -> None:
    """Print one night: files, marts and difference of every figure, and whether every stage's rows add up."""
    what = f"history up to {result.night}" if history else f"night {result.night}"
    days = f", {result.days:,} trading day{'s' if result.days != 1 else ''}" if result.days else ""
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.stages.items())
    console.print()
    _say(console, f"{what}{days}: {result.status} in {result.seconds:.1f} s ({stages})", "bold")
    if result.figures:
        console.print(_figures_table(result.figures))
    uneven = [line for line in result.balances if line.difference]
    for line in uneven:
        sides = f"{_text(line.given)} went in and {_text(line.found)} came out ({line.parts})"
        _say(console, f"{line.about} / {line.name}: {sides}", "bold red")
    if not uneven:
        _say(console, f"rows: {_in_short(result.balances)}")
    for item in result.isolated[:MOST_PLACES]:
        place = f"{item['source']}.{item['entity']} {item['place']}"
        _say(console, f"isolated: {place}: {item['rows']:,} rows, {item['reason']}", "yellow")
    if len(result.isolated) > MOST_PLACES:
        _say(console, f"isolated: {len(result.isolated) - MOST_PLACES:,} places more", "yellow")
    for warning in result.warnings:
        _say(console, f"warned: {warning}", "yellow")


def print_summary(
    data_set: DataSet, results: Sequence[NightResult], rejected: Sequence[dict[str, Any]], console: Console
) -> None:
    """Print all nights in one table and what standardise could not take."""
    names = [(line.about, line.name) for line in results[-1].figures]
    several = len({about for about, _ in names}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("night", no_wrap=True)
    for about, name in names:
        table.add_column(escape(f"{about} {name}" if several else name), justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("")
    for number, result in enumerate(results):
        label = f"up to {result.night}" if number == 0 and result.days != 1 else str(result.night)
        verdict = "[bold red]differs[/]" if result.differences else "[green]reconciles[/]"
        cells = [_text(line.found) for line in result.figures]
        table.add_row(label, *cells, f"{result.seconds:.1f}", verdict)
    console.print()
    _say(console, f"{data_set.name} in {data_set.currency}, days of {data_set.time_zone}", "bold")
    console.print(table)
    for item in rejected[:MOST_PLACES]:
        column = f"{item['source']}.{item['entity']}.{item['column']}"
        _say(
            console,
            f"rejected: {column}: {item['values']:,} values, {item['rows']:,} rows, {item['reason']}",
            "yellow",
        )


def print_totals(totals: Mapping[str, str | None], console: Console) -> None:
    """Print what the marts say of the whole data set, in four columns; quotients with three digits behind the point."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
    said = [(name.replace("_", " "), _shortened(value)) for name, value in totals.items()]
    half = (len(said) + 1) // 2
    for left, right in zip_longest(said[:half], said[half:], fillvalue=("", "")):
        table.add_row(*left, *right)
    console.print()
    _say(console, "in the marts", "bold")
    console.print(table)


def _shortened(value: str | None) -> str:
    if value is None:
        return ""
    number = Decimal(value)
    return _text(number if number == number.to_integral_value() else number.quantize(Decimal("0.001")))


def verdict(results: Sequence[NightResult]) -> str | None:
    """One sentence on the first night that differs, or None."""
    for result in results:
        if result.differences:
            said = "; ".join(
                f"{line.about} {line.name}: {_text(line.given)} against {_text(line.found)}"
                f" ({_text(line.difference, sign=True)})"
                for line in result.differences
            )
            lost = sum(item["rows"] for item in result.isolated)
            because = f"; {lost:,} rows of the files are isolated" if lost else ""
            return f"The night {result.night} does not reconcile: {said}{because}."
    return None


def as_json(
    data_set: DataSet,
    results: Sequence[NightResult],
    rejected: Sequence[dict[str, Any]],
    marts: Mapping[str, Any],
    places: dict[str, str],
    cause: str | None,
) -> dict[str, Any]:
    """Everything as plain values; figures are text, so that no digit is lost."""
    return {
        "data_set": data_set.name,
        "folder": str(data_set.folder),
        "sources": [source.source for source in data_set.sources],
        "time_zone": data_set.time_zone,
        "currency": data_set.currency,
        "reconciled": cause is None and bool(results),
        "cause": cause,
        "seconds": round(sum(result.seconds for result in results), 2),
        "nights": [
            {
                "night": result.night.isoformat(),
                "trading_days": result.days,
                "status": result.status,
                "seconds": round(result.seconds, 2),
                "stages": {stage: round(seconds, 2) for stage, seconds in result.stages.items()},
                "reconciled": not result.differences,
                "figures": [_figure_json(line) for line in result.figures],
                "balances": [
                    {
                        "stage": line.about,
                        "name": line.name,
                        "in": int(line.given) if line.given == int(line.given) else str(line.given),
                        "out": int(line.found) if line.found == int(line.found) else str(line.found),
                        "difference": _plain(line.difference),
                        "parts": line.parts,
                    }
                    for line in result.balances
                ],
                "isolated": result.isolated,
                "warnings": result.warnings,
            }
            for result in results
        ],
        "rejected": list(rejected),
        "marts": dict(marts),
        "places": places,
    }


def _figure_json(line: Line) -> dict[str, str]:
    return {
        "source": line.about,
        "name": line.name,
        "files": _plain(line.given),
        "marts": _plain(line.found),
        "difference": _plain(line.difference),
    }


def _figures_table(lines: Sequence[Line]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("source", no_wrap=True)
    table.add_column("figure", no_wrap=True)
    for name in ("in the files", "in the marts", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    source = ""
    for line in lines:
        style = "bold red" if line.difference else None
        about = escape(line.about) if line.about != source else ""
        cells = (_text(line.given), _text(line.found), _text(line.difference, sign=True))
        table.add_row(about, escape(line.name), *cells, style=style)
        source = line.about
    return table


def _say(console: Console, text: str, style: str | None = None) -> None:
    """One line as it is: a name may hold what looks like markup."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _in_short(lines: Sequence[Line]) -> str:
    """The balances of extract and standardise, added up, as one sentence."""
    landed = [line for line in lines if line.about == "extract"]
    standard = [line for line in lines if line.about == "standardise"]
    people = next(line for line in lines if line.about == "identity")
    parts = [
        f"{_text(sum((line.given for line in landed), Decimal(0)))} read"
        + (f" ({landed[0].parts})" if len(landed) == 1 else ""),
        f"{_text(sum((line.given for line in standard), Decimal(0)))} standard rows accounted for",
        f"{_text(people.given)} {people.parts}",
    ]
    return "; ".join(parts) + "; every stage's rows add up"


def _text(value: Decimal, *, sign: bool = False) -> str:
    """1,234.50 as people read it, without noughts that say nothing."""
    plain = f"{value:{'+' if sign and value else ''},f}"
    if "." in plain:
        whole, _, cents = plain.partition(".")
        cents = cents.rstrip("0")
        return f"{whole}.{cents.ljust(2, '0')}" if cents else whole
    return plain


def _plain(value: Decimal) -> str:
    return _text(value).replace(",", "")
