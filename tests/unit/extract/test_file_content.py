"""Laws of reading files: whatever the bytes are, they are read or refused, soon, and no line is lost."""

from __future__ import annotations

import gzip
import io
import re
import time
import zipfile

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from customer_warehouse.extract.declaration import FilesRead
from customer_warehouse.extract.readers.file_content import Parsed, UnreadableError, read_content

ENCODINGS = st.sampled_from(["utf-8", "big5", "gb18030", "utf-16", "latin-1"])
CELLS = st.text(st.sampled_from([*list("ab1,;\"\n\r\t =\\'"), "王", "\ufeff", "é"]), max_size=6)
TEXTS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6).map(
    lambda rows: "id,name\n" + "\n".join(",".join(row) for row in rows)
)


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tickets.csv", content)
    return packed.getvalue()


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Any bytes, or a list as text, perhaps packed, perhaps cut off, with some bytes changed."""
    content = draw(st.one_of(st.binary(max_size=200), TEXTS.map(str.encode), TEXTS.map(lambda t: t.encode("utf-16"))))
    content = draw(st.sampled_from([bytes, gzip.compress, zipped]))(content)
    if draw(st.booleans()):
        content = content[: draw(st.integers(0, len(content)))]
    for place in draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=3)) if content else []:
        content = content[:place] + draw(st.binary(min_size=1, max_size=1)) + content[place + 1 :]
    return content


def read(content: bytes, **options: str) -> Parsed | None:
    """The rows; None when the file is refused with a reason."""
    try:
        return read_content(content, FilesRead(path="{date}.csv", **options))
    except UnreadableError as error:
        assert re.fullmatch(r"[a-z0-9_]+", error.reason)
        return None


@given(contents(), ENCODINGS, st.sampled_from([",", ";", "\t", "|"]))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(b"PK\x03\x04", "utf-8", ",")
@example(b"\x1f\x8b", "utf-8", ",")
@example(b'"', "utf-8", ",")
@example(b"\xff\xfe\x00", "utf-16", ",")
@example(zipped(b"id").replace(b"\0\0tickets.csv", b"\0\0\0ickets.csv"), "utf-8", ",")
def test_any_bytes_are_read_or_refused_and_soon(content: bytes, encoding: str, delimiter: str) -> None:
    started = time.perf_counter()
    parsed = read(content, encoding=encoding, delimiter=delimiter)

    assert time.perf_counter() - started < 2  # a file of 200 bytes takes a millisecond; the rest is other work here
    if parsed is not None:
        assert len(parsed.numbers) == parsed.rows.num_rows
        numbers = [*parsed.numbers.to_pylist(), *parsed.bad]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "every line has one number"


@given(st.lists(st.text(st.characters(exclude_characters='"\0', exclude_categories=["Cs"]), max_size=12), max_size=8))
@settings(max_examples=300, deadline=None)
def test_every_line_without_quotes_is_a_row_or_a_line_that_does_not_fit(lines: list[str]) -> None:
    text = "id,name\n" + "\n".join(lines)
    parsed = read(text.encode())

    assert parsed is not None
    written = [line for line in re.split(r"\r\n|\r|\n", text) if line]
    assert parsed.rows.num_rows + len(parsed.bad) == len(written) - 1


@given(
    st.lists(st.tuples(*[st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))] * 2), max_size=6)
)
@settings(max_examples=300, deadline=None)
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    quoted = ["id,name", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
    parsed = read("\r\n".join(quoted).encode())

    assert parsed is not None
    values = zip(*(column.to_pylist() for column in parsed.rows.columns), strict=True)
    assert [tuple(cell or "" for cell in row) for row in values] == rows
