"""Activation on a real server: who is sent, what the ledgers say, and that the same night twice is as once."""

from __future__ import annotations

import csv
import json
import logging
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse import settings as settings_module
from customer_warehouse.activation import stage
from customer_warehouse.database import connect, scalar, statement
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei", "activation__2026-11-21")
OTHER = night_of(date(2026, 11, 20), "Asia/Taipei", "activation__2026-11-20")

CUSTOMERS = """
create table marts.customer_360 (
    customer_id text primary key, full_name text,
    email text, email_consent text, email_opted_in text, phone text, sms_consent text, phone_opted_in text
);
insert into marts.customer_360 values
('both', '王小明', 'ming@example.com', 'granted', 'ming@example.com', '+886912345678', 'granted', '+886912345678'),
('mail', '=HYPERLINK("x")', 'mail@example.com', 'granted', 'mail@example.com', '+85291234567', 'denied', null),
('text', 'Ann Lee', null, 'unknown', null, '+447700900123', 'granted', '+447700900123'),
('denied', 'Bo', 'bo@example.com', 'denied', null, '+886922222222', 'denied', null),
('unasked', 'Cy', 'cy@example.com', 'unknown', null, null, 'unknown', null),
('old_address', 'Di', 'di@example.com', 'granted', null, null, 'unknown', null),
('angry', 'Ed', 'ed@example.com', 'granted', 'ed@example.com', '+886933333333', 'granted', '+886933333333'),
('nowhere', 'Fay', null, 'granted', null, null, 'granted', null);
create table activation.segment_new_customers (customer_id text, reason text);
insert into activation.segment_new_customers
select customer_id, 'first purchase' from marts.customer_360 union all select 'gone', 'first purchase';
create table activation.segment_open_complaint (customer_id text, reason text);
insert into activation.segment_open_complaint values ('angry', 'complaint open'), ('nowhere', 'complaint open');
insert into ops.published values (true, 5, 'night', '2026-11-21', '2026-11-21 16:00+00');
"""
PERSONAL = ("王小明", "HYPERLINK", "example.com", "912345678", "91234567", "7700900123", "33333333", "Ann Lee")


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    """A warehouse with eight customers and two segments, one of them a service list that is excluded from marketing."""
    folder = tmp_path / "dbt_project" / "models" / "segments"
    folder.mkdir(parents=True)
    label = {"en": "A list", "zh_hant": "名單", "zh_hans": "名单"}
    for priority, (name, purpose) in enumerate((("open_complaint", "service"), ("new_customers", "marketing"))):
        meta = {
            "label": label,
            "purpose": purpose,
            "channels": ["email", "sms"],
            "priority": priority,
            "refresh": "nightly",
            "owner": "marketing",
            "expected_share": [0, 1],
            "conditions": ["order_count"],
            "excluded_from_promotion": purpose == "service",
        }
        twin = {"models": [{"name": f"segment_{name}", "config": {"meta": meta}}]}
        (folder / f"segment_{name}.yml").write_text(yaml.safe_dump(twin))
    execute(warehouse_url, CUSTOMERS)
    ledger.open_run(warehouse_url, NIGHT, ledger.ACTIVATION)
    return Settings(url=warehouse_url, exports_dir=tmp_path / "exports", dbt_project_dir=tmp_path / "dbt_project")


def execute(url: str, text: str) -> None:
    with connect(url) as connection:
        connection.execute(statement(text))


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with connect(url) as connection:
        return connection.execute(statement(query)).fetchall()


