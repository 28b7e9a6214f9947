"""The command line. Modules are imported inside the commands, so that `--help` answers at once."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from customer_warehouse.embedded.services import TELEMETRY_OFF
from customer_warehouse.settings import PACKAGE

if TYPE_CHECKING:
    from customer_warehouse.night import Night
    from customer_warehouse.settings import Settings

app = typer.Typer(
    name="customer_warehouse",
    help="The customer warehouse: run a night, look at it, or run one stage of it by hand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
NightOption = Annotated[
    str | None, typer.Option("--night", metavar="YYYY-MM-DD", help="The business day; default: the last complete one.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Also write the summary to this file, as JSON.")]


def main() -> None:
    """Run the command line. Errors that are told apart end with one sentence and exit code 1."""
    os.environ.update({name: os.environ.get(name, value) for name, value in TELEMETRY_OFF.items()})
    mount()
    try:
        app(obj=_settings)
    except Exception as error:
        said = _said(error)
        if said is None:
            # Where it happened, but not what it says: a driver's message may quote a row.
            frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            said = f"{frames}{type(error).__module__}.{type(error).__name__}: nobody foresaw this; its place is above."
        sys.exit(said)


GROUPS: dict[str, typer.Typer] = {}


def _group(name: str, text: str) -> typer.Typer:
    """A group of commands under its own word."""
    GROUPS[name] = typer.Typer(help=text, no_args_is_help=True)
    app.add_typer(GROUPS[name], name=name)
    return GROUPS[name]


@app.command()
def run(
    night: NightOption = None,
    json_file: JsonOption = None,
    people: Annotated[int | None, typer.Option(min=1, help="Size of the demo brand; default: about 5,000.")] = None,
) -> None:
    """Run a night through Airflow, on the embedded services and the demo's sources, and print what it did."""
    from rich.console import Console

    from customer_warehouse.embedded import run as embedded
    from customer_warehouse.embedded.layout import Layout

    # A file or a pipe has no width of its own; tables there are not to be wrapped at 80 columns.
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        summary = embedded.run(Layout.from_environment(), _day(night), people, console)
    except KeyboardInterrupt:
        print("\nThe night goes on in Airflow: `make ui` shows it, `make stop` stops it.", file=sys.stderr)
        sys.exit(130)
    embedded.show(summary, console, json_file)
    if summary.status == "failed":
        sys.exit(summary.cause or f"The night {summary.night} failed.")


@app.command()
def ui() -> None:
    """Start Airflow if it is not up, and print its address and login."""
    _embedded("ui")


@app.command()
def stop() -> None:
    """Stop all that `run` and `ui` started."""
    _embedded("stop")


@app.command()
def reset() -> None:
    """Stop everything and delete all local state."""
    _embedded("reset")


@app.command()
def prepare() -> None:
    """Make a deployment's databases, tables and login ready; what docker-compose runs first."""
    from customer_warehouse.embedded.deployment import prepare

    prepare(os.environ)


PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""For commands whose further words, `--help` among them, belong to another program."""


@app.command(context_settings=PASS_ON)
def psql(context: typer.Context) -> None:
    """Open the warehouse in psql; further words are psql's own."""
    from customer_warehouse.database import libpq_url
    from customer_warehouse.embedded.postgres import binaries

    program = str(binaries() / "psql")
    os.execv(program, [program, libpq_url(_settings().url), *context.args])


@app.command(context_settings=PASS_ON)
def airflow(context: typer.Context) -> None:
    """Run Airflow's own command line on the embedded services: `airflow dags list`."""
    from customer_warehouse.embedded.airflow import airflow_environment
    from customer_warehouse.embedded.layout import Layout

    command = [sys.executable, "-m", "airflow", *context.args]
    os.execve(sys.executable, command, airflow_environment(Layout.from_environment()))


@app.command()
def night(
    night: NightOption = None, activate: Annotated[bool, typer.Option(help="Send the segments too.")] = True
) -> None:
    """Run every step of a night in this process, without Airflow, then its activation."""
    from customer_warehouse import pipeline

    settings = _settings()
    chosen = _night(settings, night)
    print(f"Night {chosen.date}: {pipeline.run_night(settings, chosen)}.")
    if activate:
        print(f"Activation of {chosen.date}: {pipeline.run_activation(settings, chosen)}.")


@app.command()
def extract(source: str, night: NightOption = None) -> None:
    """Read one source for a night and land its rows."""
    _step("extract", night, source)


standardise = _group("standardise", "Turn the landed rows into standard ones.")
identity = _group("identity", "Decide which records are one customer.")
warehouse = _group("warehouse", "Build facts and dimensions.")
marts = _group("marts", "Build or publish the marts.")
activation = _group("activation", "Build or send the segments of the published night.")
quality = _group("quality", "Run the border checks.")
runs = _group("runs", "Look at the run ledger.")


@standardise.command("run")
def standardise_run(night: NightOption = None) -> None:
    """Bring the standard tables to a night."""
    _step("standardise", night)


@identity.command("run")
def identity_run(
    night: NightOption = None,
    full: Annotated[bool, typer.Option("--full", help="Look at every record, not only at what changed.")] = False,
) -> None:
    """Resolve records into customers as of a night."""
    _step("identity", night, full)


@warehouse.command("build")
def warehouse_build(night: NightOption = None) -> None:
    """Build and test facts and dimensions for a night."""
    _step("warehouse", night)


@marts.command("build")
def marts_build(night: NightOption = None) -> None:
    """Build a night's batch of the marts, which nobody sees yet."""
    _step("build_marts", night)


