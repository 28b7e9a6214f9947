"""The drop folder of the tills: one CSV a business day, store and entity, and one a day and entity of the head office,
each with a manifest beside it.

A file's manifest is written last, so a file without one is not ready. Lines are sorted, so that the same lines give the
same bytes. Lines are held in memory up to `HELD` and then spilled to disk by file, so any brand fits.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from customer_warehouse.demo.catalogue import Catalogue
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.items import has_item_list, item_list
from customer_warehouse.demo.moments import day_text
from customer_warehouse.demo.stores import drop_days, has_store_list, store_list
from customer_warehouse.demo.till import DAILY, HEADERS, ITEM_COLUMNS, STORE_COLUMNS, TillLine

HELD = 300_000


class TillDrop:
    """Fills the drop folder `folder` with the days up to `last_day`, except those store-days it has already."""

    def __init__(self, folder: Path, last_day: int, catalogue: Catalogue) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.last_day = last_day
        self.spill = folder.with_name(f"{folder.name}.spill")
        self.wanted = {
            (day, store.code)
            for day, store in drop_days(last_day)
            if not (folder / day_text(day) / store.code).exists()
        }
        self.wanted |= {
            (day, "") for day in range(last_day + 1) if not (folder / day_text(day) / "payments.csv").exists()
        }
        self._lines: defaultdict[tuple[int, str, str], list[str]] = defaultdict(list)
        self._held = 0

    def add(self, lines: Iterable[TillLine]) -> None:
        for day, store, entity, text in lines:
            if (day, store) in self.wanted:
                self._lines[day, store, entity].append(text)
                self._held += 1
        if self._held > HELD:
            self._spill()

    def _spill(self) -> None:
        self.spill.mkdir(exist_ok=True)
        for (day, store, entity), lines in self._lines.items():
            with (self.spill / f"{day}_{store}_{entity}").open("a", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        self._lines.clear()
        self._held = 0

    def write(self) -> None:
        """Write every file that is wanted, also the empty ones, and the lists of stores and items."""
        for day, store in sorted(self.wanted):
            folder = self.folder / day_text(day) / store
            folder.mkdir(parents=True, exist_ok=True)
            for entity, header in (HEADERS if store else DAILY).items():
                lines = self._lines.pop((day, store, entity), [])
                spilled = self.spill / f"{day}_{store}_{entity}"
                if self.spill.exists() and spilled.exists():
                    with spilled.open(encoding="utf-8", newline="") as file:
                        lines += file
                    spilled.unlink()
                lines.sort()
                write_with_manifest(folder / f"{entity}.csv", header, lines)
        shutil.rmtree(self.spill, ignore_errors=True)
        for day in range(self.last_day + 1):
            if has_store_list(day):
                stores = (csv_line(row[column] for column in STORE_COLUMNS) for row in store_list(day))
                self._write_list(day, "stores", STORE_COLUMNS, stores)
            if has_item_list(day):
                self._write_list(day, "items", ITEM_COLUMNS, item_list(self.catalogue, day))

    def _write_list(self, day: int, name: str, columns: tuple[str, ...], lines: Iterable[str]) -> None:
        path = self.folder / day_text(day) / f"{name}.csv"
        if not path.exists():
            write_with_manifest(path, csv_line(columns), list(lines))


def write_with_manifest(path: Path, header: str, lines: list[str]) -> None:
    """Write the file, then its manifest."""
    content = (header + "".join(lines)).encode()
    path.write_bytes(content)
    manifest = {"file": path.name, "rows": len(lines), "sha256": hashlib.sha256(content).hexdigest()}
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")
