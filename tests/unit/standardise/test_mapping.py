"""From raw rows to standard ones: paths, nested lists, templates, names in two halves."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from customer_warehouse.extract.declaration import FilesRead, StandardMap
from customer_warehouse.standardise.mapping import Chunk, mapped

ORDERS = [
    {
        "id": "1",
        "customer": json.dumps({"id": 7, "address": {"city": "台北市"}}),
        "lines": json.dumps([{"id": 11, "sku": "A"}, {"id": 12, "sku": "B"}]),
        "refunds": json.dumps([{"at": "mon", "items": [{"line": 11}]}, {"at": "tue", "items": [{"line": 12}]}]),
    },
    {"id": "2", "customer": None, "lines": "[]", "refunds": "not json"},
    {"id": "3", "customer": "null", "lines": json.dumps([{"id": 13, "sku": None}]), "refunds": None},
]


def made(rows: list[dict[str, Any]], **mapping: Any) -> list[dict[str, Any]]:
    """The standard rows that the raw `rows` become, with their key as `_key`."""
    declared = StandardMap.model_validate({"entity": "orders", "key": "id", "columns": {}} | mapping)
    keys, values = mapped(Chunk(pd.DataFrame(rows, dtype="string[pyarrow]"), declared.each), declared)
    frame = pd.DataFrame({"_key": keys} | values)
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in frame.to_dict("records")
    ]


def test_paths_reach_columns_and_members_of_nested_values() -> None:
    rows = made(ORDERS, columns={"number": "id", "customer": "customer.id", "city": "customer.address.city"})

    assert rows == [
        {"_key": "1", "number": "1", "customer": "7", "city": "台北市"},
        {"_key": "2", "number": "2", "customer": None, "city": None},
        {"_key": "3", "number": "3", "customer": None, "city": None},
    ]


def test_each_makes_a_row_of_every_element_and_keeps_its_parents_in_reach() -> None:
    rows = made(ORDERS, key=["id", "lines[].id"], each="lines[]", columns={"order": "id", "sku": "lines[].sku"})

    assert rows == [
        {"_key": "1|11", "order": "1", "sku": "A"},
        {"_key": "1|12", "order": "1", "sku": "B"},
        {"_key": "3|13", "order": "3", "sku": None},
    ]


def test_each_goes_down_two_levels() -> None:
    rows = made(
        ORDERS,
        key="{id}-{refunds[].items[].line}",
        each="refunds[].items[]",
        columns={"at": "refunds[].at", "line": "refunds[].items[].line"},
    )

    assert rows == [
        {"_key": "1-11", "at": "mon", "line": "11"},
        {"_key": "1-12", "at": "tue", "line": "12"},
    ]


def test_a_template_fills_in_for_what_is_not_given_and_needs_all_its_parts() -> None:
    rows = made(ORDERS, columns={"customer": {"from": "customer.id", "template": "guest-{id}"}})
    assert [row["customer"] for row in rows] == ["7", "guest-2", "guest-3"]

    rows = made(ORDERS, columns={"customer": {"template": "{customer.id}-{id}"}})
    assert [row["customer"] for row in rows] == ["7-1", None, None]


def test_the_first_path_with_a_value_wins_row_by_row() -> None:
    rows = made(
        [{"id": "1", "a": None, "b": "y"}, {"id": "2", "a": "x", "b": "y"}], columns={"c": {"from": ["a", "b"]}}
    )

    assert [row["c"] for row in rows] == ["y", "x"]


def test_a_name_in_two_halves_is_put_together_as_its_script_writes_it() -> None:
    people = [
        {"id": "1", "given": "大明", "family": "王"},
        {"id": "2", "given": "David", "family": "Chen"},
        {"id": "3", "given": None, "family": None},
    ]

    rows = made(people, columns={"name": {"given": "given", "family": "family"}})

    assert [row["name"] for row in rows] == ["王大明", "David Chen", None]


def test_joined_lines_leave_out_what_is_missing() -> None:
    rows = made([{"id": "1", "a": "台北市", "b": None, "c": "1號"}], columns={"address": {"join": ["a", "b", "c"]}})

    assert rows[0]["address"] == "台北市 1號"


def test_a_part_of_the_path_of_a_file_is_a_value_like_any_other() -> None:
    parts = FilesRead(path="{date}/{store}/tickets.csv").parts
    raw = pd.DataFrame({"id": ["1", "2", "3"], "_file": ["2026-11-20/TPE01/tickets.csv", "elsewhere.csv", None]})
    chunk = Chunk(raw.astype("string[pyarrow]"), None, parts)

    assert [None if pd.isna(value) else value for value in chunk.path("_file.store")] == ["TPE01", None, None]
    assert chunk.template("{_file.store}-{id}").iloc[0] == "TPE01-1"
