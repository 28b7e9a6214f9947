"""The fast path for postal addresses of Taiwan; what `fast_paths` says holds here too."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import taiwan_places
from customer_warehouse.standardise.arrow_columns import (
    HAN,
    NOTHING,
    TEXT,
    Answers,
    Options,
    matches,
    none_of,
    only,
    replaced,
    simplified,
)
from customer_warehouse.standardise.characters import only_simplified
from customer_warehouse.standardise.characters import simplified as simplified_text

NUMBER = r"[1-9]\d{0,3}"
# City, district, street, 段, 巷, 弄, 號, 樓, each written as most people write it. What the scalar function might see
# anything else in is kept out of the street's name.
ADDRESS = (
    r"^(?:(?P<postcode>\d{3}|\d{5,6}) ?)?"
    rf"(?P<city>[{HAN}]{{2}}[市縣]) ?(?P<district>[{HAN}]{{1,3}}[區鄉鎮市]) ?"
    rf"(?P<street>[{HAN}]{{1,5}}(?:路|街|大道)) ?(?:(?P<section>[1-9一二三四五六七八九])段 ?)?"
    rf"(?:(?P<lane>{NUMBER}) ?巷 ?)?(?:(?P<alley>{NUMBER}) ?弄 ?)?"
    rf"(?P<house>{NUMBER})(?:[之-](?P<sub>{NUMBER}))? ?[號号]"
    rf"(?: ?(?P<floor>{NUMBER})(?:[樓楼]|/?F)(?:[之-](?P<room>{NUMBER}))?)?$"
)
UNUSUAL_STREET = "[路街].|大道.|[道段巷弄號号村里鄰邻鄉乡鎮镇市縣县區区樓楼層层信箱特臨临附]"
NUMERALS = "一二三四五六七八九"


class _Places(NamedTuple):
    """Cities with their districts in one text, and beside them what is known of the district."""

    written: pa.Array
    city: pa.Array
    district: pa.Array
    postcode: pa.Array


def postal_address(values: pa.Array, options: Options) -> Answers:
    """Addresses of Taiwan with city, district, street and number, by the names that are official."""
    del options
    places = _places()
    found = pc.extract_regex(pc.replace_substring(values, "臺", "台"), ADDRESS)

    def group(name: str) -> pa.Array:
        part = pc.struct_field(found, name)
        return pc.if_else(pc.equal(part, ""), NOTHING, part)

    street = group("street")
    row = pc.index_in(_joined(group("city"), group("district")), places.written)
    known = none_of(
        pc.is_valid(row),
        matches(street, UNUSUAL_STREET),
        matches(street, _only_simplified()),
    )
    row = pc.if_else(known, row, pa.scalar(None, pa.int32()))
    city, district, own_postcode = (pc.take(column, row) for column in places[1:])
    section = group("section")
    for digit, numeral in enumerate(NUMERALS, 1):
        section = pc.replace_substring(section, str(digit), numeral)
    street = pc.if_else(pc.is_valid(section), _joined(street, section, "段"), street)
    lane, alley = _joined(group("lane"), "巷"), _joined(group("alley"), "弄")
    sub, room = _joined("之", group("sub")), group("room")
    house = _joined(group("house"), pc.fill_null(sub, ""), "號")
    floor = _joined(group("floor"), "樓")
    unit = _joined(floor, pc.fill_null(_joined("之", room), ""))
    head = _joined(city, district, street, pc.fill_null(lane, ""), pc.fill_null(alley, ""), house)
    unit_key = _joined(replaced(floor, "樓", "楼"), pc.fill_null(_joined("-", room), ""))
    postcode = group("postcode")
    flags = pc.if_else(
        pc.is_null(postcode),
        "postcode_derived",
        pc.if_else(pc.equal(pc.utf8_slice_codeunits(postcode, 0, 3), own_postcode), NOTHING, "postcode_mismatch"),
    )
    return Answers(
        known,
        _joined(head, pc.fill_null(unit, "")),
        _joined(simplified(head), pc.fill_null(unit_key, "")),
        {
            "country": only(known, "TW"),
            "city": city,
            "district": district,
            "street": street,
            "lane": lane,
            "alley": alley,
            "house_number": house,
            "unit": unit,
            "postcode": pc.coalesce(postcode, own_postcode),
            "level": only(known, "house_number"),
        },
        flags,
    )


def _joined(*parts: pa.Array | str) -> pa.Array:
    """The texts one behind the other; null where one is."""
    return pc.binary_join_element_wise(*parts, "")


@lru_cache(maxsize=1)
def _places() -> _Places:
    """The official names, but for those that begin another name, or that the mainland has too."""
    found = []
    for district in taiwan_places.districts():
        names = taiwan_places.tables().districts[district.city].names
        name = simplified_text(district.name)
        longer = any(other != name and other.startswith(name) for other in names)
        if not longer and district.city != "連江縣":
            found.append(district)
    return _Places(
        pa.array([f"{one.city}{one.name}" for one in found], TEXT),
        pa.array([one.city for one in found], TEXT),
        pa.array([one.name for one in found], TEXT),
        pa.array([one.postcode for one in found], TEXT),
    )


@lru_cache(maxsize=1)
def _only_simplified() -> str:
    """The characters of simplified Chinese alone, as a character class."""
    return f"[{only_simplified()}]"
