"""Labelled files: what is read of them, and the one sentence that a file gets that cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.identity.labelled import TYPES, LabelledFileError, read_columns, read_records, read_truth
from customer_warehouse.identity.labelled_values import CHUNK_ROWS, read
from customer_warehouse.identity.records import RECORDS

COLUMNS = "columns: {id: record_id, name: person_name}"


def records_of(folder: Path, text: str, columns: str) -> list[dict[str, Any]]:
    """What becomes of a CSV file's rows, without what is not known."""
    declared = read_columns(written(folder / "columns.yml", columns))
    table = read_records(written(folder / "records.csv", text), declared)
    batches = list(read(table, declared, 1))
    assert all(batch.schema == RECORDS for batch in batches)
    return [
        {column: value for column, value in row.items() if value is not None and column not in ("source", "source_key")}
        for batch in batches
        for row in batch.to_pylist()
    ]


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_every_type_becomes_the_columns_of_a_record(tmp_path: Path) -> None:
    columns = """
    columns:
      id: record_id
      shop: source
      first: given_name
      last: family_name
      mobile: phone
      mail: email
      street: street
      no: house_number
      town: city
      state: region
      zip: postcode
      land: country
      born: birth_date
      card: national_id
      loyalty: member_number
      job: occupation
      remark: other
    """
    text = (
        "id,shop,first,last,mobile,mail,street,no,town,state,zip,land,born,card,loyalty,job,remark,unused\n"
        "1,Till,Mary,Smith,(415) 555-2671,Mary.Smith@Example.org,Main St,12.0,Springfield,IL,62701,usa,"
        "1980-05-06,A-123.456,M 77,Nurse,Left  handed,x\n"
    )

    (record,) = records_of(tmp_path, text, columns)

    assert record == {
        "full_name": "Mary Smith",
        "full_name_key": "mary smith",
        "full_name_given": "Mary",
        "full_name_family": "Smith",
        "phone": "+14155552671",
        "phone_text": "14155552671",
        "email_key": "mary.smith@example.org",
        "email_text": "mary.smith@example.org",
        "street": "main st",
        "house_number": "12",
        "city": "springfield",
        "region": "il",
        "postcode": "62701",
        "country": "US",
        "address_key": "12 main st springfield",
        "birth_date": date(1980, 5, 6),
        "birth_text": "19800506",
        "national_id": "a123456",
        "member_number": "m77",
        "occupation": "nurse",
        "other_1": "left handed",
    }


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (("Mary", "Smith"), {"full_name_given": "Mary", "full_name_family": "Smith"}),
        (("", "Smith"), {"full_name_family": "Smith"}),
        (("Mary", ""), {"full_name_given": "Mary"}),
        (("小明", "王"), {"full_name_given": "小明", "full_name_family": "王"}),
    ],
    ids=["both", "family only", "given only", "chinese"],
)
def test_a_name_keeps_the_place_that_its_column_gives_it(
    tmp_path: Path, name: tuple[str, str], parts: dict[str, str]
) -> None:
    text = f"id,first,last\n1,{name[0]},{name[1]}\n"

    (record,) = records_of(tmp_path, text, "columns: {id: record_id, first: given_name, last: family_name}")

    assert {column: record.get(column) for column in ("full_name_given", "full_name_family")} == {
        "full_name_given": None,
        "full_name_family": None,
    } | parts


def test_what_cannot_be_standardised_stays_as_text(tmp_path: Path) -> None:
    text = "id,mobile,mail,born\n1,12-34,Mary at home,19800231\n"

    (record,) = records_of(tmp_path, text, "columns: {id: record_id, mobile: phone, mail: email, born: birth_date}")

    assert record == {"phone_text": "1234", "email_text": "mary at home", "birth_text": "19800231"}


def test_chinese_and_undivided_addresses_are_read_for_their_parts(tmp_path: Path) -> None:
    text = 'id,line\n1,臺北市大安區忠孝東路四段100號5樓\n2,"12 Main Street, Springfield, IL 62701"\n'

    chinese, english = records_of(tmp_path, text, "columns: {id: record_id, line: postal_address}")

    assert (chinese["street"], chinese["house_number"], chinese["unit"]) == ("忠孝東路四段", "100號", "5樓")
    assert (english["street"], english["house_number"], english["city"]) == ("Main Street", "12", "Springfield")


