"""Addresses of Hong Kong, in Chinese and in English, and of Macau in Chinese.

Hong Kong has no postcodes: people name a region (九龍), an area (旺角), and a street with a number or an estate with a
block. The eighteen districts follow from the areas.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from opencc import OpenCC

from customer_warehouse.standardise.address_parts import NUMBER, NUMERALS, Address, compact, digits
from customer_warehouse.standardise.characters import HAN, is_simplified, simplified
from customer_warehouse.standardise.name_index import NameIndex
from customer_warehouse.standardise.reference import read

HONG_KONG, ISLAND = "香港", "香港島"

_STREET = re.compile(
    rf"(?P<street>[{HAN}]{{1,10}}?(?:大道|(?:道|路|街)[东西南北中]?|径|里|坊|巷|台|围))[ ,]*"
    rf"(?P<number>\d+[A-Za-z]?(?:-\d+[A-Za-z]?)?)号"
    rf"|(?P<estate>[{HAN}]{{2,12}}?)(?:第)?(?P<block>(?:\d+|[A-Za-z]|[{NUMERALS}十]+)[座栋期])"
    rf"|(?P<road>[{HAN}]{{2,10}}?(?:大道|道|路|街)(?:[东西南北中](?![{HAN}]))?)",
    re.ASCII,
)
_FLOORS = re.compile(
    rf"(?P<floor>{NUMBER})(?:楼|层|/?[Ff](?:[Ll])?(?![A-Za-z]))|(?P<count>[{NUMERALS}十百]+)(?=[室座号期])", re.ASCII
)
_ENGLISH_UNIT = re.compile(
    r"(?:flat|room|rm|unit|suite|shop|block|blk|tower|house|phase|level|floor)\b"
    r"|\d+[a-z]?(?:st|nd|rd|th)? ?(?:/ ?f|/?floor|fl?)$|[gu]/f$"
)
_ENGLISH_INSIDE = re.compile(r"[ ,]+(?=(?:flat|room|rm|unit|shop|block|tower)\b|\d)", re.IGNORECASE)
_NAMED = ("hong kong", "hongkong", "kowloon", "new territories", "hk")
"""What an address in English says when it is one of Hong Kong."""
_STARTS_AREA = re.compile(r"kowloon (?:bay|tong|city)\b", re.IGNORECASE)
"""An area named like a region."""
_ENGLISH_BLOCK = re.compile(r"(?:block|blk|tower|house) \w+$")
_ENGLISH_STREET = re.compile(r"(?:no\.? ?)?(?P<number>\d+[a-z]?(?:-\d+[a-z]?)?) (?P<street>\D.*)$", re.IGNORECASE)
_IN_HOUSE = re.compile(r"[座栋楼室号期苑阁A-Za-z\d]")
_REST_OF_ESTATE = re.compile("(?:市?中心|市?广场|城|第一城|新?[上下]?邨|花园|苑|湾畔|豪庭)(?!市|道|路|街)")
"""An estate that is named after its area, of which only the rest of the name is left: 下邨 of 黃大仙下邨."""
_KEY_NOISE = re.compile(r"[^\w-]|_")


class Area(NamedTuple):
    """An area of Hong Kong with the district and region it is in, in one language; `name` is empty for a district."""

    region: str
    district: str
    name: str


class Found(NamedTuple):
    """Where an address says it is, and where in the text that ends."""

    country: str
    area: Area
    end: int
    flags: tuple[str, ...] = ()
    stop: int | None = None
    """Where the address ends, when the area is named behind it, as joined fields have it."""


class _Tables(NamedTuple):
    regions: NameIndex[str]
    areas: NameIndex[Area]
    macau: NameIndex[Area]
    english_regions: dict[str, str]
    english_areas: dict[str, Area]


@lru_cache(maxsize=1)
def tables() -> _Tables:
    """The names of regions, districts and areas: Chinese in simplified characters, English in lower case."""
    document = read("hong_kong")
    regions: dict[str, str] = {}
    english_regions: dict[str, str] = {}
    for name, others in document["regions"].items():
        for other in (name, *others):
            (english_regions if other.isascii() else regions)[simplified(other).lower()] = (
                others[0] if other.isascii() else name
            )
    areas: dict[str, Area] = {}
    english_areas: dict[str, Area] = {}
    for district in document["districts"]:
        region, english = district["region"], document["regions"][district["region"]][0]
        areas[simplified(district["name"])] = Area(region, district["name"], "")
        english_areas[f"{district['english']} district".lower()] = Area(english, district["english"], "")
        for name, in_english in district["areas"].items():
            areas[simplified(name)] = Area(region, district["name"], name)
            english_areas[in_english.lower()] = Area(english, district["english"], in_english)
            english_areas.setdefault(
                in_english.lower().replace(" ", ""), Area(english, district["english"], in_english)
            )
    macau = {simplified(name): Area("", name, "") for name in document["macau"]["districts"]}
    macau |= {simplified(name): Area("", "", name) for name in document["macau"]["islands"]}
    return _Tables(NameIndex(regions), NameIndex(areas), NameIndex(macau), english_regions, english_areas)


def locate(text: str, start: int) -> Found | None:
    """Region, district and area that the text names at `start`, in simplified characters; None when it is elsewhere."""
    names = tables()
    if text.startswith("澳门", start):
        place = start + (7 if text.startswith("特别行政区", start + 2) else 2)
        found = names.macau.at(text, place)
        return Found("MO", *found) if found else Found("MO", Area("", "", ""), place)
    place, region = start, ""
    while True:
        if text.startswith("香港", place) and not text.startswith(("香港岛", "香港仔"), place):
            place += 7 if text.startswith("特别行政区", place + 2) else 2
        elif (found_region := names.regions.at(text, place)) and not _longer(names.areas, text, place, found_region[1]):
            region, place = found_region
        else:
            break
    if place == start:
        return None
    last = _area_behind(text, place)
    if last:
        area, stop = last
        return Found("HK", area, place, () if region else ("completed",), stop)
    return _areas(text, place, region)


def locate_area(text: str, start: int) -> Found | None:
    """District and area that the text names at `start`, where Hong Kong goes without saying; None for none."""
    found = _areas(text, start, "")
    return found if found.end > start else None


def _areas(text: str, place: int, region: str) -> Found:
    names, area = tables(), None
    while found_area := names.areas.at(text, place):
        if (area and area.name) or text[found_area[1] : found_area[1] + 1] in ("道", "路", "街"):
            break
        area, place = found_area[0], found_area[1]
    if area is None:
        return Found("HK", Area(region, "", ""), place)
    flags = ("completed",) if not region and area.region else ()
    return Found("HK", area, place, flags)


def _area_behind(text: str, start: int) -> tuple[Area, int] | None:
    """The area at the end of the text, behind a block, floor, flat or number, and where it begins."""
    for length in range(2, 6):
        area = tables().areas.names.get(text[-length:])
        stop = len(text) - length
        if area and stop > start and _IN_HOUSE.match(text[stop - 1]):
            return area, stop
    return None


def _longer(areas: NameIndex[Area], text: str, place: int, end: int) -> bool:
    """Is it an area whose name begins like a region's: 九龍灣, 九龍城?"""
    area = areas.at(text, place)
    return area is not None and area[1] > end


