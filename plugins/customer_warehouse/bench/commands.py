"""The commands `bench`, `bench identity`, `bench publish` and `bench warehouse`."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(subcommand_metavar="")


@app.command("identity")
def identity_(
    records: Annotated[str, typer.Option(help="How many generated records, few first: 100000,500000.")] = "20000",
    nights: Annotated[int, typer.Option(min=0, help="How many of them nights run on; 0 leaves nights out.")] = 20_000,
    people: Annotated[int, typer.Option(min=0, help="Size of the demo whose truth is used; 0 leaves it out.")] = 500,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each, of which the median counts.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
) -> None:
    """Measure identity beside Splink on the same records, and a night of few changes beside a full run.

    Our stage and Splink run by turns, each in a process of its own: on generated records, both trained on them, and on
    the demo's standardised records against its truth. Nothing fails when a figure falls short: it is said.
    """
    from rich.console import Console

    from customer_warehouse.acceptance.data_set import AcceptanceError
    from customer_warehouse.bench import identity_report, report
    from customer_warehouse.bench.identity import IdentityBench
    from customer_warehouse.embedded.layout import Layout

    try:
        sizes = sorted(int(size) for size in records.split(",") if size.strip())
    except ValueError:
        raise AcceptanceError(f"--records {records!r} are no numbers; write them like 100000,500000.") from None
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    layout = Layout.from_environment()
    measuring = IdentityBench(layout, people, repeats, lambda text: console.print(text, style="dim", highlight=False))
    measuring.start()
    found: dict[str, object] = {"machine": report.machine(layout.server.url("postgres")), "repeats": repeats}
    try:
        found["generated"] = measuring.generated(sizes)
        if nights:
            found["nights"] = measuring.nights(nights)
        if people:
            found["truth"] = measuring.truth()
    finally:
        found["load_average_after"] = [round(value, 2) for value in os.getloadavg()]
        found["targets"] = [target._asdict() for target in identity_report.targets(found)]
        if json_file:
            json_file.parent.mkdir(parents=True, exist_ok=True)
            json_file.write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")
        identity_report.print_tables(found, console)


@app.command("publish")
def publish_(
    customers: Annotated[int, typer.Option(min=1, help="Rows of each mart and night.")] = 200,
    reads: Annotated[int, typer.Option(min=1, help="Reads to make, at least.")] = 50_000,
    flips: Annotated[int, typer.Option(min=1, help="Moves of the pointer, at least.")] = 1_000,
    readers: Annotated[int, typer.Option(min=1, help="Readers at the same time.")] = 4,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
) -> None:
    """Move the pointer of the marts while readers read: nobody may see two nights, wait, or get an error.

    In a database of its own on the embedded server, with the declared marts. Nothing fails when a figure falls short:
    it is said.
    """
    from customer_warehouse.bench import publishing
    from customer_warehouse.embedded.layout import Layout
    from customer_warehouse.night import night_of

    night = night_of(date(2026, 11, 21), "Asia/Taipei")
    figures = publishing.run(Layout.from_environment(), night, customers, reads, flips, readers)
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")
    print("\n".join(publishing.in_words(figures)))


@app.command("warehouse")
def warehouse_(
    customers: Annotated[int, typer.Option(min=1_000, help="How many customers, with five orders each.")] = 20_000,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
) -> None:
    """Measure a full build of warehouse and marts, a night in which 1 % changes, and both over twice the history.

    The tables before them are made by SQL. Nothing fails when a figure falls short: it is said.
    """
    from rich.console import Console

    from customer_warehouse.bench import report, warehouse
    from customer_warehouse.embedded.layout import Layout

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    layout = Layout.from_environment()
    measuring = warehouse.WarehouseBench(layout, 0, 1, lambda text: console.print(text, style="dim", highlight=False))
    measuring.start()
    before = report.machine(layout.server.url("postgres"))
    found = measuring.histories(customers)
    targets = warehouse.targets(found)
    if json_file:
        figures = {"machine": before, "histories": found, "targets": [target._asdict() for target in targets]}
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(figures, indent=2, default=str), encoding="utf-8")
    for history in found:
        rows = ", ".join(f"{rows:,} {entity}" for entity, rows in history["rows"].items())
        console.print(f"\n{history['history']} × the history: {rows}", highlight=False, soft_wrap=True)
        for what in ("full", "night"):
            seconds, slowest = history[what], list(history[what]["slowest"].items())[:5]
            console.print(
                f"  {what}: {seconds['seconds']:.1f} s"
                f" (warehouse {seconds['warehouse']:.1f}, marts {seconds['marts']:.1f});"
                f" slowest {', '.join(f'{name} {taken:.1f}' for name, taken in slowest)}",
                highlight=False,
                soft_wrap=True,
            )
    for target in targets:
        verdict = "passes" if target.passes else "falls short"
        console.print(f"{target.what}: {target.found:.3f}, asked ≤ {target.asked:.3f}: {verdict}", highlight=False)
    console.print(", ".join(f"{name} {value}" for name, value in before.items()), highlight=False, soft_wrap=True)


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=1, help="Size of the demo brand; 1,000,000 is a run of hours.")] = 5_000,
    stage: Annotated[
        str | None, typer.Option(help="Measure only this one: values, till, shop, service, standardise, identity, …")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each stage, of which the median counts.")] = 3,
    data: Annotated[
        Path | None, typer.Option(help="Also measure extract and landing of these real files (as acceptance's DATA).")
    ] = None,
    sources: Annotated[Path | None, typer.Option(help="Their declarations (as acceptance's SOURCES).")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
) -> None:
    """Measure each stage alone, with a plain COPY of the same bytes beside it.

    Every run is a process of its own on a fresh copy of the database that the stages before it have made, on the
    embedded server. Nothing fails when a figure falls short: it is said.
    """
    if context.invoked_subcommand:
        return
    from rich.console import Console

    from customer_warehouse.acceptance.data_set import AcceptanceError, read_data_set
    from customer_warehouse.bench import report
    from customer_warehouse.bench.measure import Bench, Measured
    from customer_warehouse.bench.stages import NAMES, VALUES
    from customer_warehouse.embedded.layout import Layout

    if stage not in (None, VALUES, *NAMES):
        raise AcceptanceError(f"There is no stage {stage!r} to measure; there are {', '.join((VALUES, *NAMES))}.")
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    layout = Layout.from_environment()
    measuring = Bench(layout, people, repeats, lambda text: console.print(text, style="dim", highlight=False))
    data_set = read_data_set(data, sources) if data else None
    measuring.start()
    before = report.machine(layout.server.url("postgres"))
    measured: list[Measured] = []
    try:
        if data_set:
            measured += measuring.files(data_set)
        if stage in (None, VALUES):
            measured += measuring.values(layout.settings())
        if stage != VALUES:
            for one in measuring.demo(stage):
                measured.append(one)
    finally:
        if json_file and measured:
            figures = report.as_json(measured, people, repeats, before, os.getloadavg())
            json_file.parent.mkdir(parents=True, exist_ok=True)
            json_file.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")
        if measured:
            report.print_table(measured, people, console)
    console.print(", ".join(f"{name} {value}" for name, value in before.items()), highlight=False, soft_wrap=True)
