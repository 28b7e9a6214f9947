"""The fast path for postal addresses of Taiwan; what `fast_paths` says holds here too."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import mainland_places, taiwan_places
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
from customer_warehouse.standardise.taiwan_places import District

NUMBER = r"[1-9]\d{0,3}"
# City, district, street, 段, 巷, 弄, 號, 樓, each written as most people write it. What the scalar function might see
# anything else in is kept out of the street's name.
ADDRESS = (
    r"^(?:(?P<postcode>\d{3}|\d{5,6}) ?)?"
    rf"(?:(?P<city>[{HAN}]{{2}}[市縣]) ?)?(?P<district>[{HAN}]{{1,3}}[區鄉鎮市]) ?"
    rf"(?:(?P<village>[{HAN}]{{2,3}}?[村里])(?:(?P<group>{NUMBER})鄰)? ?)?"
    rf"(?P<street>[{HAN}]{{1,5}}(?:路|街|大道)) ?(?:(?P<section>[1-9一二三四五六七八九])段 ?)?"
    rf"(?:(?P<lane>{NUMBER}) ?巷 ?)?(?:(?P<alley>{NUMBER}) ?弄 ?)?"
    rf"(?P<house>{NUMBER})(?:[之-](?P<sub>{NUMBER}))? ?[號号]"
    rf"(?: ?(?P<floor>{NUMBER})(?:[樓楼]|/?F)(?:[之-](?P<room>{NUMBER}))?)?$"
)
UNUSUAL = "[段巷弄號号鄰邻鄉乡鎮镇市縣县區区樓楼層层信箱特臨临附]"
UNUSUAL_STREET = f"[路街].|大道.|[道村里]|{UNUSUAL}"
UNUSUAL_VILLAGE = f"[路街道]|[村里].|{UNUSUAL}"
MAYBE_RANGE = r"\d\d-[1-9]\d+ ?[號号]"
"""Of a house number with a dash: it might be a range of houses."""
NUMERALS = "一二三四五六七八九"


class _Places(NamedTuple):
    """Cities with their districts in one text, and beside them what is known of the district."""

    written: pa.Array
    city: pa.Array
    district: pa.Array
    postcode: pa.Array
    flag: pa.Array


def postal_address(values: pa.Array, options: Options) -> Answers:
    """Addresses of Taiwan with district, street and number, by the names that places have or had."""
    del options
    places = _places()
    found = pc.extract_regex(pc.replace_substring(values, "臺", "台"), ADDRESS)

    def group(name: str) -> pa.Array:
        part = pc.struct_field(found, name)
        return pc.if_else(pc.equal(part, ""), NOTHING, part)

    street, village = group("street"), group("village")
    row = pc.index_in(_joined(pc.fill_null(group("city"), ""), group("district")), places.written)
    known = none_of(
        pc.is_valid(row),
        matches(street, UNUSUAL_STREET),
        matches(street, _only_simplified()),
        matches(village, UNUSUAL_VILLAGE),
        matches(village, _only_simplified()),
        matches(values, MAYBE_RANGE),
    )
    row = pc.if_else(known, row, pa.scalar(None, pa.int32()))
    city, district, own_postcode, noted = (pc.take(column, row) for column in places[1:])
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
    agrees = pc.equal(pc.utf8_slice_codeunits(postcode, 0, 3), own_postcode)
    of_postcode = pc.if_else(
        pc.is_null(postcode), "postcode_derived", pc.if_else(agrees, NOTHING, pa.scalar("postcode_mismatch", TEXT))
    )
    neighbours = pc.fill_null(_joined(group("group"), "鄰"), "")
    return Answers(
        known,
        _joined(head, pc.fill_null(unit, "")),
        _joined(simplified(head), pc.fill_null(unit_key, "")),
        {
            "country": only(known, "TW"),
            "city": city,
            "district": district,
            "neighbourhood": _joined(village, neighbours),
            "street": street,
            "lane": lane,
            "alley": alley,
            "house_number": house,
            "unit": unit,
            "postcode": pc.coalesce(postcode, own_postcode),
            "level": only(known, "house_number"),
        },
        pc.coalesce(pc.binary_join_element_wise(noted, of_postcode, " "), noted, of_postcode),
    )


def _joined(*parts: pa.Array | str) -> pa.Array:
    """The texts one behind the other; null where one is."""
    return pc.binary_join_element_wise(*parts, "")


@lru_cache(maxsize=1)
def _places() -> _Places:
    """Every way to write a place, but for names that begin another one, and those that the mainland has too."""
    names = taiwan_places.tables()
    cities = {city: city for city in names.districts} | taiwan_places.FORMER_COUNTIES
    found: dict[str, tuple[District, str | None]] = {}
    for city, now in cities.items():
        known = names.districts[now].names
        for district in taiwan_places.districts():
            name = simplified_text(district.name)
            longer = any(other != name and other.startswith(name) for other in known)
            if district.city == now and not longer and now != "連江縣":
                found[f"{city}{district.name}"] = district, None if city == now else "renamed"
                for former, word in (("市", "市"), ("镇", "鎮"), ("乡", "鄉")):
                    old = known.get(f"{name[:-1]}{former}")
                    if old == (district, True):
                        found[f"{city}{district.name[:-1]}{word}"] = district, "renamed"
    for district in taiwan_places.districts():
        name = simplified_text(district.name)
        if names.anywhere.names[name] == (district,) and name not in mainland_places.tables().counties[""].names:
            found[district.name] = district, "completed"
    return _Places(
        pa.array([written.replace("臺", "台") for written in found], TEXT),
        pa.array([district.city for district, _ in found.values()], TEXT),
        pa.array([district.name for district, _ in found.values()], TEXT),
        pa.array([district.postcode for district, _ in found.values()], TEXT),
        pa.array([flag for _, flag in found.values()], TEXT),
    )


@lru_cache(maxsize=1)
def _only_simplified() -> str:
    """The characters of simplified Chinese alone, as a character class."""
    return f"[{only_simplified()}]"