def test_a_chinese_address_is_the_same_however_its_columns_divide_it(tmp_path: Path) -> None:
    whole = "id,line\n1,台北市大安區忠孝東路4段100號\n"
    divided = "id,town,street,no\n1,台北市大安區,忠孝東路四段,100號\n"

    (one,) = records_of(tmp_path, whole, "columns: {id: record_id, line: postal_address}")
    (other,) = records_of(tmp_path, divided, "columns: {id: record_id, town: city, street: street, no: house_number}")

    assert one["address_key"] == other["address_key"]


@pytest.mark.parametrize(
    ("days", "read_as"),
    [
        (["05/06/1980", "25/06/1980"], date(1980, 6, 5)),
        (["05/06/1980", "05/25/1980"], date(1980, 5, 6)),
        (["05/06/80", "25/06/80"], date(1980, 6, 5)),
    ],
    ids=["day first", "month first", "two digits"],
)
def test_the_order_of_a_birth_date_is_read_off_its_column(tmp_path: Path, days: list[str], read_as: date) -> None:
    text = "id,born\n" + "".join(f"{number},{day}\n" for number, day in enumerate(days))

    records = records_of(tmp_path, text, "columns: {id: record_id, born: birth_date}")

    assert records[0]["birth_date"] == read_as


def test_the_country_of_phones_is_read_off_their_column(tmp_path: Path) -> None:
    text = "id,mobile\n1,07911 123456\n2,020 7946 0958\n3,0791 123\n"

    records = records_of(tmp_path, text, "columns: {id: record_id, mobile: phone}")

    assert [record.get("phone") for record in records] == ["+447911123456", "+442079460958", None]


def test_of_many_other_columns_the_most_telling_are_compared(tmp_path: Path) -> None:
    text = "id,a,b,c,d\n1,x,1,1,1\n2,x,2,2,2\n3,x,3,3,2\n"
    columns = "columns: {id: record_id, a: other, b: other, c: other, d: other}"

    records = records_of(tmp_path, text, columns)

    assert records[2] == {"other_1": "3", "other_2": "3", "other_3": "2"}


def test_a_second_phone_is_compared_as_a_text(tmp_path: Path) -> None:
    text = "id,one,two\n1,+14155552671,+14155552672\n"

    (record,) = records_of(tmp_path, text, "columns: {id: record_id, one: phone, two: phone}")

    assert (record["phone"], record["other_1"]) == ("+14155552671", "+14155552672")


