"""Fast paths: the usual shapes of a type's values, answered for a whole column at once by Arrow.

Each takes distinct values and the type's options, and answers only good values, with the answer that the type's own
function would give; the tests hold them to that. Whatever is unusual, doubtful or wrong is left open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date as calendar_date
from decimal import Decimal
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import date_value, email_address, number_value, phone_number
from customer_warehouse.standardise import person_name as names
from customer_warehouse.standardise.characters import simplified_table
from customer_warehouse.standardise.reference import words

TEXT = pa.string()
DATE = pa.date32()
TIMESTAMP = pa.timestamp("us", tz="UTC")
DECIMAL = pa.decimal128(24, 6)
NOTHING = pa.scalar(None, TEXT)


class Answers(NamedTuple):
    """What a fast path knows of the values it was given."""

    known: pa.Array
    """True for the values that are answered."""
    canonical: pa.Array
    """Their canonical values; what stands where nothing is known does not matter."""
    key: pa.Array | None = None
    parts: Mapping[str, pa.Array] = {}


Options = Mapping[str, Any]
FastPath = Callable[[pa.Array, Options], Answers | None]

# Printable ASCII and the common Chinese characters, with single spaces between: NFKC and trimming change none of them.
CLEAN = r"^[!-~\x{4e00}-\x{9fff}]+(?: [!-~\x{4e00}-\x{9fff}]+)*$"

# Every day of the calendar but 29 February.
DAY = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
# In these years every library knows the same clock changes.
LOCAL = rf"^(?:19[789]\d|20[0-2]\d|203[0-6])-{DAY}[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,6}})?"
OFFSET = r"(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"


def text(values: pa.Array, options: Options) -> Answers:
    """Text that is clean already."""
    del options
    return Answers(_matches(values, CLEAN), values)


def number(values: pa.Array, options: Options) -> Answers | None:
    """Plain numbers within their range."""
    shape = r"^-?\d{1,12}$" if options.get("integer") else r"^-?\d{1,12}(?:\.\d{1,6})?$"
    low, high = options.get("range") or (None, None)
    return _amounts(values, shape, low, high)


def money(values: pa.Array, options: Options) -> Answers | None:
    """Plain amounts within their limits."""
    return _amounts(
        values, r"^-?\d{1,12}(?:\.\d{1,4})?$", options.get("minimum", 0), options.get("maximum", 10_000_000)
    )


def _amounts(values: pa.Array, shape: str, low: Any, high: Any) -> Answers | None:
    known = _matches(values, shape)
    amounts = _only(known, values).cast(DECIMAL)
    for given, is_within in ((low, pc.greater_equal), (high, pc.less_equal)):
        bound: Decimal | None = number_value.bound(given)
        if bound is None:
            continue
        try:
            limit = pa.scalar(bound, DECIMAL)
        except pa.ArrowInvalid:
            return None
        known = pc.and_(known, pc.fill_null(is_within(amounts, limit), False))
    return Answers(known, amounts)


def date(values: pa.Array, options: Options) -> Answers:
    """Days as ISO writes them."""
    first, last, refused = date_value.limits(
        options.get("earliest"), options.get("latest"), tuple(map(str, options.get("placeholders", ())))
    )
    known = _matches(values, rf"^[1-9]\d{{3}}-{DAY}$")
    days = _only(known, values).cast(DATE)
    for bound, is_within in ((first, pc.greater_equal), (last, pc.less_equal)):
        if bound is not None:
            known = pc.and_(known, pc.fill_null(is_within(days, pa.scalar(bound, DATE)), False))
    listed: Iterable[calendar_date] = refused
    return Answers(_and_not(known, pc.is_in(days, pa.array(sorted(listed), DATE))), days)


def timestamp(values: pa.Array, options: Options) -> Answers | None:
    """ISO times with an offset, and local times that the zone's clock showed exactly once."""
    if options.get("format") is not None:
        return None
    with_offset = _matches(values, rf"{LOCAL}{OFFSET}$")
    moments = _only(with_offset, values).cast(TIMESTAMP)
    zone = options.get("time_zone")
    if zone is None:
        return Answers(with_offset, moments)
    local = _only(_matches(values, rf"{LOCAL}$"), values).cast(pa.timestamp("us"))
    placed = pd.Series(local.to_pandas()).dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    in_zone = pa.array(placed.dt.tz_convert("UTC"), TIMESTAMP, from_pandas=True)
    moments = pc.coalesce(moments, in_zone)
    return Answers(pc.is_valid(moments), moments)


