"""Phone numbers: read by phonenumbers, answered in E.164."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from customer_warehouse.standardise.characters import DASHES, clean
from customer_warehouse.standardise.phone_plans import plan
from customer_warehouse.standardise.reference import is_placeholder, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

DEFAULT_REGION = "TW"
MAX_LENGTH = 120
MAX_NUMBERS = 4
"""Numbers of one field that are tried."""
SHORTEST = 5
"""Digits that a piece of a field needs to be tried as a number of its own."""
REPEATED = 8
"""A number that ends with one digit this often was not given to anybody who told us; with one less, it is suspected."""

_LATIN_WORDS = r"tel|telephone|phone|ph|mobile|mob|cell|home|office|work|fax|line|whatsapp|wechat|m|t|h|o|p"
_CHINESE_WORDS = (
    r"電話|电话|手機|手机|行動電話|行動|市話|座機|座机|固話|固话|住家|家裡|家里|家|宅|住宅|公司|辦公室|办公室|聯絡電話|聯絡"
    r"|联系电话|联系|號碼|号码|日|夜|日間|日间|夜間|夜间|早上|上午|中午|下午|晚上|白天|平日|假日|週末|周末"
)
_WORDS = f"{_LATIN_WORDS}|{_CHINESE_WORDS}"
_LABEL = re.compile(rf"^[(\[]?\s*(?:{_WORDS})\s*[)\]]?\s*[.:]?\s*(?=[+(\d])", re.IGNORECASE)
_LABEL_BEHIND = re.compile(rf"(?<=\d)\s*(?:[(\[]\s*(?:{_WORDS})\s*[)\]]|(?:{_CHINESE_WORDS}))$", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,;]*\(?(?:#|ext(?:ension|n)?\.?|x|分機|分机|內線|内线|轉|转)\s*[.:]?\s*#?\s*(\d{1,7})\s*\)?\s*#?$",
    re.IGNORECASE,
)
_OF_AN_OFFICE = re.compile(
    r"(?P<before>.*\d)\s*(?:\*\s*(?P<starred>\d{1,6})|[~\u301c]\s*\d{1,4})"
    r"|(?P<whole>(?:.*\D)?\d{7,8})-(?P<behind>\d{3,5})",
    re.ASCII,
)
"""A landline with more behind it: an extension after an asterisk or, as on the mainland, a hyphen; or the last of
several lines. What stands before a hyphen is a subscriber's number in one piece, and at least three digits follow: a
number with a digit too many is not read as one."""
_FORMULA = re.compile(r"=\s*\"(.*)\"")
_OF_A_SPREADSHEET = re.compile(r"(\d{7,15})\.0+|(\d)\.(\d{6,14})E\+?(\d{1,2})", re.ASCII | re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[;,/|、。&]|\bor\b|或|及|和)\s*", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys(f"{DASHES}ー", "-"))
_ALLOWED = re.compile(r"[\d\s+().\-*~_:']+", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_REPEATED = re.compile(rf"(\d)\1*|\d*(\d)\2{{{REPEATED - 1}}}", re.ASCII)
_NEARLY_REPEATED = re.compile(rf"\d*(\d)\1{{{REPEATED - 2}}}", re.ASCII)

# Country codes that are also read without their plus, when the number is none of its own region. The code 1 is not
# among them: a mainland mobile without anything in front would often pass for a number of North America.
WITHOUT_PLUS = ("886", "86", "852", "853", "44", "61")
CODE_FIRST = rf"^\(?(?:{'|'.join(WITHOUT_PLUS)})(?:[ ().\-]|[0-9]*$)"
"""A number that begins with one of them: as a group of its own, unless there are no groups. `(617) 437-56795` does
not."""
_CODE_FIRST = re.compile(CODE_FIRST, re.ASCII)
GROUPED = {
    "US": r"1[ .\-]?\(?[2-9][0-9]{2}\)?[ .\-][2-9][0-9]{2}[ .\-][0-9]{4}",
    "AU": r"04[0-9]{2}[ .\-][0-9]{3}[ .\-][0-9]{3}",
}
"""Groups that only one country writes: `1-718-349-3948` is no mobile of the mainland, `0420 604 233` no landline of
Taichung."""
KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "landline_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
"""What a number is for, where its country's numbering plan tells. North America's plan does not tell mobiles apart."""


def standardise(raw: str | None, *, region: str = DEFAULT_REGION, regions: Sequence[str] | None = None) -> Value:
    """The number in E.164; its kind and its extension are parts of their own.

    A number without a country code is one of `region`, or of `regions`: any kind of the first of them; of the others
    only what can hardly be anything else, such as a mobile in full. A digit too few or too many of the first must not
    make a good number of another. Of several numbers in one field the first valid one counts. Letters that are no label
    and no extension reject the number.
    Part `kind`: `mobile`, `landline`, `landline_or_mobile` (North America), `toll_free` … (KINDS); part `extension`.
    Flags: `more_than_one`, `extension`, `suspected_placeholder` (its digits run or repeat, but somebody may have it).
    Rejects: `not_a_phone_number`, `placeholder` (repeated and running digits too).
    Raises ValueError for an unknown region.
    """
    tried = regions_of(region, regions)
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_a_phone_number")
    if is_placeholder(text):
        return rejected("placeholder")
    if formula := _FORMULA.fullmatch(text):
        text = formula[1]
    if spreadsheet := _OF_A_SPREADSHEET.fullmatch(text):
        text = _all_digits(spreadsheet)
        if text is None:
            return rejected("not_a_phone_number")
    pieces = _pieces(text.translate(_DASHES))
    refused: Value | None = None
    for piece in pieces[:MAX_NUMBERS]:
        answer = _number(piece, tried)
        if answer.value is not None:
            return _with_others(answer) if len(pieces) > 1 else answer
        if refused is None or answer.reason == "placeholder":
            refused = answer
    return refused or rejected("not_a_phone_number")


def _all_digits(match: re.Match[str]) -> str | None:
    """The digits of a number that a spreadsheet took for an amount; None when it has rounded some away."""
    if match[1]:
        return match[1]
    digits = match[2] + match[3]
    return digits if len(digits) == int(match[4]) + 1 else None


def _pieces(text: str) -> list[str]:
    """The numbers of a field. Spaces part two numbers only when together they are too long for one."""
    pieces = [piece for piece in _BETWEEN.split(text) if _count(piece) >= SHORTEST]
    if len(pieces) == 1 and _count(_EXTENSION.sub("", text)) > 15:
        words_of = [word for word in text.split() if _count(word) >= SHORTEST]
        return words_of if len(words_of) > 1 else [text]
    return pieces or [text]


def _count(text: str) -> int:
    return len(_NOT_DIGITS.sub("", text))


def _number(text: str, regions: tuple[str, ...]) -> Value:
    text = _LABEL_BEHIND.sub("", _LABEL.sub("", text.strip()))
    if extension := _EXTENSION.search(text):
        return _read(text[: extension.start()], extension[1], regions)
    answer = _read(text, None, regions)
    if answer.value is None and (office := _OF_AN_OFFICE.fullmatch(text)):
        found = _read(office["before"] or office["whole"], office["starred"] or office["behind"], regions)
        if found.value and (found.parts or {}).get("kind") == "landline":
            return found if office["starred"] or office["behind"] else _with_others(found)
    return answer


def _with_others(answer: Value) -> Value:
    """The answer, flagged as the first of several numbers."""
    return answer if "more_than_one" in answer.flags else answer._replace(flags=(*answer.flags, "more_than_one"))


def _read(text: str, extension: str | None, regions: tuple[str, ...]) -> Value:
    """A number whose label and extension are taken off."""
    digits = _NOT_DIGITS.sub("", text)
    if not digits or not _ALLOWED.fullmatch(text):
        return rejected("not_a_phone_number")
    if looks_made_up(digits):
        return rejected("placeholder")
    number = _parse(text, digits, regions)
    if number is None:
        return rejected("not_a_phone_number")
    national = str(number.national_number)
    if looks_made_up(national):
        return rejected("placeholder")
    noticed = {"extension": extension is not None, "suspected_placeholder": is_suspect(national)}
    kind = KINDS.get(phonenumbers.number_type(number))
    parts = {"kind": kind, "extension": extension}
    return Value(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        flags=tuple(flag for flag, is_so in noticed.items() if is_so),
        parts={name: part for name, part in parts.items() if part},
    )


def looks_made_up(digits: str) -> bool:
    """Repeated digits, running digits and the numbers listed as placeholders."""
    return (
        _REPEATED.fullmatch(digits) is not None
        or digits.endswith(endings("endings"))
        or digits in words("placeholders", "phone", "numbers")
    )


def is_suspect(digits: str) -> bool:
    """Digits that repeat or run nearly as long, which a few real numbers do."""
    return _NEARLY_REPEATED.fullmatch(digits) is not None or digits.endswith(endings("suspected_endings"))


@lru_cache
def endings(name: str) -> tuple[str, ...]:
    """How the national numbers end that people make up: the list `name` of the placeholders."""
    return tuple(sorted(words("placeholders", "phone", name)))


def _parse(text: str, digits: str, regions: tuple[str, ...]) -> PhoneNumber | None:
    """The first valid reading of a number: international, then of each region, then international without its plus."""
    if "+" in text and not digits.startswith("0"):
        return _valid(f"+{digits}", None)
    if digits.startswith("00"):
        # Only the first region's own way to dial abroad is tried besides: any other would read wrong digits as right.
        return _valid(f"+{digits[2:]}", None) or _valid(digits, regions[0])
    if grouped := _told_by_its_groups(text, digits, regions):
        return grouped
    for place, region in enumerate(regions):
        takes = plan(region).may_take_away if place else plan(region).may_take
        number = _valid(digits, region) if takes.match(digits) else None
        if number and not _lacks_trunk_zero(number, digits, region):
            return number
    return _valid(f"+{digits}", None) if _CODE_FIRST.match(text.strip()) else None


def _told_by_its_groups(text: str, digits: str, regions: tuple[str, ...]) -> PhoneNumber | None:
    """A number whose groups tell its country, where its digits could also be a number of the first region."""
    for region, groups in GROUPED.items():
        if region in regions[1:] and re.fullmatch(groups, text.strip(), re.ASCII):
            return _valid(digits, region)
    return None


def _lacks_trunk_zero(number: PhoneNumber, digits: str, region: str) -> bool:
    """Was a number that is written with a 0 in front written without?

    Only mobiles are read then (a spreadsheet has eaten the 0); anything else is more likely a number of elsewhere.
    """
    if digits != str(number.national_number) or plan(region).trunk != "0":
        return False
    if phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
        return False
    # Some numbers of such a country have no 0, such as the mainland's 400 numbers.
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return _NOT_DIGITS.sub("", written) != digits


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def regions_of(region: str, regions: Sequence[str] | None) -> tuple[str, ...]:
    """The regions that a number without a country code may belong to, in the order in which they are tried."""
    return _known_regions(tuple(regions) if regions else (region,))


@lru_cache
def _known_regions(tried: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in tried if name not in phonenumbers.SUPPORTED_REGIONS]
    if unknown:
        raise ValueError(f"phone numbers have no region {unknown[0]!r}; use ISO 3166 letters such as TW")
    return tried
