"""What a figure is held against, and what the floor copies."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from customer_warehouse.bench import floor, report
from customer_warehouse.bench.measure import CUSTOMERS, Measured
from customer_warehouse.bench.stages import NAMES, STAGES
from customer_warehouse.database import connect, scalar
from customer_warehouse.extract.declaration import Source

FILES = Measured("till files", "rows", 100, 3.0, peak_mib=200, floor_seconds=1.0)
RECORDS = Measured(CUSTOMERS, "records", 20_000, 9.0, processor_seconds=2.0)
IDENTITY = Measured("identity", "records", 20_000, 2.0, peak_mib=1_500)


@pytest.mark.parametrize(
    ("measured", "people", "verdict"),
    [
        (FILES, 10, ("≤ 3 × floor", True)),
        (replace(FILES, seconds=3.1), 10, ("≤ 3 × floor", False)),
        (RECORDS, 10, ("≥ 10,000 a core second", True)),
        (replace(RECORDS, processor_seconds=2.1), 10, ("≥ 10,000 a core second", False)),
        (IDENTITY, 999_999, None),
        (IDENTITY, 1_000_000, ("< 1,536 MiB", True)),
        (replace(IDENTITY, peak_mib=1_536), 1_000_000, ("< 1,536 MiB", False)),
    ],
    ids=[
        "files at the limit",
        "files over it",
        "records at the limit",
        "records under it",
        "memory of few people is not judged",
        "memory of many people",
        "too much memory",
    ],
)
def test_a_figure_is_held_against_what_is_asked(
    measured: Measured, people: int, verdict: tuple[str, bool] | None
) -> None:
    assert report.target(measured, people) == verdict


def test_every_stage_can_be_asked_for_by_one_word() -> None:
    assert len(set(NAMES)) == len(STAGES)
    assert all(stage.name.startswith(name) for stage, name in zip(STAGES, NAMES, strict=True))


def test_the_floor_of_files_copies_all_their_rows(database: str, tmp_path: Path) -> None:
    for day in ("2026-03-02", "2026-03-03"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "lines.csv").write_text('receipt;item\r\n1;"tea; green"\r\n2;\r\n')
    source = Source.model_validate(
        {
            "source": "till",
            "kind": "files",
            "description": "a till",
            "currency": "EUR",
            "connection": {"url": tmp_path.as_uri()},
            "entities": {
                "lines": {
                    "read": {"path": "{date}/lines.csv", "delimiter": ";"},
                    "key": ["receipt"],
                    "columns": ["receipt", "item"],
                }
            },
        }
    )

    measured = floor.of_files(database, os.getpid(), source)

    with connect(database) as connection:
        assert scalar(connection, "select count(*) from plain_copy where c1 = 'tea; green'") == 2
        assert scalar(connection, "select count(*) from plain_copy") == 4
    assert measured.size == 2 * len('receipt;item\r\n1;"tea; green"\r\n2;\r\n')


def test_the_floor_of_tables_copies_only_those_asked_for(database: str, warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        connection.execute("create table raw.a as select 1 as x, 'two' as y")
        connection.execute("create table raw.b as select n from generate_series(1, 3) as n")

    measured = floor.of_tables(warehouse_url, database, os.getpid(), "raw.%")

    assert measured.size == len("1,two\n" + "1\n2\n3\n")
    with connect(database) as connection:
        assert scalar(connection, "select count(*) from plain_copy") == 3
