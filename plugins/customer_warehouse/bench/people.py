"""Labelled records of people to measure identity on: as many as asked for, with known errors at known rates.

In the manner of FEBRL's generator (P. Christen, "Probabilistic Data Generation for Deduplication and Data Linkage",
2005): people are drawn, each has a first record and perhaps further ones, and every further record is a copy with
errors. Half of the people are English-speaking, half are of Taiwan. Names, streets and places come from the demo's
tables, with a long tail of made-up surnames, given names and streets, as real lists have one. One seed, one file.

`RATES` is the one table of errors. Each rate is the share of further records that have the error.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from customer_warehouse.demo import tables
from customer_warehouse.demo.names import homophones

SEED = 20261121
FURTHER = (0.50, 0.25, 0.13, 0.08, 0.04)
"""The shares of people with 0, 1, 2, 3, 4 further records: 1.91 records a person."""
HOUSEHOLD = 0.15
"""The share of people who have address and surname of the person before them."""
SHARED_PHONE = 0.3
"""The share of those who have that person's phone as well."""
ENGLISH_SPEAKING = ("US", "GB", "AU")
TAIL = 0.5
"""The share of English-speaking people whose surname, given name or street (each for itself) is of the long tail."""

RATES = {
    "given_name_typo": 0.10,
    "family_name_typo": 0.08,
    "given_name_form": 0.06,  # a nickname or an initial; in Chinese a character that sounds alike
    "names_swapped": 0.03,
    "given_name_missing": 0.02,
    "romanised": 0.04,  # of Chinese records
    "birth_date_slip": 0.06,  # a digit, or day and month swapped
    "birth_date_missing": 0.08,
    "phone_slip": 0.04,
    "phone_other": 0.10,
    "phone_missing": 0.12,
    "street_typo": 0.12,
    "house_number_slip": 0.05,
    "moved": 0.08,
    "postcode_slip": 0.05,
    "city_missing": 0.03,
}

COLUMNS = {
    "record_id": "record_id",
    "given": "given_name",
    "family": "family_name",
    "born": "birth_date",
    "phone": "phone",
    "street": "street",
    "house": "house_number",
    "city": "city",
    "postcode": "postcode",
    "country": "country",
}
"""The records' columns and their types, as `identity evaluate` wants them."""


def _words(text: str) -> list[str]:
    return text.split()


_SYLLABLES = _words(
    "Ash Bel Car Dan El Far Gar Hart Ing Kel Lang Mar Nor Old Pem Quin Rad Stan Thorn Up Var Wes Yar Bar Cal Der Hal"
    " Lin Red"
)
_SURNAMES = _words(
    "bridge burn bury by combe cott croft dale den feld field ford gate grave ham hurst ington land ley low man mere"
    " more ridge sby shaw smith stead stone ton wall well wick wood worth wright"
)
_GIVEN = _words(
    "a ah an anne bert da elle en ia iah ick ie ina is la lee lene lyn mond na on or ra ric son ta vin win y"
)
_STREETS = _words("Street Road Avenue Lane Close Court Drive Place Crescent Way")


class Person(NamedTuple):
    """What is true of somebody, and what a record says of them."""

    given: str
    family: str
    born: str
    phone: str
    street: str
    house: str
    city: str
    postcode: str
    country: str