@marts.command("publish")
def marts_publish(night: NightOption = None) -> None:
    """Show the night's batch of the marts to readers."""
    _step("publish_marts", night)


@activation.command("run")
def activation_run() -> None:
    """Build, check and send the segments of the published night."""
    from customer_warehouse import pipeline

    settings = _settings()
    night = pipeline.published_night(settings)
    print(f"Activation of {night.date}: {pipeline.run_activation(settings, night)}.")


@quality.command("check")
def quality_check(stage: str, night: NightOption = None) -> None:
    """Run the border checks of one stage and record their results."""
    from customer_warehouse.ops.ledger import StageError
    from customer_warehouse.pipeline import STAGES

    if stage not in STAGES:
        raise StageError(f"There is no stage {stage!r}; the stages are {', '.join(STAGES)}.")
    _step("check", night, stage)


@quality.command("trend")
def quality_trend(
    table: Annotated[str, typer.Argument(help="Such as warehouse.fct_orders.")],
    check: Annotated[str, typer.Argument(help="The check's name.")],
    last: Annotated[int, typer.Option(min=1, help="How many nights.")] = 14,
) -> None:
    """Show how a check went in the last nights: its numbers beside what was usual."""
    from customer_warehouse.ops.ledger import StageError
    from customer_warehouse.quality.results import trend

    found = trend(_settings().url, table, check, last)
    if not found:
        raise StageError(f"There is no result of {check} on {table}; ops.checks has the names of all.")
    for night, status, reading in found:
        print(f"{night}  run {status:10} {reading.status:12} {reading.in_words}".rstrip())


@quality.command("relearn")
def quality_relearn(
    table: str, check: str, night: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The first of the level.")]
) -> None:
    """Accept a new level of a measure: from this night on, what was usual before teaches no more."""
    from customer_warehouse.quality.results import relearn

    chosen = _night(_settings(), night)
    relearn(_settings().url, table, check, chosen.date)
    print(f"{check} on {table} learns anew from {chosen.date} on.")


@runs.command("list")
def runs_list(last: Annotated[int, typer.Option(min=1, help="How many.")] = 20) -> None:
    """List the last runs, newest first."""
    from customer_warehouse.database import connect

    with connect(_settings().url) as connection:
        rows = connection.execute(
            "select run_id, status, started_at, finished_at - started_at, message from ops.runs"
            " order by started_at desc limit %s",
            (last,),
        ).fetchall()
    for run_id, status, started, took, message in rows:
        took = f"{took.total_seconds():.0f} s" if took else "not finished"
        print(f"{run_id:26} {status:10} {started:%Y-%m-%d %H:%M} UTC  {took:>12}  {message or ''}".rstrip())


@runs.command("close")
def runs_close(run_id: str) -> None:
    """Mark a run that was killed as failed, so that another may start."""
    from customer_warehouse.database import connect, scalar
    from customer_warehouse.ops.ledger import StageError, close_run

    url = _settings().url
    with connect(url) as connection:
        status = scalar(connection, "select status from ops.runs where run_id = %s", (run_id,))
    if status != "running":
        raise StageError(f"Run {run_id} is {status or 'not in the ledger'}; only a running one can be closed.")
    close_run(url, run_id, failed=True, message="closed by hand")
    print(f"Run {run_id} is marked failed.")


def mount() -> None:
    """Add the commands of the areas that have some of their own: `<area>/commands.py` with a Typer named `app`."""
    for file in sorted(PACKAGE.glob("*/commands.py")):
        area = file.parent.name
        theirs: typer.Typer = importlib.import_module(f"customer_warehouse.{area}.commands").app
        if area in GROUPS:
            GROUPS[area].registered_commands += theirs.registered_commands
            GROUPS[area].registered_groups += theirs.registered_groups
        else:
            app.add_typer(theirs, name=area)


def _embedded(command: str) -> None:
    from rich.console import Console

    from customer_warehouse.embedded import run as embedded
    from customer_warehouse.embedded.layout import Layout

    getattr(embedded, command)(Layout.from_environment(), Console())


def _settings() -> Settings:
    """The warehouse that WAREHOUSE_URL names, else the embedded one with its sources' addresses."""
    from customer_warehouse.settings import Settings

    if "WAREHOUSE_URL" in os.environ:
        return Settings.from_environment()
    from customer_warehouse.embedded.layout import Layout

    layout = Layout.from_environment()
    os.environ.update({name: os.environ.get(name, value) for name, value in layout.sources().items()})
    return layout.settings()


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it like 2026-11-21.", param_hint="--night") from None


def _night(settings: Settings, text: str | None) -> Night:
    from customer_warehouse.night import last_complete_night, night_of

    day = _day(text)
    if day is None:
        return last_complete_night(datetime.now(UTC), settings.business_time_zone)
    return night_of(day, settings.business_time_zone)


def _step(name: str, night: str | None, *arguments: Any) -> None:
    """Run one step of the nightly by hand. Its counts go to the ledger under the night's run."""
    from customer_warehouse import pipeline
    from customer_warehouse.ops import ledger

    settings = _settings()
    chosen = _night(settings, night)
    ledger.prepare(settings.url)
    getattr(pipeline, name)(settings, chosen, *arguments)


def _said(error: Exception) -> str | None:
    """The sentence that the person at the terminal gets instead of a traceback; None for what nobody foresaw."""
    if type(error).__module__.partition(".")[0] == __name__.partition(".")[0]:
        return str(error)
    psycopg = sys.modules.get("psycopg")
    if psycopg and isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"The warehouse cannot be reached ({str(error).splitlines()[0]}); `make ui` starts the embedded one."
    return None
