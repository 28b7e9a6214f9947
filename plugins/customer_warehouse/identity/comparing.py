"""Splink compares pairs of records: at which level of each comparison does each pair agree?

A level is a number: 0 is different, the comparison's last is the best, -1 is said where one side says nothing. Levels
depend on the two records alone and not on the model, so training and scoring look at the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker

from customer_warehouse.identity.comparisons import COMPARISONS, Comparison, splink_settings
from customer_warehouse.identity.records import Workspace, one_row

SILENT_LOGS = ("splink", "sqlglot")
BATCH = 500_000
"""Pairs whose levels are in memory at a time."""

Rows = NDArray[np.int64]
Levels = Mapping[str, NDArray[np.int8]]


@dataclass(frozen=True)
class Compared:
    """Pairs of rows and their levels by comparison, all of one length."""

    a: Rows
    b: Rows
    levels: Levels


def compare(work: Workspace, **pairs: str) -> None:
    """Compare the pairs (a, b) of tables, `into=table`, at once, because each call of Splink takes a third of a second.

    Fills each table `into` (a, b, a column for each comparison that can say something). A column has the number of the
    level and 1, so that 0 is silence.
    """
    for name in SILENT_LOGS:
        logging.getLogger(name).setLevel(logging.ERROR)
    spoken = _spoken(work)
    blocked = " union all ".join(
        f"select a as join_key_l, b as join_key_r, '{into}' as match_key from {table}" for into, table in pairs.items()
    )
    work.execute(f"create or replace temp table blocked as {blocked}")
    database = DuckDBAPI(connection=work)
    linker = Linker(database.register("features"), splink_settings(spoken), log_level=None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(database.register("blocked"))
    found = linker.inference.predict(warning_mode="never")
    levels = ", ".join(f'"mw_{comparison.name}"::utinyint as "{comparison.name}"' for comparison in spoken)
    for into in pairs:
        work.execute(
            f"""
            create or replace table {into} as
            select row_l as a, row_r as b, {levels} from {found.physical_name} where match_key = '{into}'
            """
        )
    found.drop_table_from_database_and_remove_from_cache()
    work.execute("drop table blocked")


def compared(work: Workspace, query: str) -> Iterator[Compared]:
    """The rows that the query picks of what `compare` filled, in batches."""
    with work.cursor() as reading:  # of its own: the workspace writes what is made of a batch before the next is read
        for batch in reading.sql(query).to_arrow_reader(BATCH):
            yield _of(pa.Table.from_batches([batch]))


def all_compared(work: Workspace, query: str) -> Compared:
    """The same at once, in the order of the query."""
    return _of(work.sql(query).to_arrow_table())


def _of(table: pa.Table) -> Compared:
    silent = np.full(table.num_rows, -1, np.int8)
    return Compared(
        table["a"].to_numpy(),
        table["b"].to_numpy(),
        {
            comparison.name: (table[comparison.name].to_numpy().astype(np.int8) - np.int8(1))
            if comparison.name in table.column_names
            else silent
            for comparison in COMPARISONS
        },
    )


def patterns(levels: Levels) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64]]:
    """The different combinations of levels, one a row with a column each comparison, and of each how often it occurs.

    Also, for each pair, which of the combinations is its.
    """
    number = np.zeros(len(levels[COMPARISONS[0].name]), np.int64)
    for comparison in COMPARISONS:
        number = number * (len(comparison.levels) + 2) + levels[comparison.name] + 1
    _, first, which, counts = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    return np.column_stack([levels[comparison.name][first] for comparison in COMPARISONS]), counts, which


def _spoken(work: Workspace) -> Sequence[Comparison]:
    """The comparisons that can say something about the records here; most sets do not have every feature."""
    given = one_row(work, f"select {', '.join(f'count({c.name}) > 0' for c in COMPARISONS)} from features")
    spoken = [comparison for comparison, is_given in zip(COMPARISONS, given, strict=True) if is_given]
    return cast(Sequence[Comparison], spoken or [COMPARISONS[0]])