def address(line: str, text: str, found: Found | None) -> tuple[Address, str, str]:
    """The parts of an address in Chinese, its line and its key; arguments as `taiwan_address.address` has them."""
    parts = Address(found.country if found else "")
    start = 0
    if found:
        start = found.end
        parts.region, parts.district, parts.neighbourhood = found.area
        parts.city = HONG_KONG if found.country == "HK" else "澳門"
        parts.flags = list(found.flags)
    stop = found.stop if found else None
    own, rest = _traditional(line[start:stop]), text[start:stop]
    if parts.neighbourhood and _REST_OF_ESTATE.match(rest):
        own, rest = parts.neighbourhood + own, simplified(parts.neighbourhood) + rest
    street = _STREET.match(rest)
    if street:
        name = street["street"] or street["estate"] or street["road"]
        parts.street = own[: len(name)]
        if number := street["number"]:
            parts.house_number = f"{number.upper()}號"
        elif block := street["block"]:
            count = block[:-1]
            parts.house_number = (
                f"{digits(count) if count[0] in NUMERALS + '十' else count.upper()}{own[street.end() - 1]}"
            )
        own = own[street.end() :]
    parts.unit = compact(_FLOORS.sub(_floor, own.replace("樓", "楼"))).replace("楼", "樓")
    region = "" if parts.region == ISLAND else parts.region
    area = parts.neighbourhood or parts.district
    head = f"{parts.city}{region}{area}" if found else ""
    text = f"{head}{parts.street}{parts.house_number}{parts.unit}"
    key = simplified(text).lower()
    return parts, text, key if key.isalnum() else _KEY_NOISE.sub("", key)


