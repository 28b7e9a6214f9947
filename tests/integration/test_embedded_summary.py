"""What people are told about a night: counts that add up, in the terminal, as JSON and as a page."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from customer_warehouse.database import connect
from customer_warehouse.embedded.progress import Progress
from customer_warehouse.embedded.report import render
from customer_warehouse.embedded.summary import Summary, print_summary, summarise
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import Balance, hold
from customer_warehouse.settings import Settings

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
ACTIVATION = night_of(date(2026, 11, 21), "Asia/Taipei", "activation__2026-11-21")
HOSTILE = "<script>alert('x')</script> & \"more\""


def write_step(url: str, stage: str, name: str, counts: tuple[int, int, int], **detail: Any) -> None:
    night = ACTIVATION if stage == "activation" else NIGHT
    with ledger.step(url, night, stage, name) as step:
        step.rows_in, step.rows_out, step.rows_rejected = counts
        step.detail = detail


@pytest.fixture
def night_that_ran(warehouse_url: str, tmp_path: Path) -> Settings:
    """A night with its activation, as the stages write it."""
    ledger.open_run(warehouse_url, NIGHT)
    write_step(warehouse_url, "extract", "shop", (100, 90, 4))
    write_step(warehouse_url, "extract", "tills", (50, 50, 0))
    write_step(warehouse_url, "extract", "check", (9, 9, 0))
    write_step(warehouse_url, "standardise", "customers", (140, 130, 10))
    write_step(warehouse_url, "identity", "resolve", (130, 80, 0))
    quality = {"tills": 61.25, "shop": 80.0}
    write_step(warehouse_url, "warehouse", "dbt build", (7, 7, 0), source_quality=quality)
    write_step(warehouse_url, "marts", "build", (80, 80, 0))
    write_step(warehouse_url, "marts", "publish", (0, 80, 0))
    ledger.close_run(warehouse_url, NIGHT.run_id, failed=False)
    ledger.open_run(warehouse_url, ACTIVATION, ledger.ACTIVATION)
    write_step(warehouse_url, "activation", "plan", (30, 10, 20))
    write_step(
        warehouse_url,
        "activation",
        "files: at_risk",
        (30, 10, 20),
        segment="at_risk",
        eligible=30,
        sent=10,
        sent_new=3,
        withheld={"no_consent": 15, "unsubscribed": 5},
        file="2026-11-21/at_risk.csv",
    )
    ledger.close_run(warehouse_url, ACTIVATION.run_id, failed=False)
    return Settings(url=warehouse_url, state_dir=tmp_path)


def summary_of(settings: Settings, cause: str | None = None) -> Summary:
    return summarise(settings, NIGHT, {"nightly and activation": 12.34, "total": 20.0}, {"files": "/exports"}, cause)


def test_a_stage_is_the_sum_of_its_steps_without_its_check(night_that_ran: Settings) -> None:
    stages = {stage.stage: stage for stage in summary_of(night_that_ran).stages}

    assert list(stages) == ["extract", "standardise", "identity", "warehouse", "marts", "activation"]
    extract = stages["extract"]
    assert (extract.rows_in, extract.rows_out, extract.rows_rejected) == (150, 140, 4)


def test_steps_that_count_the_same_rows_again_are_not_added_up(night_that_ran: Settings) -> None:
    stages = {stage.stage: stage for stage in summary_of(night_that_ran).stages}

    assert (stages["marts"].rows_in, stages["marts"].rows_out) == (80, 80)
    activation = stages["activation"]
    assert activation.rows_in == activation.rows_out + activation.rows_rejected == 30


def test_duplicates_merged_are_the_records_that_became_no_customer_of_their_own(night_that_ran: Settings) -> None:
    summary = summary_of(night_that_ran)

    assert (summary.records, summary.customers, summary.duplicates_merged) == (130, 80, 50)


def test_each_segment_is_eligible_sent_and_withheld_with_its_reasons(night_that_ran: Settings) -> None:
    (segment,) = summary_of(night_that_ran).segments

    assert (segment.segment, segment.destination) == ("at_risk", "files")
    assert (segment.eligible, segment.sent, segment.sent_new, segment.withheld) == (30, 10, 3, 20)
    assert sum(segment.reasons.values()) == segment.withheld


def test_a_good_night_is_called_one(night_that_ran: Settings) -> None:
    summary = summary_of(night_that_ran)

    assert (summary.status, summary.cause, summary.degraded, summary.failed_checks) == ("succeeded", None, [], [])


def test_a_night_without_one_of_its_sources_is_degraded_and_says_which(night_that_ran: Settings) -> None:
    with ledger.step(night_that_ran.url, NIGHT, "extract", "desk") as step:
        step.degraded = "desk could not be read; the night goes on with what it had"
    ledger.close_run(night_that_ran.url, NIGHT.run_id, failed=False)

    summary = summary_of(night_that_ran)

    assert summary.status == "degraded"
    assert summary.degraded == ["desk could not be read; the night goes on with what it had"]


def test_a_failed_command_is_a_failed_night_with_its_cause(night_that_ran: Settings) -> None:
    summary = summary_of(night_that_ran, "the scheduler is gone")

    assert (summary.status, summary.cause) == ("failed", "the scheduler is gone")


def test_the_activation_of_an_earlier_run_of_the_night_is_not_shown_as_this_ones(night_that_ran: Settings) -> None:
    ledger.open_run(night_that_ran.url, NIGHT)
    ledger.close_run(night_that_ran.url, NIGHT.run_id, failed=True, message="a check failed")

    summary = summary_of(night_that_ran)

    assert (summary.status, summary.cause) == ("failed", "a check failed")
    assert (summary.segments, summary.stages) == ([], [])


def test_a_night_that_never_began_is_a_failed_one(warehouse_url: str) -> None:
    assert summary_of(Settings(url=warehouse_url)).status == "failed"


def test_failed_checks_are_listed_with_what_to_do(night_that_ran: Settings) -> None:
    add_check(night_that_ran, "warn", passed=False, name="phones_are_filled")
    add_check(night_that_ran, "critical", passed=True, name="keys_are_unique")

    (check,) = summary_of(night_that_ran).failed_checks

    assert (check["check"], check["severity"], check["what_to_do"]) == ("phones_are_filled", "warn", "look")


def test_the_json_is_the_summary_word_for_word(night_that_ran: Settings) -> None:
    summary = summary_of(night_that_ran)

    read = json.loads(json.dumps(summary.as_dict(), default=str))

    assert read["night"] == "2026-11-21"
    assert read["as_of"] == "2026-11-21T16:00:00+00:00"
    assert read["seconds"] == {"nightly and activation": 12.3, "total": 20.0}
    assert [stage["stage"] for stage in read["stages"]] == [stage.stage for stage in summary.stages]


def test_the_terminal_shows_counts_places_and_times(night_that_ran: Settings) -> None:
    console = Console(file=io.StringIO(), width=140)

    print_summary(summary_of(night_that_ran), console)

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "130 customer records are 80 customers: 50 duplicates merged." in shown
    assert "Data quality of 100: shop 80.0, tills 61.2." in shown
    assert re.search(r"at_risk\s+files\s+30\s+10\s+3\s+20\s+no_consent 15, unsubscribed 5", shown)
    assert "/exports" in shown
    assert "nightly and activation 12.3 s" in shown


def test_the_page_escapes_all_that_it_shows_and_loads_nothing(night_that_ran: Settings) -> None:
    add_check(night_that_ran, "warn", passed=False, name=HOSTILE)
    with ledger.step(night_that_ran.url, NIGHT, "extract", HOSTILE) as step:
        step.degraded = HOSTILE

    page = render(summary_of(night_that_ran, HOSTILE))

    assert HOSTILE not in page
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4
    assert not re.search(r"(src|href|url)\s*[=(]", page)


def test_plain_progress_says_each_change_once_and_nothing_of_an_earlier_run(night_that_ran: Settings) -> None:
    url = night_that_ran.url
    with connect(url) as connection:
        row = connection.execute("select max(step_id) from ops.steps").fetchone()
    assert row
    console = Console(file=io.StringIO(), width=60)
    progress = Progress(url, [NIGHT.run_id], console, after_step=row[0])

    with progress.shown():
        progress.update()
        with ledger.step(url, NIGHT, "extract", "desk") as step:
            progress.update()
            progress.update()
            step.rows_in = step.rows_out = 1200
        progress.update()

    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "extract / desk: running"
    assert lines[1].startswith("extract / desk: succeeded; 1,200 in, 1,200 out, 0 rejected; ")
    assert len(lines) == 2


def test_a_terminal_gets_a_table_instead(night_that_ran: Settings) -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True)

    with Progress(night_that_ran.url, [NIGHT.run_id], console).shown() as progress:
        progress.update()

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "rows/s" in shown
    assert "resolve" in shown


def test_rejects_and_conservation_are_told_in_one_line_each(night_that_ran: Settings) -> None:
    assert "Rejects" not in shown(night_that_ran)
    assert "Conservation" not in shown(night_that_ran)
    write_step(night_that_ran.url, "standardise", "rejects", (0, 0, 0), open=1_200, rows=7, new=3, resolved=2)
    good = [Balance("shop", "orders", "rows", 5, {"standardised": 4, "rejected": 1})]
    hold(night_that_ran.url, NIGHT, "standardise", good, "Look.")

    text = shown(night_that_ran)

    assert "Rejects: 1,200 stand (7 cost a row), 3 of them new; 2 resolved." in text
    assert "Conservation: 1 figures of rows and money at standardise; all are equal on both sides." in text
    with pytest.raises(ledger.StageError, match=r"shop orders amount: 5\.10 came and are 5\.09 in the warehouse\."):
        bad = Balance("shop", "orders", "amount", Decimal("5.10"), {"in the warehouse": Decimal("5.09")})
        hold(night_that_ran.url, NIGHT, "warehouse", [*good, bad], "Look.")
    assert "Conservation: 3 figures of rows and money at standardise, warehouse; they differ: 1 at warehouse" in (
        shown(night_that_ran)
    )
    page = render(summary_of(night_that_ran))
    assert "3 figures of rows and money" in page
    assert "1,200 stand" in page


def shown(settings: Settings) -> str:
    """The summary as a terminal without a width shows it."""
    written = io.StringIO()
    print_summary(summary_of(settings), Console(file=written, width=400))
    return written.getvalue()


def add_check(settings: Settings, severity: str, *, passed: bool, name: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(
            "insert into ops.checks (run_id, stage, table_name, check_name, severity, status, why, what_to_do)"
            " values (%s, 'standardise', 'customers', %s, %s, %s, 'because', 'look')",
            (NIGHT.run_id, name, severity, "passed" if passed else "failed"),
        )
