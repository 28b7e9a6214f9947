"""Whether two names can be one person's: a comparison in five grades, most alike last.

Names are compared as `standardised.customers` holds them: the match key, the name as written, and how it divides into
family and given name. A name may be in Chinese characters, in words of an alphabet, or in both. Characters and words
are compared by how they sound (romanisation.py); an English given name says nothing about a Chinese one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from customer_warehouse.identity.name_forms import NOTHING, NameForms, name_forms
from customer_warehouse.identity.romanisation import (
    cantonese,
    cantonese_of_characters,
    characters_by_spelling,
    mandarin_of_characters,
    mandarin_surname,
    usual_surname,
)
from customer_warehouse.standardise.characters import HAN, KANA_AND_HANGUL, unaccented
from customer_warehouse.standardise.chinese_names import sound
from customer_warehouse.standardise.company_names import KEY_MARK
from customer_warehouse.standardise.name_words import given_names

CHARACTERS = re.compile(f"[{HAN}{KANA_AND_HANGUL}]")
WORD = re.compile(r"[^\W\d_]+")
LONGEST_NAME = 60
"""Characters. What is longer is no name that can be taken apart, and is only ever equal or unknown."""
ENDEARMENTS = frozenset("阿小老")
"""Before one character of a name they make a nickname: 阿明, 小王, 老王."""
NICKNAMES_ONLY = frozenset("阿")
"""Those of them that no name in a register begins with."""
SHORT = 4
"""Letters. A word of so few may be Chinese and English: Nina, Kai."""
MOST_WORDS = 5
MOST_CHARACTERS = 4
"""Names of more are not tried in another order."""
FAR_APART = 3
"""So many letters between the codes of two sounds are more than a slip or another way of spelling."""


class NameAgreement(IntEnum):
    """How well two names agree."""

    DIFFERENT = 0
    """Two people's names: 王小明 and 陈美玲, Mary Smith and John Smith."""
    UNKNOWN = 1
    """Nothing to compare: a name is missing, only a surname, or one is an English name and the other a Chinese one."""
    SIMILAR = 2
    """Equal but for one slip of the keyboard or the ear, a changed family name, or a nickname: 王小明 and 王晓明."""
    PARTIAL = 3
    """One is a part or another form of the other: J Smith and John Smith, Bob and Robert, 王明 and Wang Ming."""
    EQUAL = 4
    """The same words or characters, in whatever order the words come, and more than a surname."""


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
    forms: NameForms = NOTHING
    """How it sounds."""
    is_too_long: bool = False
    is_surname: bool = False
    """Is it a family name and nothing else? Such names are never equal: 王先生 and 王小姐 are two people."""
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
    given_length, length = (len(CHARACTERS.findall(part or "")) for part in (given, family))
    # The parts may be in traditional characters while the key is in simplified ones: only their lengths are used.
    family_length = length if length + given_length == len(characters) else 1
    forms = name_forms(key, written, given, family)
    in_given, in_family = frozenset(words_of(given or "")), frozenset(words_of(family or ""))
    is_surname = bool(family) and not given
    return Name(characters, family_length, words, in_given, in_family, forms, is_surname=is_surname)


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
        return NameAgreement.UNKNOWN if one.is_surname and other.is_surname else NameAgreement.EQUAL
    one, other = sorted((one, other), key=_order)  # whichever is asked about first, the answer is the same
    if one.characters and other.characters:
        return _compare_characters(one, other)
    have_words = one.words and other.words and one.words[0].isascii() == other.words[0].isascii()
    by_words = _compare_words(one, other) if have_words else NameAgreement.UNKNOWN
    if not one.characters and not other.characters:
        return by_words
    by_sound = _compare_sounds(one, other)
    are_surnames_different = have_same_surname(one.forms, other.forms) is False
    if are_surnames_different or (by_words < NameAgreement.SIMILAR and by_sound != NameAgreement.UNKNOWN):
        return by_sound
    return by_words


