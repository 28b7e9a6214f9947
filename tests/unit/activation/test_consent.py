"""Consent: whatever is known of a customer, exactly one answer, and never an address that was not agreed to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.activation.consent import COLUMNS, ContactPoint, Decision, Reason, decide, reason_of
from customer_warehouse.activation.segments import ChannelName, Purpose

ADDRESSES = st.sampled_from([None, "", "a@example.com", "b@example.com"])
CONSENTS = st.sampled_from([None, "", "granted", "denied", "unknown", "GRANTED", "pending"])
POINTS = st.builds(ContactPoint, ADDRESSES, CONSENTS, ADDRESSES)
PURPOSES = st.sampled_from(["marketing", "service"])
AGREED = ContactPoint("a@example.com", "granted", "a@example.com")


@given(purpose=PURPOSES, known=st.booleans(), excluded=st.booleans(), point=POINTS)
def test_a_member_is_either_sent_or_withheld_for_one_reason(
    purpose: Purpose, known: bool, excluded: bool, point: ContactPoint
) -> None:
    decision = decide(purpose, known=known, excluded=excluded, point=point)

    assert (decision.address is None) != (decision.reason is None)


@given(known=st.booleans(), excluded=st.booleans(), point=POINTS)
def test_marketing_goes_only_to_the_address_that_was_agreed_to(
    known: bool, excluded: bool, point: ContactPoint
) -> None:
    decision = decide("marketing", known=known, excluded=excluded, point=point)

    if decision.address is not None:
        assert known
        assert not excluded
        assert point.consent == "granted"
        assert decision.address == point.opted_in


@given(point=POINTS)
def test_nobody_excluded_gets_marketing(point: ContactPoint) -> None:
    assert decide("marketing", known=True, excluded=True, point=point) == Decision(None, Reason.EXCLUDED)


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        pytest.param(ContactPoint(None, "granted", None), Reason.NO_CONTACT_POINT, id="granted without any address"),
        pytest.param(ContactPoint("a@example.com", "denied", None), Reason.CONSENT_DENIED, id="denied"),
        pytest.param(ContactPoint("a@example.com", "unknown", None), Reason.CONSENT_UNKNOWN, id="unknown"),
        pytest.param(ContactPoint("a@example.com", None, None), Reason.CONSENT_UNKNOWN, id="no answer"),
        pytest.param(
            ContactPoint("a@example.com", "granted", None), Reason.CONSENT_UNKNOWN, id="granted for another address"
        ),
        pytest.param(AGREED, None, id="granted for this address"),
    ],
)
def test_the_first_reason_that_applies_is_the_one(point: ContactPoint, reason: Reason | None) -> None:
    assert decide("marketing", known=True, excluded=False, point=point).reason == reason


def test_a_customer_who_is_not_in_the_marts_is_unknown_before_all_else() -> None:
    for purpose in ("marketing", "service"):
        decision = decide(purpose, known=False, excluded=True, point=AGREED)  # type: ignore[arg-type]
        assert decision.reason == Reason.UNKNOWN_CUSTOMER


@given(excluded=st.booleans(), consent=CONSENTS)
def test_a_service_list_asks_no_consent_but_needs_a_contact_point(excluded: bool, consent: str | None) -> None:
    reachable = ContactPoint("a@example.com", consent, None)
    unreachable = ContactPoint(None, consent, None)

    assert decide("service", known=True, excluded=excluded, point=reachable).address == "a@example.com"
    assert decide("service", known=True, excluded=excluded, point=unreachable).reason == Reason.NO_CONTACT_POINT


@given(st.lists(POINTS, min_size=1, max_size=3))
def test_a_customer_without_any_open_channel_has_one_reason(points: list[ContactPoint]) -> None:
    decisions = [decide("marketing", known=True, excluded=False, point=point) for point in points]

    reason = reason_of(decisions)

    if any(decision.address for decision in decisions):
        assert reason is None
    else:
        assert reason in {decision.reason for decision in decisions}


def test_the_reason_is_that_of_the_channel_that_came_furthest() -> None:
    no_mail = Decision(None, Reason.NO_CONTACT_POINT)
    denied = Decision(None, Reason.CONSENT_DENIED)

    assert reason_of([no_mail, denied]) == reason_of([denied, no_mail]) == Reason.CONSENT_DENIED


def test_every_channel_says_where_its_contact_point_is() -> None:
    assert set(COLUMNS) == set(ChannelName.__args__)  # type: ignore[attr-defined]
