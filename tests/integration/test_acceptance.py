"""The acceptance command over a stranger's files: another layout, other columns, another country."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.embedded.layout import Layout
from customer_warehouse.embedded.postgres import free_port
from customer_warehouse.settings import PROJECT

DECLARATION = """
source: bakery
kind: files
description: The tills of a bakery in Rome; one folder a day and shop, semicolons, a manifest beside each file.
region: IT
time_zone: Europe/Rome
currency: EUR
connection: {url: "${ACCEPTANCE_DATA}"}
entities:
  cards:
    read: &read {path: "drop/{date}/{shop}/cards.csv", manifest: .manifest.json, delimiter: ";"}
    key: [card]
    cursor: changed
    columns: [card, name, mail, phone, mail_ok, changed]
    standard:
      - entity: customers
        key: card
        columns:
          kind: {value: member}
          member_number: card
          full_name: name
          email: mail
          phone: phone
          email_consent: {from: mail_ok, map: {si: granted, "no": denied}}
          email_consent_at: changed
          updated_at: changed
  receipts:
    read: {<<: *read, path: "drop/{date}/{shop}/receipts.csv"}
    key: [receipt, row]
    columns: [receipt, row, shop, card, at, article, pieces, price, discount]
    standard:
      - entity: orders
        key: receipt
        where: [{column: pieces, not_matches: "^-"}]
        group_by: [receipt]
        take: first
        columns:
          order_number: receipt
          channel: {value: store}
          store_key: shop
          customer_key: card
          ordered_at: at
          status: {value: fulfilled}
          currency: {value: EUR}
      - entity: order_lines
        key: [receipt, row]
        where: [{column: pieces, not_matches: "^-"}]
        columns:
          order_key: receipt
          line_number: row
          sku: article
          quantity: pieces
          unit_price: price
          discount_amount: discount
      - entity: returns
        key: [receipt, row]
        where: [{column: pieces, matches: "^-"}]
        columns:
          order_key: receipt
          customer_key: card
          store_key: shop
          sku: article
          returned_at: at
          quantity: {from: pieces, negate: true}
          unit_price: price
  shops:
    read: {<<: *read, path: "drop/{date}/shops.csv"}
    key: [shop]
    columns: [shop, name, city]
    standard:
      - {entity: stores, key: shop, columns: {store_name: name, city: city, country: {value: IT, otherwise: null}}}
controls:
  lines: select count(*) from receipts
  invoices: select count(distinct receipt) from receipts
  buyers: select count(distinct card) from receipts where card is not null
  customer_records: select count(distinct card) from cards
  return_lines: select count(*) from receipts where pieces like '-%'
  revenue: >
    select sum(cast(pieces as decimal(9, 0)) * cast(price as decimal(9, 2)))
    - sum(coalesce(cast(discount as decimal(9, 2)), 0)) from receipts
"""
CARDS = "card;name;mail;phone;mail_ok;changed"
RECEIPTS = "receipt;row;shop;card;at;article;pieces;price;discount"
FILES: dict[str, list[str]] = {
    "2026-02-26/shops.csv": ["shop;name;city", "VIA1;Via Appia;Roma", "VIA2;Via Salaria;Roma"],
    "2026-02-26/VIA1/cards.csv": [
        CARDS,
        "c1;Anna Rossi;anna@example.com;;si;2026-02-26 09:00:00",
        "c2;Luca Bianchi;luca@example.com;;no;2026-02-26 09:30:00",
    ],
    "2026-02-26/VIA1/receipts.csv": [
        RECEIPTS,
        "r1;1;VIA1;c1;2026-02-26 09:01:00;BREAD;2;3.50;",
        'r1;2;VIA1;c1;2026-02-26 09:01:00;"CAKE; LARGE";1;24.90;4.90',
        "r2;1;VIA1;;2026-02-26 10:00:00;BREAD;1;3.50;",
    ],
    "2026-02-26/VIA2/cards.csv": [CARDS],
    "2026-02-26/VIA2/receipts.csv": [RECEIPTS, "s1;1;VIA2;c2;2026-02-26 23:59:00;ROLL;10;0.45;"],
    # The next day c2 writes with another address, and c3 is the same person as c1.
    "2026-02-27/VIA1/cards.csv": [
        CARDS,
        "c2;Luca Bianchi;l.bianchi@example.com;;si;2026-02-27 08:00:00",
        "c3;Anna Rossi;anna@example.com;;;2026-02-27 08:10:00",
    ],
    "2026-02-27/VIA1/receipts.csv": [
        RECEIPTS,
        "r3;1;VIA1;c3;2026-02-27 08:11:00;BREAD;3;3.50;0.50",
        "r4;1;VIA1;c1;2026-02-27 12:00:00;CAKE;-1;20.00;",
    ],
    "2026-02-27/VIA2/cards.csv": [CARDS],
    "2026-02-27/VIA2/receipts.csv": [RECEIPTS],
    # Then a day with no sale, on which yesterday's receipts come once more under another name.
    "2026-03-01/VIA1/cards.csv": [CARDS],
    "2026-03-01/VIA1/receipts.csv": [RECEIPTS],
    "2026-03-01/VIA2/receipts.csv": [
        RECEIPTS,
        "r3;1;VIA1;c3;2026-02-27 08:11:00;BREAD;3;3.50;0.50",
        "r4;1;VIA1;c1;2026-02-27 12:00:00;CAKE;-1;20.00;",
    ],
}


def deliver(folder: Path, name: str, lines: list[str]) -> Path:
    """A file of the drop folder, with its manifest."""
    path = folder / "drop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    manifest = {"file": path.name, "rows": len(lines) - 1, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    Path(f"{path}.manifest.json").write_text(json.dumps(manifest))
    return path


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    folder = tmp_path / "bakery"
    for name, lines in FILES.items():
        deliver(folder, name, lines)
    (folder / "sources").mkdir()
    (folder / "sources" / "bakery.yml").write_text(DECLARATION)
    return folder


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """An embedded deployment of this module's own: a state folder and free ports."""
    home = Path(tempfile.mkdtemp(prefix="customer-warehouse-acceptance-"))
    home.chmod(0o755)
    state = home / "state"
    ports = {f"{name}_PORT": str(free_port()) for name in ("POSTGRES", "AIRFLOW", "SHOP")}
    own = {"WAREHOUSE_STATE_DIR": str(state), "PYTHONPATH": str(PROJECT / "plugins"), **ports}
    yield {name: value for name, value in os.environ.items() if not name.startswith("WAREHOUSE_")} | own
    Layout.from_environment(own).server.remove()
    shutil.rmtree(home, ignore_errors=True)