def _order(name: Name) -> tuple[object, ...]:
    return (name.characters, name.words, sorted(name.given), sorted(name.family), name.family_length)


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
    if part[: short.family_length] == family and is_nickname(part[short.family_length :], given):
        return NameAgreement.PARTIAL
    if is_endearment(part, whole) or is_endearment(whole, part):
        return NameAgreement.SIMILAR
    if one.forms.family == other.forms.family and _sound_alike(one.forms.given, other.forms.given):
        return NameAgreement.SIMILAR
    are_brothers = part[:1] == whole[:1] and len(part) == len(whole) and sorted(part) != sorted(whole)  # 陳志明, 陳志強
    if len(part) > 2 and one_slip_apart(part, whole) and not are_brothers:
        return NameAgreement.SIMILAR
    return NameAgreement.DIFFERENT


def is_endearment(nickname: str, name: str) -> bool:
    """Whether `nickname` is made from a character of `name`: 阿明 or 明明 from 王小明."""
    return len(nickname) == 2 and nickname[1] in name and (nickname[0] in ENDEARMENTS or nickname[0] == nickname[1])


def _sound_alike(one: str | None, other: str | None) -> bool:
    """Whether two given names in characters are homophones, or a nickname and a homophone: 義 and 怡, 阿銘 and 志明."""
    if not one or not other:
        return False
    if is_made_up(one) or is_made_up(other):
        one, other = one[-1], other[-1]
    return sound("", one) == sound("", other)


def is_nickname(one: str, other: str) -> bool:
    """Whether one of two given names is 阿 with the last character of the other: 阿明 and 志明, 阿明 and 明.

    小明 is too, but may also be somebody's name, whose brother is 大明.
    """
    return any(
        len(nickname) == 2 and nickname[0] in NICKNAMES_ONLY and name[-1:] == nickname[1]
        for nickname, name in ((one, other), (other, one))
    )


def is_made_up(given: str) -> bool:
    """Whether a given name is a nickname, or may be one: 阿明, 小明."""
    return len(given) == 2 and given[0] in ENDEARMENTS


def _compare_sounds(one: Name, other: Name) -> NameAgreement:
    """Names of which one is in characters and the other in words."""
    written, spelt = (one, other) if one.characters else (other, one)
    grade = _compare_by_sound(written.forms, spelt.forms)
    if grade == NameAgreement.DIFFERENT and have_same_surname(written.forms, spelt.forms) and may_be_english(spelt):
        grade = NameAgreement.UNKNOWN
    if grade != NameAgreement.PARTIAL and any(
        _compare_by_sound(mine, others) == NameAgreement.PARTIAL for mine, others in _turned(written, spelt)
    ):
        return NameAgreement.PARTIAL
    return grade


