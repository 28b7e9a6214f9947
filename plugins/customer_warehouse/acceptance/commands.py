"""The command `acceptance`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(subcommand_metavar="")


@app.callback(invoke_without_command=True)
def acceptance(
    data: Annotated[Path | None, typer.Option(help="The folder of files (DATA=…).")] = None,
    sources: Annotated[
        Path | None,
        typer.Option(
            help="The folder of declarations (SOURCES=…); default: `sources` in the data's folder, else"
            " acceptance/<its name>/sources of this project."
        ),
    ] = None,
    nights: Annotated[int, typer.Option(min=0, help="How many last nights to run one by one (NIGHTS=…).")] = 5,
    last_night: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last of them; default: the last day that files are from."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
) -> None:
    """Run real files through the nightly and hold the marts beside them, to the cent.

    First all history in one go, then the last nights one by one, in a database of its own on the embedded server.
    Exit code 1 and one sentence when anything differs.
    """
    from rich.console import Console

    from customer_warehouse.acceptance import reconcile, report
    from customer_warehouse.acceptance.books import open_books
    from customer_warehouse.acceptance.data_set import AcceptanceError, read_data_set
    from customer_warehouse.acceptance.mart_figures import mart_figures
    from customer_warehouse.acceptance.run import NightResult, choose_nights, database_name, log_of, prepare, run
    from customer_warehouse.embedded.layout import Layout
    from customer_warehouse.ops.ledger import StageError

    if data is None:
        raise AcceptanceError("Name the folder of files: make acceptance DATA=../folder (or --data ../folder).")
    # A file has no width of its own, and a figure must never be cut short in it.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    data_set = read_data_set(data, sources)
    results: list[NightResult] = []
    rejected: list[dict[str, object]] = []
    marts: dict[str, Any] = {}
    cause: str | None = None
    layout = Layout.from_environment()
    with open_books(data_set.file_sources) as books:
        chosen = choose_nights(data_set, books.days(), nights, last_night.date() if last_night else None)
        reconcile.require_figures(layout.settings(), books, chosen[-1])
        settings = prepare(layout, data_set)
        places = {"marts": f"schema marts of {settings.url}", "log": str(log_of(settings))}
        places["declarations"] = str(data_set.sources_dir)
        for hint in report.hints(data_set, books.missing()):
            console.print(hint, style="yellow", markup=False, highlight=False, soft_wrap=True)
        said = f"{data_set.name}: history up to {chosen[0]}, then {len(chosen) - 1} nights up to {chosen[-1]}"
        console.print(
            f"{said}, in the database {database_name(data_set)}", highlight=False, markup=False, soft_wrap=True
        )
        try:
            for result in run(settings, data_set, books, chosen):
                results.append(result)
                report.print_night(result, console, history=len(results) == 1)
            rejected = reconcile.rejected(settings)
            report.print_summary(data_set, results, rejected, console)
            marts = mart_figures(settings)
            report.print_totals(marts["totals"], console)
            cause = report.verdict(results)
        except StageError as error:
            cause = str(error)
            raise
        finally:
            if json_file:
                figures = report.as_json(data_set, results, rejected, marts, places, cause)
                json_file.parent.mkdir(parents=True, exist_ok=True)
                json_file.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")
    for name, place in places.items():
        console.print(f"{name:13} {place}", highlight=False, markup=False, soft_wrap=True)
    console.print("PostgreSQL stays up; `make stop` stops it.", highlight=False)
    if cause:
        sys.exit(cause)
