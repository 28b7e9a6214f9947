"""The border check on a real server: what holds goes on, what does not stops the night and says what to do."""

from __future__ import annotations

import json
import logging
import socket
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.database import connect, statement
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
WHY = "Records are linked by this value."
REMEDY = "Mend the module that writes this value."
TABLES = """
create table standardised.people (source text, source_key text, email text, said_at timestamptz, amount numeric);
insert into standardised.people
select 'shop', i::text, 'person' || i || '@example.com', '2026-11-21 10:00+00', i from generate_series(1, 50) as i;
create table marts_store.people (batch_id bigint, customer_id text);
insert into marts_store.people values (1, 'a'), (1, 'a'), (2, 'a'), (2, 'b');
"""
EMAIL = {
    "name": "emails_look_right",
    "expectation": "expect_column_values_to_match_regex",
    "kwargs": {"column": "email", "regex": "^[^@]+@[^@]+$"},
    "severity": "critical",
    "why": WHY,
    "what_to_do": REMEDY,
}
UNIQUE = {**EMAIL, "name": "one_row_each", "expectation": "expect_column_values_to_be_unique"}


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    """A warehouse with fifty good rows, an open run, no source declared and no check yet."""
    with connect(warehouse_url) as connection:
        connection.execute(statement(TABLES))
    ledger.open_run(warehouse_url, NIGHT)
    return Settings(url=warehouse_url, expectations_dir=tmp_path, sources_dir=tmp_path / "sources")


def declare(settings: Settings, *checks: dict[str, Any], table: str = "standardised.people") -> None:
    schema, _, name = table.partition(".")
    file = settings.expectations_dir / schema / f"{name.replace('*', 'each')}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"table": table, "why": WHY, "checks": checks}))


def query(name: str, *lines: str, severity: str = "critical") -> dict[str, Any]:
    return {"name": name, "sql": lines, "severity": severity, "why": WHY, "what_to_do": REMEDY}


def execute(settings: Settings, text: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(text))


def rows(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    with connect(settings.url) as connection:
        return connection.execute(statement(text)).fetchall()


def results(settings: Settings) -> dict[str, bool]:
    return dict(rows(settings, "select check_name, status = 'passed' from ops.checks"))  # type: ignore[arg-type]


def test_checks_that_hold_are_recorded_and_the_night_goes_on(settings: Settings) -> None:
    declare(settings, EMAIL, query("no_negative_amount", "select source_key from {table} where amount < 0"))

    check(settings, NIGHT, "standardise")

    assert results(settings) == {"emails_look_right": True, "no_negative_amount": True}
    assert rows(settings, "select stage, step, status, rows_in, rows_out, rows_rejected from ops.steps") == [
        ("standardise", "check", "succeeded", 2, 2, 0)
    ]


def test_one_bad_row_stops_the_night_and_says_what_to_do(settings: Settings) -> None:
    declare(settings, EMAIL)
    execute(settings, "update standardised.people set email = 'secret person' where source_key = '7'")

    with pytest.raises(ledger.StageError, match=f"standardised.people emails_look_right: {REMEDY}"):
        check(settings, NIGHT, "standardise")

    assert results(settings) == {"emails_look_right": False}
    assert rows(settings, "select status, rows_in, rows_rejected, detail ->> 'failed' from ops.steps") == [
        ("failed", 1, 1, '["standardised.people emails_look_right"]')
    ]


def test_a_warning_is_recorded_and_the_night_goes_on(settings: Settings) -> None:
    declare(settings, {**EMAIL, "severity": "warn"})
    execute(settings, "update standardised.people set email = 'x' where source_key = '7'")

    check(settings, NIGHT, "standardise")

    assert results(settings) == {"emails_look_right": False}
    assert rows(settings, "select status, rows_rejected, detail ->> 'warned' from ops.steps") == [
        ("succeeded", 1, '["standardised.people emails_look_right"]')
    ]


def test_checked_again_after_a_repair_only_the_last_result_stays(settings: Settings) -> None:
    declare(settings, EMAIL)
    execute(settings, "update standardised.people set email = 'x' where source_key = '7'")
    with pytest.raises(ledger.StageError):
        check(settings, NIGHT, "standardise")

    execute(settings, "update standardised.people set email = 'x@example.com' where source_key = '7'")
    check(settings, NIGHT, "standardise")

    assert results(settings) == {"emails_look_right": True}


def test_a_query_may_name_the_night_and_use_signs_that_libraries_take_for_their_own(settings: Settings) -> None:
    declare(
        settings,
        query("time_is_said", "select 1 from {table} where said_at >= {as_of} or said_at::date <> {night}"),
        query("run_is_said", "select 1 from ops.runs where run_id = {run_id} and run_id not like 'night%'"),
        query("signs", "select 1 where length('a :b %s %% {0} {1, 2} \\d') <> 24"),
        query("quantifier", "select 1 from {table} where email !~ '^[a-z]{6}'"),
        query("no_source", "select 1 from unnest({sources}) as s"),
        query("with_clause", "with t as (select * from {table})", "select 1 from t where amount is null"),
        query("table_has_its_name", "select 1 where {table_name} <> 'people'"),
    )

    check(settings, NIGHT, "standardise")

    assert set(results(settings).values()) == {True}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({**EMAIL, "kwargs": {"column": "nowhere", "regex": "x"}}, id="a column that is not there"),
        pytest.param(query("broken", "select 1 from nowhere"), id="a table that is not there"),
        pytest.param(query("broken", "selekt 1"), id="no SQL"),
        pytest.param(query("broken", "delete from standardised.people returning 1"), id="a query that writes"),
    ],
)
def test_a_check_that_cannot_be_made_counts_as_failed(settings: Settings, broken: dict[str, Any]) -> None:
    declare(settings, broken)

    with pytest.raises(ledger.StageError, match="could not be made"):
        check(settings, NIGHT, "standardise")

    assert rows(settings, "select count(*) from standardised.people") == [(50,)]


