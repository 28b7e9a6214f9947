"""The standardise stage over landed rows: what is rejected, what survives, and that nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import stage
from customer_warehouse.standardise.processes import Processes
from integration.dbt_warehouse import project_with_rates
from integration.nights import fingerprints
from integration.sources import deliver, extracted, last_step, night, only, tickets, value, values

FIRST = tickets(
    ("T1", "2026-11-20 10:00:00", "100"),
    ("T2", "2026-11-20 11:00:00", "-1"),
    ("T3", "not a time", "300"),
    ("T4", "2026-11-20 12:00:00", ""),
)
ORDERS = "select source_key from standardised.orders order by 1"


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "drop"
    monkeypatch.setenv("POINT_OF_SALE_URL", str(root))
    deliver(root, "2026-11-20/TPE01/tickets.csv", FIRST)
    return root


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    return Settings(url=warehouse_url, sources_dir=only(tmp_path / "sources", "point_of_sale", "tickets"), chunk_rows=2)


def standardised(settings: Settings, of: Night) -> dict[str, Any]:
    """Extract and standardise; what the ledger says of the orders."""
    extracted(settings, of, "point_of_sale")
    ledger.open_run(settings.url, of)
    stage.run(settings, of)
    ledger.close_run(settings.url, of.run_id, failed=False)
    counts = "select rows_in || '=' || rows_out || '+' || rows_rejected from ops.steps where step = 'orders'"
    return {"orders": value(settings, f"{counts} and run_id = '{of.run_id}'")}


def tables(settings: Settings, *leaving: str) -> dict[str, str]:
    """A digest of every standard table and of the rejects; what tells of other nights is left out."""
    digests = fingerprints(settings, "standardised", leaving=leaving)
    return {name: digest for name, digest in digests.items() if not name.startswith("standardised.reject_")}


@pytest.mark.usefixtures("drop")
def test_a_row_survives_without_a_value_but_not_without_its_money_or_its_time(settings: Settings) -> None:
    counts = standardised(settings, night(20))

    assert counts["orders"] == "4=2+2"
    assert values(settings, ORDERS) == ["T1", "T4"]
    assert value(settings, "select total_amount from standardised.orders where source_key = 'T4'") is None
    rejects = "select source_key || ' ' || column_name || ' ' || reason from standardised.rejects where row_rejected"
    assert values(settings, f"{rejects} order by 1") == [
        "T2 total_amount negative_amount",
        "T3 ordered_at not_a_timestamp",
    ]


@pytest.mark.usefixtures("drop")
def test_the_raw_value_is_kept_beside_the_standard_one(settings: Settings) -> None:
    standardised(settings, night(20))

    row = "select ordered_at_raw || ' is ' || ordered_at from standardised.orders where source_key = 'T1'"
    assert value(settings, row) == "2026-11-20 10:00:00 is 2026-11-20 02:00:00+00"


def test_an_order_in_another_currency_waits_for_its_rate(settings: Settings, drop: Path, tmp_path: Path) -> None:
    abroad = tickets(("T8", "2026-10-31 15:59:59", "8"), ("T9", "2026-11-01 00:00:00", "9")).replace(b"TWD", b"hkd")
    deliver(drop, "2026-11-20/HKG01/tickets.csv", abroad)
    rejects = "select source_key || ' ' || column_name || ' ' || reason || ' ' || raw_value from standardised.rejects"

    standardised(settings, night(20))
    without = values(settings, f"{rejects} where reason = 'no_exchange_rate' order by 1")
    rated = settings.model_copy(
        update={"dbt_project_dir": project_with_rates(tmp_path, "TWD,HKD,2026-11-01,4.1,made up\n")}
    )
    counts = standardised(rated, night(21))

    assert without == ["T8 currency no_exchange_rate HKD", "T9 currency no_exchange_rate HKD"]
    assert counts["orders"] == "6=3+3"
    assert values(settings, f"{rejects} where reason = 'no_exchange_rate'") == ["T8 currency no_exchange_rate HKD"]
    assert (
        value(settings, "select currency || total_amount from standardised.orders where source_key = 'T9'")
        == "HKD9.000000"
    )


def test_an_amount_is_read_in_the_currency_of_its_row(settings: Settings, drop: Path, tmp_path: Path) -> None:
    own = tickets(("T6", "2026-11-20 12:00:00", "HK$6"), ("T7", "2026-11-20 12:00:00", "NT$7"))
    deliver(drop, "2026-11-20/HKG01/tickets.csv", own.replace(b"TWD", b"HKD"))
    deliver(drop, "2026-11-20/TXG01/tickets.csv", tickets(("T8", "2026-11-20 12:00:00", "US$8")))
    project = project_with_rates(tmp_path, "TWD,HKD,2026-11-01,4.1,made up\n")

    standardised(settings.model_copy(update={"dbt_project_dir": project}), night(20))

    assert values(settings, ORDERS) == ["T1", "T4", "T6"]
    rejects = "select source_key || ' ' || column_name || ' ' || reason from standardised.rejects"
    assert values(settings, f"{rejects} where source_key in ('T7', 'T8') order by 1") == [
        "T7 total_amount other_currency",
        "T8 total_amount other_currency",
    ]


def test_a_corrected_row_replaces_the_reject(settings: Settings, drop: Path) -> None:
    standardised(settings, night(20))
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T2", "2026-11-20 11:00:00", "200")))

    counts = standardised(settings, night(21))

    assert counts["orders"] == "1=1+0"
    assert values(settings, ORDERS) == ["T1", "T2", "T4"]
    assert value(settings, "select count(*) from standardised.rejects where source_key = 'T2'") == 0


def test_night_by_night_gives_what_one_load_of_everything_gives(settings: Settings, drop: Path, server: Server) -> None:
    standardised(settings, night(20))
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T2", "2026-11-20 11:00:00", "200"), ("T5", "x", "5")))
    standardised(settings, night(21))
    deliver(drop, "2026-11-22/TPE01/tickets.csv", tickets(("T1", "2026-11-20 10:00:00", "150")))
    standardised(settings, night(22))

    server.create_database("at_once")
    at_once = Settings(url=server.url("at_once"), sources_dir=settings.sources_dir)
    ledger.prepare(at_once.url)
    standardised(at_once, night(22))

    assert tables(settings, "first_seen_as_of", "nights", "seq") == tables(at_once, "first_seen_as_of", "nights", "seq")
    server.drop_database("at_once")


def test_an_earlier_night_is_made_again_as_it_was(settings: Settings, drop: Path) -> None:
    standardised(settings, night(20))
    before = tables(settings)
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T1", "2026-11-20 10:00:00", "150"), ("T6", "x", "6")))
    standardised(settings, night(21))
    assert tables(settings) != before

    standardised(settings, night(20))

    changed = {table for table, digest in tables(settings).items() if digest != before[table]}
    assert changed <= {"standardised.loads"}


def test_a_changed_declaration_is_applied_to_what_landed_before(settings: Settings, drop: Path) -> None:
    standardised(settings, night(20))
    file = settings.sources_dir / "point_of_sale.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    columns = declared["entities"]["tickets"]["standard"][0]["columns"]
    columns["total_amount"] = {"from": "total_amount", "minimum": -10}
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    deliver(drop, "2026-11-21/TPE01/tickets.csv", tickets(("T7", "2026-11-21 10:00:00", "7")))

    standardised(settings, night(21))

    assert values(settings, ORDERS) == ["T1", "T2", "T4", "T7"]


@pytest.mark.usefixtures("drop")
def test_a_source_that_counts_in_another_currency_needs_rates_too(settings: Settings) -> None:
    file = settings.sources_dir / "point_of_sale.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    del declared["entities"]["tickets"]["standard"][0]["columns"]["currency"]
    file.write_text(yaml.safe_dump(declared | {"currency": "GBP"}), encoding="utf-8")

    counts = standardised(settings, night(20))

    assert counts["orders"] == "4=0+4"
    assert value(settings, "select count(*) from standardised.rejects where reason = 'no_exchange_rate'") == 3


@pytest.mark.usefixtures("drop")
def test_a_rate_that_is_none_stops_the_stage(settings: Settings, tmp_path: Path) -> None:
    extracted(settings, night(20), "point_of_sale")
    project = project_with_rates(tmp_path, "TWD,HKD,2026-11-01,free,made up\n")

    with pytest.raises(StageError, match="line 2: 'free' is no rate"):
        stage.run(settings.model_copy(update={"dbt_project_dir": project}), night(20))


@pytest.mark.usefixtures("drop")
def test_a_lost_row_is_found_and_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    extracted(settings, night(20), "point_of_sale")
    whole = Processes.over

    def losing_one(self: Processes, *work: Any) -> Any:
        return ((rows.slice(1), rejects) for rows, rejects in whole(self, *work))

    monkeypatch.setattr(Processes, "over", losing_one)

    with pytest.raises(StageError, match="4 landed rows became 0 rows and 2 rejects"):
        stage.run(settings, night(20))
    assert values(settings, ORDERS) == []
    assert last_step(settings, night(20))["status"] == "failed"


@pytest.mark.usefixtures("drop")
def test_a_table_of_another_shape_is_made_anew_from_raw(settings: Settings) -> None:
    standardised(settings, night(20))
    before = tables(settings)
    with connect(settings.url) as connection:
        connection.execute("alter table standardised.orders drop column order_number")

    standardised(settings, night(20))

    assert tables(settings) == before
