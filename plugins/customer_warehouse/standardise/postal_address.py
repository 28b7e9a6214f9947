"""Postal addresses: one canonical line and a key that forgives how it was written. Components come later."""

from __future__ import annotations

import re
from functools import lru_cache

from customer_warehouse.standardise.characters import DASHES, HAN, clean, simplified, unaccented
from customer_warehouse.standardise.reference import fold, is_placeholder, read, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 500
SHORTEST = 3
"""Letters and digits that a text needs to be an address."""

_IS_HAN = re.compile(f"[{HAN}]")
_WRITING = str.maketrans({**dict.fromkeys(f"{DASHES}~\u223c〜", "-"), "臺": "台"})
_AROUND_HAN = re.compile(rf"(?<=[{HAN}])[\s,、。]+|[\s,、。]+(?=[{HAN}])")
_COMMAS = re.compile(r"\s*,[\s,]*")
_EDGES = " ,.;:、。-"

_UNITS = "號号巷弄樓楼段之路街村里鄰邻室層层年月日棟栋幢座單单米公"
_POSTCODE = re.compile(rf"^[\[(〒\s]*(\d{{3}}(?:-?\d{{2,3}})?)[\])\s]*(?=[{HAN}])(?![{_UNITS}])", re.ASCII)
_NAMED_POSTCODE = re.compile(
    r"[,;\s(]*(?:邮政编码|郵遞區號|邮递区号|郵政編碼|邮编|郵編)\s*[:.]?\s*(\d{3}(?:-?\d{2,3})?)\)?", re.ASCII
)
_CITY_TWICE = re.compile("^(北京|上海|天津|重庆|重慶)市\\1市")
_SUB_NUMBER = re.compile(r"(\d)-(\d+)(?=[號号])|(?<=[號号樓楼])-()(\d+)", re.ASCII)

_NUMERAL = "零〇一二三四五六七八九"
_CHINESE_NUMBER = re.compile(
    rf"[{_NUMERAL}十百]+(?=[段巷弄号楼室路街邻层栋幢座]|之[\d{_NUMERAL}十百])|(?<=之)[{_NUMERAL}十百]+"
)
_FLOOR = re.compile(r"(?<![a-z\d])(b?)(\d+)/?(?:floor|fl|f)(?![a-z])|(\d)层", re.ASCII)
_BASEMENT = re.compile(r"(?:地下|b)(\d*)楼|地下(\d+)(?:层|室)?|(?<![a-z\d])b(\d)(?![\d号a-z])", re.ASCII)
_NUMBER_AND_SUB = re.compile(rf"([\d{_NUMERAL}十百])号之(\d+|[{_NUMERAL}十百]+(?![楼段巷弄]))", re.ASCII)
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)", re.ASCII)
_SUB = re.compile(r"(?<=\d)之(?=\d)|(?<=楼)之(?=\d)", re.ASCII)
_NOISE = re.compile(r"(?<![\d楼])-|-(?!\d)|[^\w-]|_")
_WORD = re.compile(r"\w+")


def standardise(raw: str | None) -> Value:
    """The address on one line, its postcode taken off (part `postcode`).

    Chinese addresses lose the spaces and commas between their parts, 臺 becomes 台, `5-3號` becomes `5之3號`. The key
    also folds traditional into simplified characters, Chinese numerals before 段, 巷, 號, 樓 … into digits, `3F` into
    `3樓`, and drops the country and all punctuation; Latin keys have the usual words shortened (`street` to `st`).
    Rejects: `not_an_address`, `placeholder`, `too_long` (over 500 characters).
    """
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("too_long")
    if is_placeholder(text) or fold(text) in words("placeholders", "postal_address", "addresses"):
        return rejected("placeholder")
    text = text.translate(_WRITING)
    chinese = _IS_HAN.search(text) is not None
    text, postcode = _without_postcode(text) if chinese else (text, None)
    text = _chinese_line(text) if chinese else _COMMAS.sub(", ", text).strip(_EDGES)
    if sum(character.isalnum() for character in text) < SHORTEST or not any(c.isalpha() for c in text):
        return rejected("not_an_address")
    key = (_chinese_key(text) if chinese else _latin_key(text)) or text.casefold()
    return Value(text, key, parts={"postcode": postcode} if postcode else None)


def _without_postcode(text: str) -> tuple[str, str | None]:
    """The line without its postcode, and the postcode."""
    match = _POSTCODE.match(text)
    if match:
        return text[match.end() :], match[1]
    match = _NAMED_POSTCODE.search(text)
    return (text[: match.start()] + " " + text[match.end() :], match[1]) if match else (text, None)


def _chinese_line(text: str) -> str:
    """The line without what joined fields put into it: spaces, commas, a city that is its own province."""
    line = _CITY_TWICE.sub(r"\1市", _AROUND_HAN.sub("", text))
    return _SUB_NUMBER.sub(_sub_number, line).strip(_EDGES)


def _sub_number(match: re.Match[str]) -> str:
    return f"{match[1]}之{match[2]}" if match[1] else f"之{match[4]}"


def _chinese_key(text: str) -> str:
    key = simplified(text).casefold()
    key = key[_country_prefix(key) :]
    key = _NUMBER_AND_SUB.sub(r"\1之\2号", key)
    key = _CHINESE_NUMBER.sub(lambda match: str(_number(match[0])), key)
    key = _LEADING_ZEROS.sub("", key)
    key = _FLOOR.sub(r"\1\2\3楼", key)
    key = _BASEMENT.sub(lambda match: f"b{match[1] or match[2] or match[3] or 1}楼", key)
    return _NOISE.sub("", _SUB.sub("-", key))


def _country_prefix(key: str) -> int:
    """The length of the country at the beginning of a Chinese key, where an address goes on behind it."""
    return next((len(name) for name in countries() if key.startswith(name) and len(key) > len(name) + 3), 0)


def _number(numeral: str) -> int:
    """`二十三` gives 23, `二二八` 228, `百五` 105."""
    if not any(unit in numeral for unit in "十百"):
        return int("".join(str(max(0, _NUMERAL.index(digit) - 1)) for digit in numeral))
    total = 0
    digit: int | None = None
    for character in numeral:
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            digit = max(0, _NUMERAL.index(character) - 1)
    return total + (digit or 0)


def _latin_key(text: str) -> str:
    short = _short_words()
    found = [short.get(word, word.lstrip("0") or "0") for word in _WORD.findall(unaccented(text).replace("'", ""))]
    key = " ".join(found)
    ending = next((name for name in countries() if key.endswith(f" {name}")), "")
    return key[: len(key) - len(ending)].rstrip()


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """What countries are called in addresses, the longest names first."""
    return tuple(sorted(words("addresses", "countries"), key=lambda name: (-len(name), name)))


@lru_cache(maxsize=1)
def _short_words() -> dict[str, str]:
    return {str(long): str(short) for long, short in read("addresses")["latin"].items()}
