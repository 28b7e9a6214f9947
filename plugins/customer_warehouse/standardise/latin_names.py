"""Names in Latin letters: titles and suffixes, capitals, and which of the words are the family name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from pypinyin.pinyin_dict import pinyin_dict

from customer_warehouse.standardise.characters import unaccented
from customer_warehouse.standardise.name_words import latin_words

REMEMBERED = 20_000
"""Words whose foldings are kept: most people share their names with others."""
LONGEST = 20
"""Letters. No Chinese given name is that long in Latin letters."""


class Latin(NamedTuple):
    """A Latin name taken apart, its words as they are written in the end."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    suffix: str | None = None
    family_first: bool = False
    """Is the family name written first, as in Chan Tai Man?"""
    flags: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All words in the order of the standard form: Peter Chan Tai Man, Chan Tai Man, John Smith Jr."""
        if not self.family_first:
            ordered = (*self.given, *self.family)
        elif _is_english(self.given[0]):
            ordered = (self.given[0], *self.family, *self.given[1:])
        else:
            ordered = (*self.family, *self.given)
        return (*ordered, self.suffix) if self.suffix else ordered

    @property
    def parts(self) -> dict[str, str]:
        """`given` and `family`, where there are such, and `pinyin`, where the name can be read as Hanyu Pinyin."""
        pieces = {"given": " ".join(self.given), "family": " ".join(self.family), "pinyin": self._pinyin()}
        return {part: text for part, text in pieces.items() if text}

    def _pinyin(self) -> str:
        family = _run_together("".join(self.family))
        if family not in latin_words().pinyin:
            return ""
        given = (_run_together(word) for word in self.given)
        spoken = "".join(word for word in given if word not in latin_words().given)
        is_pinyin = len(spoken) < LONGEST and re.fullmatch(pinyin(), spoken)
        return f"{family} {spoken}" if is_pinyin else ""

    @property
    def key(self) -> str:
        """The words without case, accents and suffix, sorted; the syllables of a Chinese given name are one word."""
        given = [_folded(word) for word in self.given]
        if _romanised("".join(self.family)):
            given = _syllables_joined(given)
        folded = " ".join([*given, *map(_folded, self.family)])
        return " ".join(sorted(folded.split())) or " ".join(self.words)


def read_latin(text: str) -> Latin:
    """Take a name apart. It comes back without words when it was nothing but titles.

    The family name is the last word, with the particles before it, unless
    - a comma says what it is: `Smith, John`;
    - the first word is a Chinese surname, and the others Chinese syllables or English given names: `Chan Tai Man`;
    - an English given name comes first, then a Chinese surname, then syllables: `Peter Chan Tai Man`;
    - the first word can only be a surname and the last one only a given name: `Williams Alice` (flag `order_guessed`).
    """
    first, comma, rest = text.partition(",")
    head, tail = split(first), split(rest.replace(",", " ")) if comma else []
    kept, kept_tail = _without_titles(head), _without_titles(tail)
    flags = () if len(kept) + len(kept_tail) == len(head) + len(tail) else ("honorific_removed",)
    words, suffix = _without_suffix([*kept, *kept_tail])
    if not words:
        return Latin(flags=flags)
    named = len(words) - len(kept) if kept and kept_tail else 0  # so many stand behind the comma, the suffix apart
    if named > 0:
        cased = _cased([*words[-named:], *words[:-named]])
        found = _after_a_comma(family=tuple(cased[named:]), given=tuple(cased[:named]))
    else:
        found = _ordered(tuple(_cased(words)))
    return found._replace(suffix=suffix, flags=(*flags, *found.flags))


def split(text: str) -> list[str]:
    """The words of a Latin text that have letters; letters that were spaced out are one word again."""
    found = (word.strip("-'.") for word in text.replace(".", ". ").split())
    words = [word for word in found if any(character.isalpha() for character in word)]
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, "end"]:
        if len(word) == 1 and word != "end":
            run.append(word)
            continue
        # O l i v e r is one name; J R R are initials.
        together = len(run) > 2 and any(map(str.islower, run))
        joined += ["".join(run)] if together else run
        joined.append(word)
        run = []
    return joined[:-1]


def _without_titles(words: list[str]) -> list[str]:
    honorifics = latin_words().honorifics
    return [word for word in words if word.casefold() not in honorifics]


def _without_suffix(words: list[str]) -> tuple[list[str], str | None]:
    """The words, and the suffix of a generation at the end of a whole name."""
    suffix = latin_words().suffixes.get(words[-1].casefold()) if len(words) > 2 else None
    return (words[:-1], suffix) if suffix else (words, None)


def _after_a_comma(family: tuple[str, ...], given: tuple[str, ...]) -> Latin:
    """What a comma told apart; the other way round where nothing else can be."""
    if len(given) == 1 and _is_turned(given, family):
        return Latin(family, given, flags=("order_guessed",))
    if _romanised(family[0]) and len(family) > 1 and all(map(_is_english, given)):
        chinese = _ordered(family)
        if chinese.family_first:  # Chan Tai Man, Peter
            return chinese._replace(given=(*given, *chinese.given))
    return Latin(given, family, family_first=bool(_romanised("".join(family))) and all(map(_is_syllables, given)))


def _is_turned(family: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Can the first only be a surname, and the second only a given name?"""
    known = latin_words()
    surname, first = _folded("".join(family)), _folded(given[0])
    if surname in known.western:
        return len(given) == 1 and first in known.only_given
    if _romanised(surname) < 2 or surname in known.given:
        return False
    return all(_is_syllables(word) or _is_english(word) for word in given) and not _romanised("".join(given))


