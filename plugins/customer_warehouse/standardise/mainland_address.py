"""Addresses of mainland China: 省, 市, 区 or 县, 镇 or 街道, 路, 弄, 号, 栋, 单元, 室; in simplified characters."""

from __future__ import annotations

import re

from customer_warehouse.standardise.address_parts import NUMBER, NUMERALS, Address, compact, digits, numeral
from customer_warehouse.standardise.characters import HAN
from customer_warehouse.standardise.mainland_places import POSTCODES, Found

WITHOUT_COUNTIES = ("东莞市", "中山市", "儋州市", "嘉峪关市")
"""Prefectures that have no counties: their towns are the next level."""
LONGEST_STREET = 24

_BETWEEN = " .,:;()/·、-"
_ROAD = (
    rf"[{HAN}A-Za-z]{{1,12}}?\d{{0,2}}(?:大道|大街|公路|胡同|路|街|道)"
    rf"(?:[东西南北中](?:段|路|街|里|侧)?(?=[\d{NUMERALS}十百甲乙特]|$))?"
)
_TOWN = re.compile(
    rf"(?P<town>[{HAN}]{{1,6}}?(?:街道(?:办事处)?|镇|乡|苏木)(?![东西南北中]?\d*[{NUMERALS}]?(?:路|街|道|大道)))?"
    rf"(?P<village>[{HAN}]{{1,6}}?(?:村委会|村|社区)"
    rf"(?![东西南北中大]{{0,2}}[{NUMERALS}]?(?:路|街|道|[{HAN}]?大厦|小区|工业)))?"
)
_HAS_TOWN = re.compile("街道|[镇乡村]|苏木|社区")
_TOWN_OR_QUARTER = re.compile(rf"[{HAN}]{{1,4}}?(?:街道|镇|(?<![小园社校厂工业])区)(?![{NUMERALS}]?[路街道])")
_ZONE = re.compile(
    rf"[{HAN}]{{0,10}}?(?:开发区|(?:高新技术)?产业园区|高新技术产业园|工业园区?|保税区|高新区|经开区|自贸区"
    r"|示范区|试验区|新区|经济区|投资区|度假区|风景区|加工区|管理区|航空港区|临港区|高[新开技][东西南北]?区)(?![东西南北中]?(?:路|街|域))"
)
_WAYS = re.compile(rf"(?P<lane>{NUMBER}(?:[-、]\d+)?[弄巷])(?:(?P<alley>{NUMBER}(?:支弄|弄)))?$", re.ASCII)
_HOUSE = re.compile(
    rf"(?P<prefix>[甲乙丙丁特新老付附临])?(?P<house>{NUMBER})(?:[-之](?P<sub>\d+))?(?P<more>(?:[、,/~-]\d+)*)"
    r"(?P<letter>[A-Za-z甲乙丙])?(?:号|#(?!\d))(?P<yard>院(?!校))?(?![楼厅门线库桌路街道]|办公|大街|公馆)",
    re.ASCII,
)
_INSIDE = re.compile(r"\d(?:栋|幢|楼|层|室|座|单元|F)|[A-Za-z](?:栋|幢|座)", re.ASCII)
_STREET_ONLY = re.compile(rf"(?P<street>{_ROAD})(?P<lane>{NUMBER}[弄巷])?(?P<alley>{NUMBER}弄)?", re.ASCII)
_UNKNOWN_DISTRICT = re.compile(
    rf"[{HAN}]{{2,4}}?(?<![小园社校厂街市城地发工业税新务心])(?:区|县)"
    rf"(?!域|委|政府|[{NUMERALS}]?[路街道]|[东西南北中]?路)"
)
_UNIT_NUMBERS = re.compile(
    rf"[{NUMERALS}十百]+(?=[楼层室栋幢座号单])|(?<![A-Za-z\d])(?P<floor>\d+)/?[Ff](?![A-Za-z])", re.ASCII
)
_KEY_NOISE = re.compile(r"(?<!\d)-|-(?!\d)|[^\w-]|_")
_KEY_WORDS = re.compile(r"幢|号楼|座(?=\d)|(?<=\d)号?室$|层")
_ROAD_DIGITS = re.compile(rf"(?<=[{HAN}])\d{{1,2}}(?=(?:大道|路|街|道)$)", re.ASCII)


