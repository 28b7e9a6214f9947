"""The drift matrix: every kind of drift and every action; first nights, small days, and the three kinds of sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from customer_warehouse.database import connect
from customer_warehouse.demo.service_desk import SCHEMA
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.extract import stage
from customer_warehouse.extract.declaration import load_source
from customer_warehouse.extract.landing import Landing
from customer_warehouse.extract.readers.rest_api import page_of
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from integration.sources import SOURCES, csv_bytes, extracted, last_step, night, only, value, values

ROWS = 120
FEW = 3
"""Rows of a delivery that are concerned, where not all are."""
COLUMNS = ["id", "amount", "status", "note", "sold_at"]
Row = dict[str, str]


def delivery(**changes: str) -> list[Row]:
    """A usual day's rows, with `changes` made to the first few."""
    rows = [
        {"id": str(n), "amount": f"{n}.50", "status": "ab"[n % 2], "note": f"no. {n}", "sold_at": "2026-11-20 10:00"}
        for n in range(ROWS)
    ]
    return [row | changes if n < FEW else row for n, row in enumerate(rows)]


def renamed(column: str, to: str | None) -> list[Row]:
    return [
        {to if name == column and to else name: text for name, text in row.items() if name != column or to}
        for row in delivery()
    ]


DRIFTS: dict[str, tuple[str, list[Row], int]] = {
    "added": ("till", [row | {"till": "7"} for row in delivery()], ROWS),
    "dropped": ("note", renamed("note", None), ROWS),
    "renamed": ("note", renamed("note", "remark"), ROWS),
    "widened": ("amount", delivery(amount="about ten"), FEW),
    "narrowed": ("amount", [row | {"amount": "12"} for row in delivery()], ROWS),
    "newly_null": ("note", delivery(note=""), FEW),
    "new_enum_value": ("status", delivery(status="z"), FEW),
    "newly_nested": ("note", delivery(note='{"text": "x"}'), FEW),
}
"""Kind: the column that drifts, the delivery in which it does, and how many rows that concerns."""
ACTIONS = ("accept", "reject_rows", "stop_entity", "stop_night")


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[str]:
    """The address of a warehouse that all cases share; each has a source of its own in it."""
    name = f"warehouse_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    yield server.url(name)
    server.drop_database(name)


def declare(folder: Path, source: str, drift: dict[str, str], columns: Any = None) -> Path:
    """Declare a source of two lists, `sales` with a contract and `stores` without."""
    entity = {"read": {"path": "{date}/sales.csv"}, "key": ["id"], "overlap": "P3D", "drift": drift}
    entity["columns"] = columns or {
        "id": "integer",
        "amount": "decimal",
        "status": {"enum": ["a", "b"]},
        "note": None,
        "sold_at": "timestamp",
    }
    declared = {
        "source": source,
        "kind": "files",
        "description": "Sales.",
        "time_zone": "Asia/Taipei",
        "currency": "TWD",
        "connection": {"url": str(folder / "drop")},
        "entities": {
            "sales": entity,
            "stores": {"read": {"path": "{date}/stores.csv"}, "key": ["id"], "columns": ["id"]},
        },
    }
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / f"{source}.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    return sources


def deliver(folder: Path, day: int, rows: list[Row]) -> None:
    """Put both lists of a day into the drop folder."""
    drop = folder / "drop" / f"2026-11-{day}"
    drop.mkdir(parents=True, exist_ok=True)
    (drop / "sales.csv").write_bytes(csv_bytes(list(rows[0]), (row.values() for row in rows)))
    (drop / "stores.csv").write_bytes(csv_bytes(["id"], [(f"{day}",)]))


def drifts(url: str, source: str) -> list[tuple[str, ...]]:
    with connect(url) as connection:
        return connection.execute(
            "select column_name, kind, action, rows from ops.drift where source = %s and last_seen_as_of = %s",
            (source, night(21).as_of),
        ).fetchall()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("kind", DRIFTS)
