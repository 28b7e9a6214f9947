"""Provinces, prefectures and counties of mainland China: which of them a text names; in simplified characters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from customer_warehouse.standardise.name_index import NameIndex
from customer_warehouse.standardise.seeds import rows

SHORT_PROVINCES = {
    "广西省": "广西壮族自治区",
    "宁夏省": "宁夏回族自治区",
    "新疆省": "新疆维吾尔自治区",
}
FORMER_PREFECTURES = {"襄樊": "420600", "思茅": "530800"}
"""Renamed in 2010 and 2007. Prefectures that only turned from 地区 into 市 are known by their stem."""
_PEOPLES = re.compile(
    "(?:壮族|回族|维吾尔|藏族|羌族|彝族|白族|傣族|景颇族|傈僳族|哈尼族|苗族|侗族|土家族|布依族|朝鲜族|蒙古族?|哈萨克|柯尔克孜|锡伯|撒拉族"
    "|土族|东乡族|保安族|裕固族|瑶族|黎族|畲族|满族|仡佬族|仫佬族|毛南族|水族|佤族|拉祜族|布朗族|纳西族|普米族|怒族|独龙族|各族|塔吉克|达斡尔族?"
    "|鄂温克族?|鄂伦春)+(?=自治)"
)
_ENDINGS = re.compile("(?:特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|特区|省|市|盟|州|区|县|旗)$")

# Behind a name without its 市 or 区 these say that it is the name of something else: 南京 in 南京西路, 西湖 in
# 西湖文化广场.
_ROAD_FOLLOWS = re.compile(
    r"[东西南北中]{0,2}[一二三四五六七八九十\d]{0,3}(?:路|街|大道|大街|大路|道|巷|弄|胡同|公路|桥|门外|门内|里\d)|[湾]|里(?:路|街|大道)"
)
_SIGHT_FOLLOWS = re.compile(
    r"[东西南北中]{0,2}[一二三四五六七八九十\d]{0,3}(?:路|街|大道|大街|大路|道|巷|弄|胡同|公路|桥|门|里|湖|山|江|河|海|港|湾|岛|寺|塔|站|城|村|镇|乡"
    r"|街道|机场|广场|公园|大厦|大楼|中心|国际|商城|商务|商业|饭店|酒店|大学|学院|医院|花园|新村|苑|园|小区|家园|体育|文化|科技|工业|投资|集团|公司|高新|[^新]?[区县旗])"
)

_POSTCODE_BETWEEN = re.compile(r"\d{6}", re.ASCII)
SEPARATORS = " .,:;()/·、-"
"""What may stand between the names of places."""

# First two digits of a postcode, by the code of the province.
POSTCODES = {
    "10": "11", "20": "31", "30": "12", "40": "50", "01": "15", "02": "15", "03": "14", "04": "14", "05": "13",
    "06": "13", "07": "13", "11": "21", "12": "21", "13": "22", "15": "23", "16": "23", "21": "32", "22": "32",
    "23": "34", "24": "34", "25": "37", "26": "37", "27": "37", "31": "33", "32": "33", "33": "36", "34": "36",
    "35": "35", "36": "35", "41": "43", "42": "43", "43": "42", "44": "42", "45": "41", "46": "41", "47": "41",
    "51": "44", "52": "44", "53": "45", "54": "45", "55": "52", "56": "52", "57": "46", "61": "51", "62": "51",
    "63": "51", "64": "51", "65": "53", "66": "53", "67": "53", "71": "61", "72": "61", "73": "62", "74": "62",
    "75": "64", "81": "63", "83": "65", "84": "65", "85": "54",
}  # fmt: skip


class Division(NamedTuple):
    """A county or district, a prefecture or a province; what it is not in is empty."""

    code: str
    region: str
    city: str
    district: str


class Found(NamedTuple):
    """Where an address says it is, and where in the text that ends."""

    division: Division
    end: int
    flags: tuple[str, ...]


class _Tables(NamedTuple):
    provinces: NameIndex[str]
    """Names, and short names, with the first two digits of the code."""
    short_provinces: NameIndex[str]
    prefectures: NameIndex[str]
    """With the first four digits."""
    short_prefectures: NameIndex[str]
    counties: dict[str, NameIndex[tuple[str, ...]]]
    """By the first two or four digits, and under "" for all: the codes that have the name, and had it."""
    short_counties: dict[str, NameIndex[tuple[str, ...]]]
    divisions: dict[str, Division]
    former: dict[str, tuple[str, ...]]
    """By code, the names it has no more."""


@lru_cache(maxsize=1)
def divisions() -> dict[str, Division]:
    """All divisions by code, the municipalities' districts inside a city of the municipality's name."""
    names = {row["code"]: row["name"] for row in rows("mainland_divisions")}
    found = {}
    for code, name in names.items():
        region = names[f"{code[:2]}0000"]
        city = region if region.endswith("市") else names.get(f"{code[:4]}00", "")
        if code.endswith("0000"):
            found[code] = Division(code, region, region if region.endswith("市") else "", "")
        else:
            found[code] = Division(code, region, city, "" if code.endswith("00") else name)
    return found


def short(name: str) -> str:
    """The name as it is spoken: 广西 for 广西壮族自治区, 浦东 for 浦东新区; two characters at least."""
    for spoken in (_ENDINGS.sub("", _PEOPLES.sub("", name)), _ENDINGS.sub("", name), name[:-1]):
        if len(spoken) > 1:
            return spoken
    return name


@lru_cache(maxsize=1)
def tables() -> _Tables:
    """The names that places have and had."""
    provinces: dict[str, str] = {}
    short_provinces: dict[str, str] = {}
    prefectures: dict[str, str] = {}
    short_prefectures: dict[str, str] = {}
    counties: dict[str, dict[str, tuple[str, ...]]] = {}
    short_counties: dict[str, dict[str, tuple[str, ...]]] = {}
    former: dict[str, tuple[str, ...]] = {}

    def add(index: dict[str, dict[str, tuple[str, ...]]], name: str, code: str, *areas: str) -> None:
        for area in areas:
            known = index.setdefault(area, {})
            if code not in known.get(name, ()):
                known[name] = (*known.get(name, ()), code)

    for code, division in divisions().items():
        if code.endswith("0000"):
            provinces[division.region] = code[:2]
            short_provinces[short(division.region)] = code[:2]
        elif code.endswith("00"):
            prefectures[division.city] = code[:4]
            short_prefectures[short(division.city)] = code[:4]
            prefectures.setdefault(
                f"{short(division.city)}{'州' if division.city.endswith('州') else '地区'}", code[:4]
            )
        else:
            areas = ("", code[:2]) if division.region == division.city else ("", code[:2], code[:4])
            add(counties, division.district, code, *areas)
            spoken = short(division.district)
            add(short_counties, spoken, code, *areas[1:])
            if division.district.endswith("自治县"):
                add(counties, f"{spoken}县", code, *areas)
    for row in rows("mainland_former"):
        code, name = row["code"], row["former"]
        former[code] = (*former.get(code, ()), name)
        add(counties, name, code, row["prefecture"][:4], code[:2], "")
        if len(name) > 2:
            add(short_counties, name[:-1], code, row["prefecture"][:4])
    for name, code in FORMER_PREFECTURES.items():
        short_prefectures[name] = prefectures[f"{name}市"] = code[:4]
    by_name = {division.region: code[:2] for code, division in divisions().items() if code.endswith("0000")}
    provinces |= {name: by_name[province] for name, province in SHORT_PROVINCES.items()}
    short_provinces["内蒙"] = by_name["内蒙古自治区"]
    for name in {"朝阳", *short_provinces} & set(short_prefectures):  # Chaoyang is better known as a district
        del short_prefectures[name]
    return _Tables(
        NameIndex(provinces),
        NameIndex(short_provinces),
        NameIndex(prefectures),
        NameIndex(short_prefectures),
        {area: NameIndex(names) for area, names in counties.items()},
        {area: NameIndex(names) for area, names in short_counties.items()},
        divisions(),
        former,
    )


def locate(text: str, start: int, postcode: str = "") -> Found | None:
    """Province, prefecture and county that the text names at `start`; None when it names none.

    Any of them may be missing, without its 市 or 区, or said twice. Levels above a name that only one place has are
    filled in (flag `completed`); of several places the postcode's province decides, or none (`district_ambiguous`).
    """
    names = tables()
    province = prefecture = ""
    place = start
    renamed = False
    while True:
        area = prefecture or province
        while text[place : place + 1] in SEPARATORS and place < len(text):
            place += 1
        if found := names.provinces.at(text, place):
            if province and found[0] != province:
                break
            province, place = found
        elif (found := names.prefectures.at(text, place)) and _within(found[0], area):
            renamed = renamed or text[place : found[1]].startswith(tuple(FORMER_PREFECTURES))
            prefecture, place = found
            province = prefecture[:2]
        elif prefecture or _county(text, place, province, postcode):
            break
        elif (
            not province
            and (found := names.short_provinces.at(text, place))
            and not _ROAD_FOLLOWS.match(text, found[1])
        ):
            province, place = found
        elif (
            (found := names.short_prefectures.at(text, place))
            and _within(found[0], province)
            and not _ROAD_FOLLOWS.match(text, found[1])
        ):
            renamed = renamed or text[place : found[1]] in FORMER_PREFECTURES
            prefecture, place = found
            province = prefecture[:2]
        else:
            break
    if province in _MUNICIPALITIES:
        prefecture = ""
    county = _county(text, place, prefecture or province, postcode)
    if county is None and province and text.startswith("是", place):  # 上海是徐汇区: a slip for 市
        county = _county(text, place + 1, prefecture or province, postcode)
    if county is None and (prefecture or province):
        county = _spoken_county(text, place, prefecture or province)
        if (
            county
            and text.startswith("市", county[1])
            and not text.startswith(("场", "民", "政", "府", "中", "桥"), county[1] + 1)
        ):
            county, renamed = (county[0], county[1] + 1), True  # 顺德市: it is a 区 now
    if county is None and province and not prefecture and (found_elsewhere := _elsewhere(text, place, province)):
        return found_elsewhere
    if county is None:
        if not province:
            return None
        return Found(names.divisions[f"{prefecture or province:0<6}"], place, ("renamed",) if renamed else ())
    found_county = _with_county(text, start, county, province, prefecture)
    if renamed and "renamed" not in found_county.flags:
        return found_county._replace(flags=(*found_county.flags, "renamed"))
    return found_county


_MUNICIPALITIES = frozenset(("11", "12", "31", "50"))


def _within(code: str, area: str) -> bool:
    return code.startswith(area)


def _county(text: str, place: int, area: str, postcode: str) -> tuple[tuple[str, ...], int] | None:
    """The counties of the area whose full name stands there."""
    index = tables().counties.get(area)
    found = index.at(text, place) if index else None
    if found and len(found[0]) > 1 and (province := POSTCODES.get(postcode[:2])) and len(postcode) == 6:
        near = tuple(code for code in found[0] if code[:2] == province)
        return near or found[0], found[1]
    return found


def _spoken_county(text: str, place: int, area: str) -> tuple[tuple[str, ...], int] | None:
    """The one county of the area whose name stands there without 区 or 县, unless it is a part of another name."""
    index = tables().short_counties.get(area)
    found = index.at(text, place) if index else None
    if found is None or len(found[0]) > 1 or _SIGHT_FOLLOWS.match(text, found[1]):
        return None
    return found


def _elsewhere(text: str, place: int, province: str) -> Found | None:
    """A prefecture, by its full name, that is not in the province before it: everything as it is written."""
    names = tables()
    found = names.prefectures.at(text, place)
    if found is None or text.startswith(("场", "民"), found[1]):
        return None
    code, end = found
    county = _county(text, end, code, "")
    district = ""
    if county and len(county[0]) == 1:
        district, end = names.divisions[county[0][0]].district, county[1]
    region = names.divisions[f"{province}0000"].region
    return Found(Division("", region, names.divisions[f"{code}00"].city, district), end, ("city_mismatch",))


def _has_former(name: str, former: tuple[str, ...], spoken: str) -> bool:
    """Does the text end with a former name, or with one as it is spoken?"""
    return name.endswith(former) or (
        not name.endswith(spoken) and name.endswith(tuple(old[:-1] for old in former if len(old) > 2))
    )


def _after_repetition(text: str, end: int, division: Division) -> int:
    """Where the address goes on, when a form's line says the place, or its postcode, once more."""
    if text[end : end + 1] not in (division.region[:1], division.city[:1], division.district[:1], *"0123456789"):
        return end
    postcode = _POSTCODE_BETWEEN.match(text, end)
    for province in (division.region, ""):
        for city in (division.city, ""):
            again = f"{province}{city if city != province else ''}{division.district}"
            for place in (end, postcode.end() if postcode else end):
                if text.startswith(again, place):
                    return place + len(again)
    return end


def _with_county(text: str, start: int, county: tuple[tuple[str, ...], int], province: str, prefecture: str) -> Found:
    names = tables()
    codes, end = county
    name = text[start:end]
    flags = []
    if len(codes) > 1:
        regions = {names.divisions[code].region for code in codes}
        cities = {names.divisions[code].city for code in codes}
        division = names.divisions[codes[0]]
        region = regions.pop() if len(regions) == 1 else ""
        return Found(
            Division("", region, cities.pop() if len(cities) == 1 else "", division.district),
            end,
            ("district_ambiguous",),
        )
    division = names.divisions[codes[0]]
    if not province or (not prefecture and province not in _MUNICIPALITIES and division.city):
        flags.append("completed")
    former = names.former.get(codes[0], ())
    moved = not codes[0].startswith(prefecture)
    if moved or (not name.endswith(division.district) and _has_former(name, former, short(division.district))):
        flags.append("renamed")
    return Found(division, _after_repetition(text, end, division), tuple(flags))
