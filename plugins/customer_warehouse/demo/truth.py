"""The ground truth, kept aside: whose record is whose, and what its values should have been."""

from __future__ import annotations

from typing import NamedTuple

from customer_warehouse.demo.records import State


class Fact(NamedTuple):
    """A value as a source has it, and the value that is true."""

    source: str
    source_key: str
    column: str
    raw: str
    true: str


def facts_of(source: str, key: str, state: State) -> list[Fact]:
    """The facts about a record that holds `state`; columns are those of the standard model."""
    facts = [
        Fact(source, key, "full_name", state.written.full, state.true_name),
        Fact(source, key, "email", state.email, state.true_email),
        Fact(source, key, "phone", state.phone, state.true_phone),
    ]
    if state.address is not None:
        facts.append(Fact(source, key, "postal_address", state.address.text, state.true_address))
    return facts