def test_every_drift_is_reported_and_its_action_taken(shared: str, tmp_path: Path, kind: str, action: str) -> None:
    column, drifted, concerned = DRIFTS[kind]
    source = f"{kind}_{action}"
    settings = Settings(url=shared, sources_dir=declare(tmp_path, source, {kind: action}))
    deliver(tmp_path, 20, delivery())
    assert extracted(settings, night(20), source)["landed"] == ROWS + 1
    deliver(tmp_path, 21, [row | {"id": f"{int(row['id']) + 1_000}"} for row in drifted])

    if action == "stop_night":
        with pytest.raises(StageError, match=rf"sales: column {column}: {kind.replace('_', ' ')}.*run the night again"):
            extracted(settings, night(21), source)
        step = last_step(settings, night(21))
    else:
        step = extracted(settings, night(21), source)

    assert drifts(shared, source) == [(column, kind, action, concerned)]
    lost = {"accept": 0, "reject_rows": concerned}.get(action, ROWS)
    landed = f"select count(*) from raw.{source}__sales where id::int >= 1000"
    assert value(settings, landed) == ROWS - lost
    assert value(settings, f"select count(*) from raw.{source}__stores") == 2, "what is not concerned goes on"
    status = {"accept": "succeeded", "reject_rows": "succeeded", "stop_entity": "degraded", "stop_night": "failed"}
    assert step["status"] == status[action]
    assert step["read"] == step["landed"] + step["duplicate"] + step["isolated"]
    isolated = f"select reason || ' ' || rows from ops.isolated where source = '{source}'"
    assert values(settings, isolated) == ([f"{kind}: {column} {concerned}"] if action == "reject_rows" else [])


def test_a_rename_names_both_columns_and_a_file_that_was_refused_for_it_is_read_once_it_is_declared(
    warehouse_url: str, tmp_path: Path
) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}))
    deliver(tmp_path, 20, delivery())
    extracted(settings, night(20), "till")
    deliver(tmp_path, 21, [row | {"id": f"x{row['id']}"} for row in renamed("note", "remark")])

    assert extracted(settings, night(21), "till")["isolated"] == ROWS
    assert value(settings, "select detail from ops.drift where kind = 'renamed'") == (
        "suspected: 'remark' came in its place"
    )
    assert values(settings, "select reason from ops.files where status = 'isolated'") == ["renamed: note"]

    declare(tmp_path, "till", {"dropped": "accept"}, [*COLUMNS, "remark"])

    assert extracted(settings, night(21), "till")["landed"] == ROWS


def test_the_first_night_knows_no_habits_but_the_contract(warehouse_url: str, tmp_path: Path) -> None:
    columns = {
        "id": None,
        "amount": "decimal",
        "status": {"required": True},
        "note": None,
        "sold_at": None,
        "never": None,
    }
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}, columns))
    deliver(tmp_path, 20, [row | {"note": ""} for row in delivery(status="", amount="ten")])

    step = extracted(settings, night(20), "till")

    assert (step["landed"], step["isolated"]) == (ROWS + 1 - FEW, FEW)
    assert values(settings, "select column_name || ' ' || kind || ' ' || action from ops.drift order by 1") == [
        "amount widened accept",
        "never dropped accept",
        "status newly_null reject_rows",
    ]


def test_a_short_list_of_names_has_no_types_but_habits(warehouse_url: str, tmp_path: Path) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}, COLUMNS))
    for day, rows in ((20, delivery()), (21, delivery(amount="ten", note="", sold_at='["10:00"]'))):
        deliver(tmp_path, day, rows)
        extracted(settings, night(day), "till")

    assert values(settings, "select column_name || ': ' || detail from ops.drift order by 1") == [
        "amount: decimal to text",
        "note: it never came without a value",
        "sold_at: a list or object instead of timestamp",
    ]
    assert value(settings, "select sum(rows) from ops.profiles where column_name = 'note'") == 2 * ROWS


def test_a_day_too_small_to_tell_is_no_drift(warehouse_url: str, tmp_path: Path) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}))
    deliver(tmp_path, 20, [row | {"amount": "1.5" if n % 2 else "1"} for n, row in enumerate(delivery())])
    extracted(settings, night(20), "till")
    deliver(tmp_path, 21, [row | {"amount": "2"} for row in delivery()[:10]])

    extracted(settings, night(21), "till")

    assert values(settings, "select kind from ops.drift") == []


def test_the_same_night_again_says_the_same(warehouse_url: str, tmp_path: Path) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {"dropped": "stop_entity"}))
    deliver(tmp_path, 20, delivery())
    extracted(settings, night(20), "till")
    deliver(tmp_path, 21, renamed("note", None))

    first = extracted(settings, night(21), "till")
    again = extracted(settings, night(21), "till")

    assert first["status"] == again["status"] == "degraded"
    assert first["message"] == again["message"]


