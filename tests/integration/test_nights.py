"""Whole nights of a small brand: one after another, the same one again, and an older one after newer ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.settings import Settings
from integration.nights import DAY, DAY_AFTER, DAY_BEFORE, Demo, demo, empty_warehouse, fingerprints, night

pytestmark = pytest.mark.slow


@dataclass
class Seen:
    """What could be seen after one run of a night."""

    status: str
    marts: dict[str, str]
    ids: dict[tuple[str, str], str]
    aliases: dict[str, str]
    lists: dict[str, tuple[int, int, int]]
    exports: dict[Path, tuple[bytes, int]] = field(repr=False)


def run(brand: Demo, settings: Settings, day: date) -> Seen:
    """Run the night of `day` and its activation, and look."""
    brand.show(day)
    status = pipeline.run_night(settings, night(day))
    pipeline.run_activation(settings, night(day))
    with connect(settings.url) as connection:
        records = connection.execute("select source, source_key, customer_id from identity.customer_records")
        ids = {(source, key): customer for source, key, customer in records.fetchall()}
        aliases = dict(connection.execute("select customer_id, survivor_id from identity.aliases").fetchall())
        lists = connection.execute(
            "select night || ' ' || segment || ' ' || channel, eligible, sent, withheld from activation.deliveries"
        ).fetchall()
    return Seen(
        status,
        fingerprints(settings, "marts"),
        ids,
        aliases,
        {name: (eligible, sent, withheld) for name, eligible, sent, withheld in lists},
        {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in settings.exports_dir.rglob("*.*")},
    )


@pytest.fixture(scope="module")
def story(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seen]]:
    """Three nights, the second one twice, and the first one once more at the end."""
    folder = tmp_path_factory.mktemp("nights")
    with demo(server, folder / "demo", 1_000) as brand, empty_warehouse(server, "nights", folder / "state") as settings:
        yield {
            "first": run(brand, settings, DAY_BEFORE),
            "second": run(brand, settings, DAY),
            "second again": run(brand, settings, DAY),
            "third": run(brand, settings, DAY_AFTER),
            "first again": run(brand, settings, DAY_BEFORE),
        }


def test_every_night_succeeds(story: dict[str, Seen]) -> None:
    assert {name: seen.status for name, seen in story.items()} == dict.fromkeys(story, "succeeded")


def test_the_same_night_again_changes_no_mart_and_sends_nothing(story: dict[str, Seen]) -> None:
    before, after = story["second"], story["second again"]

    assert after.marts == before.marts
    assert after.lists == before.lists
    assert after.exports == before.exports
    assert len(before.marts) >= 4


def test_every_list_adds_up_and_some_are_sent(story: dict[str, Seen]) -> None:
    lists = story["third"].lists

    assert all(eligible == sent + withheld for eligible, sent, withheld in lists.values())
    assert sum(sent for _, sent, _ in lists.values()) > 0


@pytest.mark.parametrize(("earlier", "later"), [("first", "second"), ("second again", "third")])
def test_a_customer_keeps_its_id_from_night_to_night(story: dict[str, Seen], earlier: str, later: str) -> None:
    before, after = story[earlier], story[later]
    kept = [record for record in before.ids if record in after.ids]
    moved = [record for record in kept if before.ids[record] != after.ids[record]]

    assert before.ids.keys() != after.ids.keys()
    # A record may only move with its whole customer into another one, and then its old id still resolves.
    assert all(after.aliases.get(before.ids[record]) == after.ids[record] for record in moved)
    assert len(moved) <= len(kept) // 50


def test_an_older_night_run_again_after_newer_ones_gives_what_it_gave(story: dict[str, Seen]) -> None:
    assert story["first again"].marts == story["first"].marts
    assert story["first"].marts != story["third"].marts
