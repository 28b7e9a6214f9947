"""How Chinese names sound, the same for characters and for every usual spelling in letters: Wang is 王, Chan is 陳.

Two codes, because one name sounds differently in two languages: in Mandarin 陳小明 is `chen hsiaoming`, in Cantonese
`chan siuming`. A name in characters has both; one in letters has each that it can be read in. Two names can sound alike
when either code is equal.

Spellings leave things out, and a code leaves out what some usual spelling does, so that all of them meet in it:

- Mandarin: the code is Wade-Giles without apostrophes and umlauts, as people write it. Jing and Qing are then both
  `ching`, as Ching is; Hanyu Pinyin, Wade-Giles, Tongyong Pinyin and the spellings of Taiwan's passports are read.
- Cantonese: the code is after the spellings of Hong Kong's identity cards, which tell neither `b` from `p` nor a long
  vowel from a short one, and write one sound in several ways: Lee and Li, Sze and Si, Chui and Tsui.

Tones are in neither. Where the rules come from: ISO 7098 (Hanyu Pinyin), the passports of Taiwan (Wade-Giles, Tongyong
Pinyin), the Jyutping scheme of the Linguistic Society of Hong Kong and the spellings of surnames in
`romanised_surnames.csv`; readings of characters are pypinyin's, with those that names have otherwise, and ToJyutping's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import ToJyutping
from opencc import OpenCC

from customer_warehouse.standardise.characters import HAN, simplified, unaccented
from customer_warehouse.standardise.chinese_names import readings, sound
from customer_warehouse.standardise.latin_names import pinyin_syllables
from customer_warehouse.standardise.name_words import romanised_surnames

REMEMBERED = 50_000
"""Words whose codes are kept: most people share their names with others."""
LONGEST_WORD = 20
"""Letters. No Chinese name is longer in one word."""
MOST_SYLLABLES = 3
LONGEST_SYLLABLE = 6
"""Letters: `zhuang`, `cheung`."""

_PARTS = re.compile(r"[a-z]+")
_HAN = re.compile(f"[{HAN}]")
_BETWEEN_SYLLABLES = re.compile("(?<=[aeioung])'(?=[aeo])")
"""The apostrophe of Hanyu Pinyin, Yue'e; that of Wade-Giles stands behind p, t, k, ch and ts."""

Spellings = Mapping[str, str]
"""What can be written → the code of the syllable."""

# Wade-Giles and Tongyong, written from the Hanyu Pinyin of a syllable: what its beginning and its rest become.
_WADE_INITIALS = {
    **dict.fromkeys(("zh", "ch", "j", "q"), "ch"),
    **dict.fromkeys(("z", "c"), "ts"),
    **{"b": "p", "d": "t", "g": "k", "r": "j", "x": "hs"},
}
_WADE_FINALS = {"ong": "ung", "iong": "iung", "ian": "ien", "ie": "ieh", "ue": "ueh", "uo": "o"}
_WADE_WHOLE = {
    **{"zi": "tzu", "ci": "tzu", "si": "szu", "e": "o", "er": "erh"},
    **{"yan": "yen", "ye": "yeh", "you": "yu", "yong": "yung", "yue": "yueh", "shuo": "shuo", "huo": "huo"},
}
_TONGYONG_WHOLE = {"wen": "wun", "feng": "fong"}
_ALSO_WRITTEN = {"szu": ("ssu",), "yi": ("i",), "tzu": ("tze",), "chih": ("jr",)}
"""Spellings beside the usual ones, by code."""
_RARE = frozenset({"chi"})
"""Syllables of Hanyu Pinyin that hardly any name has, while those of another system are in many: Chi is 琪."""
_NO_NAMES = frozenset({"wong"})
"""Readings of characters that no name has; Wong is 黃, in Cantonese."""