def _floor(found: re.Match[str]) -> str:
    return digits(found["count"]) if found["count"] else f"{digits(found['floor'])}楼"


def english(text: str) -> tuple[Address, str, str] | None:
    """The parts of an address in English, its line and its key; None when it is not one of Hong Kong."""
    rest, regions = _without_regions(text)
    if not regions:
        return None
    parts = Address("HK", city="Hong Kong")
    parts.region = next((region for region in regions if region != "Hong Kong"), "")
    if found := _area_at_start(rest) or _area_at_end(rest):
        area, rest = found
        if not parts.region:
            parts.region = area.region
            parts.flag("completed")
        parts.district, parts.neighbourhood = area.district, area.name
    inside = []
    for segment in filter(None, (segment.strip() for segment in rest.split(","))):
        street = _ENGLISH_STREET.match(segment)
        if _ENGLISH_BLOCK.match(segment.lower()) and not parts.house_number:
            parts.house_number = segment
        elif _ENGLISH_UNIT.match(segment.lower()):
            inside.append(segment)
        elif street and not parts.street:
            parts.house_number, parts.street = street["number"], street["street"]
        elif parts.street:
            inside.append(parts.street)
            parts.street = segment
        else:
            parts.street = segment
    parts.unit = ", ".join(inside)
    numbered = parts.house_number[:1].isdigit()
    place = f"{parts.house_number} {parts.street}" if numbered else f"{parts.house_number}, {parts.street}".strip(" ,")
    area_name = parts.neighbourhood or parts.district
    region = "" if parts.region == "Hong Kong Island" else parts.region
    line = ", ".join(filter(None, (parts.unit, place.strip(), area_name, region, "Hong Kong")))
    return parts, line, line


def _without_regions(text: str) -> tuple[str, list[str]]:
    """The text without `Hong Kong` and the names of regions at both its ends, and these."""
    low = text.lower()
    if not any(name in low for name in _NAMED):
        return text, []
    at_start, at_end = _region_patterns()
    names = _region_names()
    found = []
    while name := (None if _STARTS_AREA.match(text) else at_start.match(text)) or at_end.search(text):
        found.append(names[name[1].lower()])
        text = (text[: name.start()] + text[name.end() :]).strip(" ,.")
    return text, found


@lru_cache(maxsize=1)
def _region_names() -> dict[str, str]:
    own = dict.fromkeys(("hong kong", "hong kong sar", "hk"), "Hong Kong")
    return {**tables().english_regions, **own}


@lru_cache(maxsize=1)
def _region_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A region's name at the beginning of a text, and at its end."""
    names = "|".join(re.escape(name) for name in sorted(_region_names(), key=len, reverse=True))
    return (
        re.compile(rf"({names})(?![A-Za-z\d])[ ,.]*", re.IGNORECASE),
        re.compile(rf"(?:^|[ ,.])({names})$", re.IGNORECASE),
    )


def _area_at_start(text: str) -> tuple[Area, str] | None:
    """The area that joined fields name before the flat, and the text without it."""
    inside = _ENGLISH_INSIDE.search(text)
    area = tables().english_areas.get(text[: inside.start()].lower().strip(" ,")) if inside else None
    return (area, text[inside.end() :]) if area and inside else None


def _area_at_end(text: str) -> tuple[Area, str] | None:
    low = text.lower()
    areas = tables().english_areas
    words = [place for place, character in enumerate(low) if character in " ,"]
    for start in (-1, *words):
        if area := areas.get(low[start + 1 :].strip(" ,.")):
            return area, text[: max(start, 0)].strip(" ,")
    return None


def _traditional(own: str) -> str:
    if not is_simplified(own):
        return own
    converted: str = _to_hong_kong().convert(own)
    return converted if len(converted) == len(own) else own


@lru_cache(maxsize=1)
def _to_hong_kong() -> OpenCC:
    return OpenCC("s2hk")
