"""Postal addresses: their parts, one canonical line, and a key that forgives how an address was written."""

from __future__ import annotations

import re
from functools import lru_cache

from customer_warehouse.standardise import (
    hong_kong_address,
    mainland_address,
    mainland_places,
    taiwan_address,
    taiwan_places,
    western_address,
)
from customer_warehouse.standardise.address_parts import EDGES, Address, compact, has_han
from customer_warehouse.standardise.characters import DASHES, HAN, clean, is_simplified, simplified
from customer_warehouse.standardise.name_index import NameIndex
from customer_warehouse.standardise.reference import fold, is_placeholder, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 500
SHORTEST = 3
"""Letters and digits that a text needs to be an address."""
ALSO_MAINLAND = ("连江县",)
"""A county of Taiwan with a namesake on the mainland."""
FUJIAN_POSTCODES = ("209", "210", "211", "212", "890", "891", "892", "893", "894", "895", "896")
"""Of the two counties of Taiwan's province of Fujian (福建省), 連江縣 and 金門縣."""
DEFAULT_REGION = "TW"

_DASHES = re.compile(f"[~\u223c〜{DASHES.removeprefix('-')}]")
_LABEL = re.compile(rf"[(\s]*[{HAN}]{{0,6}}(?:地\s*址|总部|本部|厂部)(?:\s*[:)]+)\s*")
_URL = re.compile(r"(?:https?://|www\.)\S+\s*", re.IGNORECASE)

_FUJIAN = re.compile("(?:福建省?)?(?P<county>金门|连江)县?")

_TITLE = "(?:先生|小姐|女士)"
_LABELLED_PHONE = (
    r"(?:(?:[聯联連连][絡络繫系]|行動|行动|住家|公司)?(?:電話|电话)|手機|手机|(?i:\b(?:tel|phone|mobile|cell)\b))[.: ]*"
    r"\+?\(?\d[\d() -]{5,16}\d"
)
_PHONE = (
    r"(?<![\d-])(?:(?:\+?886[- ]?|0)9\d\d[- ]?\d{3}[- ]?\d{3}"
    r"|(?:\+886[- ]?\(?0?|\(?0)\d{1,3}\)?[- ]?\d{3,4}[- ]?\d{3,4}"
    r"|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|(?:\+852[- ]?|(?<=[\s(]))[2-9]\d{3} ?\d{4})"
)
_PHONE_AT_END = re.compile(
    rf"[\s,;/(]*(?:(?<=\()[{HAN}]{{1,8}}[\s:]*|(?<=[\s,号號楼樓室Ff])[{HAN}]{{1,4}}{_TITLE}[\s:]*)?"
    rf"(?:{_LABELLED_PHONE}|{_PHONE})(?:\s*(?:#|分[機机]|[轉转]|ext\.?)\s*\d{{1,6}})?\s*\)?$",
    re.ASCII,
)
_ENGLISH_LABEL = re.compile(r"\b(?:tel|phone|mobile|cell)\b", re.IGNORECASE)
_RECIPIENT_AT_END = re.compile(
    rf"(?:^|[\s,(]+|(?<=[号號楼樓室层層戶户Ff)]))"
    rf"(?:[{HAN}]{{1,8}}?\(?(?<![回丰豐徵征])收|(?:收件|[聯联連连][絡络繫系])人[: ]*[{HAN}]{{2,5}}{_TITLE}?)\)*$"
)
_SEVEN_DIGITS = re.compile(r"\d(?:[- ()]{0,2}\d){6}", re.ASCII)
_COUNTRY_CODE = re.compile(
    rf"(?:(?P<code>TW|CN|HK|MO)|(?i:taiwan|r\.?o\.?c\.?|p\.?r\.?c\.?|china))[\s,.:-]*(?=[\[(]?\d{{3}}|[{HAN}]{{4}})",
    re.ASCII,
)

_UNITS = "号巷弄楼段之路街邻室层年月日栋幢座单米"
_POSTCODE = re.compile(rf"[\[(〒\s]*(\d{{3}}(?:-?\d{{2,3}})?)[\])\s]*(?=[{HAN}])(?![{_UNITS}]|大[厦楼樓廈])", re.ASCII)
_NAMED_POSTCODE = re.compile(
    r"[,;\s(]*(?:邮政编码|郵政編碼|邮递区号|郵遞區號|邮编|郵編)\s*[:.]?\s*(\d{3}(?:-?\d{2,3})?)(?!\d)\)?", re.ASCII
)
_LAST_POSTCODE = re.compile(r"(?<=[^\d\s])[\s,(]+(\d{5,6})\)?$", re.ASCII)


