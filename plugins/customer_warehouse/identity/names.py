"""Whether two names can be one person's: a comparison in five grades, most alike last.

Names are compared as `standardised.customers` holds them: the match key, the name as written, and how it divides into
family and given name. A name may be in Chinese characters, in words of an alphabet, or in both; characters and words
say nothing about each other.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from customer_warehouse.standardise.characters import HAN, KANA_AND_HANGUL, unaccented
from customer_warehouse.standardise.company_names import KEY_MARK
from customer_warehouse.standardise.name_words import given_names

CHARACTERS = re.compile(f"[{HAN}{KANA_AND_HANGUL}]")
WORD = re.compile(r"[^\W\d_]+")
LONGEST_NAME = 60
"""Characters. What is longer is no name that can be taken apart, and is only ever equal or unknown."""
ENDEARMENTS = frozenset("阿小老")
"""Before one character of a name they make a nickname: 阿明, 小王, 老王."""


class NameAgreement(IntEnum):
    """How well two names agree."""

    DIFFERENT = 0
    """Two people's names: 王小明 and 陈美玲, Mary Smith and John Smith."""
    UNKNOWN = 1
    """Nothing to compare: a name is missing, only a surname, or written in another script than the other."""
    SIMILAR = 2
    """Equal but for one slip of the keyboard, a changed family name, or a Chinese nickname: 王小明 and 王晓明."""
    PARTIAL = 3
    """One is a part or another form of the other: J Smith and John Smith, Bob and Robert, 小明 and 王小明."""
    EQUAL = 4
    """The same words or characters, in whatever order the words come."""


class Name(NamedTuple):
    """A name taken apart for comparing."""

    characters: str
    """Its Chinese characters, simplified, family name first."""
    family_length: int
    """How many of those are the family name."""
    words: tuple[str, ...] = ()
    """Its words in an alphabet, in the order in which they were written."""
    given: frozenset[str] = frozenset()
    """Those of the words that were written in the place of the given name."""
    family: frozenset[str] = frozenset()
    """Those of the words that were written in the place of the family name."""
    is_too_long: bool = False
    is_companys: bool = False
    """Is it no person's? Then it is equal to itself, and different from all others."""


def read_name(key: str, written: str | None = None, given: str | None = None, family: str | None = None) -> Name:
    """Take a name apart: its match key, the name as written, and the parts that it divides into."""
    if key.startswith(KEY_MARK):
        return Name(key, 0, is_companys=True)
    if len(key) > LONGEST_NAME:
        return Name(key, 0, is_too_long=True)
    characters = "".join(CHARACTERS.findall(key))
    words = words_of(written or key)
    in_given, in_family = (len(CHARACTERS.findall(part or "")) for part in (given, family))
    # The parts may be in traditional characters while the key is in simplified ones: only their lengths are used.
    family_length = in_family if in_family + in_given == len(characters) else 1
    return Name(characters, family_length, words, frozenset(words_of(given or "")), frozenset(words_of(family or "")))


def words_of(text: str) -> tuple[str, ...]:
    """The alphabetic words of `text`, case and accents folded, apostrophes dropped."""
    return tuple(WORD.findall(unaccented(CHARACTERS.sub(" ", text)).replace("'", "")))


def compare(one: Name | None, other: Name | None) -> NameAgreement:
    """How well two names agree; `None` is a missing name. Symmetric, and EQUAL is transitive."""
    if one is None or other is None:
        return NameAgreement.UNKNOWN
    if one.is_companys or other.is_companys:
        return NameAgreement.EQUAL if one == other else NameAgreement.DIFFERENT
    if one.is_too_long or other.is_too_long:
        return NameAgreement.EQUAL if one == other else NameAgreement.UNKNOWN
    if one.characters == other.characters and sorted(one.words) == sorted(other.words):
        return NameAgreement.EQUAL
    if one.characters and other.characters:
        return _compare_characters(one, other)
    if one.words and other.words and one.words[0].isascii() == other.words[0].isascii():
        return _compare_words(one, other)
    return NameAgreement.UNKNOWN


