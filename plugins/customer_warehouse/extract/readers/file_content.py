"""From the bytes of a delivered file to a table of text: unpacked, decoded, parsed, or refused with a reason.

Whatever the bytes are, the work is bounded: in time by one or two passes over them, in memory by a few times `LARGEST`.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from customer_warehouse.extract.declaration import FilesRead

LARGEST = 1 << 30
"""Bytes of one file, unpacked."""
SMALL = 16 << 20
"""Bytes that any packed file may unpack to."""
TIGHTEST = 200
"""Times its size that a larger packed file may unpack to; real lists shrink to a tenth or a thirtieth."""
LONGEST_HEADER = 1 << 20
MOST_COLUMNS = 4_096
LARGEST_BLOCK = 16 << 20
"""Bytes that Arrow parses at once, and so the longest line; it allocates them all, which for a small file costs more
than the parsing."""
SAMPLE = 1 << 16
NUMBERED_LINES = 100
SUPERSETS: Final = {"big5": ("cp950", "big5hkscs"), "gb2312": ("gb18030",), "gbk": ("gb18030",)}
"""What is delivered under a name is a superset of it; see the WHATWG Encoding Standard, sections 10 and 12."""

csv.field_size_limit(LARGEST)


class UnreadableError(Exception):
    """The file as a whole cannot be read: a reason in one word, and what may help to mend it."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Parsed:
    """The rows of a file as text, an empty field as null."""

    rows: pa.Table
    numbers: pa.Array
    """The number of each row in its file; the first after the header is 1."""
    bad: list[int]
    """The numbers of the lines that do not fit the header."""


def read_content(content: bytes, read: FilesRead) -> Parsed:
    """The rows of a file of this content. Raises UnreadableError."""
    text = _as_utf8(_unpacked(content), read.encoding)
    if b"\0" in text:
        raise UnreadableError("holds_nul_characters")
    return _parsed(text, read.delimiter)


def _unpacked(content: bytes) -> bytes:
    """The content, or what is in it when it is a gzip or zip file."""
    limit = min(LARGEST, max(SMALL, len(content) * TIGHTEST))
    if content[:2] == b"\x1f\x8b":
        return _gunzipped(content, limit)
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _unzipped(content, limit)
    return content


