"""Money: amounts as Decimal, in the source's own currency."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise.characters import DASHES, clean
from customer_warehouse.standardise.number_value import LARGEST, MAX_LENGTH, bound, parse, trimmed
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_DECIMALS = 4

_CURRENCY = r"(?:(?:NT|HK|MOP|US|AU?|CA?|NZ|S)\$|NTD|TWD|HKD|MOP|RMB|CNY|USD|AUD|CAD|NZD|SGD|GBP|EUR|(?:CN)?¥|[$£€])"
_BEFORE = re.compile(rf"([+-]?)\s*{_CURRENCY}\s*:?\s*([+-]?)", re.IGNORECASE)
_AFTER = re.compile(rf"\s*(?:(?:元|圓|円|圆|塊|块)(?:整|正)?|{_CURRENCY})$", re.IGNORECASE)
_MINUS = str.maketrans(dict.fromkeys(DASHES, "-"))


def standardise(raw: str | None, *, minimum: Any = 0, maximum: Any = 10_000_000) -> Value:
    """The amount as Decimal. `minimum` and `maximum` are included; null leaves a side open.

    Reads thousands marks, a currency before or after (`NT$1,280`, `1280元`), a minus before or after, and brackets for
    a negative amount. It does not convert, and does not keep the currency.
    Rejects: `not_an_amount`, `too_many_decimals` (more than 4), `negative_amount` (below a minimum of 0 or more),
    `amount_out_of_range`.
    """
    low, high = _bounds(minimum, maximum)
    text = clean(raw)
    if text is None:
        return MISSING
    amount = _amount(text)
    if amount is None:
        return rejected("not_an_amount")
    if low is not None and amount < low:
        return rejected("negative_amount" if amount < 0 <= low else "amount_out_of_range")
    if (high is not None and amount > high) or abs(amount) >= LARGEST:
        return rejected("amount_out_of_range")
    amount, decimals = trimmed(amount)
    return rejected("too_many_decimals") if decimals > MAX_DECIMALS else Value(amount)


def _amount(text: str) -> Decimal | None:
    if len(text) > MAX_LENGTH:
        return None
    text = text.translate(_MINUS)
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].strip()
    text = _AFTER.sub("", text)
    before = _BEFORE.match(text)
    if before:
        if before[1] and before[2]:
            return None
        text = before[1] + before[2] + text[before.end() :]
    if text.endswith("-") and not text.startswith(("-", "+")):
        text = f"-{text[:-1].rstrip()}"
    if negative and text.startswith(("-", "+")):
        return None
    number = parse(text)
    return -number if number is not None and negative else number


@lru_cache
def _bounds(minimum: Any, maximum: Any) -> tuple[Decimal | None, Decimal | None]:
    return bound(minimum), bound(maximum)
