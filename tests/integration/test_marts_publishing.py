"""Publishing by pointer: readers see one whole batch, never wait, and never see a night that failed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from customer_warehouse import marts
from customer_warehouse.bench import publishing
from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import (
    MARTS,
    NEXT,
    build_and_publish,
    build_copy,
    columns,
    contents,
    copy_of_small_brand,
    open_run,
    rows,
    unchecked,
)
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(server: Server) -> Iterator[Settings]:
    """The small brand's warehouse after its first night, copied for one test."""
    with copy_of_small_brand(server) as settings:
        yield unchecked(settings)


def changed_project(settings: Settings, folder: Path) -> Settings:
    """The same settings with a copy of the dbt project that a test may change."""
    shutil.copytree(settings.dbt_project_dir, folder / "project")
    return settings.model_copy(update={"dbt_project_dir": folder / "project", "state_dir": folder})


def test_the_same_night_again_gives_the_same_marts(settings: Settings) -> None:
    before = contents(settings.url)

    open_run(settings.url, NIGHT)
    batch_id = build_and_publish(settings, NIGHT)

    assert rows(settings.url, "select batch_id from ops.published") == [(batch_id,)]
    assert contents(settings.url) == before
    assert all(before[mart] for mart in ("customer_360", "customer_rfm", "sales_summary", "dictionary", "freshness"))


def test_a_build_that_fails_a_test_changes_nothing_readers_see(settings: Settings, tmp_path: Path) -> None:
    before = contents(settings.url)
    broken = changed_project(settings, tmp_path)
    (broken.dbt_project_dir / "tests" / "assert_nobody_is_a_prospect.sql").write_text(
        "select customer_id from {{ ref('customer_rfm') }} where rfm_segment = 'Prospect'"
    )
    open_run(settings.url, NEXT)

    with pytest.raises(StageError, match=r"assert_nobody_is_a_prospect \(\d+ rows\)"):
        marts.build(broken, NEXT)
    with pytest.raises(StageError, match="no finished batch"):
        marts.publish(broken, NEXT)

    assert contents(settings.url) == before


