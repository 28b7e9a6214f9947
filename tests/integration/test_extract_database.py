"""The service desk's database: windows, soft deletes, vanished rows, and the database that goes away."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.database import connect
from customer_warehouse.demo.service_desk import SCHEMA
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from integration.sources import extracted, night, only, value, values

CONTACTS = "raw.service_desk__contacts"
CASES = "raw.service_desk__cases"


@pytest.fixture
def desk(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a service desk database with three contacts and three cases."""
    name = f"desk_{uuid4().hex}"
    server.create_database(name)
    monkeypatch.setenv("SERVICE_DESK_URL", server.url(name, "postgresql+psycopg2"))
    with connect(server.url(name)) as connection:
        connection.execute(SCHEMA)
        for number in (1, 2, 3):
            connection.execute(
                "insert into contacts values (%s, null, '王小明', null, '0912345678', '2026-11-01', %s, null)",
                (number, f"2026-11-20 0{number}:00:00+08"),
            )
            connection.execute(
                "insert into cases values (%s, %s, 'complaint', 'open', 'phone', null, null, '2026-11-01', %s, null)",
                (number, number, f"2026-11-20 0{number}:00:00+08"),
            )
    return name


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    return Settings(url=warehouse_url, sources_dir=only(tmp_path / "sources", "service_desk", "contacts", "cases"))


def change(server: Server, desk: str, statement: str) -> None:
    with connect(server.url(desk)) as connection:
        connection.execute(statement.encode())


@pytest.mark.usefixtures("desk")
def test_a_table_lands_once(settings: Settings) -> None:
    first = extracted(settings, night(20), "service_desk")
    second = extracted(settings, night(20), "service_desk")

    assert (first["landed"], second["landed"], second["duplicate"]) == (6, 0, 6)


def test_a_changed_row_is_a_new_version_and_the_overlap_catches_a_late_one(
    settings: Settings, server: Server, desk: str
) -> None:
    extracted(settings, night(20), "service_desk")
    change(server, desk, "update contacts set phone = '0987654321', updated_at = '2026-11-21 10:00+08' where id = 1")
    change(
        server, desk, "insert into contacts values (4, null, '李四', null, null, '2026-11-20', '2026-11-20 23:00+08')"
    )

    step = extracted(settings, night(21), "service_desk")

    assert step["landed"] == 2
    assert values(settings, f"select phone from {CONTACTS} where id = '1' order by _seq") == [
        "0912345678",
        "0987654321",
    ]


def test_the_first_moment_of_the_next_day_belongs_to_the_next_night(
    settings: Settings, server: Server, desk: str
) -> None:
    change(server, desk, "update contacts set updated_at = '2026-11-21 00:00:00+08' where id = 3")

    extracted(settings, night(20), "service_desk")
    assert values(settings, f"select id from {CONTACTS} order by 1") == ["1", "2"]

    extracted(settings, night(21), "service_desk")
    assert values(settings, f"select id from {CONTACTS} order by 1") == ["1", "2", "3"]


def test_a_row_marked_as_deleted_and_one_that_vanished_are_deleted_in_raw(
    settings: Settings, server: Server, desk: str
) -> None:
    extracted(settings, night(20), "service_desk")
    change(server, desk, "update contacts set deleted_at = '2026-11-21', updated_at = '2026-11-21' where id = 2")
    change(server, desk, "delete from cases where id = 3")

    extracted(settings, night(21), "service_desk")

    assert values(settings, f"select id from {CONTACTS} where _deleted") == ["2"]
    assert values(settings, f"select _key from {CASES} where _deleted") == ["3"]


def test_a_database_that_went_away_degrades_the_night_and_then_stops_it(
    settings: Settings, server: Server, desk: str
) -> None:
    extracted(settings, night(20), "service_desk")
    server.drop_database(desk)

    step = extracted(settings, night(21), "service_desk")
    assert step["status"] == "degraded"
    assert "cannot be reached" in step["message"]

    with pytest.raises(StageError, match=r"contacts \(last good read up to 2026-11-20"):
        extracted(settings, night(25), "service_desk")


def test_a_table_that_lost_a_column_is_not_read(settings: Settings, server: Server, desk: str) -> None:
    change(server, desk, "alter table contacts drop column updated_at")

    with pytest.raises(StageError, match="contacts"):
        extracted(settings, night(20), "service_desk")
    assert value(settings, f"select count(*) from {CASES}") == 3