def test_a_table_that_is_missing_fails_but_not_the_raw_table_of_a_source_that_is_not_declared(
    settings: Settings,
) -> None:
    declare(settings, EMAIL, table="standardised.nowhere")
    declare(settings, EMAIL, table="raw.shop__customers")

    check(settings, NIGHT, "extract")
    with pytest.raises(ledger.StageError, match=r"standardised\.nowhere table_exists"):
        check(settings, NIGHT, "standardise")


def test_a_pattern_is_checked_on_every_table_it_matches(settings: Settings) -> None:
    execute(settings, "create table activation.segment_a (email text); create table activation.segment_b (email text);")
    execute(settings, "insert into activation.segment_b values ('nobody')")
    declare(settings, EMAIL, table="activation.segment_*")

    with pytest.raises(ledger.StageError, match=r"activation\.segment_b"):
        check(settings, NIGHT, "activation")

    assert rows(settings, "select table_name, status = 'passed' from ops.checks order by 1") == [
        ("activation.segment_a", True),
        ("activation.segment_b", False),
    ]


def test_of_the_marts_only_the_batch_that_this_run_built_is_checked(settings: Settings) -> None:
    unique = {**UNIQUE, "kwargs": {"column": "customer_id"}}
    count = query("two_rows", "select 1 from (select count(*) as n from {table} as p) as t where n <> 2")
    declare(settings, unique, count, table="marts_store.people")
    with pytest.raises(ledger.StageError, match="has built no marts"):
        check(settings, NIGHT, "marts")

    for batch_id, passes in ((2, True), (1, False), (3, True)):
        with ledger.step(settings.url, NIGHT, "marts", "build") as step:
            step.detail = {"batch_id": batch_id}
        with nullcontext() if batch_id == 2 else pytest.raises(ledger.StageError):
            check(settings, NIGHT, "marts")
        assert results(settings) == {"one_row_each": passes, "two_rows": batch_id != 3}


def test_a_wrong_file_stops_the_night_with_its_name(settings: Settings) -> None:
    declare(settings, {**EMAIL, "kwarg": 1})

    with pytest.raises(ledger.StageError, match=r"people\.json"):
        check(settings, NIGHT, "standardise")


def test_no_value_of_a_row_reaches_a_log_the_ledger_or_the_message(
    settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    execute(settings, "update standardised.people set email = 'secret person' where source_key = '7'")
    declare(settings, EMAIL, query("bad_cast", "select cast(email as integer) from {table}"))

    with caplog.at_level(logging.INFO), pytest.raises(ledger.StageError) as error:
        check(settings, NIGHT, "standardise")

    places = [str(error.value), caplog.text, *capfd.readouterr()]
    places += [str(rows(settings, f"select * from {table}")) for table in ("ops.steps", "ops.checks")]
    assert not any("secret person" in place or "person1@example" in place for place in places)


def test_a_password_with_signs_reaches_the_database_unchanged(settings: Settings) -> None:
    declare(settings, EMAIL)
    address = settings.url.replace("warehouse@", "warehouse:p$HOME%2Fx@", 1).replace(
        "postgresql://", "postgresql+psycopg2://"
    )

    check(settings.model_copy(update={"url": address}), NIGHT, "standardise")

    assert results(settings) == {"emails_look_right": True}


def test_a_check_talks_to_nobody_but_the_database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(settings, EMAIL)
    called: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **_: called.append(arguments) or [])
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address))

    check(settings, NIGHT, "standardise")

    assert called == []  # the database is reached by libpq, which does not use Python's sockets
