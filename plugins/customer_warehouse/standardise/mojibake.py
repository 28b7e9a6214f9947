"""Text that was read in the wrong encoding, or that still is in the language of web pages: mended or refused."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_FROM_UTF8 = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)
"""The first bytes of a character in UTF-8, read as Latin-1 or Windows-1252."""
_LOST = re.compile("\ufffd|\\w[\ue000-\uf8ff]+\\w|(?:^|\\w)\\?+\\w")
"""A character that somebody could not read, or that only a font of their own has."""
_SYMBOLS = re.compile("[\u00a1-\u00bf\u00d7\u00f7][\u00c0-\u00ff]|[\u00c0-\u00ff][\u00a1-\u00bf\u00d7\u00f7]")
"""Big5 or GBK read as Latin-1: letters with accents beside signs that stand in no name."""
_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_TO_BYTES = str.maketrans({sign: chr(byte) for byte, sign in _WINDOWS.items()})


class Legible(NamedTuple):
    """A text that people can read, or None when it is broken beyond mending."""

    text: str | None
    flags: tuple[str, ...] = ()


def legible(raw: str) -> Legible:
    """Decode what HTML encoded (flag `entities_decoded`), and undo UTF-8 that was read as Latin-1 (flag `mojibake`).

    What cannot be undone without a guess is None: lost characters, and Big5 or GBK read as Latin-1.
    """
    if raw.isascii() and "&" not in raw and "?" not in raw:
        return Legible(raw)
    text = raw
    flags: tuple[str, ...] = ()
    for _ in range(2):  # &amp;#29579; was encoded twice
        if _ENTITY.search(text):
            text, flags = unescape(text), ("entities_decoded",)
    if _FROM_UTF8.search(text):
        mended = _as_utf8(text)
        if mended is not None:
            text, flags = mended, (*flags, "mojibake")
        elif len(_FROM_UTF8.findall(text)) > 1:
            return Legible(None)
    if _LOST.search(text) or _SYMBOLS.search(text):
        return Legible(None)
    return Legible(text, flags)


def _as_utf8(text: str) -> str | None:
    try:
        return text.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
