"""The file destination: one CSV and one manifest a segment, in a folder a night.

`<exports>/<night>/<segment>.csv` is UTF-8 with a header, lines end in LF, rows are in the order of customer ids. Its
columns are `customer_id`, `full_name`, then `email` and `phone` as the segment's channels ask for, and for service
lists `reason`. An address is there only when that customer may be reached by it. Phone numbers are E.164.

A spreadsheet takes a cell that begins with = + - @ for a formula, so such a value gets an apostrophe before it, and so
does one that begins with an apostrophe: taking one leading apostrophe away gives the exact value back. A phone number
in E.164 stays as it is: a plus and digits can only be a number.

`<segment>.manifest.json` holds counts and the SHA-256 of the CSV, and no personal data. It is written last and taken
away before the CSV is replaced: where there is a manifest, the list is complete. Both appear under their names at once,
never in part, and are readable by their owner only.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from customer_warehouse.activation.destination import Delivery, Receipt, Recipient
from customer_warehouse.activation.segments import ChannelName, Segment

ADDRESS_COLUMNS: dict[ChannelName, str] = {"email": "email", "sms": "phone"}
GUARD = "'"
GUARDED = ("=", "+", "-", "@", GUARD)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class FileDestination:
    """Writes lists to a folder. Implements `Destination`."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, delivery: Delivery) -> Receipt:
        """Put the list and its manifest in place; files that are right already are left untouched."""
        night, segment = delivery.night.date.isoformat(), delivery.plan.segment
        folder = self.folder / night
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        file, manifest = folder / f"{segment.name}.csv", folder / f"{segment.name}.manifest.json"
        part = folder / f".{segment.name}.csv.part"
        rows, sha256 = _write_list(part, segment, delivery.recipients)
        changed = not (file.exists() and _sha256(file) == sha256)
        if changed:
            manifest.unlink(missing_ok=True)
            part.replace(file)
            _sync_folder(folder)
        else:
            part.unlink()
            file.chmod(0o600)
        text = _manifest(delivery, file.name, rows, sha256)
        if not (manifest.exists() and manifest.read_bytes() == text):
            manifest_part = folder / f".{segment.name}.manifest.json.part"
            with _private(manifest_part) as stream:
                stream.write(text)
                _sync(stream)
            manifest_part.replace(manifest)
            _sync_folder(folder)
        return Receipt(rows, sha256, changed, f"{night}/{file.name}")


def columns_of(segment: Segment) -> list[str]:
    """The header of the segment's list."""
    reason = ["reason"] if segment.purpose == "service" else []
    return ["customer_id", "full_name", *(ADDRESS_COLUMNS[channel] for channel in segment.channels), *reason]


def safe_cell(value: str | None) -> str:
    """The value as it may stand in a file that people open in a spreadsheet."""
    if not value or _E164.fullmatch(value):
        return value or ""
    # Full-width signs and leading blanks do not keep every spreadsheet from reading a formula.
    return GUARD + value if unicodedata.normalize("NFKC", value).lstrip().startswith(GUARDED) else value


def _cells(segment: Segment, recipient: Recipient) -> Iterator[str]:
    yield safe_cell(recipient.customer_id)
    yield safe_cell(recipient.full_name)
    for channel in segment.channels:
        yield safe_cell(recipient.addresses.get(channel))
    if segment.purpose == "service":
        yield safe_cell(recipient.reason)


def _write_list(path: Path, segment: Segment, recipients: Iterable[Recipient]) -> tuple[int, str]:
    """Write the CSV to `path` and have it on disk; returns its rows and its SHA-256."""
    rows = 0
    with _private(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns_of(segment))
        for recipient in recipients:
            writer.writerow(list(_cells(segment, recipient)))
            rows += 1
        text.detach()
        _sync(stream)
    return rows, _sha256(path)


def _manifest(delivery: Delivery, file: str, rows: int, sha256: str) -> bytes:
    plan, segment = delivery.plan, delivery.plan.segment
    content = {
        "segment": segment.name,
        "label": segment.label.model_dump(),
        "purpose": segment.purpose,
        "owner": segment.owner,
        "night": delivery.night.date.isoformat(),
        "as_of": delivery.night.as_of.isoformat(),
        "file": file,
        "encoding": "utf-8",
        "guard": GUARD,
        "columns": columns_of(segment),
        "rows": rows,
        "sha256": sha256,
        **plan.as_json(),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _private(path: Path) -> io.BufferedWriter:
    """A new file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _sync(stream: io.BufferedWriter) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the folder's names on disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