def standardise(raw: str | None, *, region: str = DEFAULT_REGION) -> Value:
    """The address on one line, in its country's order and script, and its parts.

    Parts: `country`, `region`, `city`, `district`, `neighbourhood`, `street`, `lane`, `alley`, `house_number`, `unit`,
    `postcode` and `level`, which says how deep the address is known: `none`, `region`, `city`, `district`, `street` or
    `house_number`. Names of places are those of the administrative lists; what is implied is filled in. `region` is the
    country to think of when an address names none of its places.

    The line of a Chinese address has no spaces and no postcode; in Taiwan it has traditional characters, 段 in Chinese
    numerals and every other number in digits, and 村里鄰 only where no street is named; on the mainland simplified
    characters. The key forgives script, 之 and -, F and 樓, 层 and 楼, numerals, punctuation, country and postcode.

    Flags: `completed` (a level that was missing is filled in), `renamed` (a former name), `district_unknown` (kept as
    written), `district_ambiguous` (several places have it), `city_ambiguous` (so 新竹: 市 or 縣), `development_zone`,
    `city_mismatch` (it lies in another province; both as written), `number_range` (106-108號, in Taiwan),
    `contact_removed` (a phone or an addressee behind the address is cut off), `postcode_derived`, `postcode_mismatch`,
    `po_box`. Rejects: `not_an_address`, `placeholder`, `too_long` (over 500 characters).
    """
    if not (len(region) == 2 and region.isascii() and region.isupper()):
        raise ValueError(f"{region!r} is no country code")
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("too_long")
    if is_placeholder(text) or (
        len(text) <= _longest_placeholder() and fold(text) in words("placeholders", "postal_address", "addresses")
    ):
        return rejected("placeholder")
    text = text.replace("臺", "台")
    if _DASHES.search(text):
        text = _DASHES.sub("-", text)
    if _URL.match(text):
        text = _URL.sub("", text)
        if not text:
            return rejected("not_an_address")
    contact = _contact(text)
    if contact is not None:
        text = text[:contact].rstrip(f"{EDGES}([")
        if not text:
            return rejected("not_an_address")
    parts, line, key = _chinese(text, region) if has_han(text) else western_address.address(text.strip(EDGES), region)
    if contact is not None:
        parts.flag("contact_removed")
    if parts.level == "none" and not _is_something(line):
        return rejected("not_an_address")
    return parts.value(line, key or line.casefold())


def warm() -> None:
    """Load the tables of every country now; the first addresses would wait for them."""
    for address in _OF_EVERY_GRAMMAR:
        standardise(address)


_OF_EVERY_GRAMMAR = (
    "台湾台北市大安区和平东路二段1号",
    "花蓮市中山路1號",
    "广东省深圳市南山区科技一路8号",
    "香港九龙旺角弥敦道1号",
    "Flat 1, 1 Nathan Road, Kowloon, Hong Kong",
    "1 George Street, Sydney NSW 2000, Australia",
)


_CONTACT_ENDS = frozenset(")收0123456789")


def _contact(text: str) -> int | None:
    """Where the phone and the addressee (`王大明收`) behind an address begin; None when there are none."""
    end = len(text)
    if text[-1] not in _CONTACT_ENDS and "人" not in text:
        return None
    if not ("收" in text or "人" in text or _SEVEN_DIGITS.search(text)):
        return None
    if not (has_han(text) or _ENGLISH_LABEL.search(text)):
        return None
    while known := text[:end].rstrip():
        found = _RECIPIENT_AT_END.search(known) if "收" in known or "人" in known else None
        if found is None and _SEVEN_DIGITS.search(known):
            found = _PHONE_AT_END.search(known)
        if found is None:
            break
        end = found.start()
    return end if end < len(text) else None


@lru_cache(maxsize=1)
def _longest_placeholder() -> int:
    return max(map(len, words("placeholders", "postal_address", "addresses")))


def _is_something(line: str) -> bool:
    """Are there enough letters and digits, and is one of them no digit?"""
    return sum(map(str.isalnum, line)) >= SHORTEST and any(map(str.isalpha, line))


