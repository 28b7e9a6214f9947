"""The values of a labelled file, standardised as a night standardises its sources', as records of identity.

What a declaration says of a source is not known of such a file, so three things are read off its columns: in which
order a birth date's day and month stand, which country's numbers the phones are where no country is given, and which
three of many `other` columns tell records apart best. A value that cannot be standardised stays as text, as evidence
for scoring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.identity.records import RECORDS
from customer_warehouse.standardise import phone_number
from customer_warehouse.standardise.arrow_columns import HAN, TEXT, is_one_of, matches, replaced
from customer_warehouse.standardise.characters import MAX_RAW, clean
from customer_warehouse.standardise.columns import ColumnResult, standardise_column, standardise_rows
from customer_warehouse.standardise.fast_phones import REGIONS
from customer_warehouse.standardise.person_name import compose
from customer_warehouse.standardise.processes import Processes
from customer_warehouse.standardise.reference import fold, is_placeholder, words

CHUNK_ROWS = 25_000
MANY_ROWS = 250_000
"""Another process takes 2 s of processor time before its first chunk: as long as 100,000 rows take."""
SAMPLE = 500
"""Distinct values from which a column's habits are read off."""
BIRTH_PIVOT = 25
"""Where years of birth have two digits: those below it are 20xx."""
HABITS: tuple[Mapping[str, Any], ...] = (
    {},
    *({"order": order} for order in ("day", "month", "year")),
    *({"order": order, "pivot": BIRTH_PIVOT} for order in ("day", "month", "year")),
)
"""How birth dates may be written, the plainest first."""
ENOUGH_PHONES = 0.6
"""The share of a column that must be valid numbers of one region before the column is taken for that region's."""
PLAIN = "^[!-~]+(?: [!-~]+)*$"
"""A text that cleaning does not change."""
NO_DIGIT = re.compile("[^0-9]+")
ADDRESS_PARTS = ("street", "lane", "alley", "house_number", "unit", "district", "city", "region", "postcode")
OTHERS = ("other_1", "other_2", "other_3")
SOURCE = "records"
"""The source of the records of a file that does not name any."""


