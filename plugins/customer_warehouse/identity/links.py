"""Find the links between records that the rules allow, inside DuckDB.

The workspace holds the tables
`records` (row, source, source_key, the rules' columns, name_id): one row a record, `row` counting from 0, oldest first;
`names` (name_id, full_name_key, full_name, full_name_given, full_name_family): the distinct names;
`links` (a, b, rule, strength, names): accepted links between rows, a before b;
`held` (rule, key_hash, records): keys over their rule's cap.

Named records with the same key, name and other compared values are interchangeable, so each of them is linked to the
oldest of its like only, and only these representatives are compared in pairs.

One key can be shared by several people, and a record that says little about itself would then connect them: a contact
without a name between two people with one mailbox, `J Smith` between Jane and John. Where the links of one rule would
connect two records that speak against each other, only those of them stay that rest on full agreement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_warehouse.identity.components import Numbers, connected_components
from customer_warehouse.identity.names import Name, NameAgreement, compare, read_name
from customer_warehouse.identity.rules import RULES, Rule

Workspace = duckdb.DuckDBPyConnection

MEMORY = "600MB"
"""What DuckDB may hold; the rest goes to a temporary folder that ends with the workspace."""

MOST_RECORDS = 1_000
"""A key of more records is not used even when all say the same: that is a till's dummy customer, not a person."""

