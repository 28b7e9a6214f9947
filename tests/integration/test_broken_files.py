"""A drop folder with one file of every kind that goes wrong: each is read rightly or isolated with its reason."""

from __future__ import annotations

import gzip
import io
import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.settings import Settings
from integration.sources import deliver, extracted, night, value, values

DAY = "2026-11-20"
TEXT = "id,name,amount\n1,王小明,10\n2,Ann,20\n"
PLAIN = TEXT.encode()
CHINESE = "id,name,amount\n1,台北市中山區的王先生與陳小姐,10\n2,門市會員資料表,20\n"
SIMPLIFIED = "id,name,amount\n1,北京市海淀区的王先生和陈小姐,10\n2,门店会员资料表,20\n"
BOTH = ["1 王小明 10", "2 Ann 20"]


class Case(NamedTuple):
    """What is delivered, under which list, and what becomes of it."""

    content: bytes
    rows: list[str] | None = None
    """The rows that land, as text."""
    reason: str | None = None
    detail: str | None = None
    encoding: str = "utf-8"
    by_line: str | None = None
    """The reason of single lines that are isolated, while the others land."""


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def lines(*rows: str, header: str = "id,name,amount") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


CORPUS = {
    # encodings
    "as it should be": Case(PLAIN, BOTH),
    "utf-8 with a byte order mark": Case(TEXT.encode("utf-8-sig"), BOTH),
    "big5, declared": Case(TEXT.encode("big5"), BOTH, encoding="big5"),
    "big5 with characters of cp950": Case("id,name\n1,裏碁銹恒\n".encode("cp950"), ["1 裏碁銹恒 "], encoding="big5"),
    "big5, not declared": Case(CHINESE.encode("big5"), reason="not_utf8", detail="looks like big5"),
    "gb18030, declared": Case("id,name\n1,王小明𠮷\n".encode("gb18030"), ["1 王小明𠮷 "], encoding="gb18030"),
    "gb18030, not declared": Case(SIMPLIFIED.encode("gb18030"), reason="not_utf8", detail="looks like gb18030"),
    "utf-8 where big5 is declared": Case(
        CHINESE.encode(), reason="not_big5", detail="looks like utf-8", encoding="big5"
    ),
    "utf-16 with a byte order mark, declared": Case(TEXT.encode("utf-16"), BOTH, encoding="utf-16"),
    "utf-16 little end first without a mark": Case(TEXT.encode("utf-16-le"), BOTH, encoding="utf-16"),
    "utf-16 big end first without a mark": Case(TEXT.encode("utf-16-be"), BOTH, encoding="utf-16"),
    "utf-16, not declared": Case(TEXT.encode("utf-16"), reason="not_utf8", detail="looks like utf-16"),
    "utf-16 of half a character": Case(TEXT.encode("utf-16-le") + b"\n", reason="not_utf16", encoding="utf-16"),
    "one field that is no utf-8": Case(lines("1,A,1") + b"2,\xff\xfe,2\n", reason="not_utf8"),
    "a NUL": Case(lines("1,A\0B,1"), reason="holds_nul_characters"),
    # lines
    "line ends of DOS": Case(PLAIN.replace(b"\n", b"\r\n"), BOTH),
    "line ends of an old Mac": Case(PLAIN.replace(b"\n", b"\r"), BOTH),
    "line ends of every kind": Case(b"id,name,amount\r1,A,1\r\n2,B,2\n3,C,3", ["1 A 1", "2 B 2", "3 C 3"]),
    "no line end at the end": Case(PLAIN.rstrip(), BOTH),
    "blank lines": Case(b"\n\nid,name,amount\n\n1,A,1\n\n\n2,B,2\n\n", ["1 A 1", "2 B 2"]),
    "only line ends": Case(b"\n\r\n\n\n", reason="empty"),
    "nothing": Case(b"", reason="empty"),
    "only a header": Case(b"id,name,amount\n", []),
    "a line of ten million columns": Case(lines("1,A,1", "2," + "," * 10_000_000), ["1 A 1"], by_line="wrong_number"),
    "a header of ten million columns": Case(lines(header="id," + "," * 10_000_000), reason="header_too_long"),
    "a header of ten thousand columns": Case(lines(header="id," + "," * 10_000), reason="too_many_columns"),
    "a line of 40 MiB": Case(lines("1," + "x" * (40 << 20) + ",1"), reason="line_too_long"),
    "a value of 5 MiB": Case(lines("1," + "x" * (5 << 20) + ",1", "2,B,2"), ["2 B 2"], by_line="value_too_long"),
    "a value of 2 MiB": Case(lines("1," + "x" * (2 << 20) + ",1"), ["1 " + "x" * (2 << 20) + " 1"]),
    "a key of 3,000 characters": Case(lines("k" * 3_000 + ",A,1", "2,B,2"), ["2 B 2"], by_line="key_too_long"),
    "a line too short and one too long": Case(
        lines("1,A,1", "2,B", "3,C,3,3", "4,D,4"), ["1 A 1", "4 D 4"], by_line="wrong_number"
    ),
    # quotes
    "a line end inside quotes": Case(lines('1,"A\nB",1', "2,C,2"), ["1 A\nB 1", "2 C 2"]),
    "a quote inside quotes": Case(lines('1,"A ""B"" C",1'), ['1 A "B" C 1']),
    "inches": Case(lines('1,5" pipe,1', '2,6" pipe,2'), ['1 5" pipe 1', '2 6" pipe 2']),
    "a quote that is never closed": Case(lines('1,"A,1', "2,B,2", "3,C,3"), reason="quotes_gone_wrong"),
    "a quote that the next one closes": Case(lines('1,"A,1', '2,"B,2', "3,C,3"), reason="quotes_gone_wrong"),
    # headers
    "a column twice": Case(lines("1,A,B,1", header="id,name,name,amount"), reason="column_named_twice"),
    "names in other case and with blanks": Case(lines("1,A,1", header=" ID ,Name,AMOUNT "), ["1 A 1"]),
    "a header in Chinese beside the columns": Case(lines("1,A,1,9", header="id,name,amount,備註"), ["1 A 1"]),
    "another delimiter": Case(PLAIN.replace(b",", b";"), reason="key_column_missing", detail="looks as if delimited"),
    "one delimiter too many everywhere": Case(lines("1,A,1,", "2,B,2,", header="id,name,amount,"), ["1 A 1", "2 B 2"]),
    "one delimiter too many in the rows": Case(lines("1,A,1,", "2,B,2,"), ["1 A 1", "2 B 2"]),
    "one delimiter too many in the header": Case(lines("1,A,1", header="id,name,amount,"), ["1 A 1"]),
    "a page of HTML": Case(b"<html>\n<body>Service unavailable</body>\n", reason="key_column_missing"),
    # formulas are text
    "cells that are formulas": Case(
        lines("1,=cmd|' /C calc'!A0,1", "2,+1+1,2", "3,@SUM(A1),3", "4,-2+3,4"),
        ["1 =cmd|' /C calc'!A0 1", "2 +1+1 2", "3 @SUM(A1) 3", "4 -2+3 4"],
    ),
    # packed
    "gzip": Case(gzip.compress(PLAIN), BOTH),
    "gzip in two parts": Case(gzip.compress(PLAIN[:20]) + gzip.compress(PLAIN[20:]), BOTH),
    "gzip cut off": Case(gzip.compress(PLAIN)[:-12], reason="gzip_cut_off"),
    "gzip damaged": Case(gzip.compress(PLAIN)[:-8] + bytes(8), reason="gzip_damaged"),
    "gzip with something behind": Case(gzip.compress(PLAIN) + b"and more", reason="gzip_damaged"),
    "zip": Case(zipped(tickets=PLAIN), BOTH),
    "zip with two files": Case(zipped(one=PLAIN, two=PLAIN), reason="zip_holds_several_files"),
    "zip with none": Case(zipped(), reason="zip_is_empty"),
    "zip cut off": Case(zipped(tickets=PLAIN)[:-30], reason="zip_damaged"),
    "a workbook": Case(zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), reason="is_a_workbook"),
    "gzip that unpacks to 64 MiB": Case(gzip.compress(bytes(64 << 20)), reason="unpacks_to_too_much"),
    "zip that unpacks to 64 MiB": Case(zipped(tickets=bytes(64 << 20)), reason="unpacks_to_too_much"),
}
NAMES = {name: f"S{number:03}" for number, name in enumerate(CORPUS)}
ENCODINGS = sorted({case.encoding for case in CORPUS.values()})


