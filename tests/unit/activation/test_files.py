"""The file destination: what a cell looks like, and that a list is there whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.activation.destination import Delivery, Recipient
from customer_warehouse.activation.files import GUARD, FileDestination, safe_cell
from customer_warehouse.activation.plan import Plan
from customer_warehouse.activation.segments import Labels, Segment
from customer_warehouse.night import night_of

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
LABELS = Labels(en="Champions", zh_hant="冠軍客戶", zh_hans="冠军客户")
ANN = Recipient("c-1", "王小明", "because", {"email": "ann@example.com", "sms": "+886912345678"})
BOB = Recipient("c-2", 'O\'Brien, "Bob"\nJr', "because", {"sms": "+85291234567"})


def segment(purpose: str = "marketing") -> Segment:
    return Segment.model_validate(
        {
            "name": "champions",
            "label": LABELS,
            "purpose": purpose,
            "channels": ("email", "sms"),
            "priority": 1,
            "refresh": "nightly",
            "expected_share": (0, 1),
            "conditions": ("order_count",),
            "owner": "marketing",
        }
    )


def delivery(*recipients: Recipient, purpose: str = "marketing") -> Delivery:
    return Delivery(NIGHT, Plan(segment(purpose), batch_id=1), iter(recipients))


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@given(st.text())
def test_a_cell_never_begins_like_a_formula_and_gives_its_value_back(value: str) -> None:
    cell = safe_cell(value)

    assert not cell.startswith(("=", "+", "-", "@")) or cell[1:].isdigit()
    assert (cell[1:] if cell.startswith(GUARD) else cell) == value


@pytest.mark.parametrize(
    "value", ["=1+1", "\uff1d1+1", " =1+1", "\t@SUM(A1)", "-2", "+1+1", "@x", "+tag@example.com", "'x"]
)
def test_what_a_spreadsheet_could_take_for_a_formula_is_guarded(value: str) -> None:
    assert safe_cell(value) == GUARD + value


@pytest.mark.parametrize("value", ["+886912345678", "ann@example.com", "王小明", "", "1-2"])
def test_plain_values_and_phone_numbers_stay_as_they_are(value: str) -> None:
    assert safe_cell(value) == value


def test_a_list_has_a_header_and_one_row_a_customer(tmp_path: Path) -> None:
    receipt = FileDestination(tmp_path).deliver(delivery(ANN, BOB))

    assert receipt.rows == 2
    assert rows_of(tmp_path / "2026-11-21" / "champions.csv") == [
        {"customer_id": "c-1", "full_name": "王小明", "email": "ann@example.com", "phone": "+886912345678"},
        {"customer_id": "c-2", "full_name": BOB.full_name, "email": "", "phone": "+85291234567"},
    ]


def test_a_service_list_says_why_each_customer_is_on_it(tmp_path: Path) -> None:
    FileDestination(tmp_path).deliver(delivery(ANN, purpose="service"))

    assert rows_of(tmp_path / "2026-11-21" / "champions.csv")[0]["reason"] == "because"


def test_the_manifest_describes_the_list_and_holds_no_personal_data(tmp_path: Path) -> None:
    receipt = FileDestination(tmp_path).deliver(delivery(ANN, BOB))

    text = (tmp_path / "2026-11-21" / "champions.manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    content = (tmp_path / "2026-11-21" / "champions.csv").read_bytes()
    assert manifest["sha256"] == receipt.sha256 == hashlib.sha256(content).hexdigest()
    assert (manifest["rows"], manifest["night"], manifest["segment"]) == (2, "2026-11-21", "champions")
    assert manifest["columns"] == ["customer_id", "full_name", "email", "phone"]
    for value in ("ann@example.com", "王小明", "912345678", "91234567", "Brien", "c-1"):
        assert value not in text


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    FileDestination(tmp_path).deliver(delivery(ANN))

    folder = tmp_path / "2026-11-21"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_the_same_list_again_touches_nothing(tmp_path: Path) -> None:
    destination = FileDestination(tmp_path)
    destination.deliver(delivery(ANN, BOB))
    before = {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in (tmp_path / "2026-11-21").iterdir()}

    receipt = destination.deliver(delivery(ANN, BOB))

    after = {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in (tmp_path / "2026-11-21").iterdir()}
    assert not receipt.changed
    assert after == before


def test_while_a_list_is_written_the_old_one_stays_whole(tmp_path: Path) -> None:
    destination = FileDestination(tmp_path)
    destination.deliver(delivery(ANN))
    folder = tmp_path / "2026-11-21"
    before = {file: file.read_bytes() for file in folder.iterdir()}
    seen: list[dict[Path, bytes]] = []

    def recipients() -> Iterator[Recipient]:
        for recipient in (ANN, BOB):
            yield recipient
            seen.append({file: file.read_bytes() for file in folder.iterdir() if not file.name.startswith(".")})

    destination.deliver(Delivery(NIGHT, Plan(segment(), batch_id=1), recipients()))

    assert seen == [before, before]
    assert len(rows_of(folder / "champions.csv")) == 2


def test_a_broken_delivery_leaves_the_old_list_and_its_manifest(tmp_path: Path) -> None:
    destination = FileDestination(tmp_path)
    destination.deliver(delivery(ANN))
    folder = tmp_path / "2026-11-21"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def recipients() -> Iterator[Recipient]:
        yield BOB
        raise ConnectionError

    with pytest.raises(ConnectionError):
        destination.deliver(Delivery(NIGHT, Plan(segment(), batch_id=1), recipients()))

    assert {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.startswith(".")} == before
    destination.deliver(delivery(ANN))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