RECORDS = pa.schema(
    [
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("account_id", pa.string()),
        ("member_number", pa.string()),
        ("full_name", pa.string()),
        ("full_name_key", pa.string()),
        ("full_name_given", pa.string()),
        ("full_name_family", pa.string()),
        ("email_key", pa.string()),
        ("phone", pa.string()),
        ("birth_date", pa.date32()),
        ("created_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""What the stage reads of `standardised.customers`."""


@contextmanager
def workspace() -> Iterator[Workspace]:
    """A DuckDB of our own, in memory, with bounded memory and no extensions from outside."""
    with tempfile.TemporaryDirectory(prefix="customer-warehouse-identity-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
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
    for batch in batches:
        work.register("batch", batch)
        work.execute("insert into incoming by name select * from batch")
    work.execute(
        """
        create or replace table names as
        select row_number() over () as name_id, *
        from (
            select distinct full_name_key, full_name, full_name_given, full_name_family
            from incoming
            where full_name_key <> ''
        );
        create or replace table records as
        select
            row_number() over (order by created_at nulls last, source, source_key) - 1 as row,
            incoming.* exclude (full_name_key, full_name, full_name_given, full_name_family, created_at),
            name_id
        from incoming
        left join names
            on incoming.full_name_key = names.full_name_key
            and incoming.full_name is not distinct from names.full_name
            and incoming.full_name_given is not distinct from names.full_name_given
            and incoming.full_name_family is not distinct from names.full_name_family;
        drop table incoming;
        create or replace table links (a bigint, b bigint, rule varchar, strength varchar, names varchar);
        create or replace table held (rule varchar, key_hash varchar, records integer);
        create or replace table name_agreements (low bigint, high bigint, agreement tinyint)
        """
    )
    work.unregister("batch")
    work.unregister("nothing")
    return int(one_row(work, "select count(*) from records")[0])


def find_links(work: Workspace, rules: Sequence[Rule] = RULES) -> None:
    """Fill `links` and `held` with what the rules say about `records`."""
    for rule in rules:
        _collect_keys(work, rule)
        _link_likes(work, rule)
        if rule.names is not None:
            _link_pairs(work, rule, rule.names)
    work.execute("drop table if exists keyed; drop table if exists pairs")


def find_components(work: Workspace) -> Numbers:
    """The component of each row under `links`, named by its smallest row: its founding record."""
    links = work.sql("select a, b from links").fetchnumpy()
    return connected_components(one_row(work, "select count(*) from records")[0], links["a"], links["b"])


def _collect_keys(work: Workspace, rule: Rule) -> None:
    """Fill `keyed` with the records that share a usable key of the rule, and `held` with the keys beyond the cap."""
    given = " and ".join(f"{column} <> ''" for column in rule.agree)
    key = f"concat_ws(chr(31), {', '.join(rule.agree)})"
    if rule.names is None:
        first_row = "min(row) over (partition by key)"
        voices = "count(*)"
    else:
        compared = ", ".join(["name_id", *rule.not_different])
        first_row = f"if(name_id is null, row, min(row) over (partition by key, {compared}))"
        # Forty guest orders of one customer are one voice; a store's phone has a voice for everybody who gave it.
        likes = f"count(distinct ({compared}, 0)) filter (where name_id is not null)"
        voices = f"{likes} + count(*) filter (where name_id is null)"
    beyond = f"voices > {rule.cap} or records > {MOST_RECORDS}"
    work.execute(
        f"""
        create or replace temp table shared as
        select {key} as key, count(*) as records, {voices} as voices
        from records
        where {given}
        group by all
        having count(*) > 1;
        insert into held
        select '{rule.name}', sha256('{rule.name}' || chr(31) || key), records from shared where {beyond};
        create or replace temp table keyed as
        select *, {first_row} as first_row
        from (
            select {key} as key, row, name_id{"".join(f", {column}" for column in rule.not_different)}
            from records
            where {given}
        )
        semi join (from shared where not ({beyond})) using (key);
        drop table shared
        """
    )


def _link_likes(work: Workspace, rule: Rule) -> None:
    """Link each record to the oldest that says the same in everything the rule looks at."""
    names = "null" if rule.names is None else "'equal'"
    work.execute(
        f"""
        insert into links
        select first_row, row, '{rule.name}', '{rule.strength}', {names}
        from keyed
        where row <> first_row
        """
    )


def _link_pairs(work: Workspace, rule: Rule, accepted: frozenset[NameAgreement]) -> None:
    """Link the representatives of a key whose names agree well enough, under the guard that the module describes."""
    different = " or ".join(["false", *(f"coalesce(one.{c} <> other.{c}, false)" for c in rule.not_different)])
    alike = " and ".join(["true", *(f"one.{c} is not distinct from other.{c}" for c in rule.not_different)])
    work.execute(
        f"""
        create or replace temp table pairs as
        select
            one.row as a,
            other.row as b,
            if(one.name_id < other.name_id, one.name_id, other.name_id) as low,
            if(one.name_id < other.name_id, other.name_id, one.name_id) as high,
            one.name_id is null or other.name_id is null as nameless,
            {different} as different,
            {alike} as alike
        from keyed as one
        join keyed as other on one.key = other.key and one.row < other.row
        where one.row = one.first_row and other.row = other.first_row
        """
    )
    _compare_names(work)
    found = work.sql(
        f"""
        select
            a,
            b,
            different,
            alike,
            case
                when nameless then {NameAgreement.UNKNOWN:d}
                when low = high then {NameAgreement.EQUAL:d}
                else coalesce(agreement, {NameAgreement.DIFFERENT:d})
            end::tinyint as agreement
        from pairs
        left join name_agreements using (low, high)
        """
    ).fetchnumpy()
    a, b, agreement = found["a"], found["b"], found["agreement"]
    blocked = found["different"] | (agreement == NameAgreement.DIFFERENT)
    linked = np.isin(agreement, list(accepted)) & ~blocked
    certain = (agreement == NameAgreement.EQUAL) & found["alike"]
    linked &= certain | ~_contested(a, b, linked, blocked)
    work.register(
        "new_links",
        pa.table(
            {
                "a": a[linked],
                "b": b[linked],
                "names": pa.DictionaryArray.from_arrays(
                    agreement[linked], [grade.name.lower() for grade in NameAgreement]
                ),
            }
        ),
    )
    work.execute(f"insert into links select a, b, '{rule.name}', '{rule.strength}', names from new_links")
    work.unregister("new_links")


def _contested(a: Numbers, b: Numbers, linked: NDArray[np.bool_], blocked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pairs belong to a group that the links would connect although two of its records speak against it."""
    if not len(a):
        return linked
    labels = connected_components(int(b.max()) + 1, a[linked], b[linked])
    inside = labels[a] == labels[b]
    result: NDArray[np.bool_] = inside & np.isin(labels[a], labels[a[blocked & inside]])
    return result


def _compare_names(work: Workspace) -> None:
    """Compare the names of `pairs` that have not been compared before."""
    work.execute(
        """
        create or replace temp table open_names as
        select distinct low, high from pairs anti join name_agreements using (low, high)
        where low <> high and not different
        """
    )
    names: dict[int, Name] = {
        name_id: read_name(*parts)
        for name_id, *parts in work.sql(
            """
            select name_id, full_name_key, full_name, full_name_given, full_name_family
            from names
            where name_id in (select low from open_names union all select high from open_names)
            """
        ).fetchall()
    }
    open_names = work.sql("select low, high from open_names").fetchnumpy()
    low, high = open_names["low"].tolist(), open_names["high"].tolist()
    agreements = pa.table(
        {
            "low": open_names["low"],
            "high": open_names["high"],
            "agreement": pa.array(
                [compare(names[one], names[other]) for one, other in zip(low, high, strict=True)], pa.int8()
            ),
        }
    )
    work.register("agreements", agreements)
    work.execute("insert into name_agreements select * from agreements; drop table open_names")
    work.unregister("agreements")


def one_row(work: Workspace, query: str) -> tuple[Any, ...]:
    """The one row that a query returns."""
    (row,) = work.sql(query).fetchall()
    return tuple(row)