def may_be_english(name: Name) -> bool:
    """Whether a given name that can be read as Chinese may be another: Gigi, Nina, Kai."""
    given = name.forms.given or ""
    is_doubled = given[: len(given) // 2] == given[len(given) // 2 :]
    return given in name.words and (len(given) <= SHORT or is_doubled)


def _turned(written: Name, spelt: Name) -> Iterator[tuple[NameForms, NameForms]]:
    """The forms of both where one stands in another order than was taken for its: Hui Yueh Wei may be 魏惠月."""
    words, whole = spelt.words, written.characters
    if _has_chinese_surname(spelt.forms) and 2 <= len(words) <= MOST_WORDS:
        surnames = _readings(written.forms.family, written.forms.family_alt)
        for surname, given in ((words[0], words[1:]), (words[-1], words[:-1])):
            if not surnames.isdisjoint(surname_readings(surname)):
                yield written.forms, name_forms(" ".join(words), None, " ".join(given), surname)
    surnames = _readings(spelt.forms.family, spelt.forms.family_alt)
    if 2 <= len(whole) <= MOST_CHARACTERS and not surnames.isdisjoint(surname_readings(whole[-1])):
        yield name_forms(whole, None, whole[:-1], whole[-1]), spelt.forms


def _compare_by_sound(written: NameForms, spelt: NameForms) -> NameAgreement:
    """A name in characters and one in words."""
    surnames = have_same_surname(written, spelt)
    if surnames is False:
        return NameAgreement.DIFFERENT
    if surnames is None or (written.given_kind, spelt.given_kind) != ("characters", "romanised"):
        return NameAgreement.UNKNOWN
    codes = (written.given_sound, spelt.given_sound), (written.given_cantonese, spelt.given_cantonese)
    distances = (Levenshtein.distance(mine, others) for mine, others in codes if mine and others)
    distance = min(distances, default=FAR_APART - 1)
    if distance == 0:
        return NameAgreement.PARTIAL
    given = written.given or ""
    if is_made_up(given) and _ends_alike(given[1], spelt):
        return NameAgreement.SIMILAR
    return NameAgreement.UNKNOWN if distance < FAR_APART else NameAgreement.DIFFERENT


def _ends_alike(character: str, spelt: NameForms) -> bool:
    """Whether a given name in letters ends with the sound of a character."""
    codes = mandarin_of_characters(character), cantonese_of_characters(character)
    given = spelt.given_sound or "", spelt.given_cantonese or ""
    return any(name.endswith(code) for code, name in zip(codes, given, strict=True))


def have_same_surname(one: NameForms, other: NameForms) -> bool | None:
    """Whether two names can have one surname; None where a surname is missing, or no Chinese one."""
    if not _readings(one.family, one.family_alt).isdisjoint(_readings(other.family, other.family_alt)):
        return True
    return False if _has_chinese_surname(one) and _has_chinese_surname(other) else None


def _has_chinese_surname(name: NameForms) -> bool:
    return bool(name.family_sound or name.family_cantonese)


@lru_cache(maxsize=20_000)
def _readings(family: str | None, other: str | None) -> frozenset[str]:
    """What a surname, or either of two, can be."""
    return frozenset().union(*(surname_readings(surname) for surname in (family, other) if surname))


@lru_cache(maxsize=20_000)
def surname_readings(surname: str) -> frozenset[str]:
    """What a surname can be: itself, its codes, and the characters that are spelt so."""
    if CHARACTERS.search(surname):
        spoken = mandarin_of_characters(surname, is_surname=True)
        sung = cantonese_of_characters(surname, is_surname=True)
        return frozenset({surname, f"mandarin {spoken}", f"cantonese {sung}"})
    codes = frozenset({f"mandarin {usual_surname(surname)}", f"cantonese {cantonese(surname)}"})
    return codes - {"mandarin None", "cantonese None"} | {surname} | characters_by_spelling().get(surname, frozenset())


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
    kinds = {one.forms.given_kind, other.forms.given_kind}
    may_be_one = "romanised" in kinds and _has_chinese_surname(one.forms) and have_same_surname(one.forms, other.forms)
    if may_be_one and kinds == {"romanised"} and shares_a_sound(one.forms, other.forms):
        return NameAgreement.PARTIAL
    joined = "".join(short.words)
    if len(joined) >= 5 and any(one_slip_apart(joined, turned) for turned in rotations(long.words)):
        return NameAgreement.SIMILAR
    if short.given == long.given and short.given & _given_names().keys():
        return NameAgreement.SIMILAR
    is_comparable = kinds == {"romanised"} and same_language(one.forms, other.forms)
    return NameAgreement.UNKNOWN if may_be_one and not is_comparable else NameAgreement.DIFFERENT


def shares_a_sound(one: NameForms, other: NameForms) -> bool:
    """Whether the given names are equal in Mandarin or in Cantonese."""
    mine, others = (one.given_sound, one.given_cantonese), (other.given_sound, other.given_cantonese)
    return any(code and code == theirs for code, theirs in zip(mine, others, strict=True))


def same_language(one: NameForms, other: NameForms) -> bool:
    """Whether two romanised names can be of one language: Chen and Chan are 陳 in two, and so their given names too."""
    return any(
        mine is not None and mine == others for mine, others in zip(_languages(one), _languages(other), strict=True)
    )


def _languages(name: NameForms) -> tuple[str | None, str | None]:
    """The code of the surname in Mandarin and in Cantonese, where the whole name can be read in it."""
    surname = name.family or ""
    return (
        mandarin_surname(surname) if name.given_sound else None,
        name.family_cantonese if name.given_cantonese else None,
    )


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
