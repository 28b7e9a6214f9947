"""Identifiers that say nothing: the store's own phone, `test@…`, a number typed to get past the field.

A row names the value, who answers for it, why, and until when. Rows come from `bypass.yml` and from the table
`identity.bypass`. Bypassed values are removed from the records before keys are made and anything is compared. A value
that very many different people share is proposed, never bypassed by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import yaml
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from customer_warehouse.database import Connection
from customer_warehouse.identity.records import Workspace

if TYPE_CHECKING:
    from customer_warehouse.identity.policy import Policy

FILE = Path(__file__).with_name("bypass.yml")
TWINS = {"phone": "phone_text", "email_key": "email_text"}
"""Columns that hold the same value again, as evidence for scoring."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Bypass:
    """One value, or pattern of values with `*`, that says nothing about anybody."""

    column: Literal["phone", "email_key", "account_id", "member_number", "national_id"]
    value: str
    owner: str
    reason: str
    expires: date | None = None
    """The last business day on which the row holds; None: for good."""


def load_bypass(file: Path = FILE) -> tuple[Bypass, ...]:
    """The rows of a file, whatever their day. Raises pydantic's ValidationError, with the place of the fault."""
    return TypeAdapter(tuple[Bypass, ...]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or ())


def read_bypass(connection: Connection, as_of: datetime, time_zone: str) -> tuple[Bypass, ...]:
    """The rows of the file and of `identity.bypass` that hold in the night that ends at `as_of`, in a fixed order.

    `time_zone` is the IANA name of the business time zone.
    """
    rows = connection.execute(
        "select column_name, value, owner, reason from identity.bypass where expires_at is null or expires_at >= %s",
        (as_of,),
    ).fetchall()
    return active((*load_bypass(), *(Bypass(*row) for row in rows)), as_of, time_zone)


def active(rows: Iterable[Bypass], as_of: datetime, time_zone: str) -> tuple[Bypass, ...]:
    """The rows that hold on the business day, in the IANA zone `time_zone`, that `as_of` is in or ends."""
    # The midnight that ends a day belongs to that day.
    day = (as_of - timedelta(microseconds=1)).astimezone(ZoneInfo(time_zone)).date()
    held = (row for row in rows if row.expires is None or row.expires >= day)
    return tuple(sorted(held, key=lambda row: (row.column, row.value)))


def apply_bypass(work: Workspace, rows: Iterable[Bypass]) -> None:
    """Remove the values from `records`, as if nobody had given them."""
    by_column: dict[str, list[str]] = {}
    for row in rows:
        by_column.setdefault(row.column, []).append(row.value)
    for column, values in by_column.items():
        exact = [value for value in values if "*" not in value]
        patterns = [value for value in values if "*" in value]
        work.register("bypassed", pa.table({"value": pa.array(exact, pa.string())}))
        emptied = ", ".join(f"{name} = null" for name in (column, *filter(None, [TWINS.get(column)])))
        alike = " or ".join(["false", *(f"{column} glob ?" for _ in patterns)])
        if column == "phone":
            # What standardise refused is kept as it was written, with or without the code of its country.
            alike += " or (phone is null and right(phone_text, 9) in (select right(value, 9) from bypassed))"
        elif column == "email_key":
            texts = " or ".join(["false", *("email_text glob ?" for _ in patterns)])
            alike += f" or (email_key is null and (email_text in (select value from bypassed) or {texts}))"
            patterns = patterns * 2
        globs = [pattern.replace("[", "[[]").replace("?", "[?]") for pattern in patterns]
        work.execute(f"update records set {emptied} where {column} in (select value from bypassed) or {alike}", globs)
        work.unregister("bypassed")


def propose(work: Workspace, policy: Policy) -> None:
    """Fill `bypass_proposals` (column_name, key, value_hash, masked, records, names): values over their rule's cap.

    `key` is that of `held`. The value itself is not in it: people are shown its first and last characters and may
    look it up by its SHA-256. `names` counts the different names and birth dates that it speaks of: at least
    so many, for a night that looks at a part of the records.
    """
    work.execute(
        """
        create or replace table bypass_proposals (
            column_name varchar, key bigint, value_hash varchar, masked varchar, records integer, names integer
        )
        """
    )
    for rule in policy.rules:
        if len(rule.agree) == 1:
            (column,) = rule.agree
            work.execute(
                f"""
                insert into bypass_proposals
                select
                    '{column}', key, sha256(any_value({column})), {masked(f"any_value({column})")},
                    any_value(held.records), any_value(voices)
                from held
                join keys using (kind, key)
                join records using (row)
                where held.kind = '{rule.name}'
                group by key
                """
            )


def masked(value: str) -> str:
    """SQL of a value's first two and last two characters and its length; of a short value the length alone."""
    return (
        f"if(length({value}) < 8, '', left({value}, 2)) || '…' || if(length({value}) < 8, '', right({value}, 2))"
        f" || ' (' || length({value}) || ')'"
    )
