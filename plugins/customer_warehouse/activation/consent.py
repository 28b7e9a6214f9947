"""Who may be sent: the one place that decides.

For marketing a customer is sent only what was agreed to: by a channel whose consent is granted, to the very address
that was given with it. Unknown is not granted. Someone in a segment that is excluded from promotion, such as the one of
open complaints, gets no marketing at all.

A service list goes to staff who work on a case, not to the customer: no consent is asked and no segment is excluded,
but a customer without a contact point by the list's channels cannot be worked on from it and is withheld as well.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from customer_warehouse.activation.segments import ChannelName, Purpose

GRANTED = "granted"
DENIED = "denied"


class Reason(StrEnum):
    """Why a member of a segment is not sent, in the order in which they are asked: the first that applies is it."""

    UNKNOWN_CUSTOMER = "unknown_customer"
    """Not, or no longer, a customer in the published marts."""
    EXCLUDED = "excluded"
    """Member of a segment that is excluded from promotion."""
    NO_CONTACT_POINT = "no_contact_point"
    CONSENT_DENIED = "consent_denied"
    CONSENT_UNKNOWN = "consent_unknown"
    """Never asked, never answered, or granted for another address than the one that is known."""


ORDER = {reason: position for position, reason in enumerate(Reason)}


class ContactPoint(NamedTuple):
    """What is known of a customer for one channel."""

    contact: str | None
    """The best address or number."""
    consent: str | None
    """granted, denied or unknown."""
    opted_in: str | None
    """The address or number that the consent was given for."""


class Columns(NamedTuple):
    """The columns of `customer_360` that hold a channel's contact point."""

    contact: str
    consent: str
    opted_in: str


COLUMNS: dict[ChannelName, Columns] = {
    "email": Columns("email", "email_consent", "email_opted_in"),
    "sms": Columns("phone", "sms_consent", "phone_opted_in"),
}


class Decision(NamedTuple):
    """Either the address to send to or the reason not to; never both, never neither."""

    address: str | None
    reason: Reason | None


def decide(purpose: Purpose, *, known: bool, excluded: bool, point: ContactPoint) -> Decision:
    """Whether a member of a segment may be sent by one channel, and to which address.

    `known`: the customer is in the published marts; `excluded`: is in a segment that is excluded from promotion.
    """
    if not known:
        return Decision(None, Reason.UNKNOWN_CUSTOMER)
    if purpose == "service":
        return Decision(point.contact, None) if point.contact else Decision(None, Reason.NO_CONTACT_POINT)
    if excluded:
        return Decision(None, Reason.EXCLUDED)
    if not point.contact and not point.opted_in:
        return Decision(None, Reason.NO_CONTACT_POINT)
    if point.consent == DENIED:
        return Decision(None, Reason.CONSENT_DENIED)
    if point.consent != GRANTED or not point.opted_in:
        return Decision(None, Reason.CONSENT_UNKNOWN)
    return Decision(point.opted_in, None)


def reason_of(decisions: list[Decision]) -> Reason | None:
    """The one reason why a customer is sent by no channel at all; None when some channel may be used.

    It is the reason of the channel that came furthest: who has no e-mail and denied text messages, denied.
    """
    if any(decision.reason is None for decision in decisions):
        return None
    return max((decision.reason for decision in decisions if decision.reason), key=ORDER.__getitem__)