# Cantonese: spellings of the beginnings and the ends of Jyutping's syllables; the first one of each is the code.
_CANTONESE_INITIALS = {
    **dict.fromkeys(("b", "p"), ("p", "b")),
    **dict.fromkeys(("d", "t"), ("t", "d")),
    **dict.fromkeys(("g", "k"), ("k", "g")),
    **dict.fromkeys(("gw", "kw"), ("kw", "gw")),
    **dict.fromkeys(("z", "c"), ("ch", "ts", "tz", "j")),
    **{"s": ("s", "sh"), "j": ("y",), "ng": ("", "ng"), "": ("", "ng")},
    **{initial: (initial,) for initial in "mflnhw"},
}
_CANTONESE_FINALS = {
    **{"aa": ("a", "ar", "ah"), "e": ("e", "eh"), "o": ("o", "or", "oh"), "ou": ("o", "ow"), "oe": ("eu",)},
    **{
        "u": ("u", "oo"),
        "yu": ("u", "ue", "yu"),
        "i": ("i", "ee", "ie"),
        "ei": ("i", "ei", "ee", "ay"),
    },
    **dict.fromkeys(("aai", "ai"), ("ai",)),
    **dict.fromkeys(("aau", "au"), ("au", "ow")),
    **dict.fromkeys(("aam", "am"), ("am", "um")),
    **dict.fromkeys(("aan", "an"), ("an", "un")),
    **dict.fromkeys(("aang", "ang"), ("ang",)),
    **dict.fromkeys(("aap", "ap"), ("ap", "up")),
    **dict.fromkeys(("aat", "at"), ("at",)),
    **dict.fromkeys(("aak", "ak"), ("ak",)),
    **{"oi": ("oi", "oy"), "ui": ("ui",), "eoi": ("ui",), "iu": ("iu", "ew")},
    **{"oeng": ("eung", "eong"), "oek": ("euk", "eok"), "eng": ("ing", "eng"), "ek": ("ik", "ek")},
    **{"un": ("un", "oon"), "eon": ("un",), "yun": ("uen", "un"), "on": ("on",), "in": ("in",), "im": ("im",)},
    **{"ut": ("ut", "oot"), "eot": ("ut",), "yut": ("uet", "ut"), "ot": ("ot",), "it": ("it",), "ip": ("ip",)},
    **{
        "ing": ("ing", "eng"),
        "ung": ("ung",),
        "ong": ("ong",),
        "ik": ("ik", "ick"),
        "uk": ("uk", "ook"),
        "ok": ("ok",),
    },
}
_CANTONESE_WHOLE = {
    **{"ng": ("ng",), "m": ("ng",), "gun": ("kun", "koon", "kwun", "kwoon")},
    **dict.fromkeys(("zi", "ci"), ("chi", "tsz", "tze", "tsze", "tzi", "tsi", "chee", "ji", "chie")),
    "si": ("si", "sze", "sz", "see", "shi", "shee"),
}
_JYUTPING = re.compile(r"(gw|kw|ng|[bpmfdtnlgkhwzcsj]?)([aeiou]\w*|yu\w*)")


# --- Mandarin ---------------------------------------------------------------------------------------------------------


def mandarin(text: str) -> str | None:
    """The Mandarin code of a name in letters: `Hsiao-ming`, `Xiao Ming` and `Siaoming` give `hsiaoming`.

    None when it cannot be read as one to three syllables. Where two systems write different syllables alike, the system
    decides in which the whole name can be read with the fewest syllables, Hanyu Pinyin first.
    """
    words = _words(text)
    return _mandarin(words) if words else None


@lru_cache(maxsize=REMEMBERED)
def _mandarin(words: tuple[str, ...]) -> str | None:
    ways = [way for spellings in _mandarin_systems() if (way := _read(words, spellings))]
    return min(ways, key=lambda way: way.cost).code if ways else None


@cache
def _mandarin_systems() -> tuple[Spellings, ...]:
    """Hanyu Pinyin, Wade-Giles, Tongyong Pinyin, and all of them mixed."""
    codes = {syllable: wade_giles(syllable) for syllable in pinyin_syllables() if syllable not in _NO_NAMES}
    hanyu = {syllable: code for syllable, code in codes.items() if syllable not in _RARE}
    wade = {code: code for code in codes.values()}
    wade |= {spelling: code for code, spellings in _ALSO_WRITTEN.items() for spelling in spellings}
    tongyong_ = {tongyong(syllable): code for syllable, code in codes.items()}
    return hanyu, wade, tongyong_, tongyong_ | wade | hanyu


@cache
def wade_giles(pinyin: str) -> str:
    """A syllable of Hanyu Pinyin in Wade-Giles, bare of marks: `xue` gives `hsueh`, `qing` `ching`."""
    if pinyin in _WADE_WHOLE:
        return _WADE_WHOLE[pinyin]
    initial, final = _divided(pinyin)
    if initial in ("zh", "ch", "sh", "r") and final == "i":
        final = "ih"
    elif initial in ("g", "k", "h") and final == "e":
        final = "o"
    elif initial in ("g", "k"):
        final = {"ui": "uei", "ong": "ung"}.get(final, final)
    else:
        final = _WADE_FINALS.get(final, final)
    return _WADE_INITIALS.get(initial, initial) + final


