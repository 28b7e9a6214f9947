"""Customer ids that stay: pure functions from what was believed before and what is found now.

A *component* is a set of records found to be one person, known by a number: the place of its founding record (its
oldest) in the order of all records. Whoever holds an id may rely on this: it is kept by the component that took most
of its records, it is never given to anybody else, and when it ends it points to the customer that took its records.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import NamedTuple


class RecordKey(NamedTuple):
    """One record of one source."""

    source: str
    source_key: str


class Merge(NamedTuple):
    """An id that ended because its records now belong to another customer."""

    since: datetime
    customer_id: str
    survivor_id: str


@dataclass(frozen=True)
class Assignment:
    """Which id each component has, and which ids ended."""

    ids: dict[int, str]
    """Component → customer id; no two components share one."""
    merged: dict[str, str]
    """Id that no component kept → id of the component that took most of its records."""
    split: dict[str, str]
    """New id of a component whose records had ids before → the id that most of them had."""


def assign_ids(
    components: Sequence[int],
    previous_ids: Sequence[str | None],
    first_seen: Mapping[str, datetime],
    founding_record: Callable[[int], RecordKey],
) -> Assignment:
    """Give each component the id it should keep, or a new one.

    `components` and `previous_ids` say for each record its component now and its id before (None for a new record).
    `first_seen` holds every id ever used. A component keeps, of the ids its records had, the one most of them had; an
    id goes to the component that has most of its records; ties go to the older id, then to the smaller id, then to
    the component with the older founding record. The answer does not depend on the order of the records.
    """
    overlaps = Counter(
        (component, before) for component, before in zip(components, previous_ids, strict=True) if before is not None
    )
    ids_of_component = Counter(component for component, _ in overlaps)
    components_of_id = Counter(before for _, before in overlaps)
    ids: dict[int, str] = {}
    contested: list[tuple[int, datetime, str, int]] = []
    for (component, before), records in overlaps.items():
        if ids_of_component[component] == 1 and components_of_id[before] == 1:
            ids[component] = before
        else:
            contested.append((-records, first_seen[before], before, component))
    contested.sort()
    kept = set[str]()
    for _, _, before, component in contested:
        if component not in ids and before not in kept:
            ids[component] = before
            kept.add(before)

    best: dict[int, str] = {}
    for _, _, before, component in contested:
        best.setdefault(component, before)
    given = set[str]()
    split: dict[str, str] = {}
    for component in sorted(set(components) - ids.keys()):
        ids[component] = new_id(founding_record(component), first_seen, given)
        given.add(ids[component])
        if component in best:
            split[ids[component]] = best[component]

    merged: dict[str, str] = {}
    for _, _, before, component in contested:
        if before not in kept:
            merged.setdefault(before, ids[component])
    return Assignment(ids, merged, split)


def new_id(founding: RecordKey, used: Container[str] = (), also_used: Container[str] = ()) -> str:
    """A customer id made from the founding record alone: the first of its series that was not used."""
    for generation in count():
        text = f"{founding.source}\x1f{founding.source_key}\x1f{generation}"
        digest = hashlib.sha256(text.encode()).digest()
        customer_id = "C" + base64.b32encode(digest[:10])[:12].decode("ascii")
        if customer_id not in used and customer_id not in also_used:
            return customer_id
    raise AssertionError("count() does not end")


def resolve_aliases(merges: Iterable[Merge], live: Container[str]) -> list[Merge]:
    """Every ended id with the customer that it leads to today, in one hop.

    A survivor that ended later is followed to its own survivor. An id in `live` is no alias and is left out: it can
    only be among the merges when an older night was rebuilt with other data.
    """
    survivors: dict[str, Merge] = {}
    for merge in sorted(merges, reverse=True):
        # Latest first, so whatever the survivor itself went into is known already.
        later = survivors.get(merge.survivor_id)
        survivor = later.survivor_id if later else merge.survivor_id
        survivors.setdefault(merge.customer_id, merge._replace(survivor_id=survivor))
    return sorted(merge for merge in survivors.values() if merge.customer_id not in live)
