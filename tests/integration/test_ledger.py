"""The ledger on a real server: runs open, steps count, one night at a time."""

from __future__ import annotations

from datetime import date

import pytest

from customer_warehouse.database import connect, scalar
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
LATER = night_of(date(2026, 11, 22), "Asia/Taipei")


def test_a_run_ends_succeeded_when_every_step_did(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)
    with ledger.step(warehouse_url, NIGHT, "extract", "shop") as step:
        step.rows_in = step.rows_out = 3

    assert ledger.close_run(warehouse_url, NIGHT.run_id, failed=False) == "succeeded"


def test_a_degraded_step_makes_the_run_degraded_and_says_why(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)
    with ledger.step(warehouse_url, NIGHT, "extract", "shop") as step:
        step.degraded = "the source is down; its data of yesterday is used"

    assert ledger.close_run(warehouse_url, NIGHT.run_id, failed=False) == "degraded"
    with connect(warehouse_url) as connection:
        assert "data of yesterday" in scalar(connection, "select message from ops.runs")


def test_a_crash_leaves_only_its_type_in_the_ledger(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)
    with pytest.raises(ValueError), ledger.step(warehouse_url, NIGHT, "extract", "shop"):
        raise ValueError("0912345678 is not a phone")

    with connect(warehouse_url) as connection:
        assert scalar(connection, "select message from ops.steps") == "ValueError"


def test_a_second_night_is_refused_while_one_is_at_work(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)

    with pytest.raises(ledger.StageError, match=NIGHT.run_id):
        ledger.open_run(warehouse_url, LATER)


def test_the_same_night_may_start_again_after_a_crash(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)
    with pytest.raises(ValueError), ledger.step(warehouse_url, NIGHT, "extract", "shop"):
        raise ValueError

    ledger.open_run(warehouse_url, NIGHT)

    with connect(warehouse_url) as connection:
        assert scalar(connection, "select count(*) from ops.steps") == 0


def test_a_step_that_was_killed_is_failed_when_its_run_is_closed(warehouse_url: str) -> None:
    ledger.open_run(warehouse_url, NIGHT)
    with connect(warehouse_url) as connection:
        connection.execute(
            "insert into ops.steps (run_id, stage, step, status) values (%s, 'extract', 'shop', 'running')",
            (NIGHT.run_id,),
        )

    ledger.close_run(warehouse_url, NIGHT.run_id, failed=True)

    with connect(warehouse_url) as connection:
        assert scalar(connection, "select status || ' ' || message from ops.steps") == "failed killed"
