"""Characters: what is done to every text before its type looks at it, and the foldings of match keys."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese characters, as the inside of a regular expression's character class."""
KANA_AND_HANGUL = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uac00-\ud7af"

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"
"""What people and word processors type for a hyphen or a minus."""
APOSTROPHES = "'`\u2018\u2019\u02bc\u00b4"

MAX_MARKS = 30
"""Combining marks kept in a row (the limit of Unicode's stream-safe text): sorting them costs their number squared."""

MAX_RAW = 5_000
"""Characters of a text that are looked at. No value has as many, and to clean a megabyte takes half a second."""

_JOINER = "\u200d"
_EMOJI = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f]){_JOINER}|{_JOINER}(?![{_EMOJI}])")
# Letters and marks that print nothing, although Unicode does not call them format characters.
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xE0100, 0xE01F0)))
_IS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_WHITESPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"


# Where every control, format and combining character is; the rest of Unicode's planes is ideographs or unassigned.
_POINTS = [*range(0x20000), *range(0xE0000, 0xE0200)]


def _without_a_trace() -> dict[int, str | None]:
    """Control, format, surrogate and invisible characters, all to be removed, and odd whitespace, to be a space."""
    table: dict[int, str | None] = {
        point: None for point in _POINTS if unicodedata.category(chr(point)) in ("Cc", "Cf", "Cs")
    }
    del table[ord(_JOINER)]
    table.update(dict.fromkeys(map(ord, _INVISIBLE)))
    table.update(dict.fromkeys(map(ord, _WHITESPACE), " "))
    return table


_REMOVED = _without_a_trace()
_MARKS = "".join(chr(point) for point in _POINTS if unicodedata.combining(chr(point)))
_TOO_MANY_MARKS = re.compile(f"([{_MARKS}]{{{MAX_MARKS}}})[{_MARKS}]+")
_LONGER_IN_NFKC = {point: normal for point in _POINTS if len(normal := unicodedata.normalize("NFKC", chr(point))) > 1}
_SURELY_SHORT = MAX_RAW // max(map(len, _LONGER_IN_NFKC.values()))
"""Of so many characters no more than MAX_RAW can come; one ligature of Arabic stands for 18."""


def clean(raw: str | None) -> str | None:
    """The text in NFKC, without what cannot be seen, with single spaces; None when nothing is left.

    Emoji stay whole: a zero-width joiner goes unless it holds two of them together. Of a text of more than MAX_RAW
    characters one more than these is given back as it is, so that every type refuses it as too long.
    """
    if raw is None:
        return None
    if len(raw) > MAX_RAW and len(raw := raw.strip()) > MAX_RAW:
        return raw[: MAX_RAW + 1]
    if raw.isascii():
        if not raw.isprintable():
            raw = raw.translate(_REMOVED)
    else:
        if not raw.isprintable() or _IS_INVISIBLE.search(raw):
            raw = _without_stray_joiners(raw.translate(_REMOVED))
        if len(raw) > MAX_MARKS:
            raw = _TOO_MANY_MARKS.sub(r"\1", raw)
        # unicodedata takes the square of the growth.
        if len(raw) > _SURELY_SHORT and len(longer := _written_out(raw)) > MAX_RAW:
            return longer[: MAX_RAW + 1]
        raw = _without_stray_joiners(unicodedata.normalize("NFKC", raw))
    return " ".join(raw.split()) or None


def _written_out(text: str) -> str:
    """The text with each character that stands for several written out, as far as a little over MAX_RAW characters."""
    found = ""
    for start in range(0, len(text), _SURELY_SHORT):
        found += text[start : start + _SURELY_SHORT].translate(_LONGER_IN_NFKC)
        if len(found) > MAX_RAW:
            break
    return found


def _without_stray_joiners(text: str) -> str:
    return _STRAY_JOINER.sub("", text) if _JOINER in text else text


@lru_cache(maxsize=1)
def simplified_table() -> dict[int, str]:
    """A translation table from traditional to simplified Chinese, one character to one character.

    OpenCC knows the characters; its phrase rules are left out on purpose, because a match key must not depend on the
    neighbours of a character.
    """
    points = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x323B0)]
    characters = [chr(point) for point in points]
    folded = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {point: new for point, old, new in zip(points, characters, folded, strict=True) if new != old}


def simplified(text: str) -> str:
    """The text with traditional Chinese characters folded into simplified ones."""
    return text if text.isascii() else text.translate(simplified_table())


@lru_cache(maxsize=1)
def only_simplified() -> str:
    """The characters that simplified Chinese has and Big5, the encoding of traditional Chinese, has not."""
    return "".join(c for c in sorted(set(simplified_table().values())) if not _in_big5(c))


@lru_cache(maxsize=1)
def _only_simplified() -> re.Pattern[str]:
    return re.compile(f"[{only_simplified()}]")


def _in_big5(text: str) -> bool:
    try:
        text.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def is_simplified(text: str) -> bool:
    """Does the text hold a character that only simplified Chinese has?"""
    return not _in_big5(text) and _only_simplified().search(text) is not None


# Letters that carry their difference inside, so that taking accents off does not reach them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})


def unaccented(text: str) -> str:
    """The text case-folded and without accents: `Zoë Müller-Łuk` gives `zoe muller-luk`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)