EMAIL = (
    r"^[A-Za-z0-9_]+(?:[.+\-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9]|-[A-Za-z0-9]){0,30}\.){1,4}[A-Za-z]{2,24}$"
)


def email(values: pa.Array, options: Options) -> Answers:
    """ASCII addresses of everyday shape."""
    del options
    known = pc.and_(_matches(values, EMAIL), pc.less_equal(pc.binary_length(values), 64))
    halves = pc.extract_regex(_only(known, values), r"^(?P<local>[^@]+)@(?P<domain>.+)$")
    local, domain = pc.struct_field(halves, "local"), pc.ascii_lower(pc.struct_field(halves, "domain"))
    folded = pc.ascii_lower(local)
    doubtful = [
        _is_one_of(folded, words("placeholders", "email", "local_parts")),
        _is_one_of(domain, words("placeholders", "email", "domains")),
        _is_one_of(pc.ascii_lower(values), words("placeholders", "email", "addresses")),
        _is_one_of(domain, email_address.SAME_DOMAIN),
        pc.fill_null(pc.match_substring_regex(domain, email_address.special_domains()), False),
    ]
    mailbox = pc.replace_substring_regex(folded, r"\+.*$", "")
    mailbox = pc.if_else(pc.equal(domain, "gmail.com"), pc.replace_substring(mailbox, ".", ""), mailbox)
    return Answers(
        reduce(_and_not, doubtful, known),
        pc.binary_join_element_wise(local, domain, "@"),
        pc.binary_join_element_wise(mailbox, domain, "@"),
    )


# National numbers that are valid whatever the numbering plans do in their corners. Fewer than there are.
TAIWAN = r"9[0-8]\d{7}"
TAIPEI = r"2[2-8]\d{7}"
MAINLAND = r"1(?:[38]\d|5[0-35-9])\d{8}"
HONG_KONG = r"(?:5[1-49][0-46-9]|6[13-59]\d|9(?:[467]\d|[2358][0-8]))\d{5}"


def phone(values: pa.Array, options: Options) -> Answers:
    """Mobiles of Taiwan, the mainland and Hong Kong, and landlines of Taipei."""
    regions = phone_number.regions_of(options.get("region", phone_number.DEFAULT_REGION), options.get("regions"))
    compact = pc.replace_substring_regex(values, r"[ ().\-]", "")
    found = [_numbers(compact, rf"^(?:\+|00){code}0?(?P<number>{plan})$", code) for code, plan in (("886", TAIWAN),)]
    found.append(_numbers(compact, rf"^(?:\+|00)886(?P<number>{TAIPEI})$", "886"))
    found.append(_numbers(compact, rf"^(?:\+|00)86(?P<number>{MAINLAND})$", "86"))
    found.append(_numbers(compact, rf"^(?:\+|00)852(?P<number>{HONG_KONG})$", "852"))
    if regions[0] == "TW":
        found.append(_numbers(compact, rf"^(?:0|886)(?P<number>{TAIWAN}|{TAIPEI})$", "886"))
    if "CN" in regions and set(regions[: regions.index("CN")]) <= {"TW"}:
        found.append(_numbers(compact, rf"^(?P<number>{MAINLAND})$", "86"))
    if "HK" in regions and set(regions[: regions.index("HK")]) <= {"TW", "CN"}:
        found.append(_numbers(compact, rf"^(?P<number>{HONG_KONG})$", "852"))
    numbers = pc.coalesce(*found)
    return Answers(pc.is_valid(numbers), numbers)


