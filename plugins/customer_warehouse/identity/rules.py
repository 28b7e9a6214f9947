"""The rules by which two records are taken to be the same person, strongest first.

A rule looks at the records that agree on one identifier, its *key*. It links two of them when their names agree well
enough for it and nothing that it must not contradict does. To change what the stage believes, change this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from customer_warehouse.identity.names import NameAgreement


class Strength(StrEnum):
    """What kind of identifier a rule stands on."""

    STRONG = "strong"
    """Issued to one person: an account, a loyalty number."""
    WEAK = "weak"
    """A way to reach somebody, which people share, lend and pass on: a phone, a mailbox."""


@dataclass(frozen=True)
class Rule:
    """One reason to take two records for the same person."""

    name: str
    """As it appears in `identity.links` and in the run ledger."""
    why: str
    """The reason in one sentence, for whoever asks why two records were merged."""
    strength: Strength
    agree: tuple[str, ...]
    """The columns of `standardised.customers` that must be given and equal: the rule's key."""
    names: frozenset[NameAgreement] | None = None
    """How the two names may agree; None when names are not looked at."""
    not_different: tuple[str, ...] = ()
    """Columns that keep two records apart when both have a value and the values differ."""
    cap: int = 20
    """A key shared by more than this says nothing about anybody (a store's own phone) and is not used.

    Counted are records, or, for a rule that looks at names, different names and compared values: one customer's forty
    guest orders are one.
    """


SAME_ACCOUNT = Rule(
    name="same_account",
    why="Both records carry the same customer number of the shop.",
    strength=Strength.STRONG,
    agree=("account_id",),
)
"""Account numbers are one series: a service contact carries the number of the shop's customer."""

SAME_MEMBER_NUMBER = Rule(
    name="same_member_number",
    why="Both records carry the same loyalty number.",
    strength=Strength.STRONG,
    agree=("member_number",),
)

SAME_PHONE_AND_NAME = Rule(
    name="same_phone_and_name",
    why="The same phone, and names of which one is the other or a form of it.",
    strength=Strength.WEAK,
    agree=("phone",),
    names=frozenset({NameAgreement.EQUAL, NameAgreement.PARTIAL}),
    not_different=("birth_date",),
)
"""Verified means here that the number is a valid one: sources give no sign that its owner has confirmed it. Couples
and families share phones and numbers change hands, so a missing name or one that is nearly the same is not enough."""

SAME_EMAIL_AND_NAME = Rule(
    name="same_email_and_name",
    why="The same e-mail address, and names that do not speak against one person.",
    strength=Strength.WEAK,
    agree=("email_key",),
    names=frozenset({NameAgreement.EQUAL, NameAgreement.PARTIAL, NameAgreement.SIMILAR, NameAgreement.UNKNOWN}),
    not_different=("birth_date",),
)
"""A mailbox is seldom shared, so a slip in the name, a missing name or one in another script is let pass; but where two
names under one address differ, it is shared after all, and only full agreement counts (see links.py)."""

RULES = (SAME_ACCOUNT, SAME_MEMBER_NUMBER, SAME_PHONE_AND_NAME, SAME_EMAIL_AND_NAME)