def _compare_characters(one: Name, other: Name) -> NameAgreement:
    """Names in Chinese characters, of which at least the words beside them differ."""
    short, long = sorted((one, other), key=lambda name: (len(name.characters), name.characters))
    whole, part = long.characters, short.characters
    family, given = whole[: long.family_length], whole[long.family_length :]
    if part in (whole, given + family) or whole == part[short.family_length :] + part[: short.family_length]:
        return NameAgreement.PARTIAL
    if part == given:
        return NameAgreement.PARTIAL if len(part) > 1 else NameAgreement.UNKNOWN
    if part == family:
        return NameAgreement.UNKNOWN
    if is_endearment(part, whole) or is_endearment(whole, part):
        return NameAgreement.SIMILAR
    if len(part) > 2 and one_slip_apart(part, whole):
        return NameAgreement.SIMILAR
    return NameAgreement.DIFFERENT


def is_endearment(nickname: str, name: str) -> bool:
    """Whether `nickname` is made from a character of `name`: 阿明 or 明明 from 王小明."""
    return len(nickname) == 2 and nickname[1] in name and (nickname[0] in ENDEARMENTS or nickname[0] == nickname[1])


def _compare_words(one: Name, other: Name) -> NameAgreement:
    """Names in words, of which at least the words or the characters beside them differ."""
    short, long = sorted((one, other), key=lambda name: (len(name.words), name.words))
    if sorted(short.words) == sorted(long.words) or rotations(short.words) & rotations(long.words):
        return NameAgreement.PARTIAL
    if len(short.words) == 1:
        return _compare_single_word(short.words[0], long)
    pairs = matched_words(short.words, long.words)
    if pairs is not None:
        whole_words = any(min(len(a), len(b)) > 1 for a, b in pairs)
        return NameAgreement.PARTIAL if whole_words else NameAgreement.UNKNOWN
    joined = "".join(short.words)
    if len(joined) >= 5 and any(one_slip_apart(joined, turned) for turned in rotations(long.words)):
        return NameAgreement.SIMILAR
    if short.given == long.given and short.given & _given_names().keys():
        return NameAgreement.SIMILAR
    return NameAgreement.DIFFERENT


def _compare_single_word(word: str, long: Name) -> NameAgreement:
    """One word against a longer name, or against another single word."""
    if len(long.words) > 1 and word in long.words:
        return NameAgreement.PARTIAL if word in long.given - long.family else NameAgreement.UNKNOWN
    alike = [candidate for candidate in long.words if words_match(word, candidate)]
    if any(min(len(word), len(candidate)) > 1 for candidate in alike):
        return NameAgreement.PARTIAL
    if alike:
        return NameAgreement.UNKNOWN
    if len(word) > 3 and any(one_slip_apart(word, candidate) for candidate in long.words):
        return NameAgreement.SIMILAR
    return NameAgreement.DIFFERENT


def rotations(words: tuple[str, ...]) -> set[str]:
    """The words run together from each starting word: finds 'xiao ming wang' in 'wang xiaoming'."""
    return {"".join(words[start:] + words[:start]) for start in range(len(words))}


def matched_words(short: tuple[str, ...], long: tuple[str, ...]) -> list[tuple[str, str]] | None:
    """Each word of `short` with a word of its own in `long`: equal ones first, then nicknames, then initials.

    Returns None when a word of `short` finds none.
    """
    pairs: list[tuple[str, str]] = []
    left, free = list(short), list(long)
    for test in (str.__eq__, are_nicknames, is_initial):
        for word in list(left):
            found = next((candidate for candidate in free if test(word, candidate)), None)
            if found is not None:
                pairs.append((word, found))
                left.remove(word)
                free.remove(found)
    return None if left else pairs


def words_match(one: str, other: str) -> bool:
    """Whether two words can stand for one name: equal, a nickname, or an initial."""
    return one == other or are_nicknames(one, other) or is_initial(one, other)


def is_initial(one: str, other: str) -> bool:
    """Whether one of the words is only the first letter of the other."""
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def are_nicknames(one: str, other: str) -> bool:
    """Whether both words are forms of one given name."""
    return bool(_given_names().get(one, frozenset()) & _given_names().get(other, frozenset()))


@cache
def _given_names() -> dict[str, frozenset[int]]:
    """Each form of a given name with the numbers of the lines of the table it stands in."""
    forms: dict[str, set[int]] = {}
    for number, line in enumerate(given_names()):
        for form in line:
            forms.setdefault(form, set()).add(number)
    return {form: frozenset(numbers) for form, numbers in forms.items()}


def one_slip_apart(one: str, other: str) -> bool:
    """Whether one character more, less, other, or two neighbours swapped turns `one` into `other`."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(long) - len(short) > 1 or short == long:
        return False
    start = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1]
    return short[start + 1 :] == long[start + 1 :] or (swapped and short[start + 2 :] == long[start + 2 :])