def test_an_error_of_the_database_is_named_without_the_value_it_quotes(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = changed_project(settings, tmp_path)
    model = broken.dbt_project_dir / "models" / "marts" / "published" / "customer_rfm.sql"
    model.write_text(
        model.read_text().replace(
            "rfm_values.frequency,", "cast(rfm_values.customer_id || '@x.com' as bigint) as frequency,"
        )
    )
    open_run(settings.url, NEXT)

    with pytest.raises(StageError) as caught:
        marts.build(broken, NEXT)

    said = str(caught.value) + "".join(capfd.readouterr()) + str(rows(settings.url, "select * from ops.steps"))
    assert "customer_rfm (Database Error in model customer_rfm" in str(caught.value)
    assert "invalid input syntax for type bigint" in str(caught.value)
    assert "@x.com" not in said


def test_publishing_waits_for_no_reader_and_no_reader_for_it(settings: Settings) -> None:
    open_run(settings.url, NEXT)
    build_copy(settings, NEXT)

    with psycopg.connect(settings.url) as idle:
        seen = idle.execute("select distinct data_as_of from marts.customer_360").fetchall()
        started = time.monotonic()
        marts.publish(settings, NEXT)
        took = time.monotonic() - started

    assert seen == [(NIGHT.as_of,)]
    assert took < 2
    assert rows(settings.url, "select distinct data_as_of from marts.customer_360") == [(NEXT.as_of,)]


def test_no_reader_ever_sees_two_nights_at_once(settings: Settings) -> None:
    open_run(settings.url, NIGHT)
    batches = [(build_copy(settings, night), night) for night in (NIGHT, NEXT)]

    seen = publishing.flip(settings.url, batches, "A", reads=6_000, flips=150, readers=4)

    assert (seen.errors, seen.mixed, seen.idle_reader_saw) == ([], 0, 1)
    assert seen.reads >= 6_000
    assert seen.flips >= 150
    assert seen.marts >= 8
    assert seen.longest_flip < 2


def test_a_view_that_stays_behind_would_be_seen(settings: Settings) -> None:
    open_run(settings.url, NIGHT)
    batches = [(build_copy(settings, night), night) for night in (NIGHT, NEXT)]
    with connect(settings.url) as connection:
        listed = columns(settings, "customer_rfm")
        connection.execute(
            statement(
                f"create or replace view marts.customer_rfm as select {listed} from marts_store.customer_rfm"
                f" where batch_id = {batches[0][0]}"
            )
        )

    seen = publishing.flip(settings.url, batches, "A", reads=500, flips=20, readers=2)

    assert seen.mixed > 0


def test_one_customer_of_one_batch_is_found_by_an_index(settings: Settings) -> None:
    found = rows(
        settings.url, "select tablename, indexdef from pg_indexes where schemaname = 'marts_store' order by tablename"
    )

    assert {table for table, _ in found} == set(MARTS)
    assert [definition for table, definition in found if table == "customer_360"] == [
        "CREATE UNIQUE INDEX customer_360_pkey ON marts_store.customer_360 USING btree (batch_id, customer_id)"
    ]


def test_every_stored_mart_has_its_primary_key(settings: Settings) -> None:
    found = rows(
        settings.url,
        "select conrelid::regclass::text from pg_constraint"
        " where contype = 'p' and connamespace = 'marts_store'::regnamespace",
    )

    assert sorted(found) == [(f"marts_store.{mart}",) for mart in MARTS]


def test_publishing_twice_is_publishing_once(settings: Settings) -> None:
    before = rows(settings.url, "select batch_id, run_id from ops.publications")

    marts.publish(settings, NIGHT)

    assert rows(settings.url, "select batch_id, run_id from ops.publications") == before


def test_a_batch_with_a_failed_critical_check_is_not_published(settings: Settings) -> None:
    open_run(settings.url, NEXT)
    build_copy(settings, NEXT)
    with connect(settings.url) as connection:
        connection.execute(
            "insert into ops.checks (run_id, stage, table_name, check_name, severity, status, why, what_to_do) values"
            " (%(run)s, 'marts', 't', 'warned', 'warn', 'failed', '', ''),"
            " (%(run)s, 'marts', 't', 'refused', 'critical', 'failed', '', '')",
            {"run": NEXT.run_id},
        )

    with pytest.raises(StageError, match=r"marts / refused"):
        marts.publish(settings, NEXT)

    assert rows(settings.url, "select run_id from ops.published") == [(NIGHT.run_id,)]


def test_only_the_last_publications_are_kept_and_nothing_that_was_never_published(settings: Settings) -> None:
    first = rows(settings.url, "select batch_id from ops.published")[0][0]
    published = []
    for day in range(3):
        night = replace(NEXT, run_id=f"night__{day}")
        open_run(settings.url, night)
        build_copy(settings, night)
        published.append(build_copy(settings, night))
        marts.publish(settings.model_copy(update={"kept_nights": 2}), night)

    kept = rows(settings.url, "select distinct batch_id from marts_store.customer_360 order by 1")

    assert [batch for (batch,) in kept] == published[-2:]
    assert first not in published[-2:]


def build_rfm(settings: Settings) -> None:
    """Build customer_rfm alone, under the published batch's number."""
    batch_id = rows(settings.url, "select batch_id from ops.published")[0][0]
    with ledger.step(settings.url, NIGHT, "marts", "customer_rfm") as step:
        dbt_runner.build(settings, NIGHT, "marts", ["customer_rfm"], step, {"batch_id": batch_id})


def test_a_night_leaves_the_project_folder_as_it_was(settings: Settings, tmp_path: Path) -> None:
    project = changed_project(settings, tmp_path)
    before = sorted(project.dbt_project_dir.rglob("*"))

    build_rfm(project)

    assert sorted(project.dbt_project_dir.rglob("*")) == before
