"""Expectation files: what may stand in one, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.quality.expectation_files import ExpectationFile, ExpectationFileError, file_name, fill, load

WHY = "A sentence that says why this is checked."
NOT_NULL = {
    "name": "key_is_there",
    "expectation": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "source_key"},
    "severity": "critical",
    "why": WHY,
    "what_to_do": WHY,
}
QUERY = {"name": "no_rows", "sql": ["select 1", "from {table}"], "severity": "warn", "why": WHY, "what_to_do": WHY}


def write(folder: Path, content: dict[str, Any], place: str | None = None) -> Path:
    file = folder / (place or file_name(content["table"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def table(*checks: dict[str, Any], name: str = "standardised.customers", **more: Any) -> dict[str, Any]:
    return {"table": name, "why": WHY, "checks": list(checks), **more}


def test_a_file_is_read_into_its_checks(tmp_path: Path) -> None:
    write(tmp_path, table(NOT_NULL, QUERY))

    (file,) = load(tmp_path)

    assert file.table == "standardised.customers"
    assert file.checks[1].query == "select 1\nfrom {table}"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(table(), id="no checks"),
        pytest.param(table(NOT_NULL, NOT_NULL), id="a name twice"),
        pytest.param(table(NOT_NULL, extra=1), id="an unknown word in the file"),
        pytest.param(table({**NOT_NULL, "kwarg": {}}), id="an unknown word in a check"),
        pytest.param(table({**NOT_NULL, "severity": "bad"}), id="an unknown severity"),
        pytest.param(table({**NOT_NULL, "why": "short"}), id="no reason to speak of"),
        pytest.param(table({k: v for k, v in NOT_NULL.items() if k != "what_to_do"}), id="nothing to do"),
        pytest.param(table({**NOT_NULL, "sql": ["select 1"]}), id="an expectation and a query"),
        pytest.param(table({**QUERY, "kwargs": {"column": "a"}}), id="a query with arguments"),
        pytest.param(table({**QUERY, "sql": ["select {nigth}"]}), id="an unknown placeholder"),
        pytest.param(table({**QUERY, "sql": ["select 1; drop table x"]}), id="two statements"),
        pytest.param(table(NOT_NULL, name="customers"), id="a table without a schema"),
    ],
)
def test_a_wrong_file_is_refused_by_its_name(tmp_path: Path, content: dict[str, Any]) -> None:
    write(tmp_path, content, "standardised/customers.json")

    with pytest.raises(ExpectationFileError, match=r"customers\.json"):
        load(tmp_path)


def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    write(tmp_path, table(NOT_NULL), "identity/customers.json")

    with pytest.raises(ExpectationFileError, match=r"standardised/customers\.json"):
        load(tmp_path)


def test_only_the_schemas_asked_for_are_read(tmp_path: Path) -> None:
    write(tmp_path, table(NOT_NULL))
    write(tmp_path, table(NOT_NULL, name="identity.customers"))

    assert [file.table for file in load(tmp_path, ("identity",))] == ["identity.customers"]


def test_a_star_matches_every_table_that_begins_so_and_is_written_each_in_the_file_s_name() -> None:
    file = ExpectationFile.model_validate(table(NOT_NULL, name="activation.segment_*"))

    assert file_name(file.table) == "activation/segment_each.json"
    assert file.matches("segment_lost")
    assert not file.matches("sent")


def test_a_check_of_a_pattern_may_leave_tables_out() -> None:
    unlike = {**NOT_NULL, "name": "as_usual", "not_for": ["segment_festival"]}
    file = ExpectationFile.model_validate(table(NOT_NULL, unlike, name="activation.segment_*"))

    assert [len(file.checks_of(name)) for name in ("segment_lost", "segment_festival")] == [2, 1]
    with pytest.raises(ValueError, match="does not match anyway"):
        ExpectationFile.model_validate(table({**NOT_NULL, "not_for": ["sent"]}, name="activation.segment_*"))


def test_placeholders_are_filled_and_other_braces_stay() -> None:
    query = "select '{\"a\": 1}' from {table} where n ~ '[0-9]{3}'"

    assert fill(query, {"table": "raw.x"}) == "select '{\"a\": 1}' from raw.x where n ~ '[0-9]{3}'"
