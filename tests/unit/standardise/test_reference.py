"""The word lists in `standardise/data/`: what is listed is what the types act on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from customer_warehouse.standardise import (
    date_value,
    email_address,
    person_name,
    phone_number,
    postal_address,
    reference,
)
from customer_warehouse.standardise.reference import listed, read, words

LISTED = [
    *((person_name, word) for word in listed("placeholders", "words")),
    *((email_address, word) for word in listed("placeholders", "words")),
    *((phone_number, word) for word in listed("placeholders", "words")),
    *((postal_address, word) for word in listed("placeholders", "words")),
    *((email_address, address) for address in listed("placeholders", "email", "addresses")),
    *((email_address, f"{local}@gmail.com") for local in listed("placeholders", "email", "local_parts")),
    *((email_address, f"mei.ling@{domain}") for domain in listed("placeholders", "email", "domains")),
    *((person_name, name) for name in listed("placeholders", "person_name", "names")),
    *((person_name, word) for word in listed("placeholders", "person_name", "words")),
    *((person_name, f"{beginning}一二") for beginning in listed("placeholders", "person_name", "beginnings")),
    *((phone_number, f"09{ending}") for ending in listed("placeholders", "phone", "endings")),
    *((phone_number, number) for number in listed("placeholders", "phone", "numbers")),
    *((postal_address, address) for address in listed("placeholders", "postal_address", "addresses")),
    *((date_value, str(day)) for day in listed("placeholders", "date", "rejected")),
]


def test_every_listed_placeholder_is_refused_as_one() -> None:
    kept = [(module.__name__, raw) for module, raw in LISTED if module.standardise(raw).reason != "placeholder"]
    assert kept == []


def test_every_suspected_day_is_kept_and_flagged() -> None:
    for day in listed("placeholders", "date", "suspected"):
        answer = date_value.standardise(str(day))
        assert (str(answer.value), answer.flags) == (day, ("suspected_placeholder",))


def test_every_honorific_goes() -> None:
    honorifics = read("names")["honorifics"]
    assert {person_name.standardise(f"王大明{word}").value for word in honorifics["chinese"]} == {"王大明"}
    assert {person_name.standardise(f"{word} David Chen").value for word in honorifics["latin"]} == {"David Chen"}


def test_every_compound_surname_is_a_family_name_in_both_scripts() -> None:
    surnames = read("names")["surnames"]["compound"]
    for surname in [*surnames, *words("names", "surnames", "compound")]:
        parts = person_name.standardise(f"{surname}大明").parts or {}
        assert (parts["family"], parts["given"]) == (surname, "大明")


def test_every_placeholder_has_an_owner_and_a_reason() -> None:
    def blocks(content: Any) -> list[Any]:
        return [block for part in content.values() for block in blocks(part)] if isinstance(content, dict) else content

    for block in blocks(read("placeholders")):
        assert {"owner", "reason", "values"} <= set(block) <= {"owner", "reason", "since", "values"}
        assert block["owner"] and block["reason"] and block["values"]


def test_a_list_that_yaml_does_not_read_as_text_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "read", lambda _: {"days": [date(1900, 1, 1)]})
    words.cache_clear()
    with pytest.raises(TypeError, match="quote what YAML does not read as text"):
        words("placeholders", "days")
