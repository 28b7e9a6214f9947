"""The texts that SQL finds in raw rows are those that the mapping finds, whatever the rows hold."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.extract.declaration import ColumnMap
from customer_warehouse.standardise import money_amount
from customer_warehouse.standardise.mapping import TEXT, Chunk, mapped
from customer_warehouse.standardise.raw_values import NUMBER, RawValues, as_number

COLUMNS = {
    "plain": ColumnMap.model_validate("total"),
    "nested": ColumnMap.model_validate("shipping.shop.amount"),
    "first": ColumnMap.model_validate({"from": ["shipping.amount", "total"], "only_with": "total"}),
    "outer": ColumnMap.model_validate("refunds[].amount"),
    "inner": ColumnMap.model_validate("refunds[].lines[].amount"),
    "constant": ColumnMap.model_validate({"value": "5"}),
}
NUMBERS = st.one_of(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False), st.none())
LEAVES = st.one_of(NUMBERS, NUMBERS.map(str), st.text(st.characters(codec="utf-8"), max_size=5), st.booleans())
AMOUNT = st.fixed_dictionaries({}, optional={"amount": LEAVES, "shop": st.fixed_dictionaries({"amount": LEAVES})})
LINES = st.one_of(LEAVES, AMOUNT, st.lists(st.one_of(AMOUNT, LEAVES), max_size=3))
REFUND = st.fixed_dictionaries({}, optional={"amount": LEAVES, "lines": LINES})
REFUNDS = st.one_of(LINES, st.lists(REFUND, max_size=3))
ROWS = st.fixed_dictionaries({"total": st.none() | LEAVES.map(str), "shipping": AMOUNT | LEAVES, "refunds": REFUNDS})


def raw(row: dict[str, Any]) -> dict[str, str | None]:
    """The row as it stands in `raw`, where there is no NUL."""
    nested = {name: json.dumps(row[name], ensure_ascii=False) for name in ("shipping", "refunds")}
    return {"total": None if row["total"] is None else row["total"].replace("\0", ""), **nested}


def as_mapped(rows: list[dict[str, str | None]], each: str | None, columns: dict[str, ColumnMap]) -> list[list[Any]]:
    class Mapping:
        key = "total"

    mapping = Mapping()
    mapping.columns = columns  # type: ignore[attr-defined]
    chunk = Chunk(pd.DataFrame(rows, dtype=TEXT, columns=["total", "shipping", "refunds"]), each, {})
    _, texts = mapped(chunk, mapping)  # type: ignore[arg-type]
    return [[None if pd.isna(value) else value for value in texts[name].tolist()] for name in columns]


def figures(texts: list[Any]) -> list[Any]:
    """What is compared: numbers by their value, other texts by being there."""
    return sorted(
        "" if text is None or not text.strip() else str(Decimal(text).normalize() + 0) if re.fullmatch(NUMBER, text)
        else "other"
        for text in texts
    )  # fmt: skip


def test_sql_finds_what_the_mapping_finds(server: Server) -> None:
    server.create_database("raw_values")
    with connect(server.url("raw_values")) as connection:
        connection.execute("create temporary table r (total text, shipping text, refunds text)")

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(ROWS, min_size=1, max_size=4), st.sampled_from([None, "refunds[]", "refunds[].lines[]"]))
        @example([{"total": "1", "shipping": {"amount": 1e-07}, "refunds": [{"lines": [{"amount": 19.90}]}]}], None)
        @example(
            [{"total": "1", "shipping": {"shop": {"amount": "\0"}}, "refunds": {"lines": []}}], "refunds[].lines[]"
        )
        def whatever_the_rows_hold(rows: list[dict[str, Any]], each: str | None) -> None:
            given_rows = [raw(row) for row in rows]
            connection.execute("truncate r")
            for row in given_rows:
                connection.execute("insert into r values (%(total)s, %(shipping)s, %(refunds)s)", row)
            levels = {None: 3, "refunds[]": 4, "refunds[].lines[]": 5}
            names = [*list(COLUMNS)[: levels[each]], "constant"]
            columns = {name: COLUMNS[name] for name in names}
            values = RawValues(each)
            listed = ", ".join(f"{values.text(column)}" for column in columns.values())
            found = connection.execute(statement(f"select {listed} from r{values.joins} limit %s"), (1_000,)).fetchall()

            expected = as_mapped(given_rows, each, columns)
            assert [figures(list(texts)) for texts in zip(*found, strict=True)] == [
                figures(texts) for texts in expected if texts
            ]

        whatever_the_rows_hold()
    server.drop_database("raw_values")


def test_an_amount_with_marks_is_in_sql_the_number_that_the_type_reads(server: Server) -> None:
    numbers = ["5", "1280", "1,280", "12,345,678.50", "0.5", "1,28", "1.280,5", "12,34,567", ".5", "5.", "1e3"]
    forms = [
        "{m}{n}",
        "{m} {n}",
        "-{m}{n}",
        "{m}-{n}",
        "-{m}-{n}",
        "{n}{m}",
        "{n} {m}",
        "-{n}{m}",
        "({m}{n})",
        "{m}{n}元",
    ]
    marks = ["", "NT$", "nt$", "元", "TWD", "US$", "¥", "€", "x", "5", "."]
    texts = [form.format(m=mark, n=number) for form in forms for mark in marks for number in numbers]
    server.create_database("marked_amounts")
    with connect(server.url("marked_amounts")) as connection:
        query = f"select text, {as_number('text')} from unnest(cast(%s as text[])) as t (text)"
        found = dict(connection.execute(query.encode(), (texts,)).fetchall())
    server.drop_database("marked_amounts")

    read = {text: money_amount.standardise(text, minimum=None, maximum=None) for text in texts}
    in_sql = {text: Decimal(number) for text, number in found.items() if re.fullmatch(NUMBER, number)}

    assert {text: number for text, number in in_sql.items() if read[text].value not in (None, number)} == {}
    for text, number in {"NT$1,280": 1280, "-NT$5": -5, "€-5": -5, "1280 元": 1280, "TWD 0.5": "0.5"}.items():
        assert in_sql[text] == Decimal(number)
    assert not {"x5", "(5)", "1,28", "NT$1e3", "--5"} & in_sql.keys()
