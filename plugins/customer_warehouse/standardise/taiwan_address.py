"""Addresses of Taiwan: 縣市, 鄉鎮市區, 村里鄰, 路街段, 巷, 弄, 號, 樓, in the order in which they are written.

Everything here reads text in simplified characters, so that both scripts are one, and answers in traditional ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

from opencc import OpenCC

from customer_warehouse.standardise.address_parts import NUMBER, NUMERALS, Address, compact, digits, numeral
from customer_warehouse.standardise.characters import HAN, is_simplified, simplified
from customer_warehouse.standardise.taiwan_places import UNKNOWN_DISTRICT, Found, tables

SMALLEST_OF_RANGE = 10
"""From here on a dash before a greater number is a range of houses: 106-108號. 3-5號 is 3之5號."""

_ROAD = rf"[{HAN}]{{1,8}}?\d{{0,2}}(?:大道|路|街)"
# A village whose name would leave the bare word 路 or 街 behind is itself the road's name: 太麻里街.
_VILLAGE = re.compile(
    rf"(?P<village>[{HAN}]{{2,3}}?[村里](?!(?:路|街|大道)(?![{HAN}]{{0,7}}?(?:路|街|大道)))"
    rf"(?=第?{NUMBER}邻|{_ROAD}|(?:[{HAN}]{{0,4}}{NUMBER}|[{HAN}]{{2,4}})[巷号]"
    rf"|{NUMBER}[-之]|$))?(?:第?(?P<group>{NUMBER})邻)?",
    re.ASCII,
)
_STREET = re.compile(
    rf"(?P<street>{_ROAD})?(?:(?P<section>{NUMBER})段)?(?P<lane>(?:{NUMBER}|[{HAN}]{{1,5}}?)巷)?"
    rf"(?P<alley>(?:{NUMBER}|[{HAN}]{{1,3}}?)弄)?(?P<byway>{NUMBER}衖)?",
    re.ASCII,
)
_HOUSE = re.compile(
    rf"(?P<place>[{HAN}]{{1,8}}?)??(?P<prefix>[临附特])?(?P<house>{NUMBER})(?:[之-](?P<inner>{NUMBER}))?"
    rf"(?:号(?:-(?P<until>\d+)号|[之-](?P<outer>\d+(?!\d*[楼FfLl层/])|[{NUMERALS}十百]+(?![{NUMERALS}十百]*[楼层])))?"
    rf"|$|(?=[ ,]+{NUMBER}(?:楼|[Ff])))",
    re.ASCII,
)
_FLOORS = re.compile(
    rf"地下(?:(?P<down>{NUMBER})(?:[楼层室]|/?[Ff])?|[楼层室]?(?=$))"
    rf"|(?<![A-Za-z\d])[Bb](?P<below>[1-9])(?![\d室号栋座之-])(?:[楼层]|/?[Ff](?![A-Za-z]))?"
    rf"|(?<![A-Za-z\d])(?P<up>{NUMBER})(?:楼|层|/?[Ff](?:[Ll]|loor|LOOR)?(?![A-Za-z]))"
    rf"|(?P<count>[{NUMERALS}十百]+)(?=[室栋号座区])",
    re.ASCII,
)
_AFTER_FLOOR = re.compile(rf"(?<=楼)[之-](?P<sub>{NUMBER})", re.ASCII)
_FLOOR = re.compile(r"[1-9]\d*楼(?:之[1-9]\d*)?", re.ASCII)
_ROAD_DIGITS = re.compile(r"\d+(?=(?:大道|路|街)$)", re.ASCII)
_IS_NUMBER = re.compile(NUMBER, re.ASCII)
_PLAIN_NUMBER = re.compile("[\\d巷弄衖之號]*", re.ASCII)
_KEY_NOISE = re.compile(r"[^\w-]|_")


def address(line: str, text: str, found: Found | None, postcode: str) -> tuple[Address, str, str]:
    """The parts of an address, its line and its key.

    `line` is the address in one piece without its postcode, `text` the same in simplified characters; `found` is what
    `locate` said, None when the text begins below the district.
    """
    parts = Address("TW" if found else "", postcode=postcode)
    start = 0
    if found:
        start = found.end
        parts.city, parts.district, parts.flags = found.city, found.district, list(found.flags)
    rest = text[start:]
    own = _traditional(line[start:])
    if not parts.district and parts.city and (unknown := UNKNOWN_DISTRICT.match(rest)):
        parts.district = own[: unknown.end()]
        parts.flag("district_unknown")
        rest, own = rest[unknown.end() :], own[unknown.end() :]
    unit = own if "信箱" in rest else _fill_street(parts, rest, own)
    if not found and parts.street and parts.house_number:
        _locate_by_postcode(parts)
    _check_postcode(parts, found)
    parts.unit, unit_key = _unit(unit)
    if "信箱" in rest:
        parts.flag("po_box")
    village = "" if parts.street and parts.house_number else parts.neighbourhood
    street = f"{parts.city}{parts.district}{village}{parts.street}"
    head = f"{street}{parts.lane}{parts.alley}{parts.house_number}"
    number = f"{parts.lane}{parts.alley}{parts.house_number}"
    number = number.replace("號", "号") if _PLAIN_NUMBER.fullmatch(number) else simplified(number)
    return parts, head + parts.unit, f"{_folded(street)}{number}{unit_key}"


@lru_cache(maxsize=65_536)
def _folded(street: str) -> str:
    """City, district and street as keys have them; addresses share them."""
    return simplified(street).lower()


def _fill_street(parts: Address, text: str, own: str) -> str:
    """Fill in what stands between district and house number; returns what comes after it."""
    place = 0
    if (
        ("里" in text or "村" in text or "邻" in text)
        and (village := _VILLAGE.match(text))
        and (place := village.end())
    ):
        group = village["group"]
        parts.neighbourhood = own[: village.end("village")] if village["village"] else ""
        parts.neighbourhood += f"{digits(group)}鄰" if group else ""
    if street := _STREET.match(text, place):
        road, section, lane, alley, byway = street.groups()
        if road:
            parts.street = own[place : street.end("street")]
            if not parts.street.isalpha():
                parts.street = _ROAD_DIGITS.sub(lambda number: numeral(number[0]), parts.street)
        if section:
            parts.street += f"{numeral(section)}段"
        if lane:
            parts.lane = _way(lane, own[street.start("lane") : street.end("lane")])
        if alley:
            parts.alley = _way(alley, own[street.start("alley") : street.end("alley")])
        if byway:
            parts.alley += _way(byway, byway)
        place = street.end()
    house = _HOUSE.match(text, place)
    if house is None or not (text[house.end("house") :].startswith("号") or "号" in house[0] or parts.street):
        return own[place:]
    if house["place"]:
        name = own[place : house.end("place")]
        if parts.lane:
            parts.alley += name
        else:
            parts.street += name
    number, sub = digits(house["house"]), house["inner"] or house["outer"] or house["until"]
    prefix = own[house.start("prefix") : house.end("prefix")] if house["prefix"] else ""
    if sub:
        sub = digits(sub)
        is_range = text[house.end("house")] != "之" and "-" in house[0] and int(sub) > int(number) >= SMALLEST_OF_RANGE
        if is_range:
            parts.flag("number_range")
        sub = f"-{sub}" if is_range else f"之{sub}"
    parts.house_number = f"{prefix}{number}{sub or ''}號"
    return own[house.end() :]


def _way(text: str, own: str) -> str:
    """A lane with its number in digits; one that has a name keeps it."""
    return f"{digits(text[:-1])}{own[-1]}" if _IS_NUMBER.fullmatch(text[:-1]) else own


def _locate_by_postcode(parts: Address) -> None:
    """The district of an address that gives street and number, and of the rest only the postcode."""
    here = tables().postcodes.get(parts.postcode[:3], ())
    if len(here) == 1:
        parts.country, parts.city, parts.district = "TW", here[0].city, here[0].name
        parts.flag("completed")


def _check_postcode(parts: Address, found: Found | None) -> None:
    if not found or not found.postcode:
        return
    if not parts.postcode:
        parts.postcode = found.postcode
        parts.flag("postcode_derived")
    elif parts.postcode[:3] != found.postcode:
        parts.flag("postcode_mismatch")


def _unit(text: str) -> tuple[str, str]:
    """What is inside the house: as it is written, and as keys have it."""
    text = compact(text)
    if not text:
        return "", ""
    text = text.replace("樓", "楼").replace("號", "号").replace("層", "层")
    if _FLOOR.fullmatch(text):
        return text.replace("楼", "樓"), text.replace("楼之", "楼-")
    text = compact(_AFTER_FLOOR.sub(lambda found: f"之{digits(found['sub'])}", _FLOORS.sub(_floor, text)))
    key = _KEY_NOISE.sub("", simplified(text).lower().replace("地下", "b").replace("楼之", "楼-"))
    return text.replace("楼", "樓").replace("号", "號").replace("层", "層"), key


def _floor(found: re.Match[str]) -> str:
    if found["count"]:
        return digits(found["count"])
    if found["up"]:
        return f"{digits(found['up'])}楼"
    return f"地下{digits(found['down'] or found['below'] or '1')}楼"


def _traditional(own: str) -> str:
    """The text in traditional characters, if it was typed in simplified ones."""
    if not is_simplified(own):
        return own
    converted: str = _to_taiwan().convert(own)
    return converted.translate(_AS_WRITTEN) if len(converted) == len(own) else own


@lru_cache(maxsize=1)
def _to_taiwan() -> OpenCC:
    return OpenCC("s2tw")


_AS_WRITTEN = str.maketrans("臺裡裏", "台里里")
