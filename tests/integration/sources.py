"""Helpers for tests that read real sources: till files with manifests, declarations, and what landed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from customer_warehouse.database import connect, scalar
from customer_warehouse.extract import stage as extract
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import PACKAGE, Settings

SOURCES = PACKAGE / "extract" / "sources"
TICKETS = ["ticket_id", "store_code", "member_number", "sold_at", "cashier", "total_amount", "currency"]


def night(day: int, month: int = 11) -> Night:
    """A night of the year 2026 in Taipei."""
    return night_of(date(2026, month, day), "Asia/Taipei")


def only(folder: Path, source: str, *entities: str, **changes: Any) -> Path:
    """A folder with one of the project's own declarations, cut down to `entities`, with `changes` made to each."""
    folder.mkdir(parents=True, exist_ok=True)
    declared = yaml.safe_load((SOURCES / f"{source}.yml").read_text(encoding="utf-8"))
    if entities:
        declared["entities"] = {name: declared["entities"][name] | changes for name in entities}
    (folder / f"{source}.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    return folder


def tickets(*rows: tuple[str, str, str]) -> bytes:
    """A tickets file of (ticket, time, total) rows."""
    return csv_bytes(TICKETS, [(ticket, "TPE01", "", at, "c1", total, "TWD") for ticket, at, total in rows])


def csv_bytes(header: list[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def deliver(root: Path, name: str, content: bytes, *, rows: int | None = None, sha256: str | None = None) -> None:
    """Put a file and its manifest into a drop folder."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    manifest = {
        "file": file.name,
        "rows": content.count(b"\n") - 1 if rows is None else rows,
        "sha256": sha256 or hashlib.sha256(content).hexdigest(),
    }
    file.with_name(file.name + ".manifest.json").write_text(json.dumps(manifest))


def extracted(settings: Settings, of: Night, source: str) -> dict[str, Any]:
    """Run the extract stage for one source, and give back its step in the ledger."""
    ledger.open_run(settings.url, of)
    try:
        extract.run(settings, of, source)
    finally:
        ledger.close_run(settings.url, of.run_id, failed=False)
    return last_step(settings, of)


def last_step(settings: Settings, of: Night) -> dict[str, Any]:
    with connect(settings.url) as connection:
        row = connection.execute(
            "select status, rows_in, rows_out, rows_rejected, rows_duplicate, message, detail from ops.steps"
            " where run_id = %s order by step_id desc limit 1",
            (of.run_id,),
        ).fetchone()
    assert row is not None
    return dict(zip(("status", "read", "landed", "isolated", "duplicate", "message", "detail"), row, strict=True))


def value(settings: Settings, query: str) -> Any:
    """The one value a query gives."""
    with connect(settings.url) as connection:
        return scalar(connection, query)


def values(settings: Settings, query: str) -> list[Any]:
    """The first column of a query's rows."""
    with connect(settings.url) as connection:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]
