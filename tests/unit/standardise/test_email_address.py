"""E-mail addresses: what is read, what is refused, and when two are one mailbox."""

from __future__ import annotations

import pytest

from customer_warehouse.standardise.email_address import standardise
from unit.standardise.realistic import full_width


@pytest.mark.parametrize(
    ("raw", "address", "key"),
    [
        pytest.param("mei.ling@example.com", "mei.ling@example.com", "mei.ling@example.com", id="plain"),
        pytest.param("Mei.Ling@EXAMPLE.com", "Mei.Ling@example.com", "mei.ling@example.com", id="domain in capitals"),
        pytest.param(full_width("mei@example.com"), "mei@example.com", "mei@example.com", id="full width"),
        pytest.param("  mei@example.com\u200b\n", "mei@example.com", "mei@example.com", id="invisible characters"),
        pytest.param("mei @ example.com", "mei@example.com", "mei@example.com", id="spaces around the at sign"),
        pytest.param(
            "mei.ling+shop@gmail.com", "mei.ling+shop@gmail.com", "meiling@gmail.com", id="gmail dots and tag"
        ),
        pytest.param("meiling@googlemail.com", "meiling@googlemail.com", "meiling@gmail.com", id="googlemail"),
        pytest.param("mei.ling+shop@pm.me", "mei.ling+shop@pm.me", "mei.ling@pm.me", id="dots count elsewhere"),
        pytest.param("+tag@pm.me", "+tag@pm.me", "+tag@pm.me", id="nothing before the plus"),
        pytest.param("Mei Ling <mei@pm.me>", "mei@pm.me", "mei@pm.me", id="display name"),
        pytest.param("mailto:mei@pm.me", "mei@pm.me", "mei@pm.me", id="link"),
        pytest.param("mei@pm.me.", "mei@pm.me", "mei@pm.me", id="full stop of a sentence"),
        pytest.param("mei@bücher.de", "mei@bücher.de", "mei@bücher.de", id="international domain"),
        pytest.param("mei@xn--bcher-kva.de", "mei@bücher.de", "mei@bücher.de", id="the same domain in ASCII"),
        pytest.param("小美@example.com", "小美@example.com", "小美@example.com", id="international mailbox"),
    ],
)
def test_an_address_is_read_and_its_key_names_the_mailbox(raw: str, address: str, key: str) -> None:
    answer = standardise(raw)
    assert (answer.value, answer.key, answer.reason) == (address, key, None)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("mei", id="no at sign"),
        pytest.param("mei@", id="no domain"),
        pytest.param("@pm.me", id="no mailbox"),
        pytest.param("mei@@pm.me", id="two at signs"),
        pytest.param("mei@gmail", id="no dot in the domain"),
        pytest.param("mei ling@pm.me", id="space within"),
        pytest.param("mei pm.me", id="space for the at sign"),
        pytest.param("mei..ling@pm.me", id="two dots"),
        pytest.param("mei@-pm-.me", id="hyphens at the ends"),
        pytest.param("mei@[127.0.0.1]", id="address literal"),
        pytest.param("mei@host.local", id="a domain no mail can reach"),
        pytest.param("a" * 65 + "@pm.me", id="mailbox too long"),
        pytest.param("m" * 2000, id="far too long"),
    ],
)
def test_what_is_no_address_is_refused(raw: str) -> None:
    assert standardise(raw).reason == "not_an_email_address"


@pytest.mark.parametrize(
    "raw", ["test@test.com", "TEST@TEST.COM", "none@pm.me", "無", "N/A", "none", "-", "123@123.com", "no@email.com"]
)
def test_a_placeholder_is_refused_as_one(raw: str) -> None:
    assert standardise(raw).reason == "placeholder"


def test_of_several_addresses_the_first_usable_one_counts() -> None:
    answer = standardise("test@test.com; mei@pm.me / ling@pm.me")
    assert (answer.value, answer.flags) == ("mei@pm.me", ("more_than_one",))


@pytest.mark.parametrize("raw", [None, "", "   ", "\u200b\ufeff"])
def test_a_missing_address_is_no_reject(raw: str | None) -> None:
    assert standardise(raw) == (None, None, (), None, None)
