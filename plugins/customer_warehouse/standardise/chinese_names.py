"""Chinese names: what belongs to the name, which part is the surname, and how it sounds."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from pypinyin.pinyin_dict import pinyin_dict

from customer_warehouse.standardise.characters import HAN, simplified
from customer_warehouse.standardise.name_words import chinese_words
from customer_warehouse.standardise.reference import read

HAN_ONLY = re.compile(f"[{HAN}]+")
DOT = "·"
LONGEST = 5
"""Characters. What is longer is no name that divides into a surname and a given name."""
NICKNAME = "小阿老大"
"""Before one character of somebody's name they make a nickname: 阿明, 老王."""


class Bare(NamedTuple):
    """A name without honorifics and what letters say; empty when it was nothing else."""

    name: str
    had_honorific: bool = False
    is_relatives: bool = False
    """Was it the name of somebody whose relative is meant: 王小明媽媽?"""


def without_honorifics(name: str) -> Bare:
    """Take off the honorifics at the end, at the beginning, and between surname and given name."""
    kept, folded, relative = name, simplified(name), False
    while cut := _honorific(folded):
        start, end = cut
        relative = relative or folded[start:end] in chinese_words().relatives
        kept = (kept[:start] + kept[end:]).strip(DOT)
        folded = (folded[:start] + folded[end:]).strip(DOT)
    return Bare(kept, kept != name, relative)


def _honorific(folded: str) -> tuple[int, int] | None:
    """Where an honorific is in a name in simplified characters; None when there is none."""
    known, length = chinese_words(), len(folded)
    for size in (4, 3, 2, 1):
        end = folded[-size:]
        if size <= length and (end in known.honorifics or (end in known.of_letters and length - size > 1)):
            return length - size, length
    if length == 2 and folded[0] in known.usual and folded[1] in known.one_character:
        return 1, 2
    if folded[:2] in known.between and length > 3:
        return 0, 2
    start = family_length(folded)
    if start and folded[start : start + 2] in known.between and length - start <= 4:
        return start, start + 2
    return None


def family_length(folded: str) -> int:
    """How many characters at the beginning of a name in simplified characters are a known surname; 0 when none are."""
    known = chinese_words()
    if folded[:2] in known.compound:
        return 2
    return 1 if folded[:1] in known.surnames else 0


def in_order(name: str) -> tuple[str, bool]:
    """The name with the surname first, and whether it was turned round: only where no other reading is likely."""
    folded, known = simplified(name), chinese_words()
    first, last = folded[:1], folded[-1:]
    if not HAN_ONLY.fullmatch(name) or not 2 <= len(name) <= 4 or folded[:2] in known.compound:
        return name, False
    if first in known.usual or (len(name) == 2 and first in NICKNAME):
        return name, False
    if len(name) > 2 and folded[-2:] in known.compound:
        return name[-2:] + name[:-2], True
    if last in known.never_given or (len(name) > 2 and first not in known.surnames and last in known.usual):
        return name[-1] + name[:-1], True
    return name, False


def parts_of(name: str) -> dict[str, str]:
    """Family and given name where the writing tells them apart, and the name's sound; see `sound`."""
    if not HAN_ONLY.fullmatch(name):
        return {"given": name}
    folded = simplified(name)
    cut = _cut(folded)
    if cut is None:
        return {"given": name}
    pieces = {"family": name[:cut], "given": name[cut:]}
    return {part: text for part, text in pieces.items() if text} | {"pinyin": sound(folded[:cut], folded[cut:])}


def _cut(folded: str) -> int | None:
    """Where the given name begins; None when the name is no Chinese one or cannot be taken apart."""
    known, length = chinese_words(), len(folded)
    is_japanese = folded[:2] in known.japanese or folded[:3] in known.japanese
    if length > LONGEST or (is_japanese and (length > 3 or (length == 3 and folded[0] not in known.surnames))):
        return None
    if length == 1:
        return 1
    family = family_length(folded)
    if family == 2 or (family == 1 and not (length == 2 and folded[0] in NICKNAME)):
        return family
    return 1 if length == 3 else 0 if length == 2 else None


def sound(family: str, given: str) -> str:
    """How a name in simplified characters sounds, without tones: `欧阳`, `志明` give `ouyang zhiming`.

    The readings are pypinyin's first of each character, but for those that names read otherwise (data/names.yml).
    Characters without a reading stay. `ü` is written `u`, as passports and people without the key do.
    """
    whole = read("names")["readings"]["compound"].get(family)
    spoken = whole or (family.translate(readings("given") if len(family) > 1 else readings("surname")))
    return f"{spoken} {given.translate(readings('given'))}".strip()


@lru_cache
def readings(place: str) -> dict[int, str]:
    """A translation table from character to syllable, for a `surname` or a `given` name."""
    found = {point: _toneless(spoken.partition(",")[0]) for point, spoken in pinyin_dict.items()}
    return found | {ord(character): spoken for character, spoken in read("names")["readings"][place].items()}


def _toneless(syllable: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", syllable) if c.isascii() and c.isalpha())
