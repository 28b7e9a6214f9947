"""All that identity knows of one customer: its records, what holds them together, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from customer_warehouse.database import Connection, statement
from customer_warehouse.identity.explain import Change, Link, links_of
from customer_warehouse.identity.lookup import Customer, Field, fields_of, has_table, records_of
from customer_warehouse.identity.overrides import Override, every
from customer_warehouse.identity.review import Review, waiting
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.rejects.masking import shape


class Health(NamedTuple):
    """How well the records hang together."""

    records: int
    links: int
    density: float
    bridges: int
    weakest: float | None
    action: str | None


class ContactPoint(NamedTuple):
    """One way to reach the customer, masked unless asked otherwise."""

    type: str
    contact: str
    role: str
    is_verified: bool
    last_seen_at: datetime | None
    marketing_consent: str | None


@dataclass(frozen=True)
class Card:
    """What is known of a customer."""

    customer: Customer
    first_seen: datetime
    split_from: str | None
    records: list[RecordKey]
    fields: dict[RecordKey, list[Field]]
    links: list[Link]
    health: Health | None
    """None for a customer of one record."""
    contact_points: list[ContactPoint] | None
    """None when no marts have been built yet."""
    history: list[Change]
    absorbed: list[tuple[str, datetime]]
    """Ids that ended in this customer, and when."""
    reviews: list[Review]
    overrides: list[Override]
    """Decisions about its records, also those that hold no more."""
    households: list[tuple[str, str, int]]
    """Household, why, and how many customers are in it."""


def card(connection: Connection, customer: Customer, *, unmasked: bool) -> Card:
    """What is known of a customer that exists."""
    of = customer.customer_id
    records = records_of(connection, of)
    mine = set(records)
    first_seen, split_from = connection.execute(
        "select first_seen_as_of, previous_customer_id from identity.customers where customer_id = %s", (of,)
    ).fetchall()[0]
    health = _rows(
        connection,
        "select records, links, density, bridges, weakest, action from identity.cluster_health where customer_id = %s",
        of,
    )
    return Card(
        customer=customer,
        first_seen=first_seen,
        split_from=split_from,
        records=records,
        fields=fields_of(connection, records, unmasked),
        links=links_of(connection, of),
        health=Health(*health[0]) if health else None,
        contact_points=_contact_points(connection, of, unmasked),
        history=_history(connection, of),
        absorbed=_rows(
            connection, "select customer_id, since from identity.aliases where survivor_id = %s order by since, 1", of
        ),
        reviews=waiting(connection, customer=of),
        overrides=[override for override in every(connection) if override.a in mine or override.b in mine],
        households=_households(connection, of),
    )


def _history(connection: Connection, customer_id: str) -> list[Change]:
    found = _rows(
        connection,
        "select source, source_key, since, kind, cause, previous_customer_id, customer_id from identity.changes"
        " where customer_id = %s or previous_customer_id = %s order by since, source, source_key",
        customer_id,
        customer_id,
    )
    return [Change(RecordKey(*row[:2]), *row[2:]) for row in found]


def _contact_points(connection: Connection, customer_id: str, unmasked: bool) -> list[ContactPoint] | None:
    if not has_table(connection, "marts.customer_contact_points"):
        return None
    found = _rows(
        connection,
        "select contact_type, contact, role, is_verified, last_seen_at, marketing_consent"
        " from marts.customer_contact_points where customer_id = %s order by contact_type, role desc, contact",
        customer_id,
    )
    return [ContactPoint(kind, contact if unmasked else shape(contact), *rest) for kind, contact, *rest in found]


def _households(connection: Connection, customer_id: str) -> list[tuple[str, str, int]]:
    if not has_table(connection, "identity.households"):
        return []
    return _rows(
        connection,
        "select household_id, cause, (select count(*) from identity.households as others"
        " where others.household_id = household.household_id)"
        " from identity.households as household where customer_id = %s order by household_id",
        customer_id,
    )


def _rows(connection: Connection, query: str, *parameters: Any) -> list[Any]:
    return connection.execute(statement(query), parameters).fetchall()
