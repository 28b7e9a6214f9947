"""Keys that say nothing about whose record it is: whole numbers, shuffled one to one."""

from __future__ import annotations

MOST = 2**32
"""Numbers below this are shuffled among themselves."""
PURCHASES = 512
"""The numbers of one person's purchases are below this; keys are given out in blocks of this size."""
PROMPTED = 192
"""Purchases that a campaign prompted have the numbers from here on, all others those below."""
RECORDS = 8
"""The most records of one kind that one person can have in one system."""

FIRST_ORDER = 5_600_000_000_000

_FACTORS = {
    "shop": 2_654_435_761,
    "order": 2_246_822_519,
    "ticket": 3_266_489_917,
    "member": 668_265_263,
    "desk": 374_761_393,
    "email": 1_274_126_177,
}


def shuffled(kind: str, number: int) -> int:
    """Another number below `MOST`; no two numbers of one kind meet."""
    return (number * _FACTORS[kind] + _FACTORS[kind] // 7) % MOST


def customer_id(index: int, record: int) -> int:
    return 6_000_000_000_000 + shuffled("shop", index * RECORDS + record)


def order_id(index: int, purchase: int) -> int:
    return FIRST_ORDER + shuffled("order", index * PURCHASES + purchase)


def ticket_number(index: int, purchase: int) -> str:
    return f"{shuffled('ticket', index * PURCHASES + purchase):08x}"


def member_number(index: int, record: int) -> str:
    return f"M{shuffled('member', index * RECORDS + record):010d}"


def contact_id(index: int, record: int) -> int:
    return 10_000 + shuffled("desk", index * RECORDS + record)


def case_id(index: int, case: int) -> int:
    return 10_000 + shuffled("desk", index * PURCHASES + case)