def exported(settings: Settings, segment: str, night: str = "2026-11-21") -> list[dict[str, str]]:
    with (settings.exports_dir / night / f"{segment}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def detail(settings: Settings, step: str) -> dict[str, Any]:
    """The detail of the last attempt of a step."""
    query = f"select detail from ops.steps where step = '{step}' order by step_id desc limit 1"
    found: dict[str, Any] = rows(settings.url, query)[0][0]
    return found


def everything(settings: Settings) -> dict[str, Any]:
    """All that activation leaves behind, but for the moments in the ledger."""
    tables = {
        "plans": "night, segment, batch_id, purpose, eligible, to_send, reasons::text, channels::text",
        "planned": "night, segment, channel, customer_id",
        "withheld": "night, segment, channel, customer_id, reason",
        "deliveries": "night, segment, destination, channel, eligible, sent, withheld, file, sha256",
        "sent": "night, segment, channel, destination, customer_id",
    }
    left: dict[str, Any] = {
        table: sorted(rows(settings.url, f"select {columns} from activation.{table}"))
        for table, columns in tables.items()
    }
    files = sorted(settings.exports_dir.rglob("*"))
    left["files"] = {file.relative_to(settings.exports_dir): file.read_bytes() for file in files if file.is_file()}
    return left


def test_marketing_reaches_those_who_agreed_by_the_channel_they_agreed_to(settings: Settings) -> None:
    stage.send(settings, NIGHT)

    assert exported(settings, "new_customers") == [
        {
            "customer_id": "both",
            "full_name": "王小明",
            "email": "ming@example.com",
            "phone": "+886912345678",
        },
        {"customer_id": "mail", "full_name": '\'=HYPERLINK("x")', "email": "mail@example.com", "phone": ""},
        {"customer_id": "text", "full_name": "Ann Lee", "email": "", "phone": "+447700900123"},
    ]


def test_a_service_list_has_whoever_can_be_reached_and_the_reason(settings: Settings) -> None:
    stage.send(settings, NIGHT)

    assert [(row["customer_id"], row["reason"]) for row in exported(settings, "open_complaint")] == [
        ("angry", "complaint open")
    ]
    assert detail(settings, "file: open_complaint")["withheld"] == {"no_contact_point": 1}


def test_every_member_is_sent_or_withheld_for_one_reason(settings: Settings) -> None:
    stage.send(settings, NIGHT)

    found = detail(settings, "file: new_customers")
    assert (found["eligible"], found["sent"]) == (9, 3)
    assert found["withheld"] == {
        "consent_denied": 1,
        "consent_unknown": 2,
        "excluded": 2,
        "unknown_customer": 1,
    }
    for eligible, sent, withheld, counted_sent, counted_withheld in rows(
        settings.url,
        """
        select eligible, sent, withheld,
            (select count(*) from activation.sent as s
             where (s.night, s.segment, s.channel, s.destination) = (d.night, d.segment, d.channel, d.destination)),
            (select count(*) from activation.withheld as w
             where (w.night, w.segment, w.channel) = (d.night, d.segment, d.channel))
        from activation.deliveries as d
        """,
    ):
        assert eligible == sent + withheld
        assert (sent, withheld) == (counted_sent, counted_withheld)


def test_the_ledger_s_steps_add_up(settings: Settings) -> None:
    stage.send(settings, NIGHT)

    steps = rows(settings.url, "select step, rows_in, rows_out, rows_rejected, status from ops.steps order by step_id")
    assert [step for step, *_ in steps] == ["plan", "file: open_complaint", "file: new_customers"]
    for _, rows_in, rows_out, rejected, status in steps:
        assert rows_in == rows_out + rejected
        assert status == "succeeded"


def test_the_same_night_again_sends_nothing_new_and_changes_nothing(settings: Settings) -> None:
    stage.send(settings, NIGHT)
    before = everything(settings)
    times = rows(settings.url, "select segment, channel, delivered_at from activation.deliveries order by 1, 2")
    assert detail(settings, "file: new_customers")["sent_new"] == 3

    stage.send(settings, NIGHT)

    again = detail(settings, "file: new_customers")
    assert (again["sent_new"], again["withdrawn"], again["changed"]) == (0, 0, False)
    assert everything(settings) == before
    assert rows(settings.url, "select segment, channel, delivered_at from activation.deliveries order by 1, 2") == times


def test_when_the_night_s_data_changed_only_the_difference_is_new(settings: Settings) -> None:
    stage.send(settings, NIGHT)
    execute(
        settings.url,
        """
        update marts.customer_360 set email_consent = 'granted', email_opted_in = email where customer_id = 'unasked';
        update marts.customer_360 set sms_consent = 'denied', phone_opted_in = null where customer_id = 'text';
        """,
    )

    stage.send(settings, NIGHT)

    found = detail(settings, "file: new_customers")
    assert (found["sent_new"], found["withdrawn"], found["changed"]) == (1, 1, True)
    assert [row["customer_id"] for row in exported(settings, "new_customers")] == ["both", "mail", "unasked"]
    listed = rows(settings.url, "select distinct customer_id from activation.sent where segment = 'new_customers'")
    assert sorted(listed) == [("both",), ("mail",), ("unasked",)]


def test_a_list_that_was_tampered_with_is_put_right(settings: Settings) -> None:
    stage.send(settings, NIGHT)
    before = everything(settings)
    (settings.exports_dir / "2026-11-21" / "new_customers.csv").write_text("customer_id\neverybody\n")

    stage.send(settings, NIGHT)

    assert everything(settings) == before


def test_a_night_that_is_not_published_sends_nothing(settings: Settings) -> None:
    with pytest.raises(ledger.StageError, match="2026-11-20"):
        stage.send(settings, OTHER)

    assert not settings.exports_dir.exists()
    assert rows(settings.url, "select status from ops.steps") == [("failed",)]


def test_marts_published_again_after_the_plan_stop_the_push(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = stage._plan

    def plan_and_publish(*arguments: Any) -> Any:
        plans = plan(*arguments)
        execute(settings.url, "update ops.published set batch_id = 6")
        return plans

    monkeypatch.setattr(stage, "_plan", plan_and_publish)
    with pytest.raises(ledger.StageError, match="published again"):
        stage.send(settings, NIGHT)

    assert rows(settings.url, "select count(*) from activation.sent") == [(0,)]
    assert not list(settings.exports_dir.rglob("*.csv"))


def test_a_plan_that_says_too_much_reaches_nobody_without_consent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = stage._plan

    def plan_and_add(*arguments: Any) -> Any:
        plans = plan(*arguments)
        execute(
            settings.url,
            "insert into activation.planned values ('2026-11-21', 'new_customers', 'email', 'denied'),"
            " ('2026-11-21', 'new_customers', 'email', 'angry')",
        )
        return plans

    monkeypatch.setattr(stage, "_plan", plan_and_add)
    stage.send(settings, NIGHT)

    assert [row["customer_id"] for row in exported(settings, "new_customers")] == ["both", "mail", "text"]


def test_a_segment_that_was_not_built_stops_the_plan(settings: Settings) -> None:
    execute(settings.url, "drop table activation.segment_open_complaint")

    with pytest.raises(ledger.StageError, match="open_complaint"):
        stage.send(settings, NIGHT)


def test_no_personal_data_is_in_ledgers_manifests_or_logs(
    settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        stage.send(settings, NIGHT)

    places = [
        str(rows(settings.url, f"select * from {table}"))
        for table in ("ops.steps", "activation.plans", "activation.deliveries", "activation.sent")
    ]
    places += [file.read_text(encoding="utf-8") for file in settings.exports_dir.rglob("*.json")]
    places += [caplog.text, *capfd.readouterr()]
    for value in PERSONAL:
        assert not any(value in place for place in places)


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from customer_warehouse.night import night_of
from customer_warehouse.settings import Settings
from customer_warehouse.activation import stage
import psycopg

moment, seen = int(sys.argv[1]), 0

def deadly(owner, name):
    work = getattr(owner, name)
    def wrapped(*arguments, **options):
        global seen
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        result = work(*arguments, **options)
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, wrapped)

deadly(psycopg.Connection, "commit")
deadly(os, "fsync")
deadly(os, "open")
deadly(Path, "replace")
deadly(Path, "unlink")
stage.send(Settings.from_environment(), night_of(date(2026, 11, 21), "Asia/Taipei", "activation__2026-11-21"))
"""


def send_killed_at(settings: Settings, moment: int) -> int:
    """Send in another process that kills itself before or after its nth step to the disk or the database."""
    environment = {
        **os.environ,
        **settings.to_environment(),
        "PYTHONPATH": str(settings_module.PROJECT / "plugins"),
    }
    command = [sys.executable, "-c", KILLED, str(moment)]
    return subprocess.run(command, env=environment, timeout=60, capture_output=True, check=False).returncode


@pytest.mark.slow
def test_killed_at_any_moment_and_sent_again_the_night_is_as_if_undisturbed(settings: Settings, tmp_path: Path) -> None:
    stage.send(settings, NIGHT)
    undisturbed = everything(settings)
    moment, outcomes = 1, []

    while True:
        execute(settings.url, "truncate activation.plans, activation.planned, activation.withheld")
        execute(settings.url, "truncate activation.deliveries, activation.sent")
        settings = settings.model_copy(update={"exports_dir": tmp_path / f"exports-{moment}"})
        outcomes.append(send_killed_at(settings, moment))
        for manifest in settings.exports_dir.rglob("*.manifest.json"):
            listed = json.loads(manifest.read_text(encoding="utf-8"))
            assert len(exported(settings, listed["segment"])) == listed["rows"]
        stage.send(settings, NIGHT)
        assert everything(settings) == undisturbed, moment
        if outcomes[-1] == 0:
            break
        moment += 3

    assert outcomes.count(-signal.SIGKILL) == len(outcomes) - 1 >= 10
    assert scalar_of(settings, "select count(*) from ops.steps where status = 'running'") >= 1


@pytest.mark.slow
def test_killed_while_a_changed_list_is_sent_the_night_ends_with_the_changed_list(settings: Settings) -> None:
    stage.send(settings, NIGHT)
    first = everything(settings)
    change = "update marts.customer_360 set email_consent = '{}', email_opted_in = {} where customer_id = 'unasked'"
    execute(settings.url, change.format("granted", "email"))
    stage.send(settings, NIGHT)
    second = everything(settings)

    for moment in range(2, 60, 7):
        execute(settings.url, change.format("unknown", "null"))
        stage.send(settings, NIGHT)
        assert everything(settings) == first
        execute(settings.url, change.format("granted", "email"))
        code = send_killed_at(settings, moment)
        stage.send(settings, NIGHT)
        assert everything(settings) == second
        if code == 0:
            break


def scalar_of(settings: Settings, query: str) -> Any:
    with connect(settings.url) as connection:
        return scalar(connection, query)
