"""Addresses in Latin letters: the United States, the United Kingdom, Australia and Canada, and Hong Kong in English.

Such addresses say what is what by commas, by the form of the postcode and by a few words. What they do not say, such as
where the street ends and the town begins in an American address without commas, the model of `usaddress` guesses.
"""

from __future__ import annotations

import re
from functools import lru_cache

import usaddress

from customer_warehouse.standardise import hong_kong_address
from customer_warehouse.standardise.address_parts import Address
from customer_warehouse.standardise.characters import unaccented
from customer_warehouse.standardise.reference import read, words

COUNTRIES = ("US", "CA", "GB", "AU")

_COMMAS = re.compile(r" ?[,;][ ,;]*")
_WORD = re.compile(r"\w+")

_POSTCODE = (
    r"(?:(?P<US>\d{5}(?:-\d{4})?)|(?P<AU>\d{4})|(?P<CA>[A-Z]\d[A-Z] ?\d[A-Z]\d)"
    r"|(?P<GB>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))"
)
_POSTCODE_AT_END = re.compile(rf"(?:^|[ ,]){_POSTCODE}$", re.IGNORECASE | re.ASCII)
LONGEST_POSTCODE = 12
_UNIT = r"(?:(?:apt|apartment|flat|unit|suite|ste|room|rm|shop|floor|fl|level|lot|building|bldg)\b\.? ?#? ?|# ?)[\w-]+"
_IS_UNIT = re.compile(rf"{_UNIT}(?:[ ,]+{_UNIT})*$|\d+(?:st|nd|rd|th) floor$|\d+/f$", re.IGNORECASE)
_UNIT_AT_END = re.compile(rf"[ ,]+(?P<unit>{_UNIT})$", re.IGNORECASE)
_UNIT_AT_START = re.compile(rf"(?P<unit>{_UNIT})[ ,]+(?=\d)", re.IGNORECASE)
_STREET = re.compile(
    r"(?:(?P<unit>\d+[A-Za-z]?)/)?(?P<number>\d+[A-Za-z]?(?:-\d+[A-Za-z]?)?(?: 1/2)?) +"
    r"(?P<street>[^\d\s].*|\d+(?:st|nd|rd|th)\b.*|\d+ [^\W\d].*)$",
    re.IGNORECASE,
)
_POSTCODE_AND_CITY = re.compile(
    rf"{_POSTCODE} +(?P<city>[^\W\d][^\d,]*?) +(?=(?:{_UNIT},? )?\d+[A-Z]? +[^\W\d])", re.IGNORECASE
)
"""What joined fields begin with where there is no region."""
_BOX = re.compile(r"\b(?:p\.? ?o\.? ?box|locked bag|gpo box)\b", re.IGNORECASE)


def address(text: str, expected: str) -> tuple[Address, str, str]:
    """The parts of an address in Latin letters, its line and its key; `expected` is the country to think of."""
    if "," in text or ";" in text:
        text = _COMMAS.sub(", ", text)
    hong_kong = hong_kong_address.english(text)
    if hong_kong:
        parts, line, _ = hong_kong
        return parts, line, _key(line)
    parts, line = _western(text, expected)
    return parts, line, _key(line if parts.level == "none" else _without_postcode(parts))


def _western(text: str, expected: str) -> tuple[Address, str]:
    parts = Address()
    rest = _take_place(parts, text, expected)
    if parts.postcode and not parts.region and (region := _region_of_postcode(parts.country, parts.postcode)):
        parts.region = region
        parts.flag("completed")
    low = rest.lower()
    if ("box" in low or "bag" in low) and _BOX.search(rest):
        parts.flag("po_box")
    segments = [segment for segment in rest.split(", ") if segment]
    inside: list[str] = []
    streets: list[str] = []
    for segment in segments:
        if _IS_UNIT.match(segment):
            inside.append(segment)
        else:
            streets.append(segment)
    numbered = (
        (place, found, unit)
        for place, (street, unit) in enumerate(map(_split_unit, streets))
        if (found := _STREET.match(street))
    )
    house = next(numbered, None)
    if house is None:
        if parts.country and streets and not parts.city:
            parts.city = streets.pop()
        if parts.country and len(streets) == 1 and "po_box" not in parts.flags:
            parts.street = streets.pop()
        parts.unit = ", ".join((*inside, *streets))
        return parts, _line(parts, text)
    number, found, own_unit = house
    parts.house_number, parts.street = found["number"].upper(), found["street"]
    if found["unit"]:
        inside.insert(0, f"Unit {found['unit'].upper()}")
    after = streets[number + 1 :]
    if after and not parts.city:
        parts.city = after.pop()
    if after:
        parts.district = ", ".join(after)
    if own_unit:
        inside.append(own_unit)
    parts.unit = ", ".join((*streets[:number], *inside))
    if not parts.city and parts.country == "US" and parts.postcode:
        _guess(parts, text)
    return parts, _line(parts, text)


