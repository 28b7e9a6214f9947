"""Generated people: the errors that the table of rates promises, and nothing else about who is who."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from customer_warehouse.bench.people import COLUMNS, FURTHER, RATES, damaged, draw, generate, write
from customer_warehouse.identity.labelled import read_columns, read_records, read_truth


def test_records_and_people_are_as_many_as_said() -> None:
    records, entities = generate(20_000)

    assert len(records) == len(entities) == 20_000
    a_person = 1 + sum(count * share for count, share in enumerate(FURTHER))
    assert len(entities) / len(set(entities)) == pytest.approx(a_person, rel=0.02)


def test_one_seed_gives_one_file() -> None:
    assert generate(500, seed=1) == generate(500, seed=1) != generate(500, seed=2)


def test_nothing_but_the_truth_tells_who_is_who(tmp_path: Path) -> None:
    # given: a file in a random order with running numbers as ids
    write(tmp_path, 2_000)

    entities = pq.read_table(tmp_path / "truth.parquet")["entity_id"].to_pylist()

    neighbours = sum(one == other for one, other in pairwise(entities))
    assert neighbours < 20


def test_the_files_are_what_evaluate_takes(tmp_path: Path) -> None:
    write(tmp_path, 100)

    columns = read_columns(tmp_path / "columns.yml")

    assert [column for of_type in columns.values() for column in of_type] == list(COLUMNS)
    assert read_records(tmp_path / "records.parquet", columns).num_rows == 100
    assert read_truth(tmp_path / "truth.parquet").num_rows == 100


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("birth_date_missing", "born"),
        ("phone_missing", "phone"),
        ("given_name_missing", "given"),
        ("city_missing", "city"),
    ],
)
def test_what_is_missing_is_missing_as_often_as_the_table_says(kind: str, field: str) -> None:
    random = Random(1)

    copies = [damaged(draw(random), random) for _ in range(10_000)]

    missing = sum(not getattr(copy, field) for copy in copies) / len(copies)
    # A given name that is swapped with the family name is not missing from both fields.
    assert missing == pytest.approx(RATES[kind], rel=0.25)


def test_a_share_of_the_copies_is_without_any_error() -> None:
    random = Random(2)
    people = [draw(random) for _ in range(5_000)]

    same = sum(damaged(person, random) == person for person in people) / len(people)

    untouched = 1.0
    for rate in RATES.values():
        untouched *= 1 - rate
    # Some errors change nothing: a digit drawn again, a Chinese family name that is not mistyped.
    assert untouched < same < untouched + 0.1
