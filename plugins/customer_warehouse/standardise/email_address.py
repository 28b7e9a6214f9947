"""E-mail addresses: read by email-validator, without asking the network."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.email_domains import is_disposable, suggested_domain
from customer_warehouse.standardise.reference import is_placeholder, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 1000
"""A field longer than this is no address, nor a few of them."""
MAX_ADDRESS = 254
MAX_CANDIDATES = 4
"""Addresses of one field that are tried."""

_BETWEEN = re.compile(r"\s*[;,、/|]\s*|\s+")
_BORDER = re.compile(r"[;,、]|@.*[/|]")
"""Ends an address although there is only one. A slash in front of the `@` does not: mailboxes may have one."""
_AROUND = re.compile(r"\s*@\s*")
_IN_BRACKETS = re.compile(r"<([^<>]+)>")
_BEFORE = "\"'`,;:<([{、「『【"
_BEHIND = "\"'`.,;:>)]}。、」』】"
"""What people write around an address. A dot in front is none of it: what stood there is lost."""
SAME_DOMAIN = {"googlemail.com": "gmail.com"}


def standardise(raw: str | None) -> Value:
    """The address in lower case; the key is the mailbox it most likely reaches.

    No provider tells two mailboxes apart by case, though RFC 5321 would let it. The key drops a plus-tag, and for Gmail
    drops dots; a domain in ASCII (`xn--`) and in its own letters is one. Of several addresses the first valid one
    counts. Quoted local parts, address literals and domains without a dot are rejected. Nothing is asked of the
    network: that a mailbox exists is not known.
    Part `suggestion`: what was probably meant, where the domain looks mistyped; never a fact, and no key is made of it.
    Flags: `international`, `role` (of a function, such as info@), `disposable`, `typo_suspected`, `more_than_one`.
    Rejects: `not_an_email_address`, `placeholder`.
    """
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_an_email_address")
    if is_placeholder(text):
        return rejected("placeholder")
    candidates = _candidates(text)
    answers = [
        answer for answer in map(_address, candidates[:MAX_CANDIDATES]) if answer.reason != "not_an_email_address"
    ]
    best = next((answer for answer in answers if answer.value), answers[0] if answers else None)
    if best is None:
        return rejected("not_an_email_address")._replace(parts=_suggestion(candidates[0]) if candidates else None)
    return best._replace(flags=(*best.flags, "more_than_one")) if len(candidates) > 1 and best.value else best


def _candidates(text: str) -> list[str]:
    """What in a field may be an address: what has one `@`, without what people write around it."""
    named = _IN_BRACKETS.findall(text)
    joined = _AROUND.sub("@", text)
    pieces = named or _BETWEEN.split(joined)
    is_one = text.count("@") == 1 and not named and not text.lower().startswith("mailto:")
    if is_one and (" " in text or not _BORDER.search(joined)):
        pieces = [joined]  # a space within an address is an error, not a border between two
    bare = (re.sub(r"^mailto:\s*", "", piece.strip(), flags=re.IGNORECASE) for piece in pieces)
    stripped = (piece.lstrip(_BEFORE).rstrip(_BEHIND) for piece in bare)
    return [piece for piece in stripped if piece.count("@") == 1 and len(piece) <= MAX_ADDRESS]


def _address(text: str) -> Value:
    local, _, domain = text.casefold().partition("@")
    if (
        local in words("placeholders", "email", "local_parts")
        or domain in words("placeholders", "email", "domains")
        or text.casefold() in words("placeholders", "email", "addresses")
    ):
        return rejected("placeholder")
    try:
        known = validate_email(text, check_deliverability=False, strict=True)
    except (EmailNotValidError, ValueError):
        return rejected("not_an_email_address")
    address = known.normalized.lower()
    parts = _suggestion(address)
    noticed = {
        "international": not address.isascii(),
        "role": is_role(known.local_part),
        "disposable": is_disposable(known.domain),
        "typo_suspected": parts is not None,
    }
    flags = tuple(flag for flag, is_so in noticed.items() if is_so)
    return Value(address, key_of(known.local_part, known.domain), flags, parts=parts)


def _suggestion(address: str) -> dict[str, str] | None:
    """The part `suggestion` of an address."""
    local, _, domain = address.partition("@")
    meant = suggested_domain(domain.casefold())
    return {"suggestion": f"{local}@{meant}"} if meant and local else None


def is_role(local: str) -> bool:
    """Is it a mailbox of a function, whatever its tag?"""
    return local.casefold().split("+", 1)[0] in words("email", "roles")


@lru_cache(maxsize=1)
def special_domains() -> str:
    """A regular expression for the ends of domains that no mail can reach, such as `.test` and `.localhost`."""
    return rf"(?:^|\.)(?:{'|'.join(re.escape(name) for name in SPECIAL_USE_DOMAIN_NAMES)})$"


def key_of(local: str, domain: str) -> str:
    """The match key of a valid address."""
    domain = SAME_DOMAIN.get(domain, domain)
    local = local.casefold()
    mailbox = local.split("+", 1)[0] or local
    if domain == "gmail.com":
        mailbox = mailbox.replace(".", "") or mailbox
    return f"{mailbox}@{domain}"
