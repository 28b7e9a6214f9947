"""E-mail addresses: read by email-validator, without asking the network."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from customer_warehouse.standardise.characters import HAN, clean
from customer_warehouse.standardise.email_domains import is_disposable, suggested_domain
from customer_warehouse.standardise.reference import is_placeholder, words
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 1000
"""A field longer than this is no address, nor a few of them."""
MAX_ADDRESS = 254
MAX_CANDIDATES = 4
"""Addresses of one field that are tried."""

_MARKS = re.compile(r"(\s*[;,、/|][;,、/|\s]*)")
_MARKS_AND_SPACES = re.compile(r"(\s*[;,、/|][;,、/|\s]*|\s+)")
_STANDS_ALONE = re.compile(rf"(?=.*[{HAN}]|(?:\D*\d){{8}})[{HAN}\d\s+()#.:\-]+", re.ASCII)
"""What may stand beside an address without being a part of it: a phone number, or Chinese."""
_COMMA_FOR_A_DOT = re.compile(r"[^,]+,(?:[a-z]{2}|com|net|org|edu|gov|idv)")
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
    pieces = _IN_BRACKETS.findall(text) or _pieces(_AROUND.sub("@", text))
    bare = (re.sub(r"^mailto:\s*", "", piece.strip(), flags=re.IGNORECASE) for piece in pieces)
    stripped = (piece.lstrip(_BEFORE).rstrip(_BEHIND) for piece in bare)
    return [piece for piece in stripped if piece.count("@") == 1 and len(piece) <= MAX_ADDRESS]


def _pieces(text: str) -> list[str]:
    """The text parted where what stands on both sides is whole by itself.

    Anywhere else a mark is a slip within one address, and its halves would be somebody else's: `mei,ling@pm.me` is not
    `ling@pm.me`. It stays, and the address is refused; a mailbox may have a slash. A space parts only where there are
    several `@`.
    """
    found = (_MARKS if text.count("@") == 1 else _MARKS_AND_SPACES).split(text)
    pieces = found[:1]
    for mark, piece in zip(found[1::2], found[2::2], strict=True):
        if _is_whole(pieces[-1], piece) and _is_whole(piece, pieces[-1]):
            pieces.append(piece)
        else:
            pieces[-1] += ("," if "、" in mark else mark) + piece
    return pieces


def _is_whole(piece: str, beside: str) -> bool:
    """Is it an address, nothing, or what is no part of the address `beside` it?"""
    if "@" in piece:
        return "." in piece.partition("@")[2]
    return not piece or (beside.isascii() and _STANDS_ALONE.fullmatch(piece) is not None)


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
    written = domain = domain.casefold()
    if _COMMA_FOR_A_DOT.fullmatch(domain):
        written = domain.replace(",", ".")
    meant = suggested_domain(written) or (written if written != domain else None)
    suggestion = f"{local}@{meant}"
    return {"suggestion": suggestion} if meant and local and (written == domain or _address(suggestion).value) else None


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
