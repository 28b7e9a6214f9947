"""Names of people, Chinese, Latin and both in one field; and the names of companies that stand in their place."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from customer_warehouse.standardise import company_names, latin_names
from customer_warehouse.standardise.characters import (
    APOSTROPHES,
    DASHES,
    HAN,
    KANA_AND_HANGUL,
    clean,
    simplified,
)
from customer_warehouse.standardise.chinese_names import (
    DOT,
    HAN_ONLY,
    Bare,
    family_length,
    in_order,
    parts_of,
    without_honorifics,
)
from customer_warehouse.standardise.latin_names import Latin, read_latin
from customer_warehouse.standardise.mojibake import legible
from customer_warehouse.standardise.name_words import chinese_words, latin_words
from customer_warehouse.standardise.reference import fold, is_placeholder, listed, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 120
"""Characters of a cleaned name."""
MAX_RAW = 2_000
"""Characters of a text that is looked at at all."""

_EAST_ASIAN = re.compile(f"[{HAN}{KANA_AND_HANGUL}{DOT}]+")
_SEVERAL = re.compile(r"\s*[/、;&|]\s*|\s+(?:and|AND|or)\s+")
_BRACKETS = re.compile(r"[(\[<【「『\"“]([^()\[\]<>【】「」『』\"”]*)[)\]>】」』\"”]")
_NUMBERS = re.compile(r"[A-Za-z]{0,2}[0-9][0-9 -]{5,}")
"""A phone, an identity card or a member number beside the name."""
_MASKED = re.compile(
    rf"[{HAN}]\s*[○◯●×□■*]|[{HAN}]_+(?:[{HAN}]|$)|[{HAN}](?:[xXoO]+(?![A-Za-z0-9])|0+[{HAN}])"
    rf"|[{HAN}]\s+[xXoO0]+\s*[{HAN}]|[A-Za-z]\*+[A-Za-z]|\b[A-Za-z]\*|[A-Za-z]\*{{2,}}|\*{{2,}}[A-Za-z]"
)
"""What hides a part of a name: 王○明, 陳x明, J*** S***. A mark in front of a name or between words hides nothing."""
ZERO = "\u3007"
"""The Chinese zero. Hides a part of a name too, and is also a character that a given name may have."""


class _NameCharacters(dict[int, str | None]):
    """What each character becomes in a name; filled as characters are met."""

    def __missing__(self, point: int) -> str | None:
        character = chr(point)
        kind = unicodedata.category(character)
        kept: str | None
        if character in "·‧・•∙⋅":
            kept = DOT
        elif character in APOSTROPHES:
            kept = "'"
        elif character in DASHES:
            kept = "-"
        elif 0xFE00 <= point <= 0xFE0F or point in (0x200D, 0x20E3):
            kept = None
        elif character in f".,{ZERO}" or kind[0] in "LM":
            kept = character
        else:
            kept = " "
        self[point] = kept
        return kept


_NAME_CHARACTERS = _NameCharacters()


def standardise(raw: str | None) -> Value:
    """The name as a person would write it, with `given` and `family` where they can be told apart.

    Honorifics, digits, emoji, punctuation and notes in brackets go (flags `honorific_removed`, `note_removed`;
    `relative` when the name is that of somebody's child or parent). Chinese is written without spaces, family name
    first; Latin in capitals only or in small letters only gets capitals where names have them; `Family, Given` is
    turned round, but Chinese given names in Latin letters may stand behind their family name. Where an order had to be
    guessed, the flag `order_guessed` says so. A name in both scripts keeps both, Chinese first (flag `mixed_scripts`),
    and its key is the Chinese part's. `more_than_one`: the first of several people is kept. A name without a given name
    has the flag `family_name_only`, one with which forms are tried out `suspected_placeholder`. What HTML encoded is
    decoded (`entities_decoded`), and UTF-8 that was read as Latin-1 is read rightly (`mojibake`).

    The key of a Chinese name is the name in simplified characters, of a Latin name its words without case, accents and
    generation, sorted. The part `pinyin` is how a Chinese name sounds, the same for equal keys; a name in
    Latin letters has it when it can be read as Hanyu Pinyin.
    What a form writes in front of a name (收件人:) goes too (`note_removed`).
    A company (flag `company`) has no given and family name, and a key that no person has.
    Rejects: `not_a_name`, `placeholder`, `masked` (a part is hidden: 王○明), `mojibake` (unreadable).
    """
    if raw is None:
        return MISSING
    if len(raw) > MAX_RAW:
        return rejected("not_a_name") if raw.strip() else MISSING
    readable, flags = legible(raw)
    if readable is None:
        return rejected("mojibake")
    text = clean(readable)
    if text is None:
        return rejected("placeholder") if flags else MISSING
    if len(text) > MAX_LENGTH or "@" in text:
        return rejected("not_a_name")
    if is_placeholder(text):
        return rejected("placeholder")
    name = _label().sub("", text)
    if name != text:
        flags = (*flags, "note_removed")
    if company := company_names.company(name):
        return Value(company, company_names.key_of(company), (*flags, "company"))
    return rejected("masked") if _MASKED.search(name) else _person(name, list(flags))


def _person(text: str, flags: list[str]) -> Value:
    """The name of a person; `text` is clean."""
    whole = _NUMBERS.sub(" ", text)
    bracketed = _BRACKETS.search(whole)
    kept = _without_notes(whole, bracketed[1]) if bracketed else whole
    persons = _persons(kept or _BRACKETS.sub(" ", whole))
    if (whole != text or kept is None) and "note_removed" not in flags:
        flags.append("note_removed")
    if len(persons) > 1:
        flags.append("more_than_one")
    characters = persons[0].translate(_NAME_CHARACTERS)
    written = _first_of_several(_EAST_ASIAN.findall(characters), flags)
    bare = without_honorifics(written) if written else Bare("")
    if bare.is_relatives:
        flags.append("relative")
    if ZERO in bare.name and _hides_a_character(bare.name):
        return rejected("masked")
    chinese, turned = in_order(bare.name) if bare.name else ("", False)
    latin = read_latin(_EAST_ASIAN.sub(" ", characters) if written else characters)
    if bare.had_honorific or "honorific_removed" in latin.flags:
        flags.append("honorific_removed")
    if not chinese and not latin.words:
        nothing = not written and not latin.flags
        return rejected("not_a_name" if nothing else "placeholder")
    if _is_placeholder_name(chinese, latin):
        return rejected("placeholder")
    if turned or "order_guessed" in latin.flags:
        flags.append("order_guessed")
    return _answer(chinese, latin, flags)


def _hides_a_character(name: str) -> bool:
    """Does a zero stand for a character of somebody's name? One behind the first of a given name may be a real one."""
    family = family_length(simplified(name))
    return not name.strip(ZERO) or (2 <= len(name) <= 4 and 0 < family == name.find(ZERO))


@lru_cache(maxsize=1)
def _label() -> re.Pattern[str]:
    """What a form writes in front of a name, when something is behind it."""
    chinese, latin = (
        company_names.alternatives(words("names", "labels", script) | frozenset(listed("names", "labels", script)))
        for script in ("chinese", "latin")
    )
    return re.compile(rf"^(?:{chinese}\s*:?|{latin}\s*:)\s*(?=\w)", re.IGNORECASE)


def _answer(chinese: str, latin: Latin, flags: list[str]) -> Value:
    text = " ".join(latin.words)
    parts = parts_of(chinese) if chinese else latin.parts
    if "given" not in parts:
        flags.append("family_name_only")
    if _is_suspected(chinese, text):
        flags.append("suspected_placeholder")
    if not chinese:
        return Value(text, latin.key, tuple(flags), parts=parts)
    key = simplified(chinese.replace(DOT, "")).casefold()
    if not text:
        return Value(chinese, key, tuple(flags), parts=parts)
    if "given" not in parts:
        parts, key = {**parts, "given": text}, f"{key} {latin.key}"
        flags.remove("family_name_only")
    return Value(f"{chinese} {text}", key, (*flags, "mixed_scripts"), parts=parts)


def _without_notes(text: str, inside: str) -> str | None:
    """The text without its brackets; None when what stands `inside` them is no part of the name.

    It is a part when nothing stands outside, when it is in the other script, when it is the given name or the honorific
    of a surname outside, or an English given name beside a Chinese one.
    """
    opened, outside = _BRACKETS.sub(r" \1 ", text), _BRACKETS.sub(" ", text).translate(_NAME_CHARACTERS)
    mine, others = _EAST_ASIAN.search(inside.translate(_NAME_CHARACTERS)), _EAST_ASIAN.findall(outside)
    if not outside.strip() or bool(mine) != bool(others):
        return opened
    if mine:
        surname = simplified(without_honorifics("".join(others)).name)
        is_part = len(surname) <= family_length(surname) or not without_honorifics(mine[0]).name
    else:
        given = latin_words().given
        names = (word.casefold() for word in latin_names.split(outside))
        is_part = inside.strip().casefold() in given and given.isdisjoint(names)
    return opened if is_part else None


def _persons(text: str) -> list[str]:
    """The people that a field names, `John & Mary Smith` with the surname for both; at least one, maybe empty.

    A name in Chinese and one in Latin letters are one person's.
    """
    pieces = [piece for piece in _SEVERAL.split(text) if piece]
    if len(pieces) < 2:
        return pieces or [""]
    scripts = {bool(_EAST_ASIAN.search(piece)) for piece in pieces}
    if len(pieces) == 2 and len(scripts) == 2:
        return [" ".join(pieces)]
    last = read_latin(pieces[-1].translate(_NAME_CHARACTERS))
    first = read_latin(pieces[0].translate(_NAME_CHARACTERS))
    if scripts == {False} and not first.words:
        return pieces[::-1]
    if scripts == {False} and len(first.words) == 1 and last.family and last.given:
        return [f"{pieces[0]} {' '.join(last.family)}", *pieces[1:]]
    return pieces


def _first_of_several(runs: list[str], flags: list[str]) -> str:
    """The Chinese of a name in one piece: 王 大明 is one person, 王大明 李小美 are two, 王大明 王大明 is one twice."""
    known = chinese_words()
    if len(runs) < 2 and (not runs or len(runs[0]) < 4):
        return "".join(runs).strip(DOT)
    runs = [run.strip(DOT) for run in runs]
    whole = "".join(runs)
    half = len(whole) // 2
    if half > 1 and whole[:half] == whole[half:]:
        return whole[:half]
    folded = [simplified(run) for run in runs]
    if len(runs) > 1 and all(
        len(run) > 1 and run[0] in known.usual and run not in known.compound and HAN_ONLY.fullmatch(run)
        for run in folded
    ):
        flags.append("more_than_one")
        return runs[0]
    return whole


def _is_placeholder_name(chinese: str, latin: Latin) -> bool:
    if chinese:
        folded = simplified(chinese)
        return (
            folded in words("placeholders", "person_name", "names")
            or folded in words("placeholders", "words")
            or any(folded.startswith(beginning) for beginning in words("placeholders", "person_name", "beginnings"))
        )
    none = words("placeholders", "person_name", "words")
    written = latin.words
    return all(word.casefold() in none for word in written) or any(
        fold(" ".join(order)) in words("placeholders", "words") for order in (written, written[::-1])
    )


def _is_suspected(chinese: str, latin: str) -> bool:
    suspected = words("placeholders", "person_name", "suspected")
    return (simplified(chinese) if chinese else latin.casefold()) in suspected


def compose(given: str | None, family: str | None) -> str | None:
    """One name from a source's two fields, to be standardised next.

    Knows what forms collect: the whole name in one field and the family name in the other, the fields the wrong way
    round in Chinese, a family name of several words, a Chinese given name in Latin letters that could be read as
    beginning with a surname.
    """
    given, family = clean(given), clean(family)
    if not given or not family:
        return given or family
    if not (HAN_ONLY.fullmatch(given) and HAN_ONLY.fullmatch(family)):
        return _compose_words(given, family)
    if given == family or (given.startswith(family) and len(given) > 2):
        return given
    if family.startswith(given) and len(family) > 2 and len(given) == 1:
        return family
    return given + family if _is_swapped(simplified(given), simplified(family)) else family + given


def _compose_words(given: str, family: str) -> str:
    if HAN_ONLY.fullmatch(family):
        return f"{family} {given}"
    if "," not in family + given and not _EAST_ASIAN.search(given + family):
        first = given.split(" ", 1)[0].casefold()
        if " " in family or first in latin_words().romanised:
            return f"{family}, {given}"
    return f"{given} {family}"


def _is_swapped(given: str, family: str) -> bool:
    """Does the family name's field hold the given name? Both in simplified characters."""
    known = chinese_words()
    if given in known.compound:
        return family not in known.compound and family not in known.usual
    return given in known.usual and family not in known.compound and (len(family) > 1 or family not in known.usual)