@dataclass(frozen=True)
class Reader:
    """Standardises chunks of a labelled file; can be sent to another process."""

    columns: Mapping[str, list[str]]
    """The columns by type."""
    birth: Mapping[str, Any]
    """Options of the birth dates."""
    phone_region: str | None
    """Whose numbers the phones are where no country is given; None: only numbers with their country code are read."""
    others: tuple[str, ...]
    """The columns that become `other_1` to `other_3`."""

    def __call__(self, chunk: pa.Table) -> pa.RecordBatch:
        """The rows of the chunk as records (columns as in RECORDS)."""
        raw = _Raw(chunk, self.columns)
        (record_id,) = raw.of("record_id")
        source = raw.folded("source") or pa.nulls(len(raw), TEXT)
        found = {
            "source": pc.fill_null(source, SOURCE),
            # The id itself would order equal records, and so might tell something.
            "source_key": _each(record_id, lambda text: sha256(text.encode()).hexdigest()),
            "member_number": raw.number("member_number"),
            "national_id": raw.number("national_id"),
            "occupation": raw.folded("occupation"),
            **self._name(raw),
            **self._email(raw),
            **self._address(raw),
        }
        found |= self._phone(raw, found["country"]) | self._birth(raw)
        found |= dict(zip(OTHERS, (_folded_each(chunk[column]) for column in self.others), strict=False))
        return pa.record_batch(
            [
                pa.nulls(len(raw), field.type) if found.get(field.name) is None else _array(found[field.name])
                for field in RECORDS
            ],
            schema=RECORDS,
        )

    def _name(self, raw: _Raw) -> dict[str, pa.Array]:
        given, family = raw.joined("given_name"), raw.joined("family_name")
        whole = raw.joined("person_name")
        if given is not None or family is not None:
            nothing = pa.nulls(len(raw), TEXT)
            pairs = zip((given or nothing).to_pylist(), (family or nothing).to_pylist(), strict=True)
            composed = pa.array([compose(*pair) for pair in pairs], TEXT)
            whole = composed if whole is None else pc.coalesce(whole, composed)
        if whole is None:
            return {}
        read = _standard("person_name", whole)
        parts = {part: _array(values) for part, values in read.parts.items()}
        if family is not None and given is not None:
            # A word alone is read as a given name; here the column says which it is.
            alone = pc.and_(pc.and_(pc.is_null(given), pc.is_valid(family)), pc.is_null(parts["family"]))
            parts["family"] = pc.if_else(alone, parts["given"], parts["family"])
            parts["given"] = pc.if_else(alone, pa.scalar(None, TEXT), parts["given"])
        return {
            "full_name": _array(read.canonical),
            "full_name_key": _array(read.key),
            **{f"full_name_{part}": values for part, values in parts.items()},
        }

    def _email(self, raw: _Raw) -> dict[str, pa.Array]:
        email = raw.first("email")
        if email is None:
            return {}
        key = _array(_standard("email", email).key)
        return {"email_key": key, "email_text": pc.coalesce(key, _folded_each(email))}

    def _phone(self, raw: _Raw, country: pa.Array | None) -> dict[str, pa.Array]:
        phone = raw.first("phone")
        if phone is None:
            return {}
        phone = _without_decimals(phone)
        own = pa.nulls(len(raw), TEXT) if country is None else country
        readable = pc.or_(matches(phone, r"^\s*(?:\+|00)"), pc.is_valid(own))
        if self.phone_region is not None:
            own, readable = pc.fill_null(own, self.phone_region), pc.is_valid(phone)
        values = _series(pc.if_else(readable, phone, pa.scalar(None, TEXT)))
        read = _array(
            standardise_rows(
                "phone", values, {"regions": [self.phone_region or phone_number.DEFAULT_REGION]}, _series(own)
            ).canonical
        )
        return {"phone": read, "phone_text": _digits(pc.coalesce(read, phone))}

    def _birth(self, raw: _Raw) -> dict[str, pa.Array]:
        birth = raw.first("birth_date")
        if birth is None:
            return {}
        birth = _without_decimals(birth)
        day = _array(_standard("date", birth, self.birth).canonical)
        text = _each(day.cast(TEXT), lambda iso: iso.replace("-", ""))
        return {"birth_date": day, "birth_text": pc.coalesce(text, _digits(birth))}

    def _address(self, raw: _Raw) -> dict[str, pa.Array | None]:
        """The parts of the address: as their columns have them, else read from the address line.

        A line is read where there is one, where the house is not told apart from the street, and where an address is
        in Chinese, whose writings differ too much to be compared as they are.
        """
        columns = ("street", "house_number", "city", "region", "postcode")
        texts: dict[str, pa.Array | None] = {name: raw.joined(name) for name in columns}
        country = raw.first("country")
        country = None if country is None else _country(country)
        line = raw.first("postal_address")
        if line is None and texts["street"] is None:
            folded = {name: None if text is None else _folded_each(text) for name, text in texts.items()}
            return {**folded, "country": country}
        house_is_apart = texts["house_number"] is not None
        written = {
            name: pa.nulls(len(raw), TEXT) if text is None else _without_decimals(text) for name, text in texts.items()
        }
        if line is not None:
            written["street"] = pc.coalesce(line, written["street"])
        chinese = matches(_joined([written[name] for name in ("region", "city", "street")], ""), f"[{HAN}]")
        read = chinese if line is None else pc.or_(chinese, pc.is_valid(line))
        if not house_is_apart:
            read = pa.array([True] * len(raw))
        composed = pc.if_else(read, _line(written, chinese), pa.scalar(None, TEXT))
        answer = standardise_rows(
            "postal_address", _series(composed), {}, None if country is None else _series(country)
        )
        found: dict[str, pa.Array | None] = {part: _array(answer.parts[part]) for part in ADDRESS_PARTS}
        for name, text in written.items():  # what could not be read stays as it was written
            unread = pc.if_else(pc.is_valid(found[name]), pa.scalar(None, TEXT), text)
            found[name] = pc.coalesce(found[name], _folded_each(unread))
        countries = [own for own in (country, _array(answer.parts["country"])) if own is not None]
        found["country"] = pc.coalesce(*countries)
        complete = pc.and_(pc.is_valid(found["street"]), pc.is_valid(found["house_number"]))
        plain = _joined([found[name] for name in ("house_number", "street", "city")], " ")
        found["address_key"] = pc.coalesce(_array(answer.key), pc.if_else(complete, plain, pa.scalar(None, TEXT)))
        return found


