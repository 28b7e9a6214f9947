"""The command `bench`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(subcommand_metavar="")


@app.callback(invoke_without_command=True)
def bench(
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
