"""Fast paths for names of people and places; what `fast_paths` says holds here too."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import name_words as names
from customer_warehouse.standardise import postal_address as addresses
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
from customer_warehouse.standardise.latin_names import syllables
from customer_warehouse.standardise.reference import words

SPACE = " \u3000"
CHINESE_NAME = (
    rf"^[{SPACE}]*(?:[{HAN}]{{2,4}}|[{HAN}][{SPACE}]+[{HAN}]{{1,3}}|[{HAN}]{{2,3}}[{SPACE}]+[{HAN}])[{SPACE}]*$"
)
LATIN_NAME = r"^(?P<first>[A-Z][a-z]+(?P<second>-[A-Za-z][a-z]+)?) (?P<last>[A-Z][a-z]+)$"

# A Chinese address of characters, digits and single capitals, with the spaces that joined fields have between them.
ADDRESS = rf"^[{HAN}][{HAN}0-9A-Z ]+$"
NUMERAL = "零〇一二三四五六七八九十百"
UNIT = "段巷弄号楼室路街邻层栋幢座"
CITIES = ("北京市", "上海市", "天津市", "重庆市", "重慶市")
CITY_TWICE = "^(?:" + "|".join(f"{city}({city})" for city in CITIES) + ")"
# What the scalar function has rules for that are not repeated here.
UNUSUAL_ADDRESS = "|".join(
    [
        r"[0-9A-Z] +[0-9A-Z]",  # a space that stays
        r"[A-Z]{2}|[A-Z][0-9]|B|F[^0-9]*F",
        r"(?:^|[^0-9])0[0-9]",
        "[邮郵]|地下",
        "之.*之|[^0-9号楼號樓]之[0-9]|之[^0-9]|[0-9号楼號樓]之$",
        f"[{NUMERAL}][号號]之",
        f"[零〇十百][{UNIT}號樓鄰層棟]|[{NUMERAL}]{{2}}[{UNIT}號樓鄰層棟]",
    ]
)
SHORT_ADDRESS = "^.{0,5}$"
"""What may be a placeholder."""


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
        pc.fill_null(pc.greater(pc.binary_length(low), 19), False),
        is_one_of(low, _latin_exceptions() | names.latin_words().western | romanised),
        is_one_of(high, _latin_exceptions() | words("names", "companies", "legal_forms", "latin")),
        is_one_of(high, words("names", "companies", "endings", "latin")),
        is_one_of(in_order, words("placeholders", "person_name", "suspected")),
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
            "pinyin": pc.binary_join_element_wise(*spoken, " "),
        },
    )


@lru_cache(maxsize=1)
def _chinese_exceptions() -> str:
    """Names in simplified characters that the scalar function has a rule for, or cannot part after one character."""
    known = names.chinese_words()
    beginnings = known.compound | known.japanese | words("placeholders", "person_name", "beginnings")
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


def postal_address(values: pa.Array, options: Options) -> Answers:
    """Chinese addresses whose numbers are written in digits, or in one Chinese numeral each."""
    del options
    length = pc.binary_length(values)
    known = none_of(matches(values, ADDRESS), matches(values, UNUSUAL_ADDRESS))
    known = pc.and_(known, pc.less_equal(length, addresses.MAX_LENGTH))
    line = pc.replace_substring(pc.replace_substring(only(known, values), " ", ""), "臺", "台")
    line = replaced(line, CITY_TWICE, "".join(rf"\{group}" for group in range(1, len(CITIES) + 1)))
    key = pc.ascii_lower(simplified(line))
    known = none_of(known, matches(key, _country()), matches(line, SHORT_ADDRESS))
    key = replaced(key, r"([0-9])号之([0-9]+)", r"\1之\2号")
    for digit, numeral in enumerate("一二三四五六七八九", 1):
        key = replaced(key, f"{numeral}([{UNIT}])", rf"{digit}\1")
    key = replaced(key, r"([0-9])(?:f|层)", r"\1楼")
    key = replaced(key, r"([0-9楼])之([0-9])", r"\1-\2")
    return Answers(known, line, key)


@lru_cache(maxsize=1)
def _country() -> str:
    return f"^(?:{'|'.join(addresses.countries())})"
