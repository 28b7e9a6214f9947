"""Going back to the night before: at once, noted, and without anything being sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from customer_warehouse import marts
from customer_warehouse.activation import stage as activation
from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.pipeline import activation_night
from customer_warehouse.publish import pointer
from customer_warehouse.publish.commands import app
from customer_warehouse.settings import Settings
from integration.dbt_warehouse import (
    MARTS,
    NEXT,
    build_copy,
    contents,
    copy_of_small_brand,
    open_run,
    rows,
    unchecked,
)
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """The small brand's warehouse after its first night, copied for one test."""
    with copy_of_small_brand(server) as settings:
        yield unchecked(settings).model_copy(update={"exports_dir": tmp_path / "exports"})


def publish_copy(settings: Settings, night: Night, keep: int = 7) -> int:
    open_run(settings.url, night)
    batch_id = build_copy(settings, night)
    marts.publish(settings.model_copy(update={"kept_nights": keep}), night)
    return batch_id


def days_after(days: int) -> Night:
    later = timedelta(days=days)
    return replace(NIGHT, date=NIGHT.date + later, as_of=NIGHT.as_of + later, run_id=f"night__{days}")


def shown(settings: Settings) -> tuple[int, str]:
    batch_id, night = rows(settings.url, "select batch_id, night::text from ops.published")[0]
    return batch_id, night


def test_readers_go_back_to_the_night_before_whole_and_at_once(settings: Settings) -> None:
    before = contents(settings.url)
    first = shown(settings)
    publish_copy(settings, NEXT)
    assert contents(settings.url) != before

    with psycopg.connect(settings.url) as idle:
        idle.execute("select count(*) from marts.customer_360")
        done = pointer.rollback(settings.url, "ann", "returns are counted twice")

    assert contents(settings.url) == before
    assert shown(settings) == first
    assert (done.back_to.night, done.back_from.night) == (NIGHT.date, NEXT.date)


def test_a_rollback_says_who_did_it_when_and_why(settings: Settings) -> None:
    second = publish_copy(settings, NEXT)

    pointer.rollback(settings.url, "ann", "returns are counted twice")

    noted = rows(
        settings.url,
        "select kind, from_batch_id, by_whom, why, published_at is not null from ops.publications"
        " order by publication_id desc limit 1",
    )
    assert noted == [("rollback", second, "ann", "returns are counted twice", True)]


def test_twice_back_is_two_nights_back_and_then_there_is_nothing(settings: Settings) -> None:
    for days in (1, 2):
        publish_copy(settings, days_after(days))

    nights = [pointer.rollback(settings.url, "ann", "bad").back_to.night for _ in range(2)]

    assert nights == [days_after(1).date, NIGHT.date]
    with pytest.raises(StageError, match="There is nothing of a night before"):
        pointer.rollback(settings.url, "ann", "bad")


def test_a_night_that_was_published_twice_goes_back_to_the_night_before_or_to_its_own_first_batch(
    settings: Settings,
) -> None:
    first = publish_copy(settings, NEXT)
    publish_copy(settings, NEXT)

    assert pointer.rollback(settings.url, "ann", "bad").back_to.night == NIGHT.date
    pointer.rollback(settings.url, "ann", "the first was good", batch_id=first)

    assert shown(settings) == (first, NEXT.date.isoformat())


def test_the_next_night_publishes_as_always_and_the_last_nights_are_kept(settings: Settings) -> None:
    published = [shown(settings)[0], publish_copy(settings, days_after(1))]
    pointer.rollback(settings.url, "ann", "bad")

    published += [publish_copy(settings, days_after(days), keep=3) for days in (2, 3)]

    assert shown(settings)[0] == published[-1]
    assert rows(settings.url, "select rolled_back_from from ops.published") == [(None,)]
    for mart in MARTS:
        stored = rows(settings.url, f"select distinct batch_id from marts_store.{mart} order by 1")
        assert [batch for (batch,) in stored] in (published[-3:], []), mart  # the small brand leaves some marts empty
    assert rows(settings.url, "select count(distinct batch_id) from marts_store.customer_360") == [(3,)]
    with connect(settings.url) as connection:
        assert [batch.batch_id for batch in pointer.kept(connection)] == published[:-4:-1]


def test_a_batch_that_is_kept_no_more_cannot_be_gone_back_to(settings: Settings) -> None:
    first = shown(settings)[0]
    for days in (1, 2):
        publish_copy(settings, days_after(days), keep=2)

    with pytest.raises(StageError, match=f"nothing of batch {first} to go back to; .* publish status"):
        pointer.rollback(settings.url, "ann", "bad", batch_id=first)


def test_deleting_old_nights_waits_for_no_reader_and_the_reader_keeps_its_night(settings: Settings) -> None:
    with psycopg.connect(settings.url) as idle:
        idle.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = idle.execute("select count(*), min(data_as_of) from marts.customer_360").fetchall()
        for days in (1, 2):
            publish_copy(settings, days_after(days), keep=1)
        gone = rows(settings.url, "select count(*) from marts_store.customer_360 where data_as_of = %s", NIGHT.as_of)

        assert idle.execute("select count(*), min(data_as_of) from marts.customer_360").fetchall() == before
    assert gone == [(0,)]


def test_nothing_is_sent_while_readers_see_a_night_by_a_rollback(settings: Settings) -> None:
    publish_copy(settings, NEXT)
    pointer.rollback(settings.url, "ann", "bad")
    night = activation_night(settings, NIGHT.date)
    open_run(settings.url, night)

    activation.send(settings, night)
    with pytest.raises(StageError, match="marts show the night"):
        activation.send(settings, activation_night(settings, NEXT.date))

    steps = rows(settings.url, "select step, status from ops.steps where run_id = %s", night.run_id)
    assert steps == [("rolled back", "degraded")]
    assert not list(settings.exports_dir.rglob("*.csv"))


def test_lists_are_not_sent_from_segments_of_another_batch(settings: Settings) -> None:
    open_run(settings.url, NIGHT)
    first = shown(settings)[0]
    activation.build_segments(settings, activation_night(settings, NIGHT.date))
    again = publish_copy(settings, NIGHT)

    with pytest.raises(StageError, match=f"built from batch {first} and the marts show batch {again}"):
        activation.send(settings, activation_night(settings, NIGHT.date))


def test_the_commands_say_what_is_published_and_what_was_done(settings: Settings) -> None:
    publish_copy(settings, NEXT)
    run = CliRunner()

    back = run.invoke(app, ["rollback", "--by", "ann", "--why", "bad prices"], obj=lambda: settings)
    status = run.invoke(app, ["status"], obj=lambda: settings)

    assert back.exit_code == status.exit_code == 0
    assert f"Readers see the night {NIGHT.date}" in back.output
    lines = status.output.splitlines()
    assert [line.split()[1] for line in lines[:2]] == [NEXT.date.isoformat(), NIGHT.date.isoformat()]
    assert lines[1].endswith("<- readers see this one")
    assert "by ann: bad prices" in lines[2]
    assert len(lines) == 3
