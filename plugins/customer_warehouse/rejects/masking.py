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

from customer_warehouse.standardise.characters import HAN
from customer_warehouse.standardise.name_words import latin_words

LONGEST_SHAPE = 40
LONGEST_CODE = 24
MOST_DIGITS = 3
"""A code with more digits may be a phone number, a card or a date of birth."""
SEVERAL = 5
"""Rows that have the same word, so that it is no one person's name."""
CODE = re.compile(r"(?:[A-Z0-9]+|[a-z0-9]+)(?:[._/:+-][A-Za-z0-9]+){0,3}")
"""One word, or several joined by signs, as programs write them: paid, IN_TRANSIT, pos-2."""
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


def _is_code(value: str, rows: int) -> bool:
    if len(value) > LONGEST_CODE or sum(map(str.isdigit, value)) > MOST_DIGITS or not WORDS.fullmatch(value):
        return False
    if any(_is_a_name(word.casefold()) for word in re.split(r"[ ._/:+-]", value)):
        return False
    return len(value) == 1 or rows >= SEVERAL or CODE.fullmatch(value) is not None


def _is_a_name(word: str) -> bool:
    """Is it a given name or a surname of the word lists that names are read with?"""
    names = latin_words()
    return len(word) > 1 and (word in names.given or word in names.western or word in names.romanised)


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
