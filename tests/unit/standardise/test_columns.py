"""Columns: the same answers as the scalar functions, value by value, and frames that fit a table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_warehouse.standardise.columns import (
    TYPES,
    OptionsError,
    check_options,
    standardise_column,
    standardise_rows,
    with_region,
)
from unit.standardise import realistic

TEXT = pd.ArrowDtype(pa.string())

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "postal_address": [{}, {"region": "CN"}, {"region": "HK"}],
    "phone": [
        {},
        {"region": "CN"},
        {"region": "HK"},
        {"regions": ["TW", "CN", "HK"]},
        {"regions": ["TW", "HK", "CN"]},
        {"regions": ["CN", "HK"]},
        {"regions": ["TW", "HK", "CN", "US", "GB", "AU"]},
        {"region": "GB"},
    ],
    "date": [
        {},
        {"roc": True, "order": "day", "excel": True},
        {"order": "year", "pivot": 30, "excel": 1904},
        {"earliest": "1950-01-01", "latest": "2026-11-21T16:00:00+00:00", "placeholders": ["1990-01-01"]},
    ],
    "timestamp": [
        {},
        {"time_zone": "Asia/Taipei"},
        {"time_zone": "America/New_York"},
        {"time_zone": "Australia/Lord_Howe"},
        {"format": "%Y-%m-%d %H:%M:%S", "time_zone": "UTC"},
        {"time_zone": "Asia/Taipei", "roc": True, "order": "day", "epoch": "seconds"},
        {"time_zone": "Asia/Taipei", "order": "month", "pivot": 50, "excel": True},
    ],
    "money": [
        {},
        {"currency": "TWD"},
        {"minimum": None, "maximum": None},
        {"minimum": "10.5", "maximum": 1e20},
        {"minimum": None, "negate": True, "decimal": ",", "currency": "USD"},
    ],
    "number": [
        {},
        {"range": [1, 5]},
        {"range": [None, "9.5"], "integer": True},
        {"decimal": ",", "negate": True},
    ],
    "code": [
        realistic.OPTIONS["code"],
        {"values": ["M", "F"]},
        {"list": "gender"},
        {"list": "country", "otherwise": None},
    ],
}
"""The options with which a type is tried, where it has any."""
CASES = [(name, options) for name in TYPES for options in OPTIONS.get(name, [{}])]

DIGITS = "0123456789+-() .#/"
SHAPES = {
    "text": st.text(max_size=12),
    "code": st.sampled_from(["M", "f", " \uff26", "男", "x", "", "O"]),
    "email": st.from_regex(r"\A[A-Za-z0-9_.+-]{1,8}@[A-Za-z0-9.-]{1,12}\.[A-Za-z]{1,5}\Z"),
    "phone": st.from_regex(r"\A(\+|00)?(886|86|852|1)?[-( ]?0?[0-9]{1,3}[-) ]?[0-9]{3,4}[- ]?[0-9]{3,4}\Z")
    | st.text(DIGITS, min_size=6, max_size=16),
    "person_name": st.text("王歐陽大明先生小姐测试 無", min_size=1, max_size=5)
    | st.text("榮凡黃芬王小阿太收公司商行國際田中林單", min_size=2, max_size=4)
    | st.from_regex(r"\A[A-Z][a-z]{0,5} [A-Z][a-z]{0,5}\Z")
    | st.from_regex(r"\A[A-Z][a-z]{1,4}-[A-Za-z][a-z]{1,4} (Chen|Lin|Smith|Wong)\Z")
    | st.from_regex(r"\A[ \u3000]?[王凡][ \u3000]?[大明黃]{1,2}[ \u3000]?[明美]?[ \u3000]?\Z")
    | st.sampled_from(
        [
            "Ou-Yang Chen",
            "Wei-Ling Smith",
            "Mei-ling Chen",
            "Smith Ltd",
            "Moon Studio",
            "John Doe",
            "Alice White",
            "White Alice",
            "Chan Peter",
            "Tai Chan",
        ]
    )
    | st.sampled_from(["Mr Smith", "Smith Dr", "Test User", "Not Given", "Ann Van", "Van Gogh"]),
    "postal_address": st.text("台北市大安區路一二十段12巷號樓之-F, ", max_size=20)
    | st.from_regex(
        r"\A(106 ?|22041)?([台臺]北市 ?大安區|新北市板橋[區市]|台北縣板橋市|[板左]營?橋?區|嘉義市東區)"
        r"((福德|龍門)[里村])?([1-9]鄰)? ?(中山|大同街|新生|和平東)?(路|街|大道)"
        r" ?([一二2]段)? ?(1?[0-9]巷)? ?(2弄)? ?[1-9]{1,2}([之-][0-9])?[號号] ?([0-9]{1,2}(樓|F)([之-]1)?)?\Z"
    ),
    "date": st.from_regex(r"\A[0-9]{2,4}[-/][0-9]{1,2}[-/][0-9]{1,2}\Z") | st.dates().map(str),
    "timestamp": st.from_regex(
        r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|\+08:00|)\Z"
    )
    | st.datetimes().map(str),
    "money": st.decimals(allow_nan=True, allow_infinity=True).map(str)
    | st.from_regex(r"\A-?[0-9]{1,14}(\.[0-9]{1,7})?\Z"),
    "sku": st.from_regex(r"\A[A-Za-z0-9]{1,6}[-_ .+]?[A-Z0-9]{0,4}\Z") | st.sampled_from(["1.5E+10", "xxx", "TBD"]),
    "number": st.integers().map(str) | st.from_regex(r"\A-?[0-9]{1,14}(\.[0-9]{1,8})?\Z"),
}
"""Texts near the shapes that the fast paths take."""


def assert_same_answers(type_name: str, raws: list[str | None], options: dict[str, Any]) -> None:
    """The column function and the scalar function agree on every value."""
    spec = TYPES[type_name]
    result = standardise_column(type_name, pd.Series(raws, dtype=TEXT), options)
    columns = {"value": result.canonical, "reason": result.reason, **result.parts}
    if result.key is not None:
        columns["key"] = result.key
    if result.flags is not None:
        columns["flags"] = result.flags
    found = {name: pa.array(column).to_pylist() for name, column in columns.items()}
    for place, raw in enumerate(raws):
        answer = spec.standardise(raw, **options)
        expected = {"value": answer.value, "reason": answer.reason}
        expected |= {part: (answer.parts or {}).get(part) for part in spec.parts}
        if spec.has_key:
            expected["key"] = answer.key
        if spec.has_flags:
            expected["flags"] = " ".join(answer.flags) or None
        assert {name: column[place] for name, column in found.items()} == expected, ascii(raw)


@pytest.mark.parametrize(("type_name", "options"), CASES)
def test_a_column_of_real_input_gets_the_scalar_answers(type_name: str, options: dict[str, Any]) -> None:
    assert_same_answers(type_name, [None, "", *realistic.values(type_name, 4_000)], options)


@pytest.mark.parametrize("type_name", TYPES)
@settings(deadline=None)
@given(data=st.data())
def test_a_column_of_any_text_gets_the_scalar_answers(type_name: str, data: st.DataObject) -> None:
    options = data.draw(st.sampled_from(OPTIONS.get(type_name, [{}])))
    text = st.text(max_size=20) | SHAPES[type_name]
    raws = data.draw(st.lists(st.none() | text, max_size=30))
    assert_same_answers(type_name, raws, options)


def test_every_mobile_prefix_gets_the_scalar_answer() -> None:
    tail = Random(7)
    plans = [f"09{prefix:02d}{{:06d}}" for prefix in range(100)]
    plans += [f"+86{prefix}{{:08d}}" for prefix in range(130, 200)]
    plans += [f"+852{prefix}{{:05d}}" for prefix in range(400, 1000)]
    plans += [f"02{digit}{{:07d}}" for digit in range(10)]
    raws: list[str | None] = [plan.format(tail.randrange(10**5)) for plan in plans for _ in range(3)]
    assert_same_answers("phone", raws, {})


def test_every_hour_around_a_clock_change_gets_the_scalar_answer() -> None:
    days = [date(2026, 3, 7) + timedelta(days=n) for n in range(30)] + [
        date(2026, 10, 24) + timedelta(days=n) for n in range(9)
    ]
    raws: list[str | None] = [
        f"{day} {hour:02d}:{minute}:00" for day in days for hour in range(5) for minute in (15, 45)
    ]
    for zone in ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Taipei"):
        assert_same_answers("timestamp", raws, {"time_zone": zone})


def test_a_distinct_value_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def counted(raw: str | None, **options: Any) -> Any:
        seen.append(raw)
        return original(raw, **options)

    original = TYPES["postal_address"].standardise
    spec = TYPES["postal_address"].__class__(counted, "台北市中山路1號", has_key=True)
    monkeypatch.setitem(TYPES, "postal_address", spec)
    standardise_column("postal_address", pd.Series(["中山路2號"] * 500 + [None], dtype=TEXT), {})
    assert seen.count("中山路2號") == 1


@pytest.mark.parametrize(
    ("type_name", "raw", "arrow"),
    [
        ("text", "a", pa.string()),
        ("date", "1990-05-06", pa.date32()),
        ("timestamp", "2026-11-21T05:05:22Z", pa.timestamp("us", tz="UTC")),
        ("money", "1280.5", pa.decimal128(24, 6)),
    ],
)
def test_results_are_arrow_columns_with_the_index_of_the_values(type_name: str, raw: str, arrow: pa.DataType) -> None:
    values = pd.Series([raw, None], index=["a", "b"], dtype=TEXT)
    result = standardise_column(type_name, values, {})
    assert result.canonical.dtype == pd.ArrowDtype(arrow)
    assert list(result.canonical.index) == ["a", "b"]
    assert result.canonical.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(pd.Series(["0912345679", None], dtype=object), id="objects"),
        pytest.param(pd.Series(["0912345679", None], dtype="string[pyarrow]"), id="pandas strings"),
        pytest.param(pd.Series(["0912345679", None], dtype="str"), id="default strings"),
        pytest.param(pd.Series(["0912345679\ud800", float("nan")], dtype=object), id="half a character"),
        pytest.param(pd.Series(["0912345679", None], dtype=pd.ArrowDtype(pa.large_string())), id="large strings"),
    ],
)
def test_texts_may_come_in_any_pandas_form(values: pd.Series[Any]) -> None:
    result = standardise_column("phone", values, {})
    assert pa.array(result.canonical).to_pylist() == ["+886912345679", None]
    assert pa.array(result.reason).to_pylist() == [None, None]


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_column_gives_an_empty_answer(type_name: str, count: int) -> None:
    options = realistic.OPTIONS.get(type_name, {})
    result = standardise_column(type_name, pd.Series([None] * count, dtype=TEXT), options)
    assert (len(result.canonical), result.reason.notna().sum()) == (count, 0)


def test_money_keeps_every_digit() -> None:
    raws = ["0.1", "0.2", "9999999.9999", "1,234,567.89"]
    result = standardise_column("money", pd.Series(raws, dtype=TEXT), {})
    assert pa.array(result.canonical).to_pylist() == [Decimal(raw.replace(",", "")) for raw in raws]


@pytest.mark.parametrize(
    ("type_name", "options", "message"),
    [
        ("colour", {}, "there is no type 'colour'"),
        ("phone", {"zone": "TW"}, "phone has no option 'zone'; it has region, regions"),
        ("phone", {"region": "TWN"}, "no region 'TWN'"),
        ("timestamp", {"time_zone": "Taipei"}, "not an IANA time zone"),
        ("date", {"earliest": "yesterday"}, "date: "),
        ("number", {"range": [1]}, "number: "),
        ("money", {"minimum": "low"}, "money: "),
        ("code", {}, "code: "),
        ("code", {"list": "colour"}, "no code list 'colour'"),
        ("money", {"currency": "NTD"}, "no currency of ISO 4217"),
        ("money", {"decimal": ";"}, "decimal mark"),
    ],
)
def test_wrong_options_are_told_apart_from_wrong_values(type_name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        check_options(type_name, options)


def test_a_rows_own_region_is_tried_before_those_of_the_column() -> None:
    given = ["412345671", "61234567", "0912345679", "415-555-2671", "61234567", None]
    regions = ["AU", " hk ", None, "US", "Atlantis", "TW"]
    result = standardise_rows(
        "phone", pd.Series(given, dtype=TEXT), {"regions": ["TW", "HK", "US", "AU"]}, pd.Series(regions, dtype=TEXT)
    )
    assert pa.array(result.canonical).to_pylist() == [
        "+61412345671",
        "+85261234567",
        "+886912345679",
        "+14155552671",
        "+85261234567",
        None,
    ]
    assert result.flags is not None and list(result.flags.index) == list(range(6))


@pytest.mark.parametrize("type_name", ["phone"])
def test_a_column_with_regions_gets_the_scalar_answers_row_by_row(type_name: str) -> None:
    raws = realistic.values(type_name, 600)
    written = ["TW", "CN", "HK", "US", None, "??"] * 100
    options = {"regions": ["TW", "HK", "CN"]}
    result = standardise_rows(type_name, pd.Series(raws, dtype=TEXT), options, pd.Series(written, dtype=TEXT))
    for place, (raw, region) in enumerate(zip(raws, written, strict=True)):
        own = with_region(options, region) if region in ("TW", "CN", "HK", "US") else options
        answer = TYPES[type_name].standardise(raw, **own)
        assert pa.array(result.canonical)[place].as_py() == answer.value
        assert pa.array(result.parts["kind"])[place].as_py() == (answer.parts or {}).get("kind")


def test_a_type_without_regions_refuses_them() -> None:
    values = pd.Series(["a@pm.me"], dtype=TEXT)
    with pytest.raises(OptionsError, match="email has no regions"):
        standardise_rows("email", values, {}, pd.Series(["TW"], dtype=TEXT))
