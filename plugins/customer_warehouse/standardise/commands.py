"""Commands of the standardise stage besides `run`: look at what it makes of a value."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from customer_warehouse.standardise.value import Value

app = typer.Typer(help="Look at what standardise makes of a value.", no_args_is_help=True)


@app.command("try")
def try_(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="A type of the standard model, or a code list.")],
    values: Annotated[list[str] | None, typer.Argument(help="Values; without any, lines of standard input.")] = None,
    region: Annotated[str, typer.Option(help="Country whose customs hold, ISO 3166: TW, CN, HK, US, GB …")] = "TW",
    option: Annotated[
        list[str] | None, typer.Option(help="An option of the type, as a declaration has it: order=day.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a value.")] = False,
    parts: Annotated[bool, typer.Option("--parts", help="Also the parts: family name, district, kind …")] = False,
) -> None:
    """Print what becomes of each value: raw, canonical value, match key, flags, and the reason when there is none."""
    from customer_warehouse.standardise.trial import TrialError, trial

    try:
        standardise = trial(type_, region, option or [])
    except TrialError as error:
        raise typer.BadParameter(str(error)) from None
    if not as_json:
        print("\t".join(("raw", "value", "key", "flags", "reason", *(("parts",) if parts else ()))))
    for raw in values or _lines():
        answer = standardise(raw)
        print(_as_json(raw, answer, parts) if as_json else _as_line(raw, answer, parts))


@app.command()
def suspects(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--show", help="Show the values themselves, which are personal data.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that were dismissed.")] = False,
    dismiss: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Say that this one is real: it is proposed no more.")
    ] = None,
) -> None:
    """List the values that so many customers have that they are probably nobody's.

    A value that is nobody's is listed in values/placeholders.yml beside the source declarations; the next night reads
    it as a placeholder.
    """
    from customer_warehouse.database import connect
    from customer_warehouse.standardise import suspects as table

    with connect(context.obj().url) as connection:
        if dismiss is not None and not table.dismiss(connection, dismiss):
            raise typer.BadParameter(f"there is no suspect {dismiss!r}", param_hint="--dismiss")
        found = table.listed(connection, every)
        connection.commit()
    print("\t".join(("number", "column", "value", "records", "people", "expected", "since", "state")))
    for suspect in found:
        value = suspect.value if show else table.masked(suspect.value)
        counts = (str(suspect.records), str(suspect.people), f"{suspect.expected:.1f}")
        columns = (suspect.number, suspect.column, value, *counts, suspect.since, suspect.state)
        print("\t".join(_printable(columns)))


def _lines() -> Iterator[str]:
    """The lines of standard input; bytes that are no UTF-8 become the replacement character."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _as_json(raw: str, answer: Value, parts: bool) -> str:
    columns: dict[str, Any] = {
        "raw": raw,
        "value": _plain(answer.value),
        "key": _key(answer),
        "flags": _flags(answer),
        "reason": answer.reason,
    }
    if parts:
        columns["parts"] = answer.parts or {}
    return json.dumps(columns, ensure_ascii=False)


def _as_line(raw: str, answer: Value, parts: bool) -> str:
    given = " ".join(f"{name}={part}" for name, part in (answer.parts or {}).items()) if parts else None
    columns = (raw, _plain(answer.value), _key(answer), " ".join(_flags(answer)), answer.reason, given)
    return "\t".join(_printable(column or "" for column in columns[: 6 if parts else 5]))


def _flags(answer: Value) -> list[str]:
    """The flags, with the kind of a phone in front: mobile, landline …"""
    kind = (answer.parts or {}).get("kind")
    return [*([kind] if kind else []), *answer.flags]


def _key(answer: Value) -> str | None:
    """What is compared: the match key or, for a type without one, the canonical value."""
    return _plain(answer.value) if answer.key is None else answer.key


def _plain(value: Any) -> str | None:
    """A canonical value as text: an ISO date or time, every digit of an amount."""
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return format(value, "f") if isinstance(value, Decimal) else value


def _printable(columns: Iterable[str]) -> Iterator[str]:
    """What would move the cursor or end the column is shown as its escape."""
    for column in columns:
        yield "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in column)