def _ordered(words: tuple[str, ...]) -> Latin:
    """Which of the words are the family name, where only their order can tell."""
    if len(words) == 1:
        folded = _folded(words[0])
        is_family = (folded in latin_words().western or _romanised(folded) > 1) and folded not in latin_words().given
        return Latin(family=words) if is_family else Latin(given=words)
    for surname, others in ((words[:2], words[2:]), (words[:1], words[1:])):
        if others and _is_family_first(surname, others):
            turned = len(others) == 1 and _is_english(others[0])
            given = (others[-1], *others[:-1]) if _is_english(others[-1]) else others
            return Latin(given, surname, family_first=True, flags=("order_guessed",) if turned else ())
    if len(words) > 2 and _is_english(words[0]) and _romanised(words[1]) > 1:
        others = words[2:]
        if all(map(_is_syllables, others)) and not (_romanised(others[-1]) and len(others) == 1):
            return Latin((words[0], *others), words[1:2], family_first=True)
    if len(words) == 2 and _is_turned(words[:1], words[1:]):
        return Latin(words[1:], words[:1], flags=("order_guessed",))
    cut = len(words) - 1
    if cut > 1 and _romanised("".join(words[-2:])) and not _romanised(words[-1]):
        cut -= 1
    while cut > 1 and words[cut - 1] in latin_words().particles:
        cut -= 1
    return Latin(words[:cut], words[cut:])


def _is_family_first(surname: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Does a name begin with a Chinese surname, and is it written in the Chinese order?"""
    first = _romanised("".join(surname))
    if not first or (len(surname) > 1 and _romanised(surname[0]) > 1):
        return False
    if _is_english("".join(surname)) or not all(_is_syllables(word) or _is_english(word) for word in others):
        return False
    last = 0 if "-" in others[-1] or _is_english(others[-1]) else _romanised(others[-1])
    return first > last or (first == last and len(others) > 1 and not any("-" in word for word in others))


def _is_english(word: str) -> bool:
    return _folded(word) in latin_words().given


@lru_cache(maxsize=REMEMBERED)
def _romanised(words: str) -> int:
    """How usual a romanised Chinese surname is, as `LatinWords` says; 0 for none."""
    return latin_words().romanised.get(_run_together(words), 0)


@lru_cache(maxsize=REMEMBERED)
def _is_syllables(word: str) -> bool:
    """Can the word be one to three Chinese syllables, with or without hyphens?"""
    folded = _run_together(word)
    return len(folded) < LONGEST and bool(re.fullmatch(syllables(), folded)) and folded not in latin_words().western


@lru_cache(maxsize=1)
def syllables() -> str:
    """One to three syllables in Hanyu Pinyin, as Taiwan's passports write them, or as Hong Kong's identity cards do."""
    initials = "b|p|m|f|d|t|n|l|g|k|ng|h|gw|kw|w|j|ts|tz|ch|s|sh|y|hs|sz|szu|tzu|r|jh|jy|c|cy|sy"
    finals = (
        "a|ai|au|am|an|ang|ap|at|ak|e|ee|ei|en|eng|eh|ek|eu|euk|eung|i|ia|iang|iao|ieh|ien|ih|im|in|ing|ip|it|iu|iung|ik|o|"
        "oi|on|ong|ok|ot|oo|or|ou|oy|u|ua|uai|uan|uang|ueh|uen|uet|ui|uk|um|un|ung|uo|ut|ue|aw|ow|ew|ze|ih|"
        "ah|ar|iou|uei"
    )
    one = f"(?:{'|'.join(pinyin_syllables())}|(?:{initials})?(?:{finals})|sze|tsz|szu|ssu|tzu|ng)"
    return f"{one}{{1,3}}"


@lru_cache(maxsize=1)
def pinyin() -> str:
    """One to three syllables in Hanyu Pinyin."""
    return f"(?:{'|'.join(pinyin_syllables())}){{1,3}}"


def pinyin_syllables() -> list[str]:
    """The syllables that pypinyin knows, without tones and diaereses; the longest first."""
    spoken = {unaccented(one) for sounds in pinyin_dict.values() for one in sounds.split(",")}
    return sorted((one for one in spoken if re.fullmatch("[a-z]*[aeiou][a-z]*", one)), key=lambda one: (-len(one), one))


def _syllables_joined(given: list[str]) -> list[str]:
    """The given names with neighbouring Chinese syllables run together; English ones stay apart."""
    joined: list[str] = []
    last = False
    for word in given:
        chinese = word not in latin_words().given and _is_syllables(word)
        run = word.replace(" ", "") if chinese else word
        if chinese and last:
            joined[-1] += run
        else:
            joined.append(run)
        last = chinese
    return joined


@lru_cache(maxsize=REMEMBERED)
def _folded(word: str) -> str:
    return unaccented(word).replace("'", "").replace("-", " ").replace(".", " ")


def _run_together(words: str) -> str:
    return _folded(words).replace(" ", "")


def _cased(words: list[str]) -> list[str]:
    """Capitals where names have them, for words that are written in one case only."""
    shouted = all(word.isupper() for word in words)
    particles = latin_words().particles
    written = []
    for place, word in enumerate(words):
        if word.lower() in particles and (shouted or word.islower()) and _is_particle(place, words):
            written.append(word.lower())
        elif word.islower() or (word.isupper() and (shouted or len(word) > 2 or _romanised(word))):
            written.append(unicodedata.normalize("NFKC", _capitals(word)))
        else:
            written.append(word)
    return written


def _is_particle(place: int, words: list[str]) -> bool:
    """Does a word that may be a particle stand where one can? In `LIN DE HUI` it is a syllable of a Chinese name."""
    if not 0 < place < len(words) - 1:
        return False
    return not _is_syllables(words[place]) or not (_romanised(words[place - 1]) or _romanised(words[place + 1]))


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