def _gunzipped(content: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    while content[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        try:
            parts.append(unpacker.decompress(content, limit + 1))
        except zlib.error:
            raise UnreadableError("gzip_damaged") from None
        limit -= len(parts[-1])
        if limit < 0:
            raise UnreadableError("unpacks_to_too_much")
        if not unpacker.eof:
            raise UnreadableError("gzip_cut_off")
        content = unpacker.unused_data
    if content.strip(b"\0"):
        raise UnreadableError("gzip_damaged")
    return b"".join(parts)


def _unzipped(content: bytes, limit: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "[Content_Types].xml" in names:
                raise UnreadableError("is_a_workbook", "have it saved as CSV")
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not member.filename.startswith("__MACOSX/")
            ]
            if len(members) != 1:
                raise UnreadableError("zip_holds_several_files" if members else "zip_is_empty")
            if members[0].flag_bits & 1:
                raise UnreadableError("zip_is_encrypted")
            with archive.open(members[0]) as file:
                text = file.read(limit + 1)
    except UnreadableError:
        raise
    except Exception:  # of damaged archives zipfile raises whatever it stumbles over
        raise UnreadableError("zip_damaged") from None
    if len(text) > limit:
        raise UnreadableError("unpacks_to_too_much")
    return text


def _as_utf8(content: bytes, encoding: str) -> bytes:
    """The text in UTF-8 without a byte order mark."""
    name = encoding.lower().replace("_", "-")
    if name in ("utf-8", "utf8", "utf-8-sig"):
        text = content.removeprefix(b"\xef\xbb\xbf")
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError:
                raise UnreadableError("not_utf8", _hint(content)) from None
        return text
    if name in ("utf-16", "utf16") and content[:2] not in (b"\xff\xfe", b"\xfe\xff") and len(content) > 1:
        name = "utf-16-be" if content[0] == 0 else "utf-16-le"
    for candidate in SUPERSETS.get(name, (name,)):
        try:
            return content.decode(candidate).removeprefix("\ufeff").encode()
        except (UnicodeError, ValueError):  # a lone half of a character decodes in some encodings, but is no text
            continue
    raise UnreadableError(f"not_{encoding.lower().replace('-', '')}", _hint(content))


def _hint(content: bytes) -> str | None:
    """The encoding that the content looks like."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "looks like utf-16"
    sample = content[:SAMPLE]
    if len(content) > SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1]
    try:
        if sample and not sample.isascii() and sample.decode():
            return "looks like utf-8"
    except UnicodeDecodeError:
        pass
    pairs = list(_pairs(sample))
    shares = {
        "big5": sum(0xA4 <= lead <= 0xC6 for lead, _ in pairs),
        "gb18030": sum(0xB0 <= lead <= 0xF7 and trail >= 0xA1 for lead, trail in pairs),
    }
    best = max(shares, key=lambda name: shares[name])
    return f"looks like {best}" if pairs and shares[best] >= 0.8 * len(pairs) else None


def _pairs(sample: bytes) -> Iterator[tuple[int, int]]:
    """The characters of two bytes, as Big5 and GB write them; common ones have a first byte of a certain range."""
    position = 0
    while position < len(sample) - 1:
        if sample[position] < 0x81:
            position += 1
        else:
            yield sample[position], sample[position + 1]
            position += 2


def _parsed(text: bytes, delimiter: str) -> Parsed:
    header, second = _first_records(text, delimiter)
    names = list(header)
    if second is not None and len(second) == len(names) - 1 and not names[-1]:
        names.pop()
    elif second is not None and len(second) == len(names) + 1 and not second[-1]:
        names.append("")
    bad: list[int] = []

    def skip(row: Any) -> str:
        bad.append(row.number)
        return "skip"

    places = [str(number) for number in range(len(names))]
    try:
        rows = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(
                column_names=places, use_threads=False, block_size=min(len(text) + 1, LARGEST_BLOCK)
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in text, invalid_row_handler=skip
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnreadableError("line_too_long" if "straddling" in str(error) else "not_csv") from None
    _require_whole_lines(text, delimiter, rows.num_rows + len(bad))
    if len(names) == len(header):
        rows = rows.slice(1)
    numbers = _numbers(rows.num_rows, [number - 1 for number in bad if number > 1])
    columns = {}
    for place, name in enumerate(names):
        column = rows.column(place)
        if name or column.null_count < len(column):
            name = name or f"column {place + 1}"
            if name in columns:
                raise UnreadableError("column_named_twice")
            columns[name] = column
    return Parsed(pa.table(columns), numbers, [number - 1 for number in bad if number > 1])


def _first_records(text: bytes, delimiter: str) -> tuple[list[str], list[str] | None]:
    """The header and the record after it, if there is one."""
    head = text[:LONGEST_HEADER].lstrip(b"\r\n")
    lines = io.StringIO(head.decode(errors="ignore"), newline="")
    records = (record for record in csv.reader(lines, delimiter=delimiter) if record)
    header, second = next(records, None), next(records, None)
    if header is None:
        raise UnreadableError("empty")
    if second is None and len(text) > LONGEST_HEADER:
        raise UnreadableError("header_too_long")
    if len(header) > MOST_COLUMNS:
        raise UnreadableError("too_many_columns")
    return header, second


def _require_whole_lines(text: bytes, delimiter: str, records: int) -> None:
    """A quote that is never closed takes the lines after it for its own: tell them apart from lines that are meant."""
    if b'"' not in text:
        return
    ends = text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")
    if records == ends + (text[-1:] not in (b"\n", b"\r")):
        return
    lines = io.StringIO(text.decode(), newline="")
    try:
        counted = sum(1 for record in csv.reader(lines, delimiter=delimiter, strict=True) if record)
    except csv.Error:
        raise UnreadableError("quotes_gone_wrong") from None
    if counted != records:
        raise UnreadableError("quotes_gone_wrong")


def _numbers(count: int, bad: list[int]) -> pa.Array:
    """The numbers of the good rows: all but the bad ones."""
    if not bad:
        return pa.array(range(1, count + 1), pa.int64())
    skipped = set(bad)
    good = (number for number in range(1, count + len(skipped) + 1) if number not in skipped)
    return pa.array(good, pa.int64())
