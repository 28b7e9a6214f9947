"""The night as plain functions: its order, what a failure stops, and what the ledger says afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
SOURCES = ("shop", "tills")


class Line:
    """Stands in for the stages: each step is written down, and those of `broken` fail."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.done: list[str] = []
        self.broken: set[str] = set()

    def step(self, name: str) -> None:
        stage, _, step = name.partition("/")
        self.done.append(name)
        with ledger.step(self.settings.url, NIGHT, stage, step):
            if name in self.broken:
                raise ledger.StageError(f"{name} is broken; mend it")


@pytest.fixture
def line(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    for name in SOURCES:
        (tmp_path / f"{name}.yml").write_text("")
    line = Line(Settings(url=warehouse_url, sources_dir=tmp_path))
    monkeypatch.setattr(pipeline, "extract", lambda _s, _n, source: line.step(f"extract/{source}"))
    monkeypatch.setattr(pipeline, "check", lambda _s, _n, stage: line.step(f"{stage}/check"))
    for function, name in {
        "standardise": "standardise/run",
        "identity": "identity/run",
        "warehouse": "warehouse/build",
        "build_marts": "marts/build",
        "publish_marts": "marts/publish",
        "build_segments": "activation/build",
        "send": "activation/send",
    }.items():
        monkeypatch.setattr(pipeline, function, lambda _s, _n, name=name: line.step(name))
    return line


def status_of(settings: Settings, run_id: str) -> tuple[str, str | None]:
    with connect(settings.url) as connection:
        row = connection.execute("select status, message from ops.runs where run_id = %s", (run_id,)).fetchone()
    assert row
    return row[0], row[1]


def test_the_stages_follow_each_other_and_each_is_checked(line: Line) -> None:
    assert pipeline.run_night(line.settings, NIGHT) == "succeeded"

    assert line.done == [
        "extract/shop",
        "extract/tills",
        "extract/check",
        "standardise/run",
        "standardise/check",
        "identity/run",
        "identity/check",
        "warehouse/build",
        "warehouse/check",
        "marts/build",
        "marts/check",
        "marts/publish",
    ]


def test_a_broken_source_does_not_keep_the_others_from_being_read(line: Line) -> None:
    line.broken = {"extract/shop"}

    with pytest.raises(ledger.StageError, match="extract/shop is broken"):
        pipeline.run_night(line.settings, NIGHT)

    assert line.done == ["extract/shop", "extract/tills"]
    status, message = status_of(line.settings, NIGHT.run_id)
    assert status == "failed"
    assert "extract / shop: extract/shop is broken" in (message or "")


@pytest.mark.parametrize("stage", ["standardise", "identity", "warehouse", "marts"])
def test_a_failed_check_stops_the_night_before_anything_is_published(line: Line, stage: str) -> None:
    line.broken = {f"{stage}/check"}

    with pytest.raises(ledger.StageError):
        pipeline.run_night(line.settings, NIGHT)

    assert line.done[-1] == f"{stage}/check"
    assert "marts/publish" not in line.done


def test_a_night_that_was_mended_succeeds_under_the_same_run(line: Line) -> None:
    line.broken = {"identity/run"}
    with pytest.raises(ledger.StageError):
        pipeline.run_night(line.settings, NIGHT)
    line.broken = set()

    pipeline.run_night(line.settings, NIGHT)

    assert status_of(line.settings, NIGHT.run_id) == ("succeeded", None)


def test_the_activation_is_a_run_of_its_own(line: Line) -> None:
    assert pipeline.run_activation(line.settings, NIGHT) == "succeeded"

    assert line.done == ["activation/build", "activation/check", "activation/send"]
    assert status_of(line.settings, "activation__2026-11-21")[0] == "succeeded"


def test_nothing_is_sent_when_the_segments_fail_their_check(line: Line) -> None:
    line.broken = {"activation/check"}

    with pytest.raises(ledger.StageError):
        pipeline.run_activation(line.settings, NIGHT)

    assert "activation/send" not in line.done
    assert status_of(line.settings, "activation__2026-11-21")[0] == "failed"


def test_there_is_no_activation_before_the_first_night_is_published(warehouse_url: str) -> None:
    with pytest.raises(ledger.StageError, match="No night has been published yet"):
        pipeline.published_night(Settings(url=warehouse_url))


def test_the_activation_is_of_the_night_that_readers_see(warehouse_url: str) -> None:
    publish(warehouse_url, NIGHT)

    night = pipeline.published_night(Settings(url=warehouse_url))

    assert (night.date, night.as_of, night.run_id) == (NIGHT.date, NIGHT.as_of, "activation__2026-11-21")


@pytest.mark.parametrize("work", [pipeline.build_segments, pipeline.send], ids=["build", "send"])
def test_an_activation_stops_when_another_night_was_published_meanwhile(warehouse_url: str, work: object) -> None:
    settings = Settings(url=warehouse_url)
    publish(warehouse_url, night_of(date(2026, 11, 22), "Asia/Taipei"))

    with pytest.raises(ledger.StageError, match="show the night 2026-11-22 by now"):
        work(settings, pipeline.activation_night(settings, NIGHT.date))  # type: ignore[operator]


def publish(url: str, night: Night) -> None:
    with connect(url) as connection:
        connection.execute(
            "insert into ops.published (batch_id, run_id, night, as_of) values (1, %s, %s, %s)",
            (night.run_id, night.date, night.as_of),
        )
