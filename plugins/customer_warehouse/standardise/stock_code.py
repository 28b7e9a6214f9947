"""Stock-keeping units: the codes by which shop, till and returns desk mean the same thing on the shelf."""

from __future__ import annotations

import re

from customer_warehouse.standardise.characters import DASHES, clean
from customer_warehouse.standardise.reference import is_placeholder
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 64

_DASHES = str.maketrans(dict.fromkeys(DASHES, "-"))
_GUARD = re.compile(r'="([^"]*)"|\'(.*)')
"""What spreadsheets are given so that they leave a code alone: `="00123"`, `'00123`."""
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,3}|\d+\.0+|#(?:N/A|REF!|NAME\?|VALUE!|NUM!|NULL!|DIV/0!|#+)", re.ASCII)
_SHAPE = re.compile(r"[A-Z0-9](?:[A-Z0-9._/+:&()#*-]*[A-Z0-9)*])?", re.ASCII)
_PUNCTUATION = re.compile(r"[^A-Z0-9]+", re.ASCII)


def standardise(raw: str | None) -> Value:
    """The code in NFKC and upper case, with one kind of dash and without spaces; zeros in front stay. The match key
    has its letters and digits only.

    Up to 64 characters: ASCII letters and digits, and `. _ / + : & ( ) # * -` between them. A guard against
    spreadsheets (`="00123"`) is taken off; what a spreadsheet has already made of a code (`1.23E+12`, `123.0`, `#N/A`)
    cannot be undone and is rejected.
    Rejects: `damaged_by_a_spreadsheet`, `not_a_stock_code`, `placeholder`.
    """
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH * 2:
        return rejected("not_a_stock_code")
    if guarded := _GUARD.fullmatch(text):
        text = guarded[1] or guarded[2] or ""
    code = text.translate(_DASHES).replace(" ", "").upper()
    if _DAMAGED.fullmatch(code):
        return rejected("damaged_by_a_spreadsheet")
    if is_placeholder(text):
        return rejected("placeholder")
    if len(code) > MAX_LENGTH or not _SHAPE.fullmatch(code):
        return rejected("not_a_stock_code")
    return Value(code, key=_PUNCTUATION.sub("", code))
