"""What no method could find: how far the demo's records can be brought together at all.

A record *carries* a true value when a source wrote it down, well or badly: a phone with a digit missing still speaks of
the phone. It carries none when the field is empty, holds a placeholder, or the till's own number. Two records of one
person can be linked by somebody when they carry one true value in common (a phone, a mailbox, an address, a birth date)
or when one names the other's account. A name alone is no evidence: too many people share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from customer_warehouse.demo import dirt, tables
from customer_warehouse.demo.brand import Traces

EVIDENCE = ("email", "phone", "postal_address", "birth_date")
PLACEHOLDERS = {
    *dirt.PLACEHOLDER_EMAILS,
    *dirt.PLACEHOLDER_PHONES,
    *dirt.PLACEHOLDER_BIRTH_DATES,
    *dirt.IMPOSSIBLE_BIRTH_DATES,
}


@dataclass(frozen=True)
class Limits:
    """The best that anybody can do with the records."""

    records: int
    people: int
    with_others: int
    """Records of people who have several."""
    unlinkable: int
    """Of those, records that have nothing but a name in common with any other of their person."""
    pairwise_recall: float
    """Pairs of records of one person that hang together through evidence, of all such pairs."""
    b_cubed_recall: float
    """The mean over records of the share of their person's records that they hang together with."""


def limits(brand: Iterable[Traces]) -> Limits:
    """Measure the people's traces. The staff's trials are nobody's and count for nothing."""
    own_phones = {store["phone"] for store in tables.rows("stores")}
    records = people = with_others = unlinkable = pairs = pairs_found = 0
    b_cubed = 0.0
    for traces in (traces for traces in brand if traces.facts):
        size = len(traces.owned)
        records, people = records + size, people + bool(size)
        sizes = Counter(_components(traces, own_phones).values())
        pairs += size * (size - 1) // 2
        pairs_found += sum(each * (each - 1) // 2 for each in sizes.values())
        b_cubed += sum(each * each / size for each in sizes.values())
        if size > 1:
            with_others += size
            unlinkable += sum(each == 1 for each in sizes.values())
    return Limits(records, people, with_others, unlinkable, pairs_found / pairs, b_cubed / records)


def _components(traces: Traces, own_phones: set[str]) -> dict[tuple[str, str], int]:
    """For each record of the person the number of the group that it hangs together with."""
    carriers: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for fact in traces.facts:
        if fact.column in EVIDENCE and _is_carried(fact.raw) and fact.raw not in own_phones:
            carriers[fact.column, fact.true].append((fact.source, fact.source_key))
    for table, line in traces.desk:
        contact, account = line.split(",")[:2]
        if table == "contacts" and account:
            carriers["account", account] += [("service_desk", contact), ("shop_platform", account)]
    groups = {record: number for number, record in enumerate(traces.owned)}
    for found in carriers.values():
        joined = {groups[record] for record in found if record in groups}
        groups = {record: min(joined) if group in joined else group for record, group in groups.items()}
    return groups


def _is_carried(raw: str) -> bool:
    return bool(raw) and raw not in PLACEHOLDERS and not raw.startswith("@")
