"""What would become of the marts, counted."""

from __future__ import annotations

from decimal import Decimal

from customer_warehouse.identity.effects import Move, Standing, compare


def test_the_difference_is_counted_in_people_not_in_ids() -> None:
    def stands(revenue: int, email: str, *segments: str) -> Standing:
        return Standing(Decimal(revenue), email, "unknown", frozenset(segments))

    now = {
        "a": stands(100, "granted", "active"),
        "b": stands(40, "denied", "active", "lost"),
        "c": stands(7, "granted", "active"),
        "d": stands(1, "unknown", "new"),
    }
    # a and b become one, c falls apart, d stays.
    then = {
        "a": stands(140, "denied", "active", "champions"),
        "c": stands(5, "granted", "active"),
        "e": stands(2, "unknown"),
        "d": stands(1, "unknown", "new"),
    }
    found = compare(now, then, [Move("a", "a", 2), Move("b", "a", 1), Move("c", "c", 3), Move("c", "e", 1)])

    assert (found.revenue_before, found.revenue_after, found.revenue_moved) == (148, 148, 42)
    counts = {name: (c.before, c.after, c.gained, c.lost) for name, c in found.segments.items()}
    assert counts == {
        "active": (3, 2, 0, 0),
        "champions": (0, 1, 1, 0),
        "lost": (1, 0, 0, 1),
        "new": (1, 1, 0, 0),
    }
    assert found.consents == {"email": {("granted", "denied"): 1, ("granted", "unknown"): 1}, "sms": {}}
