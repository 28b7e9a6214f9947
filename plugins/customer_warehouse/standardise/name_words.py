"""The word lists of names, ready to compare with: Chinese folded into simplified characters, Latin into lower case.

Where the lists come from: `data/names.yml` says it beside each of its lists; `romanised_surnames.csv` has the surnames
of most people of Taiwan, the mainland and Hong Kong in Hanyu Pinyin, as Taiwan's passports spell them, in Tongyong
Pinyin, as Hong Kong's identity cards do, and in one more form (mostly Hokkien, as in Singapore and Malaysia), the most
frequent first;
`western_surnames.csv` has some five hundred frequent surnames of the United States (after the Census of 2010), with
some of the United Kingdom, Ireland and India; `given_names.csv` has English given names with their short forms.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from customer_warehouse.standardise.characters import simplified, unaccented
from customer_warehouse.standardise.reference import read, words

_DATA = Path(__file__).parent / "data"
GIVEN_NAMES = _DATA / "given_names.csv"
"""One given name a line, with its short forms."""
COMMON = (20, 60)
"""So many lines of `romanised_surnames.csv` are surnames that one meets everywhere, and every day."""


class ChineseWords(NamedTuple):
    """Words in and around Chinese names, in simplified characters."""

    honorifics: frozenset[str]
    """Those behind a name; relatives are among them."""
    relatives: frozenset[str]
    between: frozenset[str]
    """Those between the surname and the given name, or before a whole name."""
    one_character: frozenset[str]
    of_letters: frozenset[str]
    compound: frozenset[str]
    usual: frozenset[str]
    never_given: frozenset[str]
    surnames: frozenset[str]
    """All of one character."""
    japanese: frozenset[str]


class LatinWords(NamedTuple):
    """Words in and around Latin names, in lower case and without accents."""

    honorifics: frozenset[str]
    suffixes: dict[str, str]
    particles: frozenset[str]
    given: frozenset[str]
    """English given names and their short forms."""
    only_given: frozenset[str]
    """Those of them that are no surnames."""
    western: frozenset[str]
    """Western surnames that are no given names and no Chinese ones."""
    romanised: dict[str, int]
    """Romanised Chinese surnames, their words run together, with how usual they are: 3 (everywhere), 2 or 1."""
    pinyin: frozenset[str]
    """Those of them that are in Hanyu Pinyin."""


@lru_cache(maxsize=1)
def chinese_words() -> ChineseWords:
    relatives = words("names", "honorifics", "relatives")
    usual = _characters("usual")
    return ChineseWords(
        words("names", "honorifics", "chinese") | relatives,
        relatives,
        words("names", "honorifics", "between"),
        frozenset("".join(words("names", "honorifics", "one_character"))),
        words("names", "honorifics", "of_letters"),
        words("names", "surnames", "compound"),
        usual,
        _characters("never_given"),
        _characters("all") | usual,
        words("names", "surnames", "japanese"),
    )


@lru_cache(maxsize=1)
def latin_words() -> LatinWords:
    given = frozenset(form for forms in given_names() for form in forms)
    western = frozenset((_DATA / "western_surnames.csv").read_text(encoding="utf-8").split())
    romanised = _romanised("pinyin", "taiwan", "tongyong", "cantonese", "other")
    return LatinWords(
        words("names", "honorifics", "latin"),
        read("names")["suffixes"],
        words("names", "particles"),
        given,
        given - western - romanised.keys(),
        western - given - romanised.keys(),
        romanised,
        frozenset(_romanised("pinyin")),
    )


def given_names() -> list[list[str]]:
    """The lines of the table of given names: the forms of each, in lower case."""
    return [line.split(",") for line in GIVEN_NAMES.read_text(encoding="utf-8").splitlines()]


def romanised_surnames() -> list[dict[str, str]]:
    """The lines of the table of surnames: `characters`, and their spellings by system; empty where there is none."""
    with (_DATA / "romanised_surnames.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _characters(name: str) -> frozenset[str]:
    return frozenset(simplified("".join(read("names")["surnames"][name])))


def _romanised(*systems: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, row in enumerate(romanised_surnames()):
        for system in systems:
            if form := unaccented(row[system]).replace(" ", ""):
                found.setdefault(form, 1 + sum(place < lines for lines in COMMON))
    return found