class _Raw:
    """The raw texts of a chunk by type."""

    def __init__(self, chunk: pa.Table, columns: Mapping[str, list[str]]) -> None:
        self._chunk = chunk
        self._columns = columns

    def __len__(self) -> int:
        return int(self._chunk.num_rows)

    def of(self, type_: str) -> list[pa.Array]:
        """Every column of the type."""
        return [_array(self._chunk[column]) for column in self._columns.get(type_, [])]

    def first(self, type_: str) -> pa.Array | None:
        """The first column of the type; None when there is none. Others of a type count as `other`."""
        columns = self.of(type_)
        return columns[0] if columns else None

    def joined(self, type_: str) -> pa.Array | None:
        """All columns of the type, with a space between; None when there is none."""
        columns = self.of(type_)
        if len(columns) < 2:
            return columns[0] if columns else None
        return _joined(columns, " ")

    def folded(self, type_: str) -> pa.Array | None:
        joined = self.joined(type_)
        return None if joined is None else _folded_each(_without_decimals(joined))

    def number(self, type_: str) -> pa.Array | None:
        """The letters and digits of the type's first column."""
        first = self.first(type_)
        if first is None:
            return None
        return _each(_without_decimals(first), lambda text: "".join(filter(str.isalnum, _folded(text) or "")) or None)


def read(table: pa.Table, columns: Mapping[str, list[str]], processes: int) -> Iterator[pa.RecordBatch]:
    """The records of a labelled file (as `labelled.read_records` gives it), chunk by chunk.

    `processes` work on many records; few are done before another process has started.
    """
    chunks = (table.slice(start, CHUNK_ROWS) for start in range(0, table.num_rows, CHUNK_ROWS))
    with Processes(processes if table.num_rows >= MANY_ROWS else 1) as pool:
        yield from pool.over(reader(table, columns), chunks)


def reader(table: pa.Table, columns: Mapping[str, list[str]]) -> Reader:
    """What reads the file, with its columns' habits."""
    birth = columns.get("birth_date", [])
    phones = columns.get("phone", [])
    return Reader(
        columns=dict(columns),
        birth=_birth_habit(table[birth[0]]) if birth else {},
        phone_region=_phone_region(table[phones[0]]) if phones else None,
        others=others_of(table, columns)[: len(OTHERS)],
    )