def test_rows_that_are_refused_are_not_taken_for_deleted_lines(warehouse_url: str, tmp_path: Path) -> None:
    sources = declare(tmp_path, "till", {"widened": "reject_rows"})
    file = sources / "till.yml"
    file.write_text(file.read_text().replace("key:\n    - id", "key:\n    - _file\n    - _line", 1))
    settings = Settings(url=warehouse_url, sources_dir=sources)
    deliver(tmp_path, 20, delivery())
    extracted(settings, night(20), "till")
    deliver(tmp_path, 20, delivery(amount="ten")[:-1])
    (tmp_path / "drop/2026-11-21").mkdir()
    (tmp_path / "drop/2026-11-21/stores.csv").write_bytes(b"id\n21\n")

    step = extracted(settings, night(21), "till")

    assert (step["isolated"], step["detail"]["sales"]["deleted"]) == (FEW, 1)


def test_a_column_that_is_declared_later_has_its_earlier_values_and_makes_no_new_versions(
    warehouse_url: str, tmp_path: Path
) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}))
    rows = [row | {"till": "7", "clerk": '王 "小" 明'} for row in delivery()] + [
        delivery()[0] | {"id": "900", "till": ""}
    ]
    rows[-1]["clerk"] = ""
    deliver(tmp_path, 20, rows)
    extracted(settings, night(20), "till")
    before = value(settings, "select md5(string_agg(_key || _row_hash, '' order by _key)) from raw.till__sales")

    declare(tmp_path, "till", {}, [*COLUMNS, "till", "clerk"])
    deliver(tmp_path, 21, rows)
    step = extracted(settings, night(21), "till")

    assert value(settings, "select count(*) from raw.till__sales where till = '7' and _extra is null") == ROWS
    assert set(values(settings, "select distinct clerk from raw.till__sales")) == {'王 "小" 明', None}
    assert (step["landed"], step["duplicate"]) == (1, ROWS + 1), "only the list of stores is new"
    after = "select md5(string_agg(_key || _row_hash, '' order by _key)) from raw.till__sales"
    assert value(settings, after) != before, "the rows are as if the columns had always been declared"


