"""What an address is made of, whatever its country, and what finding its parts has in common."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from customer_warehouse.standardise.characters import HAN
from customer_warehouse.standardise.value import Value

PARTS = (
    "country",
    "region",
    "city",
    "district",
    "neighbourhood",
    "street",
    "lane",
    "alley",
    "house_number",
    "unit",
    "postcode",
    "level",
)
"""The parts of every address. Countries that lack one leave it empty."""


@dataclass(slots=True)
class Address:
    """An address taken apart. Empty is unknown, or not a part of addresses there."""

    country: str = ""
    """ISO 3166 code."""
    region: str = ""
    """Province (省, 自治区, 直辖市), one of Hong Kong's three regions, state, nation; empty in Taiwan."""
    city: str = ""
    """縣市, 地级市, town or suburb."""
    district: str = ""
    """鄉鎮市區, 县级, one of Hong Kong's eighteen."""
    neighbourhood: str = ""
    """村里鄰, 镇乡街道 and 村 or 社区, development zone, Hong Kong's areas."""
    street: str = ""
    """Street with its section (段); the estate where houses are numbered in an estate."""
    lane: str = ""
    """巷; 弄 on the mainland."""
    alley: str = ""
    """弄 and 衖; on the mainland the second 弄."""
    house_number: str = ""
    unit: str = ""
    """What is inside the house: building, entrance, floor, room; and the rest that has no other place."""
    postcode: str = ""
    flags: list[str] = field(default_factory=list)

    @property
    def level(self) -> str:
        """How deep the address is known: `none`, `region`, `city`, `district`, `street` or `house_number`."""
        if self.house_number:
            return "house_number"
        if self.street:
            return "street"
        if self.district:
            return "district"
        if self.city:
            return "city"
        return "region" if self.region else "none"

    def flag(self, word: str) -> None:
        """Note something, once."""
        if word not in self.flags:
            self.flags.append(word)

    def value(self, line: str, key: str) -> Value:
        """The answer for this address, written as `line`."""
        parts = {
            "country": self.country,
            "region": self.region,
            "city": self.city,
            "district": self.district,
            "neighbourhood": self.neighbourhood,
            "street": self.street,
            "lane": self.lane,
            "alley": self.alley,
            "house_number": self.house_number,
            "unit": self.unit,
            "postcode": self.postcode,
            "level": self.level,
        }
        return Value(line, key, tuple(self.flags), parts={name: part for name, part in parts.items() if part})


_HAN = re.compile(f"[{HAN}]")


def has_han(text: str) -> bool:
    """Is there a Chinese character in the text?"""
    return not text.isascii() and _HAN.search(text) is not None


EDGES = " ,.;:、。-"
"""What an address neither begins nor ends with."""
_AROUND_HAN = re.compile(rf"(?<=[{HAN}])[\s,、。]+|[\s,、。]+(?=[{HAN}])")


def compact(text: str) -> str:
    """A Chinese text without the spaces and commas that joined fields put between its parts."""
    if " " in text or "," in text or "、" in text or "。" in text:
        text = _AROUND_HAN.sub("", text)
    return text.strip(EDGES)


NUMERALS = "零〇一二三四五六七八九"
NUMBER = rf"(?:\d+|[{NUMERALS}十百]+)"
"""A number in digits or in Chinese numerals, as part of a regular expression with re.ASCII."""
_DIGITS = {numeral: max(0, place - 1) for place, numeral in enumerate(NUMERALS)}


def digits(number: str) -> str:
    """The number in digits, without leading zeros: `012` gives 12, `二十三` 23, `二二八` 228, `百五` 105."""
    if number[0] in "0123456789":
        return number.lstrip("0") or "0" if number[0] == "0" else number
    if "十" not in number and "百" not in number:
        return str(int("".join(str(_DIGITS[digit]) for digit in number)))
    total = 0
    digit: int | None = None
    for character in number:
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            digit = _DIGITS[character]
    return str(total + (digit or 0))


def numeral(number: str) -> str:
    """The number from 1 to 99 in Chinese numerals, others as they are: `12` gives 十二."""
    value = int(digits(number))
    if not 0 < value < 100:
        return number
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens + 1]}十") + (
        NUMERALS[ones + 1] if ones else ""
    )
