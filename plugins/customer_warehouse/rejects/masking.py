"""The shape of a value, which says what is wrong with it and not whose it is.

A letter becomes `A` or `a`, a digit `9`, a Chinese character `字`, any other letter `x`. Spaces and signs stay, because
what is wrong with a value is most often one of them.

Codes are no personal data and worth seeing as they are. But a source that shifts its columns delivers names and phone
numbers where codes should be. So a code is shown only when it looks like one and like nothing that could be a person's,
or, where that cannot be told from its form, when several rows have it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from customer_warehouse.standardise import code_lists
from customer_warehouse.standardise.characters import HAN, simplified
from customer_warehouse.standardise.chinese_names import family_length, without_honorifics
from customer_warehouse.standardise.latin_names import pinyin, syllables
from customer_warehouse.standardise.name_words import latin_words
from customer_warehouse.standardise.reference import fold

LONGEST_SHAPE = 40
LONGEST_CODE = 24
MOST_DIGITS = 3
"""A code with more digits may be a phone number, a card or a date of birth."""
SEVERAL = 5
"""Rows that have the same word, so that it is no one person's name."""
CODE = re.compile(r"(?:[A-Z0-9]+|[a-z0-9]+)(?:[._/:+-][A-Za-z0-9]+){0,3}")
"""One word, or several joined by signs, as programs write them: paid, IN_TRANSIT, pos-2."""
IN_WORDS = re.compile(rf"[{HAN}]+|[A-Za-z]+")
IN_KEYS = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,})\d{0,4}(?![A-Za-z0-9])")
"""Words of a key, and what people put behind their name: `mary88`. Letters amid digits are a number's."""
PLAIN_KEY = re.compile(r"[A-Za-z0-9._/|:#+-]+")
NUMBERS = re.compile(
    r"(?P<day>20\d\d-\d\d-\d\d)(?=/)"  # of a file's path
    r"|(?P<identity>[A-Za-z][1289]\d{8}(?!\d)|\d{17}[\dXx](?!\d))"
    r"|(?P<date>(?<!\d)(?:19|20)\d\d(?P<mark>[-.]?)(?:0[1-9]|1[0-2])(?P=mark)(?:[0-2]\d|3[01])(?!\d))"
    r"|(?<![A-Za-z0-9])\+?\d(?:[-.]?\d){7,}|(?<!\d)0\d{2,}(?:[-.]?\d){5,}|\d{8,}"
)
"""Numbers of eight digits or more, also with hyphens or points in them; identity numbers of Taiwan and the mainland."""
A_PHONE = re.compile(r"[+0].*|(?:886)?9\d{8}|(?:86)?1[3-9]\d{9}|852[4-9]\d{7}")
LAST_DIGITS = 4
"""Of a long number; by these a row can still be found."""
NO_NAMES = frozenset({"beige", "change", "data", "date", "delete", "line", "mobile", "online", "orange", "page",
                      "paying", "pending", "sale", "sending", "women"})  # fmt: skip
"""Words of shops that read like Chinese syllables."""
WORDS = re.compile(rf"[A-Za-z0-9{HAN}]+(?:[ ._/:+-][A-Za-z0-9{HAN}]+){{0,3}}")


def shape(value: str | None) -> str:
    """The value's shape; `(nothing)` for none. What is long is cut off."""
    if value is None or value == "":
        return "(nothing)"
    text = "".join(map(_class, value[:LONGEST_SHAPE]))
    return f"{text}…" if len(value) > LONGEST_SHAPE else text


def shown_code(value: str | None, rows: int) -> str:
    """The value of a column of codes, which `rows` rows have, as it is; its shape when it may be personal."""
    return value if value is not None and _is_code(value, rows) else shape(value)


def masked_key(key: str) -> str:
    """A row's key, by which it is found at its source, without what may be a person's.

    Addresses, names and other words than codes become a shape, and so do phones and identity numbers in it. Of other
    long numbers the last digits are shown. The whole key is in the table, for those who may read it.
    """
    words = [word.casefold() for word in IN_KEYS.findall(key)]
    if not PLAIN_KEY.fullmatch(key) or _names_somebody(words):
        return shape(key)
    return NUMBERS.sub(_masked_number, key)


def _masked_number(found: re.Match[str]) -> str:
    number = found[0]
    if found["day"]:
        return number
    if found["identity"] or found["date"] or A_PHONE.fullmatch(re.sub("[-.]", "", number)):
        return shape(number)
    return shape(number[:-LAST_DIGITS]) + number[-LAST_DIGITS:]


def _is_code(value: str, rows: int) -> bool:
    if len(value) > LONGEST_CODE or sum(map(str.isdigit, value)) > MOST_DIGITS or not WORDS.fullmatch(value):
        return False
    if fold(value) not in _known_codes() and _names_somebody(IN_WORDS.findall(value.casefold())):
        return False
    return len(value) == 1 or rows >= SEVERAL or CODE.fullmatch(value) is not None


def _names_somebody(words: list[str]) -> bool:
    """Is one of the words a name, or do all of them together read like one: `mei`, `ling`?"""
    return any(map(_is_a_name, words)) or (len(words) > 1 and _is_a_name("".join(words)))


def _is_a_name(word: str) -> bool:
    """Is it a name of the word lists that names are read with, does it read like one, or begin with a surname?"""
    if len(word) < 2 or word in NO_NAMES or word in _known_codes():
        return False
    if not word.isascii():
        bare = without_honorifics(word)
        return bare.had_honorific or (2 <= len(bare.name) <= 4 and family_length(simplified(bare.name)) > 0)
    names = latin_words()
    if word in names.given or word in names.western or word in names.romanised:
        return True
    if len(word) > LONGEST_CODE:
        return False
    return re.fullmatch(_syllables(), word) is not None or any(
        word[:cut] in names.romanised and re.fullmatch(syllables(), word[cut:]) for cut in range(2, len(word) - 1)
    )


@lru_cache(maxsize=1)
def _syllables() -> str:
    """Two to four syllables in Hanyu Pinyin."""
    return f"{pinyin().removesuffix('{1,3}')}{{2,4}}"


@lru_cache(maxsize=1)
def _known_codes() -> frozenset[str]:
    """The words of the shared code lists, folded, but for places: people are called China and Jordan."""
    return frozenset(word for name in code_lists.names() if name != "country" for word in code_lists.words(name))


def _class(character: str) -> str:
    category = unicodedata.category(character)
    if re.match(f"[{HAN}]", character):
        return "字"
    if category[0] == "N":
        return "9"
    if category[0] in "LM":
        return ("A" if character.isupper() else "a") if character.isascii() else "x"
    if category[0] in "CZ" and character != " ":
        return f"\\u{ord(character):04x}"
    return character
