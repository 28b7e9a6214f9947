"""A company's own placeholders: what the list may say, and what becomes of a column."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from customer_warehouse.extract.declaration import Source
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import PACKAGE
from customer_warehouse.standardise.columns import standardise_column
from customer_warehouse.standardise.own_placeholders import FILE, Entry, listed_values, load_entries, without

TEXT = pd.ArrowDtype(pa.string())
SOURCE = Source.model_validate(
    {
        "source": "till",
        "kind": "files",
        "description": "A till.",
        "currency": "TWD",
        "connection": {"url": "/drop"},
        "entities": {},
    }
)


def entries(folder: Path, content: str) -> list[Entry]:
    (folder / FILE).parent.mkdir(exist_ok=True)
    (folder / FILE).write_text(content, encoding="utf-8")
    return load_entries(folder)


def entry(column: str, *values: str) -> Entry:
    return Entry(column=column, owner="store operations", reason="ours", values=list(values))


def test_a_company_without_a_list_has_none(tmp_path: Path) -> None:
    assert load_entries(tmp_path) == []


def test_the_shipped_list_is_read() -> None:
    shipped = load_entries(PACKAGE / "extract" / "sources")
    assert {one.column for one in shipped} == {"phone"}
    assert listed_values(shipped, SOURCE)["phone"] >= {"+886223451188"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- {column: phone, reason: ours, values: ['1']}", "0.owner: Field required"),
        ("- {column: phone, owner: '', reason: ours, values: ['1']}", "0.owner: String should have at least 1"),
        (
            "- {column: telephone, owner: us, reason: ours, values: ['1']}",
            "columns that customers do not have: telephone",
        ),
        ("- {column: phone, owner: us, reason: ours, values: []}", "0.values: List should have at least 1"),
        ("- {column: phone", "is not YAML"),
    ],
)
def test_a_wrong_list_stops_the_night_with_a_sentence(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(StageError, match=message):
        entries(tmp_path, content)


def test_a_value_that_its_type_does_not_read_is_named_by_its_place_only() -> None:
    with pytest.raises(StageError, match=r"no phone \(entry 2, value 1\)") as raised:
        listed_values([entry("email", "shop@pm.me"), entry("phone", "0912-34")], SOURCE)
    assert "0912" not in str(raised.value)


@pytest.mark.parametrize(
    ("column", "type_name", "written", "given"),
    [
        ("phone", "phone", "02-2345-1188", "+886 2 2345 1188"),
        ("email", "email", "Our.Shop+tills@gmail.com", "ourshop@gmail.com"),
        ("postal_address", "postal_address", "臺北市信義區松高路11號", "台北市信義區松高路11號"),
        ("birth_date", "date", "1990-01-01", "1990/1/1"),
        ("full_name", "person_name", "王小明", "王 小明"),
        ("member_number", "text", "99999999", "99999999"),
    ],
)
def test_a_listed_value_is_no_value_however_it_is_written(
    column: str, type_name: str, written: str, given: str
) -> None:
    listed = listed_values([entry(column, written)], SOURCE)[column]
    other = {"email": "mei@pm.me", "date": "1990-01-02", "phone": "0912345679"}.get(type_name, "臺中市西屯區青海路5號")
    result = standardise_column(type_name, pd.Series([given, other, None], dtype=TEXT), {})

    kept = without(result, listed)

    assert kept.canonical.notna().tolist() == [False, True, False]
    assert pa.array(kept.reason).to_pylist() == ["placeholder", None, None]
    for beside in (kept.key, kept.flags, *kept.parts.values()):
        assert beside is None or pd.isna(beside.iloc[0])
    assert kept.canonical.dtype == result.canonical.dtype


def test_a_column_without_listed_values_stays_as_it_is() -> None:
    result = standardise_column("phone", pd.Series(["0912345679"], dtype=TEXT), {})
    assert without(result, frozenset({"+886223451188"})) is result
