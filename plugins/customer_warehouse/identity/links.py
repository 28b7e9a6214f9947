"""Find the links between records that the rules allow, inside DuckDB.

`links` (a, b, rule, strength, names, probability, weight, certain, contested): links between rows, a before b;
probability and weight are null for what a rule says. `certain` is a link between records that say the same.

Named records with the same key, name and other compared values are interchangeable, so each of them is linked to the
oldest of its like only, and only these representatives are compared in pairs.

One key can be shared by several people, and a record that says little about itself would then connect them: a contact
without a name between two people with one mailbox, `J Smith` between Jane and John. Where the links of one rule would
connect two records that speak against each other, those of them are contested that do not rest on full agreement. A
contested link is no reason to believe in one person; a score may still be one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_warehouse.identity.components import Numbers, connected_components
from customer_warehouse.identity.names import Name, NameAgreement, compare, read_name
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import Workspace
from customer_warehouse.identity.rules import Rule, RuleBook, Strength


def find_links(work: Workspace, policy: Policy) -> None:
    """Fill `links` with what the rules say about `records`, by their `keys` that are not `held`."""
    work.execute(
        """
        create or replace table links (
            a bigint, b bigint, rule varchar, strength varchar, names varchar, probability double, weight double,
            certain boolean default false, contested boolean default false
        );
        create or replace temp table name_agreements (low bigint, high bigint, agreement tinyint)
        """
    )
    for rule in policy.rules:
        _collect_keys(work, rule, policy.book)
        _link_likes(work, rule)
        if rule.names is not None:
            _link_pairs(work, rule, rule.names)
    work.execute("drop table if exists keyed; drop table if exists pairs; drop table name_agreements")


def _collect_keys(work: Workspace, rule: Rule, book: RuleBook) -> None:
    """Fill `keyed` with the records that share a usable key of the rule."""
    columns = ", ".join(["name_id", *rule.not_different])
    if rule.names is None:
        likes = "partition by key"
        first_row = f"min(row) over ({likes})"
    else:
        # A record without a name, or with no more than a surname, is like no other.
        likes = f"partition by key, {columns}, if(name_id is null or is_surname, row, null)"
        first_row = f"min(row) over ({likes})"
    work.execute(
        f"""
        create or replace temp table keyed as
        select
            key, row, {columns}, is_surname,
            {first_row} as first_row,
            bool_or(is_strong) over ({likes}) as is_strong,
            min(created_at) over ({likes}) as seen_from,
            max(greatest(created_at, updated_at)) over ({likes}) as seen_until
        from (
            select key, row, created_at, updated_at, {columns}, {_strong(rule, book)} as is_strong,
                names.full_name_given is null and names.full_name_family is not null as is_surname
            from keys join records using (row) left join names using (name_id)
            where keys.kind = '{rule.name}'
        )
        semi join (
            select key from keys where kind = '{rule.name}' group by key having count(*) > 1
        ) using (key)
        anti join (from held where kind = '{rule.name}') using (key)
        """
    )


def _strong(rule: Rule, book: RuleBook) -> str:
    """SQL of whether a record holds the rule's identifiers strongly."""
    held = ["true"]
    for column in rule.agree:
        if column in book.strong:
            kinds = ", ".join(literal(kind) for kind in book.strong[column])
            sources = " ".join(
                f"when {literal(source)} then {columns[column] is Strength.STRONG}"
                for source, columns in sorted(book.sources.items())
                if column in columns
            )
            by_kind = f"coalesce(records.kind in ({kinds}), true)" if kinds else "false"
            held.append(f"case source {sources} else {by_kind} end" if sources else by_kind)
    return " and ".join(held)


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _link_likes(work: Workspace, rule: Rule) -> None:
    """Link each record to the oldest that says the same in everything the rule looks at."""
    names = "null" if rule.names is None else "'equal'"
    work.execute(
        f"""
        insert into links by name
        select first_row as a, row as b, '{rule.name}' as rule, '{rule.strength}' as strength, {names} as names,
            true as certain
        from keyed
        where row <> first_row
        """
    )


