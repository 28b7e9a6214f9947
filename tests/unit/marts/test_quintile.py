"""The law of RFM scores: fifths by place, and equal values are never told apart."""

from __future__ import annotations

from collections.abc import Iterator

import jinja2
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.database import Connection, connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.settings import PROJECT

MACRO = (PROJECT / "dbt_project" / "macros" / "quintile.sql").read_text(encoding="utf-8")
VALUES = st.lists(st.integers(-9, 9), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    with connect(server.url("postgres")) as connection:
        yield connection


def scores(connection: psycopg.Connection[tuple[object, ...]], values: list[int], ordering: str) -> list[int]:
    """The score that the models' own macro gives each of `values`."""
    score = jinja2.Environment().from_string(MACRO + "{{ quintile(ordering) }}").render(ordering=ordering).strip()
    query = f"select value, {score} from unnest(%s::int[]) with ordinality as given (value, place) order by place"
    return [int(str(found)) for _, found in connection.execute(statement(query), (values,)).fetchall()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES)
def test_a_score_is_the_fifth_in_which_a_value_first_stands(connection: Connection, values: list[int]) -> None:
    expected = [1 + 5 * sum(other < value for other in values) // len(values) for value in values]

    assert scores(connection, values, "value") == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES)
def test_equal_values_score_alike_and_a_better_one_never_less(connection: Connection, values: list[int]) -> None:
    found = list(zip(values, scores(connection, values, "value desc"), strict=True))

    assert len(set(found)) == len(set(values))
    assert all(1 <= score <= 5 for _, score in found)
    by_recency = [score for _, score in sorted(found, reverse=True)]
    assert by_recency == sorted(by_recency)