@cache
def tongyong(pinyin: str) -> str:
    """A syllable of Hanyu Pinyin in Tongyong Pinyin: `zhi` gives `jhih`, `xue` `syue`."""
    if pinyin in _TONGYONG_WHOLE:
        return _TONGYONG_WHOLE[pinyin]
    initial, final = _divided(pinyin)
    if initial in ("zh", "ch", "sh", "r", "z", "c", "s") and final == "i":
        final = "ih"
    elif initial in ("j", "q", "x") and final.startswith("u"):
        final = f"y{final}"
    elif final == "iong":
        final = "yong"
    final = {"iu": "iou", "ui": "uei"}.get(final, final)
    return {"zh": "jh", "q": "c", "x": "s"}.get(initial, initial) + final


def _divided(pinyin: str) -> tuple[str, str]:
    """The consonants at the beginning of a syllable, and the rest."""
    length = 2 if pinyin[1:2] == "h" else 1 if pinyin[0] not in "aeiou" else 0
    return pinyin[:length], pinyin[length:]


def mandarin_of_characters(text: str, *, is_surname: bool = False) -> str:
    """The Mandarin code of simplified characters; a character without a reading stays as it is."""
    if is_surname and len(text) > 1:
        return mandarin(sound(text, "")) or text.translate(_mandarin_readings("given"))
    return text.translate(_mandarin_readings("surname" if is_surname else "given"))


@cache
def _mandarin_readings(place: str) -> dict[int, str]:
    return {point: wade_giles(syllable) for point, syllable in readings(place).items() if syllable}


# --- Cantonese --------------------------------------------------------------------------------------------------------


def cantonese(text: str) -> str | None:
    """The Cantonese code of a name in letters: `Tai Man` gives `taiman`, `Lee` gives `li`; None when it is none."""
    words = _words(text)
    return _cantonese(words) if words else None


@lru_cache(maxsize=REMEMBERED)
def _cantonese(words: tuple[str, ...]) -> str | None:
    way = _read(words, _cantonese_spellings())
    return way.code if way else None


@cache
def _cantonese_spellings() -> Spellings:
    """Every spelling of every syllable; a usual one is not given up for an unusual one of another syllable."""
    ranked = sorted(
        (rank, spelling, spellings[0])
        for spellings in map(_spellings_of, _jyutping_syllables())
        for rank, spelling in enumerate(spellings)
    )
    found: dict[str, str] = {}
    for _, spelling, code in ranked:
        found.setdefault(spelling, code)
    return found


def _spellings_of(jyutping: str) -> tuple[str, ...]:
    """How a syllable of Jyutping is written in names, the code first: `tsz` and `tze` for `zi`."""
    if jyutping in _CANTONESE_WHOLE:
        return _CANTONESE_WHOLE[jyutping]
    divided = _JYUTPING.fullmatch(jyutping)
    if divided is None or divided[2] not in _CANTONESE_FINALS:
        return ()
    initials, finals = _CANTONESE_INITIALS[divided[1]], _CANTONESE_FINALS[divided[2]]
    pairs = sorted((place + other, place, other) for place in range(len(initials)) for other in range(len(finals)))
    return tuple(initials[place] + finals[other] for _, place, other in pairs)


def cantonese_of_characters(text: str, *, is_surname: bool = False) -> str:
    """The Cantonese code of characters; a character without a reading stays as it is."""
    if is_surname and text in _cantonese_surnames():
        return _cantonese_surnames()[text]
    return text.translate(_cantonese_readings())