def _chinese(text: str, region: str) -> tuple[Address, str, str]:
    """Parts, line and key of an address with Chinese characters in it."""
    if text[0].isascii() and (country := _COUNTRY_CODE.match(text)):
        region = country["code"] or region
        text = text[country.end() :]
    postcode = ""
    if ("邮" in text or "郵" in text) and (match := _NAMED_POSTCODE.search(text)):
        postcode = match[1].replace("-", "")
        text = f"{text[: match.start()]} {text[match.end() :]}"
    elif text[-1] in "0123456789)" and (match := _LAST_POSTCODE.search(text)):
        postcode, text = match[1], text[: match.start()]
    if (":" in text or ")" in text) and (label := _LABEL.match(text)):
        text = text[label.end() :]
    line = compact(text)
    folded = simplified(line)
    begin = _country_prefix(folded)
    if match := _POSTCODE.match(folded, begin):
        line, folded, begin = line[match.end() :], folded[match.end() :], 0
        postcode = match[1].replace("-", "")
    return _placed(line, folded, begin or _country_prefix(folded), postcode, region)


def _placed(line: str, text: str, begin: int, postcode: str, region: str) -> tuple[Address, str, str]:
    """The same, by the grammar of the country that the address is in."""
    if hong_kong := hong_kong_address.locate(text, begin):
        return hong_kong_address.address(line, text, hong_kong)
    county = _county_in_fujian(line, text, begin, postcode, region)
    if county is not None:
        return taiwan_address.address(line, text, taiwan_places.locate(text, county, postcode), postcode)
    taiwan = taiwan_places.locate(text, begin, postcode)
    if taiwan and taiwan.city and "completed" not in taiwan.flags and not text.startswith(ALSO_MAINLAND, begin):
        return taiwan_address.address(line, text, taiwan, postcode)
    simple = is_simplified(line)
    mainland = mainland_places.locate(text, begin, postcode if len(postcode) == 6 else "")
    if taiwan and mainland:
        strict = simple and len(postcode) not in (3, 5)
        if not (strict or (region == "CN" and line == text)):
            mainland = None
        else:
            taiwan = None
    if mainland is None and taiwan is None:
        if region == "HK" and (hong_kong := hong_kong_address.locate_area(text, begin)):
            return hong_kong_address.address(line, text, hong_kong)
        if region == "HK" and not simple:
            return hong_kong_address.address(line[begin:], text[begin:], None)
        if simple or region == "CN":
            return mainland_address.address(text[begin:], None, postcode)
    if mainland is not None:
        return mainland_address.address(text, mainland, postcode)
    if taiwan is None:
        line, text = line[begin:], text[begin:]
    return taiwan_address.address(line, text, taiwan, postcode)


def _county_in_fujian(line: str, text: str, begin: int, postcode: str, region: str) -> int | None:
    """Where a county of Taiwan's province of Fujian begins; None when there is none, or its mainland namesake.

    A township or a postcode of Taiwan decides; without both, a prefecture between province and county, a town that
    Taiwan does not have and simplified characters are signs of the mainland.
    """
    if not text.startswith(("福建", "金门", "连江"), begin) or not (found := _FUJIAN.match(text, begin)):
        return None
    townships = taiwan_places.tables().districts[{"金门": "金門縣", "连江": "連江縣"}[found["county"]]]
    named = found[0].startswith("福建")
    if (
        townships.at(text, found.end())
        or (postcode.startswith(FUJIAN_POSTCODES) and (named or found[0].endswith("县")))
        or (
            named
            and region == "TW"
            and not is_simplified(line)
            and not taiwan_places.UNKNOWN_DISTRICT.match(text, found.end())
        )
    ):
        return found.start("county")
    return None


def _country_prefix(text: str) -> int:
    """The length of the countries at the beginning of an address in simplified characters, when more stands behind."""
    place = 0
    while text[place : place + 1] in _BEGINNINGS and (found := _countries().at(text, place)):
        end = found[1]
        if len(text) <= end + 3 or text.startswith(("大道", "路", "街"), end):
            break
        place = end
    return place


_BEGINNINGS = ("台", "中")


@lru_cache(maxsize=1)
def _countries() -> NameIndex[str]:
    """What countries are called in Chinese addresses."""
    return NameIndex({name: name for name in words("addresses", "countries") if not name.isascii()})
