"""What each rule says about a pair of records, in words: that it links them, or what keeps it from doing so.

Told from the tables that the engine leaves in two workspaces: one with all that hangs together with either record, one
with the two alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from customer_warehouse.identity.names import compare, read_name
from customer_warehouse.identity.records import Workspace, one_row
from customer_warehouse.identity.rules import Rule
from customer_warehouse.identity.stable_ids import RecordKey

WORDS = {"email_key": "e-mail address", "account_id": "customer number", "member_number": "loyalty number"}
"""Columns that people call otherwise."""


class Verdict(NamedTuple):
    """What one rule says about the pair."""

    rule: str
    links: bool
    """Does it link the two, by itself and as things are?"""
    sentence: str


def row_of(work: Workspace, record: RecordKey) -> int | None:
    """A record's number in the workspace; None when its source has deleted it since."""
    found = work.execute("select row from records where source = ? and source_key = ?", list(record)).fetchall()
    return int(found[0][0]) if found else None


def verdict(rule: Rule, work: Workspace, alone: Workspace, a: RecordKey, b: RecordKey) -> Verdict:
    """What a rule says about the pair, among its neighbours and alone."""
    columns = " and ".join(words(column) for column in rule.agree)
    rows = [row_of(work, record) for record in (a, b)]
    if None in rows:
        return Verdict(rule.name, False, "one of the two is no longer in the standard tables")
    one, other = (_keys(work, rule, row) for row in rows)
    if not one or not other:
        if _nobodys(rule, alone):
            return Verdict(rule.name, False, f"{columns} is on the list of values that are nobody's")
        return Verdict(rule.name, False, f"{'neither gives' if one == other else 'only one gives'} {columns}")
    shared = one & other
    if not shared:
        return Verdict(rule.name, False, f"different {columns}")
    held = work.execute(
        "select records, voices from held where kind = ? and list_contains(?, key) order by key", [rule.name, [*shared]]
    ).fetchall()
    if len(held) == len(shared):
        records, voices = held[0]
        sentence = f"same {columns}, but {records:,} records of {voices:,} people share it: not used"
        return Verdict(rule.name, False, sentence)
    low, high = sorted(row for row in rows if row is not None)
    found, by_itself = _link(work, rule, low, high), _link(alone, rule, 0, 1)
    if found is not None and not found.contested:
        return Verdict(rule.name, True, f"same {columns}{found.in_words}")
    if by_itself is None:
        return Verdict(rule.name, False, f"same {columns}, but {_against(rule, alone)}")
    if _connected(work, rule, low, high):
        return Verdict(
            rule.name, True, f"same {columns}{by_itself.in_words}; linked through a record that says the same"
        )
    sentence = f"same {columns}{by_itself.in_words}, but others who share it speak against each other"
    return Verdict(rule.name, False, f"{sentence}: only full agreement counts then")


class _Found(NamedTuple):
    """A link of a rule between two rows."""

    names: str | None
    contested: bool

    @property
    def in_words(self) -> str:
        return f", names {self.names}" if self.names else ""


def _nobodys(rule: Rule, alone: Workspace) -> bool:
    """Did one of the two give a value that is nobody's?"""
    taken = " or ".join(f"given.{column} <> '' and records.{column} is null" for column in rule.agree)
    return bool(one_row(alone, f"select count(*) from given join records using (row) where {taken}")[0])


def _keys(work: Workspace, rule: Rule, row: int | None) -> set[int]:
    found = work.execute("select key from keys where kind = ? and row = ?", [rule.name, row]).fetchall()
    return {key for (key,) in found}


def _link(work: Workspace, rule: Rule, a: int, b: int) -> _Found | None:
    """The rule's link between the two rows."""
    query = "select names, contested from links where a = ? and b = ? and rule = ?"
    found = work.execute(query, [a, b, rule.name]).fetchall()
    return _Found(*found[0]) if found else None


def _connected(work: Workspace, rule: Rule, a: int, b: int) -> bool:
    """Do this rule's links lead from one row to the other?"""
    neighbours: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in work.execute("select a, b from links where rule = ? and not contested", [rule.name]).fetchall():
        neighbours[one].add(other)
        neighbours[other].add(one)
    reached, waiting = {a}, [a]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return b in reached


def _against(rule: Rule, alone: Workspace) -> str:
    """What keeps a rule from linking the two records of a workspace of two."""
    for column in rule.not_different:
        values = alone.execute(f"select distinct {column} from records where {column} is not null").fetchall()
        if len(values) > 1:
            return f"different {words(column)}"
    parts = alone.execute(
        "select full_name_key, full_name, full_name_given, full_name_family"
        " from records left join names using (name_id) order by row"
    ).fetchall()
    names = [None if key is None else read_name(key, *rest) for key, *rest in parts]
    grade = compare(names[0], names[1]).name.lower()
    return (
        "a name is missing" if None in names else f"the names are {'not comparable' if grade == 'unknown' else grade}"
    )


def words(column: str) -> str:
    """A column's name as people say it."""
    return WORDS.get(column, column.replace("_", " "))
