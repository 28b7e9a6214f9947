"""Households: customers who share a home or a phone, grouped and never merged.

A household says that people live together, not that they are one person: no link, no id and no fact moves because of
it. Customers share a home when a surname and an address down to the house number agree, and they may share a phone.
What more people share than a family has is a dormitory's, an office's or a store's, and makes no household; nor does a
company. A household's id is made from its oldest customer, so it stays as long as that customer does, whoever joins or
leaves, and needs no history of its own.

`identity.household_keys` keeps, by customer, what can be shared, as 64-bit hashes: a night reads again only the
customers whose records changed, and forms the households anew from the keys alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from customer_warehouse.database import Connection, statement
from customer_warehouse.identity.components import connected_components
from customer_warehouse.identity.transfer import replace_contents

MOST_WHO_SHARE = 6
"""Customers with one phone, or with one surname at one address, beyond whom they are no family."""
MOST_AT_AN_ADDRESS = 12
"""Customers at one address, whatever their surname, beyond whom it is a dormitory's or an office's."""
LARGEST = 12
"""Customers whom phones and homes may hold together; a longer chain is of passed-on numbers, and makes no household."""

_KEYS = """
    with told as (
        select
            identified.customer_id,
            case when not given.phone like any(%(bypassed)s) then nullif(given.phone, '') end as phone,
            case when given.postal_address_house_number is not null then nullif(given.postal_address_key, '') end
                as address,
            coalesce(nullif(split_part(given.full_name_pinyin, ' ', 1), ''), lower(given.full_name_family)) as surname
        from identity.customer_records as identified
        join standardised.customers as given using (source, source_key)
        where coalesce(given.full_name_key, '') not like '#%%' and {among}
    )
    select 'phone' as kind, hashtextextended(phone, 0) as key, null::bigint as address, customer_id
    from told
    where phone is not null
    union
    select 'address', hashtextextended(address || chr(31) || surname, 0), hashtextextended(address, 0), customer_id
    from told
    where address is not null and surname <> ''
"""
"""A company's name has a match key that begins with `#`. The surname is compared as it sounds in Mandarin, or as
written in an alphabet: 陳, 陈 and Chen are one."""

_SHARED = f"""
    with shared as materialized (
        select kind, key, min(address) as address, array_agg(customer_id order by customer_id) as customers
        from identity.household_keys
        group by kind, key
        having count(*) between 2 and {MOST_WHO_SHARE}
    ),
    crowded as (
        select address
        from identity.household_keys
        where kind = 'address' and address in (select address from shared)
        group by address
        having count(*) > {MOST_AT_AN_ADDRESS}
    )
    select kind, customers
    from shared
    where not exists (select from crowded where crowded.address = shared.address)
"""

HOUSEHOLDS = pa.schema([("household_id", pa.string()), ("customer_id", pa.string()), ("cause", pa.string())])


def write_households(
    connection: Connection, bypassed_phones: Sequence[str] = (), changed: Iterable[str] | None = None
) -> int:
    """Bring `identity.households` to what `identity.customers` and their records are now; returns how many there are.

    `bypassed_phones` are values or patterns with `*` that are known to say nothing; after other ones than before, every
    customer must be read. `changed` are the customers of which a record came, went, moved or
    changed since the last call, those that ended included; None reads every customer. The caller commits.
    """
    patterns = [phone.replace("*", "%") for phone in bypassed_phones]
    _write_keys(connection, patterns, None if changed is None else sorted(set(changed)))
    shared = connection.execute(statement(_SHARED)).fetchall()
    names = sorted({customer for _, customers in shared for customer in customers})
    first_seen: dict[str, datetime] = dict(
        connection.execute(
            "select customer_id, first_seen_as_of from identity.customers where customer_id = any(%s)", (names,)
        ).fetchall()
    )
    names.sort(key=lambda customer: (first_seen[customer], customer))
    rows = group(names, shared)
    replace_contents(connection, "identity.households", ["customer_id"], rows)
    return len(set(rows["household_id"].to_pylist()))


def group(customers: list[str], shared: list[tuple[str, list[str]]]) -> pa.Table:
    """The households of `customers` (oldest first) under what they share: a cause and the customers, for each key.

    Each household is named by its oldest customer; a customer's `cause` is how it belongs: `phone`, `address`, or
    `address and phone`.
    """
    places = {customer: place for place, customer in enumerate(customers)}
    ends = np.array(
        [(places[members[0]], places[other]) for _, members in shared for other in members[1:]], dtype=np.int64
    ).reshape(-1, 2)
    labels = connected_components(len(customers), ends[:, 0], ends[:, 1])
    sizes = np.bincount(labels, minlength=len(customers))
    causes: dict[str, set[str]] = {}
    for cause, members in shared:
        for customer in members:
            causes.setdefault(customer, set()).add(cause)
    kept = [customer for customer, label in zip(customers, labels, strict=True) if sizes[label] <= LARGEST]
    return pa.table(
        {
            "household_id": [f"H{customers[labels[places[customer]]][1:]}" for customer in kept],
            "customer_id": kept,
            "cause": [" and ".join(sorted(causes[customer])) for customer in kept],
        },
        schema=HOUSEHOLDS,
    )


def _write_keys(connection: Connection, bypassed: list[str], changed: list[str] | None) -> None:
    """Bring `household_keys` up to date for the customers in `changed`, or for all."""
    among = "true" if changed is None else "identified.customer_id = any(%(changed)s)"
    kept = "true" if changed is None else "target.customer_id = any(%(changed)s)"
    parameters = {"changed": changed, "bypassed": bypassed}
    connection.execute(
        statement(f"create temp table found_keys on commit drop as {_KEYS.format(among=among)}"), parameters
    )
    same_key = "(found.kind, found.key, found.customer_id) = (target.kind, target.key, target.customer_id)"
    connection.execute(
        statement(
            f"""
            delete from identity.household_keys as target
            where {kept} and not exists (select from found_keys as found where {same_key})
            """
        ),
        parameters,
    )
    connection.execute(
        statement(
            f"""
            insert into identity.household_keys (kind, key, address, customer_id)
            select kind, key, address, customer_id from found_keys as found
            where not exists (select from identity.household_keys as target where {same_key})
            order by kind, key, customer_id
            """
        )
    )
    connection.execute("drop table found_keys")
