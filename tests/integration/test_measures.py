"""Measures on a real server: what earlier nights teach, what they do not, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from customer_warehouse.cli import app
from customer_warehouse.database import connect, statement
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.quality.results import relearn, trend
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings

FIRST = date(2026, 10, 1)
TABLE = "standardised.tickets"
SOLD = {
    "name": "sold_as_usual",
    "measure": {
        "kind": "count",
        "sql": ["select count(*) from {table} where sold_on = {night}"],
        "compare": "nights",
        "tolerance": 0.3,
    },
    "severity": "warn",
    "why": "Few tickets are a till that has not delivered.",
    "what_to_do": "Ask the store for its files of that day.",
}
BY_STORE = {
    **SOLD,
    "name": "stores_as_usual",
    "measure": {
        "kind": "distribution",
        "by": "store",
        "sql": ["select store, count(*) from {table} where sold_on = {night} group by store"],
        "compare": "nights",
        "at_least": 0.05,
    },
}


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Thirty days of a hundred tickets a day, a quarter of them from each store."""
    with connect(warehouse_url) as connection:
        connection.execute(
            "create table standardised.tickets as select 'T' || n % 4 as store, day::date as sold_on, true as valid"
            " from generate_series(date '2026-10-01', '2026-10-30', interval '1 day') as day, generate_series(1, 100) n"
        )
    yield Settings(url=warehouse_url, expectations_dir=tmp_path, sources_dir=tmp_path / "sources")


def declare(settings: Settings, *checks: dict[str, Any]) -> None:
    file = settings.expectations_dir / "standardised" / "tickets.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"table": TABLE, "why": SOLD["why"], "checks": checks}))


def night(day: int) -> Night:
    """The night of the day `day` days after the first."""
    return night_of(FIRST + timedelta(days=day), "Asia/Taipei")


def run(settings: Settings, *days: int, failed: bool = False) -> None:
    """Run these nights, which are nothing but the check."""
    for day in days:
        ledger.open_run(settings.url, night(day))
        try:
            check(settings, night(day), "standardise")
        finally:
            ledger.close_run(settings.url, night(day).run_id, failed=failed)


def execute(settings: Settings, text: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(text))


def result(settings: Settings, day: int, name: str = "sold_as_usual") -> tuple[Any, ...]:
    """Status, number, label and how many nights it was learned from."""
    with connect(settings.url) as connection:
        row = connection.execute(
            "select status, observed, label, nights from ops.checks where run_id = %s and check_name = %s",
            (night(day).run_id, name),
        ).fetchone()
    assert row is not None
    return row


def test_the_first_nights_have_no_baseline_and_say_so(settings: Settings) -> None:
    declare(settings, SOLD)

    run(settings, *range(8))

    assert [result(settings, day) for day in range(8)] == [
        *(("no_baseline", 100, "", 0) for _ in range(7)),
        ("passed", 100, "", 7),
    ]


def test_half_of_the_rows_missing_is_found_and_the_night_goes_on(settings: Settings) -> None:
    declare(settings, SOLD)
    run(settings, *range(10))
    execute(settings, "delete from standardised.tickets where sold_on = '2026-10-11' and store < 'T2'")

    run(settings, 10)

    assert result(settings, 10) == ("failed", 50, "", 10)
    with connect(settings.url) as connection:
        detail = connection.execute("select detail -> 'warned' from ops.steps where run_id = %s", (night(10).run_id,))
        assert detail.fetchone() == ([f"{TABLE} sold_as_usual (50, usual 60.062 to 150.06 (10 nights))"],)


def test_a_night_that_failed_or_was_degraded_teaches_nothing(settings: Settings) -> None:
    declare(settings, SOLD)
    run(settings, *range(7))
    run(settings, 7, failed=True)
    ledger.open_run(settings.url, night(8))
    with ledger.step(settings.url, night(8), "extract", "tills") as step:
        step.degraded = "left out"
    check(settings, night(8), "standardise")
    ledger.close_run(settings.url, night(8).run_id, failed=False)

    run(settings, 9)

    assert result(settings, 9) == ("passed", 100, "", 7)


def test_a_night_run_again_overwrites_its_numbers_and_an_older_one_learns_from_before_it(settings: Settings) -> None:
    declare(settings, SOLD)
    run(settings, *range(10))
    execute(settings, "delete from standardised.tickets where sold_on = '2026-10-09'")

    run(settings, 8)
    run(settings, 8)

    assert result(settings, 8) == ("failed", 0, "", 8)
    run(settings, 3)
    assert result(settings, 3) == ("no_baseline", 100, "", 0)
    run(settings, 9)
    assert result(settings, 9)[3] == 9
    with connect(settings.url) as connection:
        kept = connection.execute("select count(*), count(distinct run_id) from ops.measures").fetchone()
    assert kept == (10, 10)