class _Readings(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        self[point] = _cantonese_reading(chr(point))
        return self[point]


@cache
def _cantonese_readings() -> _Readings:
    return _Readings()


def _cantonese_reading(character: str) -> str:
    """The code of a character's first reading; the character itself when it has none in one syllable."""
    traditional = _traditional().convert(character) if _HAN.match(character) else ""
    reading = _jyutping(traditional) if len(traditional) == 1 else None
    spellings = _spellings_of(reading) if reading else ()
    return spellings[0] if spellings else character


def _jyutping(character: str) -> str | None:
    ((_, reading),) = ToJyutping.get_jyutping_list(character)
    return reading.rstrip("123456") if reading else None


@cache
def _traditional() -> OpenCC:
    """Readings are of traditional characters; a simplified one may have been another character before."""
    return OpenCC("s2t")


@cache
def _jyutping_syllables() -> tuple[str, ...]:
    """The syllables that the characters of Unicode's first block have."""
    return tuple(sorted({reading for point in range(0x4E00, 0xA000) if (reading := _jyutping(chr(point)))}))


@cache
def _cantonese_surnames() -> dict[str, str]:
    """Surnames in simplified characters with the code of their spelling in Hong Kong."""
    rows = [(simplified(row["characters"]), row["cantonese"]) for row in romanised_surnames()]
    return {characters: code for characters, spelling in rows if (code := cantonese(spelling))}


# --- Letters into syllables -------------------------------------------------------------------------------------------


def _words(text: str) -> tuple[str, ...]:
    """The words of a name in letters, its hyphens dividing it as blanks do; empty when it cannot be Chinese."""
    if len(text) > 3 * LONGEST_WORD:
        return ()
    folded = _BETWEEN_SYLLABLES.sub("-", unaccented(text)).replace("'", "")
    words = tuple(_PARTS.findall(folded))
    is_short = 0 < len(words) <= MOST_SYLLABLES and all(len(word) <= LONGEST_WORD for word in words)
    return words if is_short and folded.replace("-", " ").replace(".", " ").split() == list(words) else ()


class Way(NamedTuple):
    """A way of reading a name in syllables."""

    cost: int
    """How many syllables it has, and how many of them begin with a vowel inside a word, which is seldom meant."""
    code: str


def _read(words: Iterable[str], spellings: Spellings) -> Way | None:
    """The words as syllables, their codes run together; None when they are none, or more than names have."""
    cost = 0
    codes: list[str] = []
    for word in words:
        found = _syllables(word, spellings)
        if found is None:
            return None
        cost, codes = cost + found[0], [*codes, *found[1]]
    return Way(cost, "".join(codes)) if len(codes) <= MOST_SYLLABLES else None


def _syllables(word: str, spellings: Spellings) -> tuple[int, tuple[str, ...]] | None:
    """The cost and the codes of a word's syllables, at the lowest cost.

    Of several such ways, the one with the longer syllables in front: `yingan` is `yin gan`, as the hyphen that people
    put in `ying-an` tells.
    """
    if len(word) == 1:
        return (1, (spellings[word],)) if word in spellings else None
    best: dict[int, tuple[int, tuple[int, ...], tuple[str, ...]]] = {0: (0, (), ())}
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - LONGEST_SYLLABLE), end - 1):
            code = spellings.get(word[start:end])
            if code is None or start not in best:
                continue
            cost, lengths, codes = best[start]
            way = (cost + 1 + (start > 0 and word[start] in "aeiou"), (*lengths, start - end), (*codes, code))
            best[end] = min(way, best.get(end, way))
    found = best.get(len(word))
    return (found[0], found[2]) if found else None


def mandarin_surname(spelling: str) -> str | None:
    """The Mandarin code of a surname in lower case and one word; Juan is 阮 and Lee 李, which no syllable says."""
    return _surnames_in("pinyin", "taiwan", "tongyong").get(spelling) or mandarin(spelling)


def usual_surname(spelling: str) -> str | None:
    """The Mandarin code of the most usual surname that is spelt so in any language: Wong is 黃, Lim and Lam are 林."""
    return mandarin_surname(spelling) or _surnames_in("cantonese", "other").get(spelling)


@cache
def _surnames_in(*systems: str) -> Mapping[str, str]:
    """Spellings of surnames in systems, the first ones before the others, with Mandarin codes."""
    found: dict[str, str] = {}
    for system in systems:
        for row in romanised_surnames():
            if spelling := unaccented(row[system]).replace(" ", ""):
                code = mandarin_of_characters(simplified(row["characters"]), is_surname=True)
                found.setdefault(spelling, code)
    return found


@cache
def characters_by_spelling() -> Mapping[str, frozenset[str]]:
    """Spellings of surnames in any system with all surnames, in simplified characters, that are written so.

    Tan is 陳 in Hokkien and 譚 in Mandarin.
    """
    found: dict[str, set[str]] = {}
    for row in romanised_surnames():
        for system in ("pinyin", "taiwan", "tongyong", "cantonese", "other"):
            if spelling := unaccented(row[system]).replace(" ", ""):
                found.setdefault(spelling, set()).add(simplified(row["characters"]))
    return {spelling: frozenset(characters) for spelling, characters in found.items()}
