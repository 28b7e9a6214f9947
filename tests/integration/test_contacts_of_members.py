"""Phones of till members through the stage: each store's own country first, and the company's own placeholders."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import stage
from customer_warehouse.standardise.own_placeholders import FILE
from integration.sources import csv_bytes, deliver, extracted, night, only, value, values

COLUMNS = ["member_number", "name", "phone", "email", "registered_at", "updated_at", "status"]
AT = "2026-11-20 10:00:00"
PHONES = "select source_key || ' ' || coalesce(phone, '-') from standardised.customers order by 1"


def members(*rows: tuple[str, str]) -> bytes:
    """A members file of (number, phone) rows."""
    return csv_bytes(COLUMNS, [(number, f"王{number}", phone, "", AT, AT, "active") for number, phone in rows])


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    root = tmp_path / "drop"
    monkeypatch.setenv("POINT_OF_SALE_URL", str(root))
    deliver(root, "2026-11-20/TPE01/members.csv", members(("T1", "412345671"), ("T2", "02-2345-1188")))
    deliver(root, "2026-11-20/SYD01/members.csv", members(("S1", "412345671"), ("S2", "0912 345 679")))
    folder = only(tmp_path / "sources", "point_of_sale", "members")
    declared = yaml.safe_load((folder / "point_of_sale.yml").read_text(encoding="utf-8"))
    phone = declared["entities"]["members"]["standard"][0]["columns"]["phone"]
    phone |= {"regions": ["TW"], "region_map": {"TPE01": "TW", "SYD01": "AU"}}
    (folder / "point_of_sale.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    return Settings(url=warehouse_url, sources_dir=folder)


def standardised(settings: Settings, day: int) -> None:
    of = night(day)
    extracted(settings, of, "point_of_sale")
    ledger.open_run(settings.url, of)
    try:
        stage.run(settings, of)
    finally:
        ledger.close_run(settings.url, of.run_id, failed=False)


def test_each_stores_own_country_is_tried_first(settings: Settings) -> None:
    standardised(settings, 20)

    assert values(settings, PHONES) == ["S1 +61412345671", "S2 +886912345679", "T1 -", "T2 +886223451188"]
    kinds = (
        "select distinct source_key || ' ' || phone_kind from standardised.customers where phone is not null order by 1"
    )
    assert values(settings, kinds) == ["S1 mobile", "S2 mobile", "T2 landline"]


def test_what_the_company_lists_is_taken_from_everything_landed(settings: Settings) -> None:
    standardised(settings, 20)
    file = settings.sources_dir / FILE
    file.parent.mkdir()
    file.write_text(
        "- {column: phone, owner: store operations, reason: our own, values: ['02 2345 1188']}", encoding="utf-8"
    )

    standardised(settings, 21)

    assert "T2 -" in values(settings, PHONES)
    reasons = "select reason from standardised.rejects where source_key = 'T2' and column_name = 'phone'"
    assert value(settings, reasons) == "placeholder"


def test_a_region_that_is_none_stops_the_night(settings: Settings) -> None:
    file = settings.sources_dir / "point_of_sale.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("SYD01: AU", "SYD01: AUS"), encoding="utf-8")

    with pytest.raises(StageError, match=r"customers\.phone with options that cannot be: phone has no region AUS"):
        standardised(settings, 20)


def test_a_consent_that_cannot_be_read_is_a_no_and_a_reject(settings: Settings, tmp_path: Path) -> None:
    answers = {"C1": "Y", "C2": "N", "C3": "不同意", "C4": "", "C5": "opt-out"}
    columns = (*COLUMNS, "sms_consent")
    rows = [(number, f"王{number}", "", "", AT, AT, "active", answer) for number, answer in answers.items()]
    deliver(tmp_path / "drop", "2026-11-21/TPE01/members.csv", csv_bytes(columns, rows))
    standardised(settings, 21)

    read = (
        "select source_key || ' ' || coalesce(sms_consent, '-') from standardised.customers where source_key like 'C%'"
    )
    assert values(settings, f"{read} order by 1") == ["C1 granted", "C2 denied", "C3 denied", "C4 -", "C5 denied"]
    rejects = "select source_key || ' ' || reason from standardised.rejects where column_name = 'sms_consent'"
    assert values(settings, f"{rejects} order by 1") == ["C3 unmapped_code", "C5 unmapped_code"]