def test_numbers_of_another_query_teach_nothing(settings: Settings) -> None:
    declare(settings, SOLD)
    run(settings, *range(8))
    changed = {**SOLD, "measure": {**SOLD["measure"], "sql": ["select 2 * count(*) from {table}"]}}  # type: ignore[dict-item]
    declare(settings, changed)

    run(settings, 8)

    assert result(settings, 8)[0] == "no_baseline"


def test_a_store_that_has_vanished_is_named_and_a_new_one_too(settings: Settings) -> None:
    declare(settings, BY_STORE)
    run(settings, *range(10))
    assert result(settings, 9, "stores_as_usual")[0] == "passed"
    execute(settings, "delete from standardised.tickets where sold_on = '2026-10-11' and store = 'T3'")
    execute(settings, "update standardised.tickets set store = 'NEW' where sold_on = '2026-10-12' and store = 'T2'")

    run(settings, 10, 11)

    assert result(settings, 10, "stores_as_usual")[:3] == ("failed", 0, "T3")
    labels = {reading.label: reading.status for _, _, reading in trend(settings.url, TABLE, "stores_as_usual", 1)}
    assert labels == {"NEW": "failed", "T0": "passed", "T1": "passed", "T2": "failed", "T3": "passed"}


PERSONAL = ("+886912345678", "0912 345 678", "ann@example.com", "王小明", "Ann Lee of 12345678", "A" * 60)


def test_a_label_that_is_no_code_is_not_kept(settings: Settings) -> None:
    declare(settings, BY_STORE)
    for value in PERSONAL:
        execute(settings, f"insert into standardised.tickets values ('{value}', '2026-10-01')")

    run(settings, 0)

    with connect(settings.url) as connection:
        kept = str(connection.execute("select * from ops.measures").fetchall())
        kept += str(connection.execute("select * from ops.checks").fetchall())
        other = connection.execute("select observed from ops.measures where label = '(other)'").fetchone()
    assert [value for value in PERSONAL if value in kept] == []
    assert other == (pytest.approx(len(PERSONAL) / (100 + len(PERSONAL))),)


def test_a_critical_measure_stops_every_night_until_the_new_level_is_accepted(settings: Settings) -> None:
    declare(settings, {**SOLD, "severity": "critical"})
    run(settings, *range(8))
    execute(settings, "delete from standardised.tickets where sold_on > '2026-10-08' and store < 'T2'")
    for day in (8, 9):
        with pytest.raises(ledger.StageError, match=r"sold_as_usual \(50, usual .*Ask the store"):
            run(settings, day, failed=True)

    relearn(settings.url, TABLE, "sold_as_usual", night(9).date)
    run(settings, *range(9, 17))

    assert [result(settings, day)[0] for day in (9, 15, 16)] == ["no_baseline", "no_baseline", "passed"]


@pytest.mark.parametrize(
    "query",
    [
        "selekt 1",
        "select 'a@example.com'",
        "select 1, 2",
        "select 1 union all select 2",
        "delete from {table} returning 1",
    ],
)
def test_a_measure_that_cannot_be_taken_is_said_to_be(settings: Settings, query: str) -> None:
    measure = {**SOLD["measure"], "sql": [query]}  # type: ignore[dict-item]
    declare(settings, {**SOLD, "measure": measure, "severity": "critical"}, BY_STORE)

    with pytest.raises(ledger.StageError, match="could not be made") as error:
        run(settings, 0, failed=True)

    assert result(settings, 0)[0] == "not_made"
    assert result(settings, 0, "stores_as_usual")[0] == "no_baseline"
    assert "example.com" not in str(error.value)
    with connect(settings.url) as connection:
        assert connection.execute("select count(*) from standardised.tickets").fetchone() == (3000,)


def test_a_share_of_nothing_is_no_number(settings: Settings) -> None:
    share = {
        **SOLD,
        "measure": {
            "kind": "share",
            "sql": ["select count(*) filter (where valid), count(*) from {table} where sold_on = {night}"],
            "compare": "nights",
            "at_least": 0.1,
        },
    }
    declare(settings, share)
    execute(settings, "delete from standardised.tickets where sold_on = '2026-10-09'")

    run(settings, *range(10))

    assert [result(settings, day)[:2] for day in (7, 8, 9)] == [("passed", 1), ("no_baseline", None), ("passed", 1)]


def test_the_trend_is_shown_in_the_terminal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(settings, SOLD)
    run(settings, *range(8))
    monkeypatch.setenv("WAREHOUSE_URL", settings.url)

    shown = CliRunner().invoke(app, ["quality", "trend", TABLE, "sold_as_usual", "--last", "2"])

    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "2026-10-07  run succeeded  no_baseline  100, no baseline yet",
        "2026-10-08  run succeeded  passed       100, usual 60.062 to 150.06 (7 nights)",
    ]