def address(text: str, found: Found | None, postcode: str) -> tuple[Address, str, str]:
    """The parts of an address, its line and its key.

    `text` is the address in one piece without its postcode; `found` is what `locate` said, None when the text begins
    below the district.
    """
    parts = Address("CN" if found else "", postcode=postcode)
    rest = text
    if found:
        division = found.division
        parts.region, parts.city, parts.district = division.region, division.city, division.district
        parts.flags = list(found.flags)
        rest = text[found.end :]
        if postcode and (province := POSTCODES.get(postcode[:2])) and division.code[:2] not in ("", province):
            parts.flag("postcode_mismatch")
    rest = _fill_district(parts, rest)
    unit = _fill_street(parts, rest)
    parts.unit = _unit(unit)
    if "信箱" in rest:
        parts.flag("po_box")
    city = "" if parts.city == parts.region else parts.city
    house = f"{parts.street}{parts.lane}{parts.alley}{parts.house_number}"
    head = f"{parts.region}{city}{parts.district}"
    town = "" if parts.street and parts.house_number else parts.neighbourhood
    key = f"{head}{town}{house}{_KEY_WORDS.sub(_key_word, parts.unit)}".lower()
    return parts, f"{head}{parts.neighbourhood}{house}{parts.unit}", key if key.isalnum() else _KEY_NOISE.sub("", key)


def _key_word(found: re.Match[str]) -> str:
    return {"层": "楼", "幢": "栋", "号楼": "栋", "座": "栋"}.get(found[0], "")


def _fill_district(parts: Address, text: str) -> str:
    """Fill in what stands between city and street; returns what comes after it."""
    if parts.city in WITHOUT_COUNTIES and not parts.district:
        if town := _TOWN_OR_QUARTER.match(text):
            parts.district = town[0]
            text = text[town.end() :]
    elif parts.city and not parts.district and not _zone(text) and (unknown := _UNKNOWN_DISTRICT.match(text)):
        parts.district = unknown[0]
        parts.flag("district_unknown")
        text = text[unknown.end() :]
    if zone := _zone(inside := text.lstrip(_BETWEEN)):
        text = inside
        parts.neighbourhood = zone[0]
        parts.flag("development_zone")
        text = text[zone.end() :].lstrip(_BETWEEN)
    if _HAS_TOWN.search(text) and (town := _TOWN.match(text)) and town.end():
        parts.neighbourhood += town[0]
        text = text[town.end() :]
    return text.lstrip(_BETWEEN.replace("(", "")) if parts.neighbourhood else text


def _zone(text: str) -> re.Match[str] | None:
    """The development zone that the text begins with."""
    return _ZONE.match(text) if "区" in text or "园" in text else None


def _fill_street(parts: Address, text: str) -> str:
    """Fill in street, lanes and house number; returns what comes after them."""
    house = _HOUSE.search(text)
    before = text[: house.start()] if house else text
    if house is None or len(before) > LONGEST_STREET or (not before.isalpha() and _INSIDE.search(before)):
        street = _STREET_ONLY.match(text)
        if street is None:
            return text
        parts.street = _ROAD_DIGITS.sub(lambda found: numeral(found[0]), street["street"])
        parts.lane, parts.alley = _way(street["lane"]), _way(street["alley"])
        return text[street.end() :]
    if before.endswith(("弄", "巷")) and (ways := _WAYS.search(before)):
        parts.lane, parts.alley = _way(ways["lane"]), _way(ways["alley"])
        before = before[: ways.start()]
    parts.street = before.strip(_BETWEEN)
    if not parts.street.isalpha():
        parts.street = _ROAD_DIGITS.sub(lambda found: numeral(found[0]), parts.street)
    number = digits(house["house"])
    sub = f"-{house['sub']}" if house["sub"] else ""
    parts.house_number = (
        f"{house['prefix'] or ''}{number}{sub}{house['more']}{(house['letter'] or '').upper()}号{house['yard'] or ''}"
    )
    return text[house.end() :]


def _way(way: str | None) -> str:
    if not way:
        return ""
    number = re.match(NUMBER, way, re.ASCII)
    return digits(number[0]) + way[number.end() :] if number else way


def _unit(text: str) -> str:
    """What is inside the house, as it is written, its numbers in digits."""
    return compact(_UNIT_NUMBERS.sub(_unit_number, text)) if text else ""


def _unit_number(found: re.Match[str]) -> str:
    return f"{digits(found['floor'])}楼" if found["floor"] else digits(found[0])
