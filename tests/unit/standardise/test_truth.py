"""What comes back of the demo brand's true values: the shipped declarations over people whose truth is known.

A value is damaged only in format when a reader who knows the truth sees nothing but the writing: other digits, capitals
or separators. Every other damage made it wrong, and a wrong value must not become another one that looks right.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import pytest

from customer_warehouse.demo.brand import SEED
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import day_index
from customer_warehouse.demo.person import Person, draw_person
from customer_warehouse.demo.records import State, draw_records
from customer_warehouse.demo.shop import customer_row
from customer_warehouse.demo.stores import open_stores
from customer_warehouse.demo.till import member_lines
from customer_warehouse.extract.declaration import load_source
from customer_warehouse.night import night_of
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.exchange_rates import ExchangeRates
from customer_warehouse.standardise.mapping import TEXT
from customer_warehouse.standardise.postal_address import standardise as standard_address
from customer_warehouse.standardise.rows import StandardRows

PEOPLE = 12_000
NIGHT = night_of(pd.Timestamp("2026-11-21").date(), "Asia/Taipei")
RATES = ExchangeRates("TWD", "Asia/Taipei", ())
ENVIRONMENT = {"POINT_OF_SALE_URL": "", "SHOP_PLATFORM_URL": "", "SHOP_PLATFORM_TOKEN": ""}


@dataclass(frozen=True)
class Read:
    """A value of a record: as it was written, as it is in truth, and as standardise has it."""

    raw: str
    true: str
    standard: str | None
    country: str


def records() -> Iterator[tuple[str, str, Any, State, Person, str]]:
    """Source, key and row of every account and membership, with its state, its person and the store it was made at."""
    until, dirt = int(NIGHT.as_of.timestamp()), Dirt()
    for index in range(PEOPLE):
        drawn = draw_person(SEED, index, PEOPLE, until, dirt)
        if drawn is None:
            continue
        person, random = drawn
        made = draw_records(person, SEED, until, dirt, random)
        for record in made.accounts:
            row, version = customer_row(record, until), record.last(until)
            if row is not None and version is not None:
                yield "shop_platform", record.key, json.loads(row.body), version.state, person, ""
        for record in made.members:
            version, lines = record.last(until), list(member_lines(record, until))
            if version is not None:
                row = next(csv.reader(io.StringIO(lines[-1].text)))
                yield "point_of_sale", record.key, row, version.state, person, version.store


@cache
def standardised() -> dict[str, list[Read]]:
    """Every value of phones, e-mail addresses and postal addresses that was given."""
    every = list(records())
    reads: dict[str, list[Read]] = {"phone": [], "email": [], "postal_address": []}
    for name, entity in (("shop_platform", "customers"), ("point_of_sale", "members")):
        source = load_source(Settings().sources_dir, name, ENVIRONMENT)
        names = list(source.entities[entity].columns)
        of_source = [record for record in every if record[0] == name]
        rows = [_texts(row, names) for _, _, row, *_ in of_source]
        frame = pd.DataFrame(rows, columns=names, dtype=TEXT)
        frame["_file"] = [f"2026-11-21/{store}/members.csv" for _, _, _, _, _, store in of_source]
        frame["_line"], frame["_unit"] = "1", frame[names[0]]
        table, _ = StandardRows(source, entity, source.entities[entity].standard[0], NIGHT, RATES)(frame)
        found = {row["source_key"]: row for row in table.to_pylist()}
        for _, key, _, state, person, _ in of_source:
            row = found[key]
            country = person.address.country
            reads["phone"].append(Read(state.phone, state.true_phone, row["phone"], country))
            reads["email"].append(Read(state.email, state.true_email, row["email"], country))
            if state.address is not None:
                raw, standard = row["postal_address_raw"] or "", row["postal_address"]
                reads["postal_address"].append(Read(raw, state.true_address, standard, state.address.country))
    return reads


def _texts(row: Any, names: list[str]) -> list[str | None]:
    values = [row.get(name) for name in names] if isinstance(row, dict) else row
    as_text = (json.dumps(value) if isinstance(value, dict | list | bool) else value for value in values)
    return [None if value in (None, "") else str(value) for value in as_text]


def damaged_only_in_format(column: str, read: Read) -> bool:
    """Whether nothing but the writing of the true value is different."""
    raw = unicodedata.normalize("NFKC", read.raw).strip()
    if column == "email":
        return raw.casefold() == read.true.casefold()
    if column == "phone":
        written = raw.partition("#")[0].replace("(0)", "")
        digits = "".join(filter(str.isdigit, written)).lstrip("0")
        return len(digits) >= 8 and read.true[1:].endswith(digits)
    return True


def good_and_bad(column: str) -> tuple[list[Read], list[Read]]:
    """The values damaged only in format, and the wrong ones. A store's own number is no damage: it is a true number."""
    stores_own = {store.phone for store in open_stores(day_index(int(NIGHT.as_of.timestamp())))}
    given = [read for read in standardised()[column] if read.raw and read.raw not in stores_own]
    good = [read for read in given if damaged_only_in_format(column, read)]
    return good, [read for read in given if not damaged_only_in_format(column, read)]


@pytest.mark.parametrize("column", ["phone", "email"])
def test_what_is_damaged_only_in_format_comes_back(column: str) -> None:
    good, _ = good_and_bad(column)

    back = sum(read.standard == read.true for read in good)

    assert len(good) > 5_000
    assert back / len(good) >= 0.995, f"{back} of {len(good)} came back"


@pytest.mark.parametrize("country", ["TW", "CN"])
def test_addresses_damaged_only_in_format_come_back(country: str) -> None:
    good = [read for read in good_and_bad("postal_address")[0] if read.country == country]

    back = sum(read.standard == standard_address(read.true).value for read in good)

    assert len(good) > 1_000
    assert back / len(good) >= 0.98, f"{back} of {len(good)} came back"


def test_a_wrong_value_is_not_mended_into_another_valid_one() -> None:
    bad = [(column, read) for column in ("phone", "email") for read in good_and_bad(column)[1]]

    mended = [read for column, read in bad if read.standard not in (None, read.true) and not _as_written(column, read)]

    assert len(bad) > 400
    assert len(mended) / len(bad) < 0.005, f"{len(mended)} of {len(bad)} became another value"


def _as_written(column: str, read: Read) -> bool:
    """Whether the standard value is just what was written: `gmial.com` is an address, if not the right one."""
    raw = unicodedata.normalize("NFKC", read.raw).strip()
    return column == "email" and (read.standard or "").casefold() == raw.casefold()