def _split_unit(segment: str) -> tuple[str, str]:
    """A street's segment without the flat that may stand before or behind it, and the flat."""
    if found := _UNIT_AT_END.search(segment):
        return segment[: found.start()], found["unit"]
    if found := _UNIT_AT_START.match(segment):
        return segment[found.end() :], found["unit"]
    return segment, ""


def _take_place(parts: Address, text: str, expected: str) -> str:
    """Fill in country, region and postcode, and the city where it stands in front; returns what is left."""
    if text.lower().endswith(_country_endings()) and (ending := _country_at_end().search(text)):
        parts.country = _countries()[ending[1].lower().replace(".", "")]
        text = text[: ending.start()].rstrip(" ,")
    expected = parts.country or expected
    found = _POSTCODE_AT_END.search(text, max(0, len(text) - LONGEST_POSTCODE))
    if found and found.lastgroup and parts.country in ("", found.lastgroup):
        country = found.lastgroup
        before, region = _region_at_end(text[: found.start()].rstrip(" ,"), country)
        if region or country in ("GB", parts.country):
            parts.country, parts.region, parts.postcode = country, region, _postcode(found[country], country)
            return before
    if found is None and ", " in text:
        before, _, last = text.rpartition(", ")
        homes = _homes(last.lower(), expected)
        if homes and parts.country in ("", *homes):
            parts.country = homes[0] if len(homes) == 1 else ""
            parts.region = _regions(homes[0])[last.lower()]
            return before
    if first := _first().match(text):
        known = next((country for country in COUNTRIES if first[country]), "")
        homes = _homes(first["region"].lower(), known or expected)
        if not known or known in homes:
            parts.country = homes[0] if len(homes) == 1 else ""
            parts.region = _regions(homes[0])[first["region"].lower()]
            parts.city = first["city"]
            parts.postcode = _postcode(first[known], known) if known else ""
            return text[first.end() :]
    if bare := _POSTCODE_AND_CITY.match(text):
        parts.country = next(country for country in COUNTRIES if bare[country])
        parts.postcode, parts.city = _postcode(bare[parts.country], parts.country), bare["city"]
        return text[bare.end() :]
    return text


def _postcode(written: str, country: str) -> str:
    code = written.upper()
    return f"{code[:-3]} {code[-3:]}" if country in ("GB", "CA") and " " not in code else code


def _region_at_end(text: str, country: str) -> tuple[str, str]:
    """The text without the region at its end, and the region; empty when there is none."""
    text = text.rstrip(".")
    found = text.replace(",", " ").split()
    regions = _regions(country)
    for count in range(min(4, len(found)), 0, -1):
        name = " ".join(found[-count:])
        if (region := regions.get(name.lower())) and text.endswith(name):
            return text[: -len(name)].rstrip(" ,"), region
    return text, ""


def _region_of_postcode(country: str, postcode: str) -> str:
    """The state or province that the postcode is in; empty when that is not known."""
    regions = _postcode_regions(country)
    return next((regions[postcode[:length]] for length in (4, 3, 2, 1) if postcode[:length] in regions), "")


@lru_cache
def _postcode_regions(country: str) -> dict[str, str]:
    """The regions by the beginnings of postcodes, ranges written out."""
    found: dict[str, str] = {}
    for beginning, region in read("addresses")["postcode_regions"].get(country, {}).items():
        first, _, last = beginning.partition("-")
        for number in range(int(first), int(last) + 1) if last else ():
            found[f"{number:0{len(first)}d}"] = region
        found[first] = region
    return found


