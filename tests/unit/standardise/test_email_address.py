"""E-mail addresses: against a strict validator's test set, and what may be made of a suggestion.

The examples are in `tests/fixtures/standardise/email.yml`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from customer_warehouse.standardise.email_address import standardise
from customer_warehouse.standardise.email_domains import suggested_domain
from customer_warehouse.standardise.reference import read

PROJECT = Path(__file__).resolve().parents[3]
ISEMAIL = PROJECT.parent / "shared" / "data" / "values" / "isemail_tests.xml"
"""The test set of isemail 3.05 (BSD-3): addresses with the verdict of a validator that takes the RFCs by the letter."""

EVERYDAY = {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"}
"""Verdicts that an address of everyday form gets. All other verdicts are errors, or forms that only the RFCs know:
quoted mailboxes, address literals, comments, folded white space, domains without a dot."""
CONTROLS = {0x2400 + code: code for code in range(32)}
"""The set writes control characters as the symbols for them."""

STRICTER = {"5": "a domain without a dot", "167": "a placeholder: test@test.com"}
"""What is an everyday address to the set and none to us, by the number of the test."""
LAXER = {
    "35": "the full stop of a sentence behind it",
    "50": "a quotation mark that is never closed",
    "103": "a quotation mark that is never closed",
    "104": "a bracket that is never closed",
}
"""What is not to the set and is to us, besides white space around the address: what people type beside it."""


def in_ascii(address: str) -> str:
    """The address with its domain in lower-case ASCII."""
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode('idna').decode().lower()}"


@pytest.mark.skipif(not ISEMAIL.exists(), reason="the validator's test set lies beside the project, in ../shared/data")
def test_a_strict_validator_is_only_contradicted_where_we_say_so() -> None:
    stricter, laxer = set(), set()
    tests = ET.parse(ISEMAIL).getroot().findall("test")
    for test in tests:
        number = str(test.get("id"))
        address = (test.findtext("address") or "").translate(CONTROLS)
        answer = standardise(address)
        if test.findtext("category") in EVERYDAY:
            if answer.value is None:
                stricter.add(number)
            else:
                assert in_ascii(answer.value) == in_ascii(address)
        elif answer.value is not None and answer.value != re.sub(r"\s+", "", address):
            laxer.add(number)
            assert answer.value in address, number
    assert (len(tests), stricter, laxer) == (164, set(STRICTER), set(LAXER))


def test_a_suggestion_is_nobodys_fact() -> None:
    readers = [
        *(PROJECT / "plugins" / "customer_warehouse" / "identity").rglob("*.py"),
        *(PROJECT / "plugins" / "customer_warehouse" / "activation").rglob("*.py"),
        *(PROJECT / "dbt_project").rglob("*.sql"),
    ]
    reading = [file.name for file in readers if "email_suggestion" in file.read_text(encoding="utf-8")]
    assert len(readers) > 50
    assert reading == []


def test_a_suggested_domain_is_never_suspected_itself() -> None:
    known = read("email")
    meant = {*known["providers"], *known["typos"].values()}
    assert {domain: suggested_domain(domain) for domain in meant} == dict.fromkeys(meant)


def test_the_lists_of_domains_do_not_contradict_each_other() -> None:
    known = read("email")
    real = {*known["providers"], *known["real"]}
    assert real.isdisjoint(known["typos"])
    assert all(domain == domain.lower() for domain in [*real, *known["typos"], *known["endings"]])
    assert [domain for domain in real if domain.rpartition(".")[2] in known["endings"]] == []


@pytest.mark.parametrize(
    "domain", ["gmail.com", "qq.com", "ntu.edu.tw", "my-shop.tw", "ymail.com", "bücher.de", "", "."]
)
def test_an_ordinary_domain_is_not_suspected(domain: str) -> None:
    assert suggested_domain(domain) is None
