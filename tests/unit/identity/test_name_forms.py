"""The forms of names that scoring compares."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.name_forms import (
    LONGEST_NAME,
    NAME_COLUMNS,
    NOTHING,
    NameForms,
    forms_of_names,
    make_name_forms,
    name_forms,
    soundex,
)
from customer_warehouse.standardise import person_name

FIXTURES = Path(__file__).parents[2] / "fixtures" / "identity"
CASES = yaml.safe_load((FIXTURES / "name_forms.yml").read_text(encoding="utf-8"))


def forms(raw: str) -> NameForms:
    value = person_name.standardise(raw)
    parts = value.parts or {}
    return name_forms(value.key, value.value, parts.get("given"), parts.get("family"))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_name_has_its_forms(case: dict[str, Any]) -> None:
    found = forms(case["name"])

    assert {form: getattr(found, form) for form in case["forms"]} == case["forms"]


def test_every_form_stands_in_the_table_as_the_function_gives_it() -> None:
    rows = [("a", "A", None, None), ("chen meiling", "Mei-ling Chen", "Mei-ling", "Chen"), ("#x", "X Ltd", None, None)]
    with duckdb.connect() as work:
        work.execute(f"create table names (name_id bigint, {', '.join(f'{name} varchar' for name in NAME_COLUMNS)})")
        work.executemany("insert into names values (?, ?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        make_name_forms(work)
        made = work.sql("select * from name_forms order by name_id").fetchall()

    assert made == [(i, *name_forms(*row)) for i, row in enumerate(rows)]


def test_no_names_have_no_forms() -> None:
    nothing = pa.record_batch([pa.array([], pa.int64())] + [pa.array([], pa.string())] * 4, ["name_id", *NAME_COLUMNS])

    assert forms_of_names(nothing).num_rows == 0


@pytest.mark.parametrize("part", ["key", "written", "given", "family"])
@pytest.mark.parametrize("letter", ["a", "an-", "王", "\u202e", "🎉", "ﷺ", " ", "e\u0301"])
def test_a_name_of_a_megabyte_has_no_forms_and_takes_no_time(part: str, letter: str) -> None:
    name = {"key": "a", "written": "a", "given": "a", "family": "a"} | {part: letter * 1_000_000}
    start = time.perf_counter()

    assert name_forms(**name) == NOTHING
    assert time.perf_counter() - start < 0.1


ANYTHING = (
    st.none() | st.text(max_size=LONGEST_NAME + 5) | st.sampled_from(["Wang", "小明", "Mei-Ling", "de la", "Bob"])
)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_any_name_has_forms(key: str | None, written: str | None, given_: str | None, family: str | None) -> None:
    found = name_forms(key, written, given_, family)

    assert found == name_forms(key, written, given_, family)
    assert all(form != "" for form in found)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("robert", "r163"),
        ("rupert", "r163"),
        ("ashcraft", "a261"),
        ("tymczak", "t522"),
        ("pfister", "p236"),
        ("honeyman", "h555"),
        ("lee", "l000"),
        ("иван", None),
    ],
)
def test_soundex_is_that_of_the_national_archives(word: str, code: str | None) -> None:
    assert soundex(word) == code
