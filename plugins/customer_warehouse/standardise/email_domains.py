"""What is known of a mail domain: whether it is thrown away after use, and which one was meant if it looks mistyped."""

from __future__ import annotations

from functools import lru_cache

from disposable_email_domains import blocklist

from customer_warehouse.standardise.reference import read

KNOWN_DOMAINS = 100_000
"""Domains that are remembered; a brand's customers have far fewer."""


@lru_cache(maxsize=KNOWN_DOMAINS)
def is_disposable(domain: str) -> bool:
    """Does the domain, or one above it, belong to a service of throw-away addresses?"""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


@lru_cache(maxsize=KNOWN_DOMAINS)
def suggested_domain(domain: str) -> str | None:
    """The domain that was probably meant, None when nothing speaks against this one.

    `domain` is in lower case. One that is listed as real is never taken for a mistyped one; one that is thrown away
    after use may be: such services like to own the slips.
    """
    known = read("email")
    if domain in known["typos"]:
        return str(known["typos"][domain])
    if domain in _real():
        return None
    labels = domain.split(".")
    for count in (2, 1):
        meant = known["endings"].get(".".join(labels[-count:]))
        if meant is not None and len(labels) > count:
            whole = ".".join([*labels[:-count], str(meant)])
            return suggested_domain(whole) or whole
    return _by_one_slip().get(domain)


@lru_cache(maxsize=1)
def _real() -> frozenset[str]:
    return frozenset([*read("email")["providers"], *read("email")["real"]])


@lru_cache(maxsize=1)
def _by_one_slip() -> dict[str, str]:
    """Every text that one slip of the keyboard makes of a provider's domain, with that provider.

    A slip is a character too many, too few or wrong, or two neighbours swapped. What a slip makes of two providers is
    not told to be one of them.
    """
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-."
    meant: dict[str, str | None] = {}
    for domain in read("email")["providers"]:
        halves = [(domain[:at], domain[at:]) for at in range(len(domain) + 1)]
        slips = {head + letter + tail for head, tail in halves for letter in letters}
        slips |= {head + letter + tail[1:] for head, tail in halves if tail for letter in letters}
        slips |= {head + tail[1:] for head, tail in halves if tail}
        slips |= {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
        for slip in slips - {domain}:
            meant[slip] = domain if meant.get(slip, domain) == domain else None
    return {slip: domain for slip, domain in meant.items() if domain is not None}