def write(folder: Path, records: int, seed: int = SEED) -> None:
    """Write records.parquet, truth.parquet and columns.yml to `folder`."""
    rows, entities = generate(records, seed)
    folder.mkdir(parents=True, exist_ok=True)
    ids = pa.array([str(number) for number in range(records)])
    columns = {name: pa.array(values) for name, values in zip(Person._fields, zip(*rows, strict=True), strict=True)}
    pq.write_table(pa.table({"record_id": ids, **columns}), folder / "records.parquet")
    truth = pa.table({"record_id": ids, "entity_id": pa.array([str(entity) for entity in entities])})
    pq.write_table(truth, folder / "truth.parquet")
    lines = ["columns:", *(f"  {column}: {type_}" for column, type_ in COLUMNS.items())]
    (folder / "columns.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def generate(records: int, seed: int = SEED) -> tuple[list[Person], list[int]]:
    """So many records in a random order, and the number of each record's person."""
    random = Random(seed)
    rows: list[Person] = []
    entities: list[int] = []
    before: Person | None = None
    number = 0
    while len(rows) < records:
        person = before = draw(random, before if random.random() < HOUSEHOLD else None)
        number += 1
        further = random.choices(range(len(FURTHER)), FURTHER)[0]
        rows += [person, *(damaged(person, random) for _ in range(further))]
        entities += [number] * (1 + further)
    order = list(range(records))
    random.shuffle(order)
    return [rows[place] for place in order], [entities[place] for place in order]


def draw(random: Random, head: Person | None = None) -> Person:
    """A person; of the household of `head`, when there is one."""
    chinese = random.random() < 0.5 if head is None else head.country == "TW"
    given, family = _chinese_name(random) if chinese else _english_name(random)
    born = date(1936, 1, 1) + timedelta(days=random.randrange(365 * 72))
    street, house, city, postcode, country = _place("TW" if chinese else random.choice(ENGLISH_SPEAKING), random)
    phone = _phone(country, random)
    if head is not None:
        family, street, house, city, postcode, country = (head.family, *head[4:])
        phone = head.phone if random.random() < SHARED_PHONE else _phone(country, random)
    return Person(given, family, born.isoformat(), phone, street, house, city, postcode, country)


def damaged(person: Person, random: Random) -> Person:
    """Another record of the person, with errors by RATES."""
    happens = {kind for kind, rate in RATES.items() if random.random() < rate}
    chinese = person.country == "TW"
    given, family = person.given, person.family
    if "given_name_form" in happens:
        given = _other_form(given, chinese, random)
    if "given_name_typo" in happens:
        given = _slip(given, random, chinese)
    if "family_name_typo" in happens and not chinese:
        family = _slip(family, random)
    if "romanised" in happens and chinese:
        given, family = _romanised(given, family)
    if "names_swapped" in happens:
        given, family = family, given
    if "given_name_missing" in happens:
        given = ""
    street, house, city, postcode, country = _place(person.country, random) if "moved" in happens else person[4:]
    if "street_typo" in happens:
        street = _slip(street, random, chinese)
    if "house_number_slip" in happens:
        house = _slip_digit(house, random)
    if "postcode_slip" in happens:
        postcode = _slip_digit(postcode, random)
    if "city_missing" in happens:
        city = ""
    born, phone = _born(person.born, happens, random), _number(person, happens, random)
    return Person(given, family, born, phone, street, house, city, postcode, country)


def _born(born: str, happens: set[str], random: Random) -> str:
    if "birth_date_missing" in happens:
        return ""
    if "birth_date_slip" not in happens:
        return born
    year, month, day = born.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 and random.random() < 0.4 else _slip_digit(born, random)


def _number(person: Person, happens: set[str], random: Random) -> str:
    if "phone_missing" in happens:
        return ""
    if "phone_other" in happens:
        return _phone(person.country, random)
    return _slip_digit(person.phone, random) if "phone_slip" in happens else person.phone


def _english_name(random: Random) -> tuple[str, str]:
    if random.random() < TAIL:
        given = random.choice(_SYLLABLES) + random.choice(_GIVEN)
    else:
        given = random.choice(tables.rows("western_names"))["given"]
    if random.random() < TAIL:
        return given, random.choice(_SYLLABLES) + random.choice(_SURNAMES)
    return given, tables.weighted("western_surnames").draw(random)["surname"]


def _chinese_name(random: Random) -> tuple[str, str]:
    characters = tables.rows("given_characters")
    count = 1 if random.random() < 0.08 else 2
    given = "".join(random.choice(characters)["traditional"] for _ in range(count))
    return given, tables.weighted("surnames").draw(random)["traditional"]


def _place(country: str, random: Random) -> tuple[str, str, str, str, str]:
    """Street, house, city, postcode, country."""
    if country == "TW":
        place = tables.weighted("taiwan_places").draw(random)
        road = random.choice(tables.rows("taiwan_roads"))
        sections = int(road["sections"])
        section = f"{'一二三四五六'[random.randrange(sections)]}段" if sections > 1 else ""
        lane = f"{random.randrange(1, 500)}巷" if random.random() < 0.35 else ""
        floor = f"{random.randrange(2, 16)}樓" if random.random() < 0.75 else ""
        street = f"{place['district']}{road['road']}{section}{lane}"
        return street, f"{random.randrange(1, 300)}號{floor}", place["city"], place["postcode"], "TW"
    place = _western_places(country).draw(random)
    name = random.choice(tables.rows("western_streets"))["street"]
    if random.random() < TAIL:
        name = f"{random.choice(_SYLLABLES)}{random.choice(_SURNAMES)} {random.choice(_STREETS)}"
    return name, str(random.randrange(1, 400)), place["city"], place["postcode"], country


@cache
def _western_places(country: str) -> tables.Weighted[tables.Row]:
    places = [row for row in tables.rows("western_places") if row["country"] == country]
    return tables.Weighted(places, [float(row["weight"]) for row in places])


def _phone(country: str, random: Random) -> str:
    digits = f"{random.randrange(10**8):08d}"
    if country == "TW":
        return f"09{digits[:2]}-{digits[2:5]}-{digits[5:]}"
    if country == "AU":
        return f"04{digits[:2]} {digits[2:5]} {digits[5:]}"
    if country == "GB":
        return f"07{random.choice('45789')}{digits[:2]} {digits[2:]}"
    area = random.choice(("212", "415", "312", "617", "206", "503", "713", "602"))
    return f"({area}) {random.randrange(2, 10)}{digits[:2]}-{digits[2:6]}"


def _other_form(given: str, chinese: bool, random: Random) -> str:
    if chinese:
        place = random.randrange(len(given))
        alike = homophones().get(given[place], "")
        return given[:place] + random.choice(alike) + given[place + 1 :] if alike else given
    nicknames = _nicknames().get(given)
    return random.choice(nicknames) if nicknames and random.random() < 0.6 else given[:1]


@cache
def _nicknames() -> dict[str, list[str]]:
    return {row["given"]: row["nicknames"].split(";") for row in tables.rows("western_names") if row["nicknames"]}


def _romanised(given: str, family: str) -> tuple[str, str]:
    """As Taiwan writes a name in Latin letters; what has no spelling stays."""
    sounds = [_sounds().get(character, character) for character in given]
    return "-".join(sounds).capitalize(), _families().get(family, family)


@cache
def _sounds() -> dict[str, str]:
    return {row["traditional"]: row["taiwan"] for row in tables.rows("given_characters")}


@cache
def _families() -> dict[str, str]:
    return {row["traditional"]: row["taiwan"] for row in tables.rows("surnames")}


def _slip(text: str, random: Random, chinese: bool = False) -> str:
    """One character more, less, other, or two neighbours swapped; in Chinese only less, or two swapped."""
    if len(text) < 2:
        return text
    place = random.randrange(len(text))
    letter = random.choice(string.ascii_lowercase)
    ways: tuple[Callable[[], str], ...] = (
        lambda: text[:place] + text[place + 1 :],
        lambda: text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :],
        lambda: text[:place] + letter + text[place + 1 :],
        lambda: text[:place] + letter + text[place:],
    )
    return random.choice(ways[:2] if chinese else ways)()


def _slip_digit(text: str, random: Random) -> str:
    """One digit is another."""
    places = [place for place, character in enumerate(text) if character.isdigit()]
    if not places:
        return text
    place = random.choice(places)
    return f"{text[:place]}{random.choice(string.digits)}{text[place + 1 :]}"
