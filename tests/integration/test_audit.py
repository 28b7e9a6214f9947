"""Write, audit, publish: what failed a critical check, or was not checked, is never readable in `marts`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from customer_warehouse import marts
from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.quality import audit
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import PACKAGE, Settings
from integration.dbt_warehouse import NEXT, build_copy, contents, copy_of_small_brand, open_run, pass_borders, rows
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow
TABLES = {
    "extract": "ops.batches",
    "standardise": "standardised.orders",
    "identity": "identity.customers",
    "warehouse": "warehouse.fct_orders",
    "marts": "marts_store.customer_360",
}
"""A table of each border."""
FAILS, HOLDS, BROKEN = "select 1", "select 1 where false", "select nothing_like_it from {table} as t"


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """The small brand after its first night; the batch of the next one is built and has passed all borders."""
    with copy_of_small_brand(server) as settings:
        settings = settings.model_copy(update={"expectations_dir": tmp_path, "state_dir": tmp_path / "state"})
        open_run(settings.url, NEXT)
        build_copy(settings, NEXT)
        yield settings


def declare(settings: Settings, stage: str, query: str, severity: str = "critical") -> None:
    """Declare one check at the border of `stage`."""
    schema, _, name = TABLES[stage].partition(".")
    declared = {
        "name": "it_is_right",
        "sql": [query],
        "severity": severity,
        "why": "It decides what readers see.",
        "what_to_do": "Mend what makes this table.",
    }
    file = settings.expectations_dir / schema / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"table": TABLES[stage], "why": declared["why"], "checks": [declared]}))


def refuses(settings: Settings, because: str) -> None:
    """Publishing is refused for this reason, and readers see what they saw."""
    before = contents(settings.url)

    with pytest.raises(StageError, match=because):
        marts.publish(settings, NEXT)

    assert rows(settings.url, "select run_id from ops.published") == [(NIGHT.run_id,)]
    assert contents(settings.url) == before


def test_a_night_that_passed_every_border_is_published(settings: Settings) -> None:
    marts.publish(settings, NEXT)

    assert rows(settings.url, "select run_id, held from ops.published") == [(NEXT.run_id, {})]


@pytest.mark.parametrize("query", [FAILS, BROKEN], ids=["fails", "cannot be made"])
@pytest.mark.parametrize("stage", TABLES)
def test_a_check_that_did_not_pass_keeps_the_night_from_readers(settings: Settings, stage: str, query: str) -> None:
    declare(settings, stage, query)
    with pytest.raises(StageError, match="it_is_right"):
        check(settings, NEXT, stage)

    refuses(settings, f"{stage} / it_is_right")


@pytest.mark.parametrize("stage", TABLES)
def test_a_border_that_was_never_reached_keeps_the_night_from_readers(settings: Settings, stage: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(
            "delete from ops.steps where run_id = %s and stage = %s and step = 'check'", (NEXT.run_id, stage)
        )

    refuses(settings, f"the checks after {stage} were not made to their end")


@pytest.mark.parametrize("stage", TABLES)
def test_a_check_declared_after_its_border_keeps_the_night_from_readers(settings: Settings, stage: str) -> None:
    declare(settings, stage, HOLDS)

    refuses(settings, f"{stage} / it_is_right has no result")


def test_a_warning_declared_or_failed_later_does_not(settings: Settings) -> None:
    declare(settings, "marts", FAILS, "warn")

    marts.publish(settings, NEXT)

    assert rows(settings.url, "select run_id from ops.published") == [(NEXT.run_id,)]


@pytest.mark.parametrize("stage", ["standardise", "warehouse", "marts"])
def test_a_table_written_again_after_its_check_keeps_the_night_from_readers(settings: Settings, stage: str) -> None:
    with ledger.step(settings.url, NEXT, stage, "build") as step:
        step.detail["batch_id"] = 1

    refuses(settings, f"{stage} was written again after its checks")


def test_marts_built_before_the_warehouse_was_checked_keep_the_night_from_readers(settings: Settings) -> None:
    pass_borders(settings, NEXT, "warehouse", "marts")

    refuses(settings, "marts was written before the checks it stands on")


def test_a_check_that_was_killed_keeps_the_night_from_readers(settings: Settings) -> None:
    declare(settings, "marts", "select 1 from (select pg_sleep(60)::text as s offset 0) as long where s is null")
    environment = os.environ | settings.to_environment() | {"PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-m", "customer_warehouse", "quality", "check", "marts"]
    process = subprocess.Popen([*command, "--night", NEXT.date.isoformat()], env=environment)
    asleep = "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 90
    while rows(settings.url, asleep) == [(0,)] and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)

    assert process.wait() == -signal.SIGKILL
    declare(settings, "marts", HOLDS)
    refuses(settings, "the checks after marts were not made to their end")


def test_a_good_night_run_again_and_failed_shows_the_good_batch_all_the_time(settings: Settings) -> None:
    marts.publish(settings, NEXT)
    before = contents(settings.url)
    seen: list[object] = []
    stop = threading.Event()
    query = "select count(*), count(*) filter (where full_name = 'unchecked') from marts.customer_360"

    def read() -> None:
        with psycopg.connect(settings.url, autocommit=True) as connection:
            while not stop.is_set():
                seen.append(connection.execute(query).fetchone())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        open_run(settings.url, NEXT)
        batch_id = build_copy(settings, NEXT)
        with connect(settings.url) as connection:
            connection.execute(
                statement(f"update marts_store.customer_360 set full_name = 'unchecked' where batch_id = {batch_id}")
            )
        declare(settings, "marts", "select 1 from {table} as mart where full_name = 'unchecked'")
        with pytest.raises(StageError):
            check(settings, NEXT, "marts")
        with pytest.raises(StageError, match="marts / it_is_right"):
            marts.publish(settings, NEXT)
    finally:
        stop.set()
        reader.join()

    assert set(seen) == {(len(before["customer_360"]), 0)}
    assert contents(settings.url) == before


def test_a_check_cannot_be_recorded_between_the_audit_and_the_publishing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited = audit.require
    recorded = threading.Event()

    def fail_a_check() -> None:
        with connect(settings.url) as connection:
            connection.execute(
                "insert into ops.checks (run_id, stage, table_name, check_name, severity, status, why, what_to_do)"
                " values (%s, 'marts', 't', 'late', 'critical', 'failed', '', '')",
                (NEXT.run_id,),
            )
            connection.commit()
            recorded.set()

    def require_then_meet_another(*arguments: object) -> None:
        audited(*arguments)  # type: ignore[arg-type]  # passed on as they came
        threading.Thread(target=fail_a_check).start()
        assert not recorded.wait(0.5)

    monkeypatch.setattr(audit, "require", require_then_meet_another)
    marts.publish(settings, NEXT)

    assert recorded.wait(10)
