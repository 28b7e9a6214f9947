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

_COMMAS = re.compile(r"\s*[,;][\s,;]*")
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")

_POSTCODES = {
    "US": r"\d{5}(?:-\d{4})?",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "AU": r"\d{4}",
}
_UNIT = r"(?:(?:apt|apartment|flat|unit|suite|ste|room|rm|shop|floor|fl|level|lot|building|bldg)\b\.? ?#? ?|# ?)[\w-]+"
_IS_UNIT = re.compile(rf"{_UNIT}(?:[ ,]+{_UNIT})*$|\d+(?:st|nd|rd|th) floor$|\d+/f$", re.IGNORECASE)
_UNIT_AT_END = re.compile(rf"[ ,]+(?P<unit>{_UNIT})$", re.IGNORECASE)
_UNIT_AT_START = re.compile(rf"(?P<unit>{_UNIT})[ ,]+(?=\d)", re.IGNORECASE)
_STREET = re.compile(
    r"(?:(?P<unit>\d+[A-Za-z]?)/)?(?P<number>\d+[A-Za-z]?(?:-\d+[A-Za-z]?)?) +"
    r"(?P<street>[^\d\s].*|\d+(?:st|nd|rd|th)\b.*)$",
    re.IGNORECASE,
)
_BOX = re.compile(r"\b(?:p\.? ?o\.? ?box|locked bag|gpo box)\b", re.IGNORECASE)


def address(text: str, expected: str) -> tuple[Address, str, str]:
    """The parts of an address in Latin letters, its line and its key; `expected` is the country to think of."""
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
    if _BOX.search(rest):
        parts.flag("po_box")
    segments = [segment for segment in rest.split(", ") if segment]
    inside: list[str] = []
    streets: list[str] = []
    for segment in segments:
        if _IS_UNIT.match(segment):
            inside.append(segment)
        else:
            streets.append(segment)
    number = next((place for place, segment in enumerate(streets) if _STREET.match(_split_unit(segment)[0])), None)
    if number is None:
        if parts.country and streets and len(streets) <= 2 and not parts.city:
            parts.city = streets.pop()
        parts.unit = ", ".join((*inside, *streets))
        return parts, _line(parts, text)
    street, own_unit = _split_unit(streets[number])
    found = _STREET.match(street)
    if found is None:
        return parts, text
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
    ending = _country_at_end().search(text)
    if ending:
        parts.country = _countries()[ending[1].lower().replace(".", "")]
        text = text[: ending.start()].rstrip(" ,")
    for country, pattern in _last().items():
        if parts.country in ("", country) and (found := pattern.search(text)):
            parts.country = country
            parts.postcode = (found["postcode"] or "").upper()
            if country in ("GB", "CA") and parts.postcode and " " not in parts.postcode:
                parts.postcode = f"{parts.postcode[:-3]} {parts.postcode[-3:]}"
            parts.region = _regions(country).get((found["region"] or "").lower().rstrip("."), "")
            return text[: found.start()].rstrip(" ,")
    if found := _first().match(text):
        region = found["region"].lower()
        homes = [country for country in _POSTCODES if region in _regions(country)]
        if homes:
            parts.country = expected if expected in homes else homes[0] if len(homes) == 1 else ""
            parts.region = _regions(parts.country or homes[0])[region]
            parts.city = found["city"]
            return text[found.end() :]
    return text


def _line(parts: Address, text: str) -> str:
    """The address as its country writes it; as it was where its street is not known."""
    if not parts.street:
        return text
    street = f"{parts.house_number} {parts.street}".strip()
    house = (parts.unit, street) if parts.country in ("GB", "AU") else (street, parts.unit)
    town, region = parts.city, f"{parts.region} {parts.postcode}".strip()
    if town and not parts.region:
        town, region = f"{town} {parts.postcode}".strip(), ""
    return ", ".join(filter(None, (*house, parts.district, town, region)))


def _without_postcode(parts: Address) -> str:
    return " ".join(
        filter(None, (parts.house_number, parts.street, parts.unit, parts.district, parts.city, parts.region))
    )


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
def _last() -> dict[str, re.Pattern[str]]:
    """What an address of each country ends with: region and postcode; in Britain the postcode decides."""
    patterns = {}
    for country, postcode in _POSTCODES.items():
        names = "|".join(re.escape(name) for name in sorted(_regions(country), key=len, reverse=True))
        shape = (
            rf"(?:^|[ ,]+)(?:(?P<region>{names})[ ,]+)?(?P<postcode>{postcode})$"
            if country == "GB"
            else rf"(?:^|[ ,]+)(?P<region>{names})\.?[ ,]+(?P<postcode>{postcode})$"
        )
        patterns[country] = re.compile(shape, re.IGNORECASE)
    return patterns


@lru_cache(maxsize=1)
def _first() -> re.Pattern[str]:
    """What joined fields begin with: region and city, and the house number after them."""
    names = "|".join(
        re.escape(name)
        for name in sorted({name for country in _POSTCODES for name in _regions(country)}, key=len, reverse=True)
    )
    return re.compile(rf"(?P<region>{names}) +(?P<city>[A-Za-z.' -]+?) +(?=(?:{_UNIT} )?\d)", re.IGNORECASE)
