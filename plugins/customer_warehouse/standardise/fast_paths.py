"""Fast paths: the usual shapes of a type's values, answered for a whole column at once by Arrow.

Each takes distinct values and the type's options, and answers only good values, with the answer that the type's own
function would give; the tests hold them to that. Whatever is unusual, doubtful or wrong is left open.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import date_value, email_address, email_domains, number_value, stock_code
from customer_warehouse.standardise.arrow_columns import (
    DATE,
    DECIMAL,
    HAN,
    NOTHING,
    TEXT,
    TIMESTAMP,
    Answers,
    Options,
    is_one_of,
    matches,
    none_of,
    only,
    replaced,
)
from customer_warehouse.standardise.characters import MAX_RAW
from customer_warehouse.standardise.reference import words

# Printable ASCII and the common Chinese characters, with single spaces between: cleaning changes none of them.
CLEAN = rf"^[!-~{HAN}]+(?: [!-~{HAN}]+)*$"

# Every day of the calendar but 29 February.
DAY = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
# In these years every library knows the same clock changes.
LOCAL = rf"^(?:19[789]\d|20[0-2]\d|203[0-6])-{DAY}[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,6}})?"
OFFSET = r"(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"

EMAIL = (
    r"^[A-Za-z0-9_]+(?:[.+\-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9]|-[A-Za-z0-9]){0,30}\.){1,4}[A-Za-z]{2,24}$"
)
LONGEST_EMAIL = 64
"""Bytes, far within every limit that an address has."""


def text(values: pa.Array, options: Options) -> Answers:
    """Text that is clean already."""
    del options
    return Answers(pc.and_(matches(values, CLEAN), pc.less_equal(pc.binary_length(values), MAX_RAW)), values)


def sku(values: pa.Array, options: Options) -> Answers:
    """Codes of upper-case letters and digits with single hyphens."""
    del options
    known = none_of(
        matches(values, r"^[A-Z0-9]+(?:-[A-Z0-9]+)*$"),
        pc.greater(pc.binary_length(values), stock_code.MAX_LENGTH),
        is_one_of(pc.ascii_lower(values), words("placeholders", "words")),
    )
    return Answers(known, values, pc.replace_substring(values, "-", ""))


def number(values: pa.Array, options: Options) -> Answers | None:
    """Plain numbers within their range."""
    decimals = "" if options.get("integer") else rf"(?:{_mark(options)}\d{{1,6}})?"
    low, high = options.get("range") or (None, None)
    return _amounts(values, rf"^-?\d{{1,12}}{decimals}$", low, high, options)


def money(values: pa.Array, options: Options) -> Answers | None:
    """Plain amounts within their limits, without a mark of their currency."""
    low, high = options.get("minimum", 0), options.get("maximum", 10_000_000)
    return _amounts(values, rf"^-?\d{{1,12}}(?:{_mark(options)}\d{{1,4}})?$", low, high, options)


def _mark(options: Options) -> str:
    return "," if options.get("decimal") == "," else r"\."


def _amounts(values: pa.Array, shape: str, low: Any, high: Any, options: Options) -> Answers | None:
    known = matches(values, shape)
    amounts = pc.replace_substring(only(known, values), ",", ".").cast(DECIMAL)
    if options.get("negate"):
        amounts = pc.negate(amounts)
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
    known = matches(values, rf"^[1-9]\d{{3}}-{DAY}$")
    days = only(known, values).cast(DATE)
    for bound, is_within in ((first, pc.greater_equal), (last, pc.less_equal)):
        if bound is not None:
            known = pc.and_(known, pc.fill_null(is_within(days, pa.scalar(bound, DATE)), False))
    suspected = pc.is_in(days, pa.array(sorted(date_value.suspected()), DATE))
    return Answers(
        none_of(known, pc.is_in(days, pa.array(sorted(refused), DATE))),
        days,
        flags=pc.if_else(suspected, pa.scalar("suspected_placeholder", TEXT), NOTHING),
    )


def timestamp(values: pa.Array, options: Options) -> Answers | None:
    """ISO times with an offset, and local times that the zone's clock showed exactly once."""
    if options.get("format") is not None:
        return None
    with_offset = matches(values, rf"{LOCAL}{OFFSET}$")
    moments = only(with_offset, values).cast(TIMESTAMP)
    zone = options.get("time_zone")
    if zone is None:
        return Answers(with_offset, moments)
    local = only(matches(values, rf"{LOCAL}$"), values).cast(pa.timestamp("us"))
    placed = pd.Series(local.to_pandas()).dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    moments = pc.coalesce(moments, pa.array(placed.dt.tz_convert("UTC"), TIMESTAMP, from_pandas=True))
    return Answers(pc.is_valid(moments), moments)


def email(values: pa.Array, options: Options) -> Answers:
    """ASCII addresses of everyday shape."""
    del options
    known = pc.and_(matches(values, EMAIL), pc.less_equal(pc.binary_length(values), LONGEST_EMAIL))
    halves = pc.extract_regex(only(known, values), r"^(?P<local>[^@]+)@(?P<domain>.+)$")
    local, domain = pc.struct_field(halves, "local"), pc.ascii_lower(pc.struct_field(halves, "domain"))
    folded = pc.ascii_lower(local)
    known = none_of(
        known,
        is_one_of(folded, words("placeholders", "email", "local_parts")),
        is_one_of(domain, words("placeholders", "email", "domains")),
        is_one_of(pc.ascii_lower(values), words("placeholders", "email", "addresses")),
        is_one_of(domain, email_address.SAME_DOMAIN),
        matches(domain, email_address.special_domains()),
    )
    untagged = replaced(folded, r"\+.*$", "")
    mailbox = pc.if_else(pc.equal(domain, "gmail.com"), pc.replace_substring(untagged, ".", ""), untagged)
    address, key = (pc.binary_join_element_wise(part, domain, "@") for part in (folded, mailbox))
    meant, thrown_away = _of_domains(domain)
    noticed = {
        "role": is_one_of(untagged, words("email", "roles")),
        "disposable": thrown_away,
        "typo_suspected": pc.is_valid(meant),
    }
    flags = [pc.if_else(pc.fill_null(is_so, False), f"{flag} ", "") for flag, is_so in noticed.items()]
    joined = pc.ascii_rtrim_whitespace(pc.binary_join_element_wise(*flags, ""))
    suggestion = pc.binary_join_element_wise(folded, meant, "@")
    return Answers(known, address, key, {"suggestion": suggestion}, only(pc.not_equal(joined, ""), joined))


def _of_domains(domain: pa.Array) -> tuple[pa.Array, pa.Array]:
    """For each domain the one that was probably meant, and whether it is thrown away after use."""
    encoded = domain.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    meant = pa.array([email_domains.suggested_domain(one) for one in distinct], TEXT)
    thrown_away = pa.array([email_domains.is_disposable(one) for one in distinct], pa.bool_())
    return pc.take(meant, encoded.indices), pc.fill_null(pc.take(thrown_away, encoded.indices), False)
