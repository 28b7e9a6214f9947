"""Names of people: Chinese, Latin and both in one field."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from customer_warehouse.standardise.characters import (
    APOSTROPHES,
    DASHES,
    HAN,
    KANA_AND_HANGUL,
    clean,
    simplified,
    unaccented,
)
from customer_warehouse.standardise.reference import fold, is_placeholder, read, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 120

_DOT = "·"
_EAST_ASIAN = re.compile(f"[{HAN}{KANA_AND_HANGUL}{_DOT}]+")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_SEVERAL = re.compile(r"\s*[/、;&|]\s*|\s+(?:and|AND|or)\s+")


class _NameCharacters(dict[int, str | None]):
    """What each character becomes in a name; filled as characters are met."""

    def __missing__(self, point: int) -> str | None:
        character = chr(point)
        kind = unicodedata.category(character)
        kept: str | None
        if character in "·‧・•∙⋅":
            kept = _DOT
        elif character in APOSTROPHES:
            kept = "'"
        elif character in DASHES:
            kept = "-"
        elif 0xFE00 <= point <= 0xFE0F or point in (0x200D, 0x20E3):
            kept = None
        elif character in ".," or kind[0] in "LM":
            kept = character
        else:
            kept = " "
        self[point] = kept
        return kept


_NAME_CHARACTERS = _NameCharacters()


class NameWords(NamedTuple):
    """The word lists of names, ready to compare with."""

    chinese_honorifics: tuple[str, ...]
    latin_honorifics: frozenset[str]
    particles: frozenset[str]
    compound_surnames: frozenset[str]
    common_surnames: frozenset[str]


@lru_cache(maxsize=1)
def name_words() -> NameWords:
    return NameWords(
        tuple(sorted(words("names", "honorifics", "chinese"), key=lambda word: (-len(word), word))),
        words("names", "honorifics", "latin"),
        words("names", "particles"),
        words("names", "surnames", "compound"),
        frozenset(simplified("".join(read("names")["surnames"]["common"]))),
    )


def standardise(raw: str | None) -> Value:
    """The name as a person would write it, with `given` and `family` where they can be told apart.

    Honorifics, digits, emoji and punctuation go. Chinese is written without spaces; Latin in capitals only or in small
    letters only gets capitals where names have them; `Family, Given` is turned round. A name in both scripts keeps
    both, Chinese first (flag `mixed_scripts`), and its key is the Chinese part's.
    The key of a Chinese name is the name in simplified characters, of a Latin name its words without case and accents,
    sorted. Rejects: `not_a_name`, `placeholder`.
    """
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH or "@" in text:
        return rejected("not_a_name")
    if is_placeholder(text):
        return rejected("placeholder")
    persons = [person for person in _SEVERAL.split(text) if person]
    flags = ["more_than_one"] if len(persons) > 1 else []
    characters = persons[0].translate(_NAME_CHARACTERS)
    chinese = "".join(_EAST_ASIAN.findall(characters)).strip(_DOT)
    all_latin = _latin_words(_EAST_ASIAN.sub(" ", characters) if chinese else characters)
    chinese_rest, latin = _without_honorifics(chinese), _without_titles(all_latin)
    if chinese_rest != chinese or latin != all_latin:
        flags.append("honorific_removed")
    if not chinese_rest and not latin.words:
        return rejected("placeholder" if chinese or all_latin.words else "not_a_name")
    if _is_placeholder_name(chinese_rest, latin.words):
        return rejected("placeholder")
    return _answer(chinese_rest, latin, flags)


def _answer(chinese: str, latin: _Latin, flags: list[str]) -> Value:
    written = _cased(latin.words)
    if not chinese:
        parts = _latin_parts(written, latin.given_words)
        return Value(" ".join(written), _latin_key(written), tuple(flags), parts=parts)
    parts = _chinese_parts(chinese)
    if "given" not in parts:
        flags.append("family_name_only")
    key = simplified(chinese.replace(_DOT, "")).casefold()
    if not written:
        return Value(chinese, key, tuple(flags), parts=parts)
    if "given" not in parts:
        parts, key = {**parts, "given": " ".join(written)}, f"{key} {_latin_key(written)}"
    return Value(f"{chinese} {' '.join(written)}", key, (*flags, "mixed_scripts"), parts=parts)


def _without_honorifics(chinese: str) -> str:
    """A Chinese name without the honorifics at its end; nothing when it was nothing else."""
    folded = simplified(chinese)
    cut = next((len(word) for word in name_words().chinese_honorifics if folded.endswith(word)), 0)
    return chinese[:-cut].rstrip(_DOT) if cut else chinese


class _Latin(NamedTuple):
    """The words of a Latin name, given name first, and how many of them a comma told to be the given name."""

    words: list[str]
    given_words: int | None = None


def _latin_words(text: str) -> _Latin:
    """The words of a Latin name, `Family, Given` turned round."""
    before, comma, after = text.partition(",")
    first, rest = _split(before), _split(after.replace(",", " ")) if comma else []
    given = _kept(rest)
    return _Latin([*rest, *first], len(given)) if given and _kept(first) else _Latin([*first, *rest])


def _without_titles(latin: _Latin) -> _Latin:
    return latin._replace(words=_kept(latin.words))


def _split(text: str) -> list[str]:
    found = (word.strip("-'.") for word in text.replace(".", ". ").split())
    return [word for word in found if any(character.isalpha() for character in word)]


def _kept(latin: list[str]) -> list[str]:
    """The words that are no honorific."""
    if not latin:
        return latin
    honorifics = name_words().latin_honorifics
    return [word for word in latin if word.casefold() not in honorifics]


def _is_placeholder_name(chinese: str, latin: list[str]) -> bool:
    if chinese:
        folded = simplified(chinese)
        return (
            folded in words("placeholders", "person_name", "names")
            or folded in words("placeholders", "words")
            or any(folded.startswith(beginning) for beginning in words("placeholders", "person_name", "beginnings"))
        )
    none = words("placeholders", "person_name", "words")
    return all(word.casefold() in none for word in latin) or fold(" ".join(latin)) in words("placeholders", "words")


def _chinese_parts(chinese: str) -> dict[str, str]:
    """Family and given name where the writing tells them apart."""
    if not _HAN_ONLY.fullmatch(chinese) or len(chinese) > 5:
        return {"given": chinese}
    known = name_words()
    folded = simplified(chinese)
    if len(chinese) == 1 or folded in known.compound_surnames:
        return {"family": chinese}
    cut = 2 if folded[:2] in known.compound_surnames and len(chinese) > 2 else 1
    return {"family": chinese[:cut], "given": chinese[cut:]}


def _latin_parts(written: list[str], cut: int | None) -> dict[str, str]:
    """Given and family name; `cut` is where the family name begins, when that is known."""
    if len(written) == 1:
        return {"given": written[0]}
    if cut is None:
        cut = len(written) - 1
        while cut > 1 and written[cut - 1] in name_words().particles:
            cut -= 1
    return {"given": " ".join(written[:cut]), "family": " ".join(written[cut:])}


def _latin_key(written: list[str]) -> str:
    folded = unaccented(" ".join(written)).replace("'", "").replace("-", " ").replace(".", " ")
    return " ".join(sorted(folded.split())) or " ".join(written)


def _cased(latin: list[str]) -> list[str]:
    """Capitals where names have them, for words that are written in one case only."""
    shouted = all(word.isupper() for word in latin)
    particles = name_words().particles
    written = []
    for place, word in enumerate(latin):
        if place and word.lower() in particles and (shouted or word.islower()):
            written.append(word.lower())
        elif word.islower() or (word.isupper() and (shouted or len(word) > 2)):
            written.append(unicodedata.normalize("NFKC", _capitals(word)))
        else:
            written.append(word)
    return written


def _capitals(word: str) -> str:
    return "-".join(_apostrophes(piece) for piece in word.split("-"))


def _apostrophes(word: str) -> str:
    head, mark, tail = word.partition("'")
    if mark and len(head) == 1:
        return f"{head.upper()}'{_capital(tail)}"
    return _capital(word)


def _capital(word: str) -> str:
    if len(word) > 3 and word[:2].lower() == "mc":
        return f"Mc{word[2:].capitalize()}"
    return word.capitalize()


def compose(given: str | None, family: str | None) -> str | None:
    """One name from a source's two fields, to be standardised next.

    Knows what forms collect: the whole name in one field and the family name in the other, the fields the wrong way
    round in Chinese, a family name of several words.
    """
    given, family = clean(given), clean(family)
    if not given or not family:
        return given or family
    if not (_HAN_ONLY.fullmatch(given) and _HAN_ONLY.fullmatch(family)):
        if " " in family and "," not in family and not _EAST_ASIAN.search(given + family):
            return f"{family}, {given}"
        return f"{family} {given}" if _HAN_ONLY.fullmatch(family) else f"{given} {family}"
    if given == family or (given.startswith(family) and len(given) > 2):
        return given
    if family.startswith(given) and len(family) > 2 and len(given) == 1:
        return family
    known = name_words()
    swapped = (
        len(family) > 1 and simplified(family) not in known.compound_surnames and simplified(given) in _surnames(known)
    )
    return given + family if swapped else family + given


def _surnames(known: NameWords) -> frozenset[str]:
    return known.common_surnames | known.compound_surnames