def test_odd_values_are_no_fault(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    text = f'id,name,street,remark\n1,{long},{long},{long}\n2,😀,"\u202eعربي\n\u0000",n/a\n3,,,\n'

    records = records_of(tmp_path, text, "columns: {id: record_id, name: person_name, street: street, remark: other}")

    assert records[0] == records[2] == {}
    assert records[1]["street"] == "عربي"


def test_many_records_are_read_in_chunks_in_their_order(tmp_path: Path) -> None:
    count = CHUNK_ROWS + 1
    text = "id,remark\n" + "".join(f"{number},{number}\n" for number in range(count))

    records = records_of(tmp_path, text, "columns: {id: record_id, remark: other}")

    assert [record["other_1"] for record in records] == [str(number) for number in range(count)]


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "no": [12.0, None], "born": [date(1980, 5, 6), None]})
    pq.write_table(table, tmp_path / "records.parquet")
    declared = read_columns(written(tmp_path / "c.yml", "columns: {id: record_id, no: house_number, born: birth_date}"))

    found = read_records(tmp_path / "records.parquet", declared)

    assert found.to_pylist() == [
        {"id": "1", "no": "12", "born": "1980-05-06"},
        {"id": "2", "no": None, "born": None},
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("columns: {id: record_id, name: nickname}", "says that name is a 'nickname'; the types are record_id, source"),
        ("columns: {name: person_name}", "names 0 columns of type record_id; there must be one"),
        ("columns: {id: record_id, number: record_id}", "names 2 columns of type record_id; there must be one"),
        ("id: record_id", "has no `columns:`"),
        ("columns:", "has no `columns:`"),
        ("- a", "has no `columns:`"),
        ("columns: {", "is not YAML"),
        ("\x00", "is not YAML"),
        ("columns: {id: [record_id]}", "says that id is a ['record_id']"),
    ],
)
def test_a_list_of_columns_that_is_none_is_said(tmp_path: Path, columns: str, said: str) -> None:
    with pytest.raises(LabelledFileError) as raised:
        read_columns(written(tmp_path / "columns.yml", columns))

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"id\n1\n", "has no column 'name'; it has id"),
        (b"id,name\n1,a\n1,b\n2,c\n", "has 1 rows whose id another row has already"),
        (b"id,name\n1,a\n ,b\n,c\n", "has 2 rows without a id"),
        (b"id,name\n", "has no rows"),
        (b"", "cannot be read as CSV"),
        (b"id,name\n1,a,b\n", "cannot be read as CSV"),
        (b"id,name\n1,\xff\xfe\n", "cannot be read as CSV"),
        (b"PAR1 no more", "cannot be read as Parquet"),
        (b"id,name,name\n1,a,b\n", "has more than one column 'name'"),
    ],
)
def test_records_that_cannot_be_used_are_said(tmp_path: Path, text: bytes, said: str) -> None:
    declared = read_columns(written(tmp_path / "columns.yml", COLUMNS))

    with pytest.raises(LabelledFileError) as raised:
        read_records(written(tmp_path / "records.csv", text), declared)

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("record_id,entity\n1,a\n", "has no column 'entity_id'"),
        ("record_id,entity_id\n1,a\n1,a\n", "has 1 rows whose record_id another row has already"),
        ("record_id,entity_id\n1,\n", "has no rows"),
    ],
)
def test_a_truth_that_cannot_be_used_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LabelledFileError) as raised:
        read_truth(written(tmp_path / "truth.csv", text))

    assert said in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabelledFileError, match="cannot be opened: No such file or directory"):
        read_truth(tmp_path / "nowhere.csv")


def test_a_record_without_an_entity_is_no_part_of_the_truth(tmp_path: Path) -> None:
    assert read_truth(written(tmp_path / "t.csv", "record_id,entity_id\n1,a\n2,\n"))["record_id"].to_pylist() == ["1"]


ODD = (
    "",
    "王小明",
    "Mary O'Brien",
    "0912-345-678",
    "+44 20 7946 0958",
    "1980-02-31",
    "05/06/80",
    "12 Main St",
    "4223.0",
)
ODDER = ("臺北市大安區忠孝東路1號", "US", "n/a", "a@b.example", "\x00", "\u202eعربي", "١٢٣", "½", "ﬀ", "😀")
VALUES = st.one_of(st.text(max_size=40), st.sampled_from(ODD + ODDER))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(TYPES[1:]), min_size=1, max_size=8), st.data())
def test_any_columns_with_any_values_are_read(tmp_path: Path, types: list[str], data: st.DataObject) -> None:
    types = [type_ for place, type_ in enumerate(types) if type_ != "source" or type_ not in types[:place]]
    count = data.draw(st.integers(1, 4))
    table = pa.table(
        {"id": [str(number) for number in range(count)]}
        | {f"c{place}": data.draw(st.lists(VALUES, min_size=count, max_size=count)) for place in range(len(types))}
    )
    pq.write_table(table, tmp_path / "records.parquet")
    lines = ["columns:", "  id: record_id", *(f"  c{place}: {type_}" for place, type_ in enumerate(types))]
    declared = read_columns(written(tmp_path / "columns.yml", "\n".join(lines)))

    batches = list(read(read_records(tmp_path / "records.parquet", declared), declared, 1))

    assert [batch.num_rows for batch in batches] == [count]
    assert batches[0].schema == RECORDS
    keys = zip(batches[0]["source"].to_pylist(), batches[0]["source_key"].to_pylist(), strict=True)
    assert len(set(keys)) == count
