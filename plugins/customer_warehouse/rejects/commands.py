"""Commands of the rejects: what to mend first, what stands, and bringing in what was mended.

The context's object gives the settings: which warehouse the command line is about.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from customer_warehouse.database import Connection
    from customer_warehouse.night import Night
    from customer_warehouse.settings import Settings

app = typer.Typer(help="What could not be standardised: what to mend first, and bringing it in.", no_args_is_help=True)

NightOption = Annotated[
    datetime | None,
    typer.Option("--night", formats=["%Y-%m-%d"], help="The business day; default: the one the tables show."),
]
LimitOption = Annotated[int, typer.Option(min=1, max=1_000, help="How many.")]
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]


@app.command()
def top(context: typer.Context, night: NightOption = None, limit: LimitOption = 20) -> None:
    """Show what to mend first: what costs most rows and money, since when, and what to do. Samples are masked."""
    from customer_warehouse.database import connect
    from customer_warehouse.rejects import worklist
    from customer_warehouse.rejects.history import reasons

    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        shown = _shown(connection, settings)
        chosen = _night(settings, night.date()) if night else shown
        problems = worklist.problems(connection, chosen, limit)
        codes = worklist.unmapped_codes(connection, limit) if chosen == shown else []
        isolated = worklist.isolated(connection, chosen.as_of)
    if not problems and not isolated:
        print(f"Night {chosen.date}: nothing was rejected.")
        return
    print(f"Night {chosen.date}: what could not be standardised, most costly first. Samples show shapes, not values.")
    table = _table("source", "entity", "column", "reason", "#rejects", "#rows lost", "#money", "since", "samples")
    for row in problems:
        money = "" if row.money is None else f"{row.money:,.2f}"
        since = f"{_day(row.since, settings)} ({row.nights} night{'s' if row.nights > 1 else ''})"
        where = (row.source, row.entity, row.column, row.reason)
        _add(table, *where, f"{row.rejects:,}", f"{row.rows_lost:,}", money, since, ", ".join(row.samples))
    _print(table)
    known = reasons()
    for reason in dict.fromkeys(row.reason for row in problems):
        if reason in known:
            print(f"{reason}: {known[reason].meaning} {known[reason].what_to_do}")
    if codes:
        print("\nCodes without a mapping:")
        table = _table("source", "entity", "column", "code", "#rows", "#rows lost", "first seen", "last seen")
        for code in codes:
            seen = (_day(code.since, settings), _day(code.until, settings))
            _add(
                table, code.source, code.entity, code.column, code.code, f"{code.rows:,}", f"{code.rows_lost:,}", *seen
            )
        _print(table)
    if isolated:
        print("\nCould not even be landed this night (places in ops.isolated):")
        table = _table("source", "entity", "reason", "#places", "#rows")
        for place in isolated:
            _add(table, place.source, place.entity, place.reason, f"{place.places:,}", f"{place.rows:,}")
        _print(table)


@app.command("list")
def list_(
    context: typer.Context,
    source: SourceOption = None,
    entity: Annotated[str | None, typer.Option(help="Only this standard entity.")] = None,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    state: Annotated[str, typer.Option(help="open, resolved or all.")] = "open",
    limit: LimitOption = 50,
) -> None:
    """List single rejects, those that cost a row first, then the newest. Values are masked."""
    from customer_warehouse.database import connect
    from customer_warehouse.rejects import worklist

    if state not in ("open", "resolved", "all"):
        raise typer.BadParameter("it is open, resolved or all", param_hint="--state")
    given = {"source": source, "entity": entity, "column_name": column, "reason": reason}
    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        worklist.night_shown(connection)
        filters = {name: value for name, value in given.items() if value is not None}
        found = worklist.listed(connection, filters, state, limit)
    table = _table("id", "state", "source", "entity", "key", "column", "reason", "row", "first seen", "last seen",
                   "#nights", "sample")  # fmt: skip
    for row in found:
        seen = (_day(row["first_seen"], settings), _day(row["last_seen"], settings))
        row_lost = "lost" if row["row_lost"] else ""
        where = (row["source"], row["entity"], row["key"], row["column"], row["reason"], row_lost)
        _add(table, str(row["id"])[:8], row["state"], *where, *seen, str(row["nights"]), row["sample"])
    _print(table)
    print(f"{len(found):,} shown.")


@app.command()
def show(
    context: typer.Context,
    reject: Annotated[str, typer.Argument(metavar="ID", help="The first characters of a reject's id.")],
) -> None:
    """Show one reject: what is wrong, since when, what to do, and where its raw row is."""
    from customer_warehouse.database import connect
    from customer_warehouse.ops.ledger import StageError
    from customer_warehouse.rejects import worklist
    from customer_warehouse.rejects.history import reasons

    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        worklist.night_shown(connection)
        found = connection.execute(
            "select h.*, r.raw_value from standardised.reject_history as h"
            " left join standardised.rejects as r on r.reject_id = h.reject_id"
            " where starts_with(cast(h.reject_id as text), %s) limit 2",
            (reject,),
        )
        names = [column.name for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if len(rows) != 1:
        raise StageError(f"There {'is no reject' if not rows else 'are several rejects'} whose id begins like that.")
    _print_one(rows[0], settings)
    reason = reasons().get(rows[0]["reason"])
    if reason:
        print(f"meaning      {reason.meaning}\nwhat to do   {reason.what_to_do}")


@app.command()
def replay(context: typer.Context, source: SourceOption = None, night: NightOption = None) -> None:
    """Bring in what was mended since: in the declaration, a code map, a rule, or a file delivered again."""
    from customer_warehouse.database import connect
    from customer_warehouse.rejects.replay import replay as run

    settings: Settings = context.obj()
    with connect(settings.url) as connection:
        chosen = _night(settings, night.date()) if night else _shown(connection, settings)
    done = run(settings, chosen, source)
    if done.read_again:
        print(f"Read again: {', '.join(done.read_again)}.")
    print(
        f"Night {chosen.date}: {done.rejects_gone:,} of {done.rejects_before:,} rejects came in, {done.rejects_now:,}"
        f" stand ({done.rejects_new:,} of them new); rows lost: {done.rows_before:,} before,"
        f" {done.rows_still_lost:,} now; rows that could not be landed: {done.isolated_before:,} before,"
        f" {done.isolated_now:,} now."
    )
    if done.rejects_gone or done.rejects_new or done.isolated_before != done.isolated_now:
        print("Identity and the marts take it in with the next night, or when this one is run again.")


def _print_one(row: dict[str, Any], settings: Settings) -> None:
    from customer_warehouse.rejects import worklist
    from customer_warehouse.rejects.masking import masked_key

    print(f"reject       {row['reject_id']} ({row['state']})")
    print(f"where        {row['source']} {row['entity']} {masked_key(row['source_key'])}, {row['column_name']}")
    cost = "the whole row" if row["row_rejected"] else "the value"
    print(f"reason       {row['reason']}; lost: {cost}")
    print(f"first seen   {_day(row['first_seen_as_of'], settings)}, {row['nights']} nights")
    print(f"last seen    {_day(row['last_seen_as_of'], settings)}")
    if row["resolved_as_of"]:
        print(f"resolved     {_day(row['resolved_as_of'], settings)}")
    if row["state"] == "open":
        print(f"sample       {worklist.masked(row['entity'], row['column_name'], row['raw_value'])}")
    raw = f"raw.{row['source']}__{row['origin'].partition('.')[0]}"
    print(f"raw row      in {raw}; standardised.rejects has its key and value (`make psql`)")


def _night(settings: Settings, day: date) -> Night:
    from customer_warehouse.night import night_of

    return night_of(day, settings.business_time_zone)


def _shown(connection: Connection, settings: Settings) -> Night:
    """The night that the standard tables show."""
    from customer_warehouse.night import last_complete_night
    from customer_warehouse.rejects.worklist import night_shown

    return last_complete_night(night_shown(connection), settings.business_time_zone)


def _day(as_of: datetime, settings: Settings) -> str:
    """The business day that ended at `as_of`."""
    from customer_warehouse.night import last_complete_night

    return last_complete_night(as_of.astimezone(ZoneInfo("UTC")), settings.business_time_zone).date.isoformat()


def _table(*names: str) -> Table:
    """A table without lines; `#` before a name puts its numbers to the right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        right = name.startswith("#")
        table.add_column(name.removeprefix("#"), justify="right" if right else "left", no_wrap=name != "samples")
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row; what looks like the console's markup is only text."""
    from rich.text import Text

    table.add_row(*(Text(cell) for cell in cells))


def _print(table: Table) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
