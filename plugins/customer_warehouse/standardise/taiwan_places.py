"""Counties, cities and districts of Taiwan: which of them a text names.

Names are compared in simplified characters, so that both scripts are one; answers are in traditional ones.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from customer_warehouse.standardise.characters import HAN, simplified
from customer_warehouse.standardise.name_index import NameIndex
from customer_warehouse.standardise.seeds import rows

FORMER_COUNTIES = {"臺北縣": "新北市", "桃園縣": "桃園市", "臺中縣": "臺中市", "臺南縣": "臺南市", "高雄縣": "高雄市"}
"""Counties that became, or joined, a special municipality in December 2010 (Taoyuan: 2014)."""
FORMER_DISTRICTS = {
    ("臺南市", "中區"): "中西區",  # joined in 2004
    ("臺南市", "西區"): "中西區",
    ("高雄市", "三民鄉"): "那瑪夏區",  # renamed in 2008
    ("彰化縣", "員林鎮"): "員林市",  # 2015
    ("苗栗縣", "頭份鎮"): "頭份市",  # 2015
}
MUNICIPALITIES = ("新北市", "桃園市", "臺中市", "臺南市", "高雄市")

# Behind a name without its 市 or 區 these say that it is the name of something else: 中山 in 中山北路, 大安 in
# 大安森林公園.
NOT_A_PLACE = re.compile(
    r"[东西南北中]?[一二三四五六七八九十\d]{0,2}"
    r"(?:路|街|大道|巷|弄|号|村|里|桥|新村|公园|车站|机场|大学|国中|国小|高中|夜市)"
)

# What is left of 市府路, 縣政二路 and 市民大道 when 市 or 縣 is taken for the end of a city's name.
_REST_OF_ROAD = re.compile(r"府路|政[东西南北中]?[一二三四五六七八九十\d]{0,3}路|民大道")

_OTHER_KIND = ("乡", "镇", "市", "区", "县")
"""Behind the short name of a district: somebody wrote that it is something else."""
UNKNOWN_DISTRICT = re.compile(
    rf"[{HAN}]{{1,3}}?(?:(?<!园)[区乡镇]|市(?!场|民|政|府))(?!域|公|[一二三四五六七八九十\d]*[路街段])"
)
_POSTCODE_BETWEEN = re.compile(r"\d{3}(?:\d{2,3})?", re.ASCII)


class District(NamedTuple):
    """A district of Taiwan, by its official names."""

    city: str
    name: str
    postcode: str


class Found(NamedTuple):
    """Where an address says it is, and where in the text that ends."""

    city: str
    district: str
    postcode: str
    end: int
    flags: tuple[str, ...]


class _Tables(NamedTuple):
    """All names, in simplified characters."""

    cities: NameIndex[str]
    short_cities: NameIndex[tuple[str, ...]]
    """Without 市 or 縣; 新竹 is two."""
    districts: dict[str, NameIndex[tuple[District, bool]]]
    """By city: whether the name is a former one is told beside it."""
    short_districts: dict[str, NameIndex[District]]
    anywhere: NameIndex[tuple[District, ...]]
    postcodes: dict[str, tuple[District, ...]]


@lru_cache(maxsize=1)
def districts() -> tuple[District, ...]:
    """All districts of Taiwan."""
    return tuple(District(row["city"], row["district"], row["postcode"]) for row in rows("taiwan_districts"))


@lru_cache(maxsize=1)
def tables() -> _Tables:
    """The names that places have and had."""
    by_city: dict[str, dict[str, tuple[District, bool]]] = {}
    short: dict[str, dict[str, District]] = {}
    anywhere: dict[str, tuple[District, ...]] = {}
    postcodes: dict[str, tuple[District, ...]] = {}
    for district in districts():
        name = simplified(district.name)
        found = by_city.setdefault(district.city, {})
        found[name] = (district, False)
        if len(name) > 2:
            short.setdefault(district.city, {})[name[:-1]] = district
        anywhere[name] = (*anywhere.get(name, ()), district)
        postcodes[district.postcode] = (*postcodes.get(district.postcode, ()), district)
        if district.city in MUNICIPALITIES and len(name) > 2:
            for former in "市镇乡":
                found.setdefault(name[:-1] + former, (district, True))
    known = {(district.city, district.name): district for district in districts()}
    for (city, former), now in FORMER_DISTRICTS.items():
        by_city[city][simplified(former)] = (known[city, now], True)
    cities = {simplified(city): city for city in by_city} | {
        simplified(old): new for old, new in FORMER_COUNTIES.items()
    }
    short_cities: dict[str, tuple[str, ...]] = {}
    for city in by_city:
        stem = simplified(city)[:-1]
        short_cities[stem] = (*short_cities.get(stem, ()), city)
    for city, names in by_city.items():
        for name, (district, is_former) in names.items():
            if is_former and city in MUNICIPALITIES and name not in anywhere:
                anywhere[name] = (district,)
    return _Tables(
        NameIndex(cities),
        NameIndex(short_cities),
        {city: NameIndex(names) for city, names in by_city.items()},
        {city: NameIndex(names) for city, names in short.items()},
        NameIndex(anywhere),
        postcodes,
    )


def locate(text: str, start: int, postcode: str = "") -> Found | None:
    """City and district that the text names at `start`, in simplified characters; None when it names none.

    A district that one city alone has brings its city; of several the postcode decides. What is filled in so is flagged
    `completed`, a former name `renamed`. A short name of several cities stays short (`city_ambiguous`) when neither
    district nor postcode decides.
    """
    names = tables()
    cities: tuple[str, ...] = ()
    district: District | None = None
    flags: list[str] = []
    place = start
    while True:
        if len(cities) != 1 and (city := names.cities.at(text, place)) and (not cities or city[0] in cities):
            of_road = (
                text[city[1] : city[1] + 1] in ("府", "政", "民") and _REST_OF_ROAD.match(text, city[1]) is not None
            )
            if text[city[1] - 1] == "县" and city[0][-1] == "市":
                spoken = names.short_cities.at(text, place) if of_road else None
                if not spoken or city[0] not in spoken[0]:
                    flags.append("renamed")
            cities, place = (city[0],), city[1] - of_road
            if of_road:
                break
            continue
        if (
            not cities
            and (short := names.short_cities.at(text, place))
            and not NOT_A_PLACE.match(text, short[1])
            and not names.anywhere.at(text, place)
        ):
            cities, place = short
            continue
        break
    if place == start and not cities:
        return _district_alone(text, start, postcode)
    for city_ in cities:
        if found := names.districts[city_].at(text, place):
            (district, former), place = found
            if former:
                flags.append("renamed")
            break
    if district is None:
        for city_ in cities:
            index = names.short_districts.get(city_)
            near = index.at(text, place) if index else None
            if (
                near
                and (text[near[1] : near[1] + 1] not in _OTHER_KIND or _REST_OF_ROAD.match(text, near[1] + 1))
                and not NOT_A_PLACE.match(text, near[1])
            ):
                district, place = near
                break
    if district is None and postcode[:3] in names.postcodes:
        here = [one for one in names.postcodes[postcode[:3]] if one.city in cities]
        if len(here) == 1 and not UNKNOWN_DISTRICT.match(text, place):
            district = here[0]
            flags.append("completed")
        cities = tuple(dict.fromkeys(one.city for one in here)) or cities
    if district is None and len(cities) > 1:
        return Found(cities[0][:-1], "", "", place, ("city_ambiguous",))
    if district is None:
        return Found(cities[0], "", "", place, tuple(dict.fromkeys(flags)))
    place = _after_repetition(text, place, district)
    return Found(district.city, district.name, district.postcode, place, tuple(dict.fromkeys(flags)))


def _after_repetition(text: str, place: int, district: District) -> int:
    """Where the address goes on, when a form's line says city and district once more."""
    names = tables()
    between = _POSTCODE_BETWEEN.match(text, place)
    if between and names.cities.at(text, between.end()):
        place = between.end()
    city = names.cities.at(text, place)
    if city and city[0] == district.city:
        again = names.districts[district.city].at(text, city[1])
        return again[1] if again and again[0][0] == district else city[1]
    again = names.districts[district.city].at(text, place)
    return again[1] if again and again[0][0] == district and len(district.name) > 2 else place


def _district_alone(text: str, start: int, postcode: str) -> Found | None:
    names = tables()
    found = names.anywhere.at(text, start)
    if found is None:
        return None
    candidates, end = found
    if len(candidates) > 1 and postcode:
        candidates = tuple(one for one in candidates if one.postcode == postcode[:3]) or candidates
    if len(candidates) > 1:
        return Found("", candidates[0].name, "", end, ("district_ambiguous",))
    district = candidates[0]
    renamed = ("renamed",) if simplified(district.name) != text[start:end] else ()
    return Found(district.city, district.name, district.postcode, end, ("completed", *renamed))