def accept(environment: dict[str, str], data: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], Any]:
    """Run the command as `make acceptance` does; returns what it said and its JSON."""
    report = data.parent / "report.json"
    command = [sys.executable, "-m", "customer_warehouse", "acceptance", "--data", str(data), "--json", str(report)]
    done = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    return done, json.loads(report.read_text()) if report.exists() else None


def in_the_marts(night: dict[str, Any]) -> dict[str, str]:
    return {line["name"]: line["marts"] for line in night["figures"]}


@pytest.mark.slow
def test_a_strangers_files_reconcile_night_by_night(environment: dict[str, str], bakery: Path) -> None:
    done, report = accept(environment, bakery, "--nights", "2")

    assert (done.returncode, done.stderr) == (0, "")
    assert report["reconciled"]
    assert [night["night"] for night in report["nights"]] == ["2026-02-26", "2026-02-27", "2026-03-01"]
    first, second, third = report["nights"]
    assert in_the_marts(first) == {
        "lines": "4", "invoices": "3", "buyers": "2", "customer_records": "2", "return_lines": "0", "revenue": "35"
    }  # fmt: skip
    assert in_the_marts(second) == {
        "lines": "6", "invoices": "5", "buyers": "3", "customer_records": "3", "return_lines": "1", "revenue": "25"
    }  # fmt: skip
    assert in_the_marts(third) == in_the_marts(second)
    assert all(line["difference"] == "0" for night in report["nights"] for line in night["figures"])
    assert all(line["difference"] == "0" for night in report["nights"] for line in night["balances"])
    landed = {line["name"]: line["parts"] for line in third["balances"] if line["stage"] == "extract"}
    assert landed["bakery.receipts"] == "6 landed, 2 duplicate, 0 isolated"
    people = next(line for line in third["balances"] if line["stage"] == "identity")
    assert people["parts"] == "records of 2 customers"
    sent = {line["name"]: line["parts"] for line in third["balances"] if line["stage"] == "activation"}
    assert sent["file: active"] == "2 sent, 0 withheld"


@pytest.mark.slow
def test_a_file_that_cannot_be_trusted_is_a_difference(environment: dict[str, str], bakery: Path) -> None:
    spoiled = bakery / "drop" / "2026-02-26" / "VIA2" / "receipts.csv"
    spoiled.write_text(spoiled.read_text().replace("0.45", "9.45"))

    done, report = accept(environment, bakery, "--nights", "0")

    assert done.returncode == 1
    assert done.stderr.startswith("The night 2026-03-01 does not reconcile: bakery lines: 6 against 5 (-1); ")
    assert done.stderr.rstrip().endswith("1 rows of the files are isolated.")
    assert not report["reconciled"]
    assert report["nights"][0]["isolated"] == [
        {
            "source": "bakery",
            "entity": "receipts",
            "place": "drop/2026-02-26/VIA2/receipts.csv",
            "reason": "checksum_differs",
            "rows": 1,
        }
    ]


def test_a_control_that_the_marts_do_not_have_is_named(environment: dict[str, str], bakery: Path) -> None:
    declaration = bakery / "sources" / "bakery.yml"
    declaration.write_text(declaration.read_text().replace("return_lines:", "profit:"))

    done, _ = accept(environment, bakery, "--nights", "0")

    assert done.returncode == 1
    assert "no figure for the control 'profit' of bakery.yml; they have: lines, invoices" in done.stderr


def test_a_folder_that_nothing_describes_is_refused_before_anything_starts(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done, _ = accept(environment, tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Nothing says how to read {tmp_path}: put declarations (*.yml) into")
    assert len(done.stderr.splitlines()) == 1