def _numbers(compact: pa.Array, shape: str, country_code: str) -> pa.Array:
    """The numbers of one shape in E.164, null for other values and for what looks made up."""
    national = pc.struct_field(pc.extract_regex(compact, shape), "number")
    made_up = pc.match_substring_regex(national, _made_up())
    return pc.if_else(made_up, NOTHING, pc.binary_join_element_wise(f"+{country_code}", national, ""))


@lru_cache(maxsize=1)
def _made_up() -> str:
    repeated = "|".join(str(digit) * phone_number.REPEATED for digit in range(10))
    return rf"(?:{repeated}|{'|'.join(phone_number.made_up_endings())})$"


CHINESE_NAME = r"^[\x{4e00}-\x{9fff}]{2,4}$"
LATIN_NAME = r"^(?P<first>[A-Z][a-z]+) (?P<last>[A-Z][a-z]+)$"


def person_name(values: pa.Array, options: Options) -> Answers:
    """Chinese names of two to four characters, and Latin ones of two capitalised words."""
    del options
    known = _matches(values, CHINESE_NAME)
    chinese = _only(known, values)
    key = _simplified(chinese)
    doubtful = [
        pc.fill_null(pc.match_substring_regex(key, _chinese_exceptions()), False),
        _is_one_of(key, words("placeholders", "words") | words("placeholders", "person_name", "names")),
    ]
    known = reduce(_and_not, doubtful, known)
    latin = pc.extract_regex(values, LATIN_NAME)
    first, last = pc.struct_field(latin, "first"), pc.struct_field(latin, "last")
    low, high = pc.ascii_lower(first), pc.ascii_lower(last)
    is_latin = reduce(_and_not, [_is_one_of(word, _latin_exceptions()) for word in (low, high)], pc.is_valid(latin))
    latin_key = pc.if_else(
        pc.less_equal(low, high),
        pc.binary_join_element_wise(low, high, " "),
        pc.binary_join_element_wise(high, low, " "),
    )
    return Answers(
        pc.or_(known, is_latin),
        values,
        pc.coalesce(key, latin_key),
        {
            "family": pc.coalesce(pc.utf8_slice_codeunits(chinese, 0, 1), last),
            "given": pc.coalesce(pc.utf8_slice_codeunits(chinese, 1), first),
        },
    )


@lru_cache(maxsize=1)
def _chinese_exceptions() -> str:
    beginnings = [*names.name_words().compound_surnames, *words("placeholders", "person_name", "beginnings")]
    endings = names.name_words().chinese_honorifics
    return f"^(?:{'|'.join(sorted(beginnings))})|(?:{'|'.join(sorted(endings))})$"


@lru_cache(maxsize=1)
def _latin_exceptions() -> frozenset[str]:
    phrases = (word for phrase in words("placeholders", "words") for word in phrase.split())
    return names.name_words().latin_honorifics | words("placeholders", "person_name", "words") | frozenset(phrases)


def _simplified(values: pa.Array) -> pa.Array:
    """The texts in simplified characters; a null stays one."""
    lines = "\n".join(pc.fill_null(values, "").to_pylist()).translate(simplified_table()).split("\n")
    return _only(pc.is_valid(values), pa.array(lines if len(values) else [], TEXT))


def _matches(values: pa.Array, shape: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(values, shape), False)


def _only(known: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(known, values, NOTHING)


def _and_not(known: pa.Array, doubtful: pa.Array) -> pa.Array:
    return pc.and_(known, pc.invert(doubtful))


def _is_one_of(values: pa.Array, listed: Iterable[str]) -> pa.Array:
    return pc.is_in(values, pa.array(sorted(listed), TEXT))
