"""What a preview says of the marts is what the marts say once the records have moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from typer.testing import CliRunner

from customer_warehouse.activation.segments import load_segments
from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.identity import commands
from customer_warehouse.identity.effects import Marts, Standing, Standings
from customer_warehouse.identity.lookup import reading
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.identity.stage import SCHEMA
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import build_and_publish, copy_of_small_brand, open_run, rows
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow

MOVED = [
    (RecordKey("shop", "c6"), "E"),  # a denial joins a grant of the same address
    (RecordKey("till", "m3"), "A"),  # money goes to another customer
    (RecordKey("desk", "d2"), "H"),  # and a denial goes away from a grant
    (RecordKey("desk", "d1"), "I"),
]


@pytest.fixture(scope="module")
def settings(server: Server) -> Iterator[Settings]:
    with copy_of_small_brand(server) as settings:
        yield settings


@pytest.fixture(scope="module")
def marts(settings: Settings) -> Marts:
    return Marts(dbt_runner.compiled(settings, NIGHT))


def standings(settings: Settings, marts: Marts, changed: list[tuple[RecordKey, str]]) -> Standings:
    with reading(settings.url) as connection:
        return marts.standings(connection, changed)


def built(settings: Settings) -> Standings:
    """What the published marts and the segments say."""
    segments: dict[str, set[str]] = {}
    for name in (segment.name for segment in load_segments(settings.dbt_project_dir)):
        for (customer,) in rows(settings.url, f"select customer_id from activation.segment_{name}"):
            segments.setdefault(customer, set()).add(name)
    for customer, segment in rows(settings.url, "select customer_id, rfm_segment from marts.customer_rfm"):
        segments.setdefault(customer, set()).add(f"RFM {segment}")
    return {
        customer: Standing(
            revenue,
            "granted, no address" if email == "granted" and address is None else email,
            "granted, no number" if sms == "granted" and number is None else sms,
            frozenset(segments[customer]),
        )
        for customer, revenue, email, address, sms, number in rows(
            settings.url,
            "select customer_id, net_revenue, email_consent, email_opted_in, sms_consent, phone_opted_in"
            " from marts.customer_360",
        )
    }


def test_nothing_that_the_query_reads_is_missing(settings: Settings, marts: Marts) -> None:
    with reading(settings.url) as connection:
        assert marts.missing(connection) == []


def test_every_segment_is_asked(marts: Marts, settings: Settings) -> None:
    folder = settings.dbt_project_dir / "models" / "segments"

    assert marts.segments == sorted(file.stem for file in folder.glob("segment_*.sql"))


def test_a_connection_that_looks_ahead_cannot_write(settings: Settings) -> None:
    with reading(settings.url) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("delete from identity.customers")


def test_a_preview_and_a_customer_tell_of_the_marts(settings: Settings) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))
        connection.execute("insert into identity.state (as_of, policy) values (%s, 'none')", (NIGHT.as_of,))
        connection.execute(
            "insert into identity.changes (source, source_key, since, customer_id, kind, cause)"
            " select source, source_key, '2026-11-01', customer_id, 'new', 'new_record' from identity.customer_records"
        )

    def told(*words: str) -> str:
        result = CliRunner().invoke(commands.app, words, obj=lambda: settings)
        assert result.exit_code == 0, repr(result.exception)
        return result.output

    # The small brand's customers were decreed; by the rules A's three records are three people, and B's are two or one.
    seen = json.loads(told("preview", "--json"))
    assert seen["customers"]["split"] > 0
    assert seen["revenue"]["before"] == seen["revenue"]["after"]
    assert Decimal(seen["revenue"]["moved"]) > 0
    assert sum(change["before"] for name, change in seen["segments"].items() if name.startswith("RFM")) == 7
    assert "net revenue would move" in told("preview")

    shown = told("show", "A")
    assert "Contact points" in shown
    assert "a@example.com" not in shown
    assert "a@example.com" in told("show", "A", "--unmasked")


def test_what_is_foreseen_is_what_the_marts_say_afterwards(settings: Settings, marts: Marts) -> None:
    now = standings(settings, marts, [])
    foreseen = standings(settings, marts, MOVED)

    with connect(settings.url) as connection:
        for record, customer in MOVED:
            command = "update identity.customer_records set customer_id = %s where source = %s and source_key = %s"
            connection.execute(command, (customer, *record))
        connection.execute(
            statement(
                "create temp table kept as select customer_id, first_seen_as_of from identity.customers;"
                "delete from identity.customers;"
                "insert into identity.customers (customer_id, first_seen_as_of, records)"
                " select r.customer_id, coalesce(min(k.first_seen_as_of), '2026-11-21 16:00+00'), count(*)"
                " from identity.customer_records as r left join kept as k using (customer_id) group by 1"
            )
        )
    open_run(settings.url, NIGHT)
    build_and_publish(settings, NIGHT)
    with ledger.step(settings.url, NIGHT, "activation", "segments") as step:
        dbt_runner.build(settings, NIGHT, "activation", ["path:models/segments"], step)

    assert foreseen == built(settings)
    assert foreseen != now
    assert set(foreseen) == {"A", "B", "C", "D", "E", "G", "H", "I"}
    assert sum(s.net_revenue for s in now.values()) == sum(s.net_revenue for s in foreseen.values())
    assert foreseen["E"].email == "denied"