def _link_pairs(work: Workspace, rule: Rule, accepted: frozenset[NameAgreement]) -> None:
    """Link the representatives of a key whose names agree well enough, under the guard that the module describes."""
    different = " or ".join(["false", *(f"coalesce(one.{c} <> other.{c}, false)" for c in rule.not_different)])
    far = (
        f"coalesce(greatest(one.seen_from - other.seen_until, other.seen_from - one.seen_until)"
        f" > interval '{round(rule.years_apart * 365.25)} days', false)"
        if rule.years_apart
        else "false"
    )
    alike = " and ".join(["true", *(f"one.{c} is not distinct from other.{c}" for c in rule.not_different)])
    work.execute(
        f"""
        create or replace temp table pairs as
        select
            one.row as a,
            other.row as b,
            if(one.name_id < other.name_id, one.name_id, other.name_id) as low,
            if(one.name_id < other.name_id, other.name_id, one.name_id) as high,
            one.name_id is null or other.name_id is null
            or (one.name_id = other.name_id and one.is_surname) as nameless,
            {different} as different,
            {alike} as alike,
            one.is_strong or other.is_strong as is_strong,
            {far} as far
        from keyed as one
        join keyed as other on one.key = other.key and one.row < other.row
        where one.row = one.first_row and other.row = other.first_row
        """
    )
    _compare_names(work)
    found = work.sql(
        f"""
        select
            a,
            b,
            different,
            alike,
            is_strong,
            far,
            case
                when nameless then {NameAgreement.UNKNOWN:d}
                when low = high then {NameAgreement.EQUAL:d}
                else coalesce(agreement, {NameAgreement.DIFFERENT:d})
            end::tinyint as agreement
        from pairs
        left join name_agreements using (low, high)
        """
    ).fetchnumpy()
    a, b, agreement = found["a"], found["b"], found["agreement"]
    blocked = found["different"] | (agreement == NameAgreement.DIFFERENT)
    linked = np.isin(agreement, list(accepted)) & ~blocked
    if rule.names_if_weak is not None:
        linked &= found["is_strong"] | np.isin(agreement, list(rule.names_if_weak))
    linked &= ~found["far"] | (agreement == NameAgreement.EQUAL)
    certain = (agreement == NameAgreement.EQUAL) & found["alike"]
    contested = ~certain & _contested(a, b, linked, blocked)
    work.register(
        "new_links",
        pa.table(
            {
                "a": a[linked],
                "b": b[linked],
                "names": pa.DictionaryArray.from_arrays(
                    agreement[linked], [grade.name.lower() for grade in NameAgreement]
                ),
                "certain": certain[linked],
                "contested": contested[linked],
            }
        ),
    )
    work.execute(
        f"insert into links by name select *, '{rule.name}' as rule, '{rule.strength}' as strength from new_links"
    )
    work.unregister("new_links")


def _contested(a: Numbers, b: Numbers, linked: NDArray[np.bool_], blocked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pairs belong to a group that the links would connect although two of its records speak against it."""
    if not len(a):
        return linked
    labels = connected_components(int(b.max()) + 1, a[linked], b[linked])
    inside = labels[a] == labels[b]
    result: NDArray[np.bool_] = inside & np.isin(labels[a], labels[a[blocked & inside]])
    return result


def _compare_names(work: Workspace) -> None:
    """Compare the names of `pairs` that have not been compared before."""
    work.execute(
        """
        create or replace temp table open_names as
        select distinct low, high from pairs anti join name_agreements using (low, high)
        where low <> high and not different
        """
    )
    names: dict[int, Name] = {
        name_id: read_name(*parts)
        for name_id, *parts in work.sql(
            """
            select name_id, full_name_key, full_name, full_name_given, full_name_family
            from names
            where name_id in (select low from open_names union all select high from open_names)
            """
        ).fetchall()
    }
    open_names = work.sql("select low, high from open_names").fetchnumpy()
    low, high = open_names["low"].tolist(), open_names["high"].tolist()
    agreements = pa.table(
        {
            "low": open_names["low"],
            "high": open_names["high"],
            "agreement": pa.array(
                [compare(names[one], names[other]) for one, other in zip(low, high, strict=True)], pa.int8()
            ),
        }
    )
    work.register("agreements", agreements)
    work.execute("insert into name_agreements select * from agreements; drop table open_names")
    work.unregister("agreements")