def others_of(table: pa.Table, columns: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The columns that are only compared as texts: `other`, and the second of a type that has one place.

    Those that tell most come first, by their number of distinct values, when there are more than places.
    """
    singular = ("phone", "email", "postal_address", "birth_date", "national_id", "member_number", "country")
    found = [*columns.get("other", []), *(column for type_ in singular for column in columns.get(type_, [])[1:])]
    if len(found) > len(OTHERS):
        found.sort(key=lambda column: -pc.count_distinct(table[column]).as_py())
    return tuple(found)


def _birth_habit(values: pa.ChunkedArray) -> Mapping[str, Any]:
    """The options under which most of the column's birth dates can be read."""
    sample = _sample(values)

    def unread(options: Mapping[str, Any]) -> int:
        return int(_standard("date", sample, options).canonical.isna().sum())

    return min(HABITS, key=unread) if "ambiguous_date" in set(_standard("date", sample).reason.dropna()) else {}


def _phone_region(values: pa.ChunkedArray) -> str | None:
    """The region of which most of the column's phones are valid numbers; None when there is no such region."""
    sample = _sample(values)
    valid = {region: int(_standard("phone", sample, {"region": region}).canonical.notna().sum()) for region in REGIONS}
    best = max(valid, key=lambda region: valid[region])
    return best if len(sample) and valid[best] >= ENOUGH_PHONES * len(sample) else None


def _sample(values: pa.ChunkedArray) -> pa.Array:
    """Some distinct values of a column, whatever its order."""
    distinct = pc.unique(_without_decimals(values)).drop_null()
    return pc.take(distinct, pc.sort_indices(distinct)[:: max(1, len(distinct) // SAMPLE)])


def _line(texts: Mapping[str, pa.Array], chinese: pa.Array) -> pa.Array:
    """One line of the parts, the largest place first in Chinese and last in an alphabet."""
    house = _joined((texts["house_number"], texts["street"]), " ")
    western = _joined((house, texts["city"], texts["region"], texts["postcode"]), ", ")
    large_first = _joined((texts["region"], texts["city"], texts["street"], texts["house_number"]), "")
    return pc.if_else(chinese, large_first, western)


def _joined(texts: Sequence[pa.Array], separator: str) -> pa.Array:
    """The texts that are there, with the separator between; null where none is."""
    # Where all are null, Arrow's own way of skipping nulls leaves the row out; an empty text in front keeps it.
    front = pa.array([""] * len(texts[0]), TEXT)
    joined = pc.binary_join_element_wise(front, *texts, separator, null_handling="skip")
    joined = pc.utf8_slice_codeunits(joined, len(separator))
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, TEXT), joined)


def _country(values: pa.Array) -> pa.Array:
    """The country's code, else what was written."""
    return pc.coalesce(_array(_standard("code", values, {"list": "country"}).canonical), _folded_each(values))


def _standard(type_: str, values: pa.Array, options: Mapping[str, Any] | None = None) -> ColumnResult:
    return standardise_column(type_, _series(values), options or {})


def _folded(text: str) -> str | None:
    """A text as it is compared with others; None when it says nothing or is too long to be a value."""
    cleaned = clean(text)
    if cleaned is None or len(cleaned) > MAX_RAW or is_placeholder(cleaned):
        return None
    return fold(cleaned)


def _folded_each(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """What `_folded` makes of each text; plain ones, which are most, all at once."""
    encoded = _array(values).dictionary_encode()
    plain = pc.and_(matches(encoded.dictionary, PLAIN), pc.less_equal(pc.utf8_length(encoded.dictionary), MAX_RAW))
    folded = pc.utf8_lower(encoded.dictionary)
    says_nothing = pc.or_(is_one_of(folded, words("placeholders", "words")), pc.invert(matches(folded, "[a-z0-9]")))
    folded = pc.if_else(says_nothing, pa.scalar(None, TEXT), folded)
    others = pc.invert(plain)
    rest = [_folded(text) for text in encoded.dictionary.filter(others).to_pylist()]
    return pc.replace_with_mask(folded, others, pa.array(rest, TEXT)).take(encoded.indices)


def _each(values: pa.Array | pa.ChunkedArray, change: Callable[[str], str | None]) -> pa.Array:
    """Each text changed; every distinct one is worked out once."""
    encoded = _array(values).dictionary_encode()
    changed = pa.array([None if text is None else change(text) for text in encoded.dictionary.to_pylist()], TEXT)
    return changed.take(encoded.indices)


def _digits(values: pa.Array) -> pa.Array:
    digits = _each(values, _digits_of)
    return pc.if_else(pc.equal(digits, ""), pa.scalar(None, TEXT), digits)


def _digits_of(text: str) -> str:
    return NO_DIGIT.sub("", text if text.isascii() else clean(text) or "")


def _without_decimals(values: pa.Array) -> pa.Array:
    """Whole numbers that a gap in their column made floating (4223.0) as they were."""
    return replaced(values, r"^(\d+)\.0$", r"\1")


def _series(values: pa.Array) -> pd.Series:
    return pd.Series(pd.array(_array(values), dtype=pd.ArrowDtype(TEXT)))


def _array(values: Any) -> pa.Array:
    """One Arrow array of a series or of chunks."""
    array = pa.array(values) if isinstance(values, pd.Series) else values
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
