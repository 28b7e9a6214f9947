"""The fast path for names of people; what `fast_paths` says holds here too."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import name_words as names
from customer_warehouse.standardise.arrow_columns import (
    HAN,
    Answers,
    Options,
    is_one_of,
    matches,
    none_of,
    only,
    replaced,
    simplified,
    translated,
)
from customer_warehouse.standardise.chinese_names import NICKNAME, readings
from customer_warehouse.standardise.company_names import alternatives
from customer_warehouse.standardise.latin_names import LONGEST, pinyin, syllables
from customer_warehouse.standardise.reference import words

SPACE = " \u3000"
CHINESE_NAME = (
    rf"^[{SPACE}]*(?:[{HAN}]{{2,4}}|[{HAN}][{SPACE}]+[{HAN}]{{1,3}}|[{HAN}]{{2,3}}[{SPACE}]+[{HAN}])[{SPACE}]*$"
)
LATIN_NAME = r"^(?P<first>[A-Z][a-z]+(?P<second>-[A-Za-z][a-z]+)?) (?P<last>[A-Z][a-z]+)$"


def person_name(values: pa.Array, options: Options) -> Answers:
    """Chinese names of two to four characters, and Latin ones of two capitalised words.

    The first of the words may be the two syllables of a Chinese name, when the second is a Chinese surname.
    """
    del options
    is_chinese = matches(values, CHINESE_NAME)
    chinese = replaced(only(is_chinese, values), f"[{SPACE}]+", "")
    key = simplified(chinese)
    doubled = pc.equal(pc.utf8_slice_codeunits(key, 0, 2), pc.utf8_slice_codeunits(key, 2, 4))
    is_chinese = none_of(
        is_chinese,
        matches(key, _chinese_exceptions()),
        is_one_of(key, _placeholders("names", "suspected")),
        pc.fill_null(doubled, False),
    )
    latin = pc.extract_regex(values, LATIN_NAME)
    first, last = pc.struct_field(latin, "first"), pc.struct_field(latin, "last")
    low, high = pc.replace_substring(pc.ascii_lower(first), "-", ""), pc.ascii_lower(last)
    romanised = names.latin_words().romanised.keys()
    is_hyphened = pc.fill_null(pc.not_equal(pc.struct_field(latin, "second"), ""), False)
    is_western = pc.and_(is_hyphened, pc.invert(pc.and_(matches(low, f"^{syllables()}$"), is_one_of(high, romanised))))
    in_order, turned = (pc.binary_join_element_wise(*pair, " ") for pair in ((low, high), (high, low)))
    is_latin = none_of(
        pc.is_valid(latin),
        is_western,
        pc.fill_null(pc.greater_equal(pc.binary_length(low), LONGEST), False),
        is_one_of(low, _latin_exceptions() | names.latin_words().western | romanised),
        is_one_of(high, _latin_exceptions() | words("names", "companies", "legal_forms", "latin")),
        is_one_of(high, words("names", "companies", "endings", "latin")),
        is_one_of(in_order, words("placeholders", "person_name", "suspected")),
    )
    is_pinyin = none_of(
        pc.and_(matches(low, f"^{pinyin()}$"), is_one_of(high, names.latin_words().pinyin)),
        is_one_of(low, names.latin_words().given),
    )
    surname, given = pc.utf8_slice_codeunits(key, 0, 1), pc.utf8_slice_codeunits(key, 1)
    spoken = (translated(surname, readings("surname")), translated(given, readings("given")))
    return Answers(
        pc.or_(is_chinese, is_latin),
        pc.coalesce(chinese, values),
        pc.coalesce(key, pc.if_else(pc.less_equal(low, high), in_order, turned)),
        {
            "family": pc.coalesce(pc.utf8_slice_codeunits(chinese, 0, 1), last),
            "given": pc.coalesce(pc.utf8_slice_codeunits(chinese, 1), first),
            "pinyin": pc.coalesce(pc.binary_join_element_wise(*spoken, " "), only(is_pinyin, turned)),
        },
    )


@lru_cache(maxsize=1)
def _chinese_exceptions() -> str:
    """Names in simplified characters that the scalar function has a rule for, or cannot part after one character."""
    known = names.chinese_words()
    beginnings = known.compound | known.japanese | words("placeholders", "person_name", "beginnings")
    beginnings |= words("names", "labels", "chinese")
    companies = ("names", "companies")
    usual, surnames, never_given = (
        "".join(sorted(chosen)) for chosen in (known.usual, known.surnames, known.never_given)
    )
    return "|".join(
        [
            f"^{alternatives(beginnings)}",
            f"{alternatives(known.honorifics)}$",
            f"..{alternatives(known.of_letters)}$",
            f"^.?{alternatives(known.between)}",
            f"^.[{''.join(known.one_character)}]$",
            f"^[{NICKNAME}].$|^[^{surnames}](?:..)?.$",
            f"^[^{usual}].*[{never_given}]$|^[^{surnames}].+[{usual}]$|.{alternatives(known.compound)}$",
            alternatives(words(*companies, "legal_forms", "chinese")),
            f"..{alternatives(words(*companies, 'endings', 'chinese'))}$",
        ]
    )


@lru_cache(maxsize=1)
def _latin_exceptions() -> frozenset[str]:
    """Words that are no part of a name, or not in every name."""
    phrases = (word for phrase in words("placeholders", "words") for word in phrase.split())
    return names.latin_words().honorifics | words("placeholders", "person_name", "words") | frozenset(phrases)


def _placeholders(*lists: str) -> frozenset[str]:
    """What is no name, or perhaps none."""
    return words("placeholders", "words").union(*(words("placeholders", "person_name", name) for name in lists))