def _homes(region: str, expected: str) -> list[str]:
    """The countries that have a region of this name; only the expected one, if it is among them."""
    homes = [country for country in COUNTRIES if region in _regions(country)]
    return [expected] if expected in homes else homes


def _line(parts: Address, text: str) -> str:
    """The address as its country writes it; as it was where its street is not known."""
    if not parts.street:
        return text
    street = f"{parts.house_number} {parts.street}".strip()
    house = (parts.unit, street) if parts.country in ("GB", "AU") else (street, parts.unit)
    own_region = "" if parts.country == "GB" else parts.region
    town, region = parts.city, f"{own_region} {parts.postcode}".strip()
    if town and not own_region:
        town, region = f"{town} {parts.postcode}".strip(), ""
    return ", ".join(filter(None, (*house, parts.district, town, region)))


def _without_postcode(parts: Address) -> str:
    """What the key is made of: all but the postcode, and in Britain the nation, which nobody is bound to name."""
    region = "" if parts.country == "GB" else parts.region
    return " ".join(filter(None, (parts.house_number, parts.street, parts.unit, parts.district, parts.city, region)))


def _guess(parts: Address, text: str) -> None:
    """Street, flat and town of an American address without commas, as the model of usaddress has them."""
    try:
        found, _ = usaddress.tag(text)
    except usaddress.RepeatedLabelError:
        return
    city = found.get("PlaceName", "").strip(" ,")
    number = found.get("AddressNumber", "").strip(" ,")
    if not city or not number:
        return
    parts.city, parts.house_number = city, number
    parts.street = " ".join(part for label, part in found.items() if label.startswith("StreetName")).strip(" ,")
    parts.unit = " ".join(part for label, part in found.items() if label.startswith(("Occupancy", "Subaddress"))).strip(
        " ,"
    )


def _key(text: str) -> str:
    short = _short_words()
    found = [short.get(word, word.lstrip("0") or "0") for word in _WORD.findall(unaccented(text).replace("'", ""))]
    key = " ".join(found)
    ending = next((name for name in _countries() if key.endswith(f" {name}")), "")
    return key[: len(key) - len(ending)].rstrip()


@lru_cache(maxsize=1)
def _short_words() -> dict[str, str]:
    return {str(long): str(short) for long, short in read("addresses")["latin"].items()}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """What countries are called at the end of an address, in lower case, and their codes."""
    named: dict[str, str] = read("addresses")["western_countries"]
    return {**dict.fromkeys((name for name in words("addresses", "countries") if name.isascii()), ""), **named}


@lru_cache(maxsize=1)
def _country_at_end() -> re.Pattern[str]:
    names = sorted(read("addresses")["western_countries"], key=len, reverse=True)
    spelled = "|".join(r"\.?".join(name) + r"\.?" if len(name) < 4 else re.escape(name) for name in names)
    return re.compile(rf",? \(?({spelled})\)?$", re.IGNORECASE)


@lru_cache
def _regions(country: str) -> dict[str, str]:
    """States, provinces and nations by code and name in lower case, and how they are written."""
    listed: dict[str, str] = read("addresses")["regions"][country]
    return {str(code).lower(): str(code) for code in listed} | {
        name.lower(): str(code) for code, name in listed.items()
    }


@lru_cache(maxsize=1)
def _country_endings() -> tuple[str, ...]:
    return tuple({f"{name[-2:]}{end}" for name in read("addresses")["western_countries"] for end in ("", ")")} | {"."})


@lru_cache(maxsize=1)
def _first() -> re.Pattern[str]:
    """What joined fields begin with: postcode, region and city, and the house number after them."""
    names = "|".join(
        re.escape(name)
        for name in sorted({name for country in COUNTRIES for name in _regions(country)}, key=len, reverse=True)
    )
    return re.compile(
        rf"(?:{_POSTCODE} +)?(?P<region>{names}) +(?P<city>[^\W\d][^\d,]*?) +(?=(?:{_UNIT} )?\d)", re.IGNORECASE
    )
