"""Which column comes of which, from the SQL of small models."""

from __future__ import annotations

import pytest

from customer_warehouse.quality.lineage import ROWS, Column, LineageError, trace

TABLES = {
    "s.people": ["id", "name", "city", "age"],
    "s.orders": ["id", "person", "amount", "status"],
    "s.notes": ["person", "text"],
}


def reached(query: str, column: str, *, tables: dict[str, list[str]] = TABLES) -> set[str]:
    """The columns of the model's result that depend on `column`, given as table.column of schema s."""
    table, _, name = column.partition(".")
    lineage = trace({"m.model": query}, tables)
    return {found.name for found in lineage.downstream(Column(f"s.{table}", name)) if found.table == "m.model"}


EVERYTHING = {"a", "b", ROWS}


@pytest.mark.parametrize(
    ("query", "column", "expected"),
    [
        pytest.param("select name as a, city as b from s.people", "people.name", {"a"}, id="a column taken as it is"),
        pytest.param("select name || city as a, age as b from s.people", "people.city", {"a"}, id="an expression"),
        pytest.param("select case when age > 1 then 1 end as a, id as b from s.people", "people.age", {"a"}, id="case"),
        pytest.param("select name as a, id as b from s.people where age > 1", "people.age", EVERYTHING, id="where"),
        pytest.param(
            "select city as a, count(*) as b from s.people group by city", "people.city", EVERYTHING, id="group by"
        ),
        pytest.param("select city as a, sum(age) as b from s.people group by city", "people.age", {"b"}, id="sum"),
        pytest.param("select name as a, id as b from s.people", "people.age", set(), id="a column not taken"),
        pytest.param(
            "select id as a, row_number() over (partition by city order by age) as b from s.people",
            "people.age",
            {"b"},
            id="the order of a window",
        ),
        pytest.param(
            "with p as (select * from s.people), q as (select name, id from p) select name as a, id as b from q",
            "people.name",
            {"a"},
            id="through with and star",
        ),
        pytest.param(
            "select p.name as a, sum(o.amount) as b from s.people p left join s.orders o on o.person = p.id group by 1",
            "orders.amount",
            {"b"},
            id="left join: a value",
        ),
        pytest.param(
            "select p.name as a, o.amount as b from s.people p left join"
            " (select * from s.orders where status = 'paid') o on o.person = p.id",
            "orders.status",
            {"b"},
            id="left join: what rows there are touches only what is taken from them",
        ),
        pytest.param(
            "select p.name as a, o.amount as b from s.people p join s.orders o on o.person = p.id",
            "orders.person",
            EVERYTHING,
            id="an inner join decides the rows",
        ),
        pytest.param(
            "select p.name as a, o.amount as b from s.people p full join s.orders o on o.person = p.id",
            "orders.person",
            EVERYTHING,
            id="so does a full join",
        ),
        pytest.param(
            "select name as a, id as b from s.people where id in (select person from s.orders where status = 'open')",
            "orders.status",
            EVERYTHING,
            id="a query in where",
        ),
        pytest.param(
            "select name as a, (select max(o.amount) from s.orders o where o.person = p.id) as b from s.people p",
            "orders.amount",
            {"b"},
            id="a query in select",
        ),
        pytest.param(
            "select name as a, id as b from s.people union all select text, person from s.notes",
            "notes.text",
            {"a"},
            id="union all",
        ),
        pytest.param(
            "select name as a, id as b from s.people union select text, person from s.notes",
            "notes.text",
            EVERYTHING,
            id="union drops rows",
        ),
        pytest.param("select distinct name as a, id as b from s.people", "people.name", EVERYTHING, id="distinct"),
        pytest.param(
            "select a, b from (select name as a, id as b from s.people limit 5) as few",
            "people.name",
            {"a"},
            id="a query in from",
        ),
        pytest.param(
            "with recursive steps as (select id, name as a, city as b, 0 as n from s.people"
            " union all select before.id, before.b, orders.status, before.n + 1 from steps as before"
            " join s.orders on orders.person = before.id) select a, n as b from steps",
            "orders.status",
            {"a"},
            id="a query that reads itself",
        ),
        pytest.param(
            "with recursive steps as (select id as a, 0 as b from s.people"
            " union all select steps.a, steps.b + 1 from steps join s.orders on orders.person = steps.a)"
            " select a, b from steps",
            "orders.person",
            EVERYTHING,
            id="a join with itself",
        ),
    ],
)
def test_a_result_depends_on_what_it_is_made_from(query: str, column: str, expected: set[str]) -> None:
    assert reached(query, column) == expected


def test_a_column_is_followed_through_models() -> None:
    lineage = trace(
        {
            "m.second": "select a as c from m.first",
            "m.first": "select name as a, city as b from s.people",
            "m.third": "select c as d, 1 as e from m.second",
        },
        {**TABLES, "m.first": ["a", "b"], "m.second": ["c"]},
    )

    assert lineage.downstream(Column("s.people", "name")) == {
        Column("s.people", "name"),
        Column("m.first", "a"),
        Column("m.second", "c"),
        Column("m.third", "d"),
    }


@pytest.mark.parametrize(
    "query",
    [
        "selekt 1",
        "select nothing_like_it as a from s.people",
        "select a.name from s.people as p",
        "delete from s.people",
    ],
)
def test_what_cannot_be_read_is_said(query: str) -> None:
    with pytest.raises(LineageError, match=r"m\.model"):
        trace({"m.model": query}, TABLES)