def table(encoding: str) -> str:
    return f"raw.till__{entity(encoding)}"


def entity(encoding: str) -> str:
    return f"sales_{encoding.replace('-', '')}"


def declared(root: Path, sources: Path, **more: object) -> Path:
    """A source with one entity for each encoding, told apart by the names of their files."""
    sources.mkdir(exist_ok=True)
    columns = ["id", "name", "amount"]
    entities = {
        entity(encoding): {
            "read": {"path": "{date}/{store}/" + encoding + ".csv", "encoding": encoding},
            "key": ["_file", "id"],
            "columns": columns,
            "overlap": "P7D",
        }
        for encoding in ENCODINGS
    }
    fixed = {"source": "till", "kind": "files", "description": "A till.", "currency": "TWD", "time_zone": "Asia/Taipei"}
    text = yaml.safe_dump(fixed | {"connection": {"url": str(root)}, "entities": entities} | more)
    (sources / "till.yml").write_text(text, encoding="utf-8")
    return sources


class Delivered(NamedTuple):
    settings: Settings
    step: dict[str, object]
    seconds: float
    grown: int
    """Mebibytes by which the process's peak grew."""


@pytest.fixture(scope="module")
def delivered(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """The warehouse after the whole corpus was delivered in one night."""
    root = tmp_path_factory.mktemp("corpus")
    for name, case in CORPUS.items():
        file = root / "drop" / DAY / NAMES[name] / f"{case.encoding}.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(case.content)
    database = f"warehouse_{uuid4().hex}"
    server.create_database(database, template="empty_warehouse")
    settings = Settings(url=server.url(database), sources_dir=declared(root / "drop", root / "sources"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    step = extracted(settings, night(20), "till")
    seconds = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    yield Delivered(settings, step, seconds, grown)
    server.drop_database(database)


@pytest.mark.parametrize("name", CORPUS)
def test_a_file_is_read_rightly_or_isolated_with_its_reason(delivered: Delivered, name: str) -> None:
    case = CORPUS[name]
    file = f"{DAY}/{NAMES[name]}/{case.encoding}.csv"
    with connect(delivered.settings.url) as connection:
        ledger = connection.execute("select status, reason, detail from ops.files where file = %s", (file,)).fetchall()
        landed = connection.execute(
            f"select concat_ws(' ', id, name, coalesce(amount, '')) from {table(case.encoding)}"
            " where _file = %s order by _line::int".encode(),
            (file,),
        ).fetchall()
        isolated = connection.execute("select reason from ops.isolated where place like %s", (file + "%",)).fetchall()

    assert len(ledger) == 1
    status, reason, detail = ledger[0]
    if case.reason:
        assert (status, reason, landed) == ("isolated", case.reason, [])
        assert [text for (text,) in isolated] == [case.reason]
        assert (detail or "").startswith(case.detail or "")
    else:
        assert (status, reason) == ("landed", None)
        assert [text for (text,) in landed] == case.rows
        assert {text.startswith(case.by_line or "none") for (text,) in isolated} <= {True}
        assert bool(isolated) == bool(case.by_line)


def test_nothing_is_lost_and_the_corpus_takes_neither_long_nor_much(delivered: Delivered) -> None:
    step = delivered.step

    assert len(CORPUS) >= 30
    assert step["status"] == "succeeded"
    counts = {name: int(str(step[name])) for name in ("read", "landed", "duplicate", "isolated")}
    assert counts["read"] == counts["landed"] + counts["duplicate"] + counts["isolated"]
    assert delivered.seconds < 60
    assert delivered.grown < 1_500


def test_a_formula_that_is_exported_is_defused() -> None:
    from customer_warehouse.activation.files import safe_cell

    for cell in ("=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "\t=1", "\uff1d1+1"):
        assert safe_cell(cell) == "'" + cell


def manifested(root: Path, sources: Path) -> Settings:
    """The same list, each file with a manifest."""
    sources = declared(root, sources)
    file = sources / "till.yml"
    source = yaml.safe_load(file.read_text())
    source["entities"] = {"sales": source["entities"]["sales_utf8"]}
    source["entities"]["sales"]["read"] = {"path": "{date}/{store}/sales.csv", "manifest": ".manifest.json"}
    file.write_text(yaml.safe_dump(source))
    return Settings(sources_dir=sources)


def test_manifests_that_are_broken_missing_or_too_early(warehouse_url: str, tmp_path: Path) -> None:
    root = tmp_path / "drop"
    settings = manifested(root, tmp_path / "sources").model_copy(update={"url": warehouse_url})
    for store in ("GOOD", "BROKEN", "LIST", "NEGATIVE", "MISSING", "EARLY"):
        deliver(root, f"{DAY}/{store}/sales.csv", PLAIN)
    for store, text in (("BROKEN", "{"), ("LIST", "[]"), ("NEGATIVE", '{"rows": -1, "sha256": ""}')):
        (root / DAY / store / "sales.csv.manifest.json").write_text(text)
    (root / DAY / "MISSING" / "sales.csv.manifest.json").unlink()
    (root / DAY / "EARLY" / "sales.csv").unlink()

    step = extracted(settings, night(20), "till")

    assert (step["landed"], step["isolated"]) == (2, 6)
    reasons = "select reason || ' ' || count(*) from ops.isolated group by reason"
    assert values(settings, reasons) == ["manifest_unreadable 3"]
    waiting = [f"{DAY}/EARLY/sales.csv", f"{DAY}/MISSING/sales.csv"]
    assert step["detail"]["sales"]["waiting"] == waiting

    for store in ("BROKEN", "LIST", "NEGATIVE", "MISSING", "EARLY"):
        deliver(root, f"{DAY}/{store}/sales.csv", PLAIN)

    assert extracted(settings, night(20), "till")["landed"] == 10


def test_things_that_are_no_files_and_days_that_do_not_exist(
    warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, secret = tmp_path / "drop", tmp_path / "secret.csv"
    settings = Settings(url=warehouse_url, sources_dir=declared(root, tmp_path / "sources"))
    secret.write_bytes(PLAIN)
    for store in ("GOOD", "FOLDER", "OUT", "NOWHERE", "WITHIN", "LOCKED"):
        (root / DAY / store).mkdir(parents=True)
    (root / DAY / "GOOD" / "utf-8.csv").write_bytes(PLAIN)
    (root / DAY / "FOLDER" / "utf-8.csv").mkdir()
    (root / DAY / "OUT" / "utf-8.csv").symlink_to(secret)
    (root / DAY / "NOWHERE" / "utf-8.csv").symlink_to(tmp_path / "nowhere.csv")  # is as good as nothing
    (root / DAY / "WITHIN" / "utf-8.csv").symlink_to(root / DAY / "GOOD" / "utf-8.csv")
    (root / DAY / "LOCKED" / "utf-8.csv").write_bytes(PLAIN)
    for day in ("2026-02-30", "2026-13-01", "archive"):
        (root / day / "TPE").mkdir(parents=True)
        (root / day / "TPE" / "utf-8.csv").write_bytes(PLAIN)
    opened = Path.read_bytes

    def locked(path: Path) -> bytes:
        if "LOCKED" in path.parts:
            raise PermissionError(path)
        return opened(path)

    monkeypatch.setattr(Path, "read_bytes", locked)

    step = extracted(settings, night(20), "till")

    assert step["landed"] == 4, "the good one, and the link within the folder"
    assert values(settings, "select split_part(file, '/', 1 + (reason <> 'no_such_day')::int) || ' ' || reason"
                            " from ops.files where status = 'isolated' order by 1") == [
        "2026-02-30 no_such_day",
        "2026-13-01 no_such_day",
        "FOLDER not_a_file",
        "LOCKED cannot_be_opened",
        "OUT not_a_file",
    ]  # fmt: skip


def test_a_day_that_does_not_exist_is_also_found_when_only_some_days_are_listed(
    warehouse_url: str, tmp_path: Path
) -> None:
    root = tmp_path / "drop"
    settings = Settings(url=warehouse_url, sources_dir=declared(root, tmp_path / "sources"))
    for day in (29, 30):
        deliver(root, f"2026-11-{day}/TPE/utf-8.csv", PLAIN)
        if day == 30:
            deliver(root, "2026-11-31/TPE/utf-8.csv", PLAIN)
        extracted(settings, night(day), "till")

    assert value(settings, "select file || ' ' || reason from ops.files where status = 'isolated'") == (
        "2026-11-31/TPE/utf-8.csv no_such_day"
    )


@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(b"id,name,amount\n1,A,1\n".__add__)), max_size=40
    )
)
@fuzzing(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_files_of_any_bytes_stop_nothing_and_every_row_is_accounted_for(
    shared: str, tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    root = tmp_path_factory.mktemp("any")
    source = f"s{uuid4().hex[:8]}"
    settings = Settings(url=shared, sources_dir=declared(root / "drop", root / "sources", source=source))
    (root / "sources" / "till.yml").rename(root / "sources" / f"{source}.yml")
    deliver(root / "drop", f"{DAY}/GOOD/utf-8.csv", PLAIN)
    for number, content in enumerate(contents):
        deliver(root / "drop", f"{DAY}/S{number}/utf-8.csv", content)

    step = extracted(settings, night(20), source)

    assert step["read"] == step["landed"] + step["duplicate"] + step["isolated"]
    assert value(settings, f"select count(*) from raw.{source}__sales_utf8 where _file like '%GOOD%'") == 2
    files = f"select count(*) from ops.files where source = '{source}' and entity = 'sales_utf8'"
    assert value(settings, files) == len(contents) + 1


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[str]:
    """The address of a warehouse for all examples; each has a source of its own in it."""
    name = f"warehouse_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    yield server.url(name)
    server.drop_database(name)
