"""The workspace of identity resolution, and the records in it: one DuckDB in memory, no PostgreSQL.

`records` (row, every column of RECORDS but the names', name_id): one row a record, `row` counting from 0, oldest first;
`names` (name_id, full_name_key, full_name, full_name_given, full_name_family, full_name_pinyin): the distinct names;
`overrides` (a, b, decision, override_id): what stewards decided about pairs of rows; empty until it is filled.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

Workspace = duckdb.DuckDBPyConnection

MEMORY = "1500MB"
"""What DuckDB may hold; the rest goes to a temporary folder that ends with the workspace."""

NAME_COLUMNS = ("full_name_key", "full_name", "full_name_given", "full_name_family", "full_name_pinyin")

_TEXTS = (
    *("source", "source_key", "kind", "account_id", "member_number", "national_id"),
    *("full_name", "full_name_key", "full_name_given", "full_name_family", "full_name_pinyin"),
    *("email_key", "email_text", "phone", "phone_text", "gender", "birth_date", "birth_text", "occupation"),
    *("street", "lane", "alley", "house_number", "unit", "district", "city", "region", "postcode", "country"),
    *("address_key", "other_1", "other_2", "other_3", "created_at", "updated_at"),
)
_TYPES = {
    "birth_date": pa.date32(),
    "created_at": pa.timestamp("us", tz="UTC"),
    "updated_at": pa.timestamp("us", tz="UTC"),
}

RECORDS = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _TEXTS])
"""What identity knows of a record. The `*_text` columns hold what was written where no standard value could be made of
it (e-mail: lower case; phone, birth date: digits only), else the standard value (birth date: yyyymmdd): evidence for
scoring, never for a rule. `national_id` and `other_*` are not among the standard columns of sources."""

_DIGITS = "nullif(regexp_replace({}, '[^0-9]', '', 'g'), '')"
_ADDRESS_PARTS = ("street", "lane", "alley", "house_number", "unit", "district")
_WHOLE_OR_PART = ("city", "region", "postcode", "country")

FROM_STANDARDISED = {
    **{name: name for name in _TEXTS},
    "national_id": "null",
    "email_text": "coalesce(email_key, nullif(lower(btrim(email_raw)), ''))",
    "phone_text": f"coalesce({_DIGITS.format('phone')}, {_DIGITS.format('phone_raw')})",
    "birth_text": f"coalesce(to_char(birth_date, 'YYYYMMDD'), {_DIGITS.format('birth_date_raw')})",
    **{part: f"postal_address_{part}" for part in _ADDRESS_PARTS},
    **{part: f"coalesce(postal_address_{part}, {part})" for part in _WHOLE_OR_PART},
    "address_key": "postal_address_key",
    **{f"other_{number}": "null" for number in (1, 2, 3)},
}
"""Each column of RECORDS as PostgreSQL reads it from `standardised.customers`."""

SELECT_RECORDS = (
    f"select {', '.join(f'{sql} as {name}' for name, sql in FROM_STANDARDISED.items())} from standardised.customers"
)


@contextmanager
def workspace(memory: str = MEMORY) -> Iterator[Workspace]:
    """A DuckDB of our own, in memory, with bounded memory and no extensions from outside."""
    with tempfile.TemporaryDirectory(prefix="customer-warehouse-identity-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(":memory:", config=config) as work:
            work.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
            yield work


def load_records(work: Workspace, batches: Iterable[pa.RecordBatch]) -> int:
    """Take in the records (columns as in RECORDS) in any order; returns how many there are."""
    work.register("nothing", pa.Table.from_batches([], RECORDS))
    work.execute("create or replace table incoming as select * from nothing")
    work.unregister("nothing")
    for batch in batches:
        work.register("batch", batch)
        work.execute("insert into incoming by name select * from batch")
        work.unregister("batch")
    names = ", ".join(NAME_COLUMNS)
    same_name = " and ".join(f"incoming.{column} is not distinct from names.{column}" for column in NAME_COLUMNS[1:])
    work.execute(
        f"""
        create or replace table names as
        select row_number() over (order by {names}) as name_id, *
        from (select distinct {names} from incoming where full_name_key <> '');
        create or replace table records as
        select
            row_number() over (order by created_at nulls last, source, source_key) - 1 as row,
            incoming.* exclude ({names}),
            name_id
        from incoming
        left join names on incoming.full_name_key = names.full_name_key and {same_name};
        drop table incoming;
        create or replace table overrides (a bigint, b bigint, decision varchar, override_id bigint)
        """
    )
    return int(one_row(work, "select count(*) from records")[0])


def one_row(work: Workspace, query: str) -> tuple[Any, ...]:
    """The one row that a query returns."""
    (row,) = work.sql(query).fetchall()
    return tuple(row)
