"""Chances that depend on nothing but what they are about: cheap, and beside the streams that draw people and purchases.

What came to the brand later (payments, points, coupons, carts, reviews, campaigns, visits) is drawn from here, so that
people, what they buy of their own accord and the truth about them stay as they were.
"""

from __future__ import annotations

from customer_warehouse.demo.catalogue import hash_text

_ALL = 2**64 - 1


class Chance:
    """Numbers for one topic of one seed, by what they are about."""

    def __init__(self, seed: int, topic: str) -> None:
        self._base = (seed << 32) ^ hash_text(topic)

    def bits(self, about: int, number: int = 0) -> int:
        """64 bits that look random: the same for the same `about` and `number`, in every process."""
        return mixed(self._base + about * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03)

    def share(self, about: int, number: int = 0) -> float:
        """From 0 to below 1."""
        return (self.bits(about, number) >> 11) / 2**53


def mixed(number: int) -> int:
    """The finaliser of SplitMix64: each bit of the number changes half of the result's bits."""
    number &= _ALL
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _ALL
    return number ^ (number >> 31)