@pytest.mark.parametrize("kind", ["dropped", "added", "newly_null", "newly_nested"])
def test_an_api_drifts_too(warehouse_url: str, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PLATFORM_URL", "http://shop")
    monkeypatch.setenv("SHOP_PLATFORM_TOKEN", "token")
    short = list(yaml.safe_load((SOURCES / "shop_platform.yml").read_text())["entities"]["customers"]["columns"])
    sources = only(tmp_path / "sources", "shop_platform", "customers", columns=short)
    source = load_source(sources, "shop_platform")
    entity = source.entities["customers"]
    usual = [
        {name: f"{name} {n}" for name in entity.columns} | {"updated_at": "2026-11-20T10:00:00+08:00", "tags": ["a"]}
        for n in range(ROWS)
    ]
    changed = {
        "dropped": [{name: text for name, text in row.items() if name != "email"} for row in usual],
        "added": [row | {"score": 3} for row in usual],
        "newly_null": [row | {"email": None} for row in usual],
        "newly_nested": [row | {"email": {"address": "x"}} for row in usual],
    }
    with connect(warehouse_url) as connection:
        for day, rows in ((20, usual), (21, changed[kind])):
            landing = Landing(connection, source, "customers", night(day), day)
            try:
                landing.land([page_of(rows, entity, "page 1")], None)
                found = landing.contract.drift
            except stage.ContractError as error:
                found = error.drift
                connection.rollback()
            connection.commit()

    column = "score" if kind == "added" else "email"
    assert [(item.column, item.kind) for item in found] == [(column, kind)]
    assert found[0].action == ("stop_entity" if kind == "dropped" else "accept")


def test_a_table_that_lost_a_column_is_a_source_that_cannot_be_read(
    server: Server, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = f"desk_{uuid4().hex}"
    server.create_database(desk)
    monkeypatch.setenv("SERVICE_DESK_URL", server.url(desk, "postgresql+psycopg2"))
    with connect(server.url(desk)) as connection:
        connection.execute(SCHEMA)
        connection.execute("insert into contacts select n, null, '王', 'a@b.tw', '09', '2026-11-19', '2026-11-20' "
                           "from generate_series(1, 9) as n")  # fmt: skip
    settings = Settings(url=warehouse_url, sources_dir=only(tmp_path / "sources", "service_desk", "contacts"))
    extracted(settings, night(20), "service_desk")
    with connect(server.url(desk)) as connection:
        connection.execute("alter table contacts drop column email, add column mail text, add column tags jsonb")
        connection.execute("update contacts set updated_at = '2026-11-21 10:00+08', tags = '[1]'")

    step = extracted(settings, night(21), "service_desk")

    assert step["status"] == "degraded"
    assert "column email: renamed, suspected: 'mail' came in its place" in step["message"]
    assert values(settings, "select column_name || ' ' || kind from ops.drift order by 1") == [
        "email renamed",
        "tags added",
    ]
    server.drop_database(desk)


def test_a_ledger_from_before_contracts_is_brought_up(database: str) -> None:
    ledger.prepare(database)
    with connect(database) as connection:
        connection.execute("drop table ops.drift")
        connection.execute("create table ops.drift (kind text)")
        connection.execute(
            "alter table ops.files drop column detail, drop column last_seen_as_of, drop column deliveries"
        )

    ledger.prepare(database)

    with connect(database) as connection:
        connection.execute("select detail, last_seen_as_of, deliveries from ops.files")
        connection.execute("select action, rows, detail from ops.drift")


PEOPLE = "王大明,0912345677,1990-05-05,teacher,Da-Ming Wang\n陳美玲,0922105873,1988-01-02,nurse,Mei-Ling Chen\n"


@pytest.mark.parametrize("key", ["id", "_line"])
@pytest.mark.parametrize("action", ["accept", "stop_entity", "stop_night"])
def test_a_first_row_in_the_place_of_the_header_is_told_nowhere(
    warehouse_url: str, tmp_path: Path, key: str, action: str
) -> None:
    drift = dict.fromkeys(("added", "renamed", "dropped"), action)
    sources = declare(tmp_path, "till", drift)
    if key == "_line":
        file = sources / "till.yml"
        file.write_text(file.read_text().replace("key:\n    - id", "key:\n    - _file\n    - _line", 1))
    settings = Settings(url=warehouse_url, sources_dir=sources)
    deliver(tmp_path, 20, delivery())
    extracted(settings, night(20), "till")
    deliver(tmp_path, 21, delivery())
    (tmp_path / "drop/2026-11-21/sales.csv").write_text(PEOPLE, encoding="utf-8")

    try:
        extracted(settings, night(21), "till")
        stopped = ""
    except StageError as error:
        stopped = str(error)

    tables = values(settings, "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'ops'")
    ledger_says = stopped + "".join(str(values(settings, f"select t::text from {name} as t")) for name in tables)
    assert "till" in ledger_says
    for cell in PEOPLE.replace("\n", ",").strip(",").split(","):
        assert cell not in ledger_says
    found = values(settings, "select column_name from ops.drift where kind = 'added' order by 1")
    if key == "id":
        assert values(settings, "select reason from ops.isolated") == ["key_column_missing"]
        assert (found, stopped) == ([], "")
    else:
        assert set(found) <= {f"column {n}" for n in range(1, 6)}
        assert bool(stopped) == (action == "stop_night")


def test_a_header_that_lacks_its_key_still_does_what_the_declaration_says(warehouse_url: str, tmp_path: Path) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {"dropped": "stop_night"}))
    deliver(tmp_path, 20, renamed("id", "number"))

    with pytest.raises(StageError, match="column id: dropped"):
        extracted(settings, night(20), "till")


def test_columns_beside_the_declared_ones_are_named_only_by_what_looks_like_a_name(
    warehouse_url: str, tmp_path: Path
) -> None:
    settings = Settings(url=warehouse_url, sources_dir=declare(tmp_path, "till", {}))
    more = dict.fromkeys(
        ["till no. 2", "備註", "0912345677", "1990-05-05", "a@example.com", "sales_2024", "x" * 50], "1"
    )
    deliver(tmp_path, 20, [row | more for row in delivery()])

    extracted(settings, night(20), "till")

    added = values(settings, "select column_name from ops.drift where kind = 'added'")
    assert sorted(added) == ["column 10", "column 11", "column 12", "column 8", "column 9", "till no. 2", "備註"]
