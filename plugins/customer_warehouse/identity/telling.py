"""What the commands of identity print: tables and plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from yaml import YAMLError

from customer_warehouse.database import Connection, scalar
from customer_warehouse.identity import lookup, nobodys, overrides, review
from customer_warehouse.identity.bypass import load_bypass
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.rules import load_rules
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.identity.stage import policy_at
from customer_warehouse.night import night_of
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.rejects.masking import shape

if TYPE_CHECKING:
    from customer_warehouse.identity.explain import Change, Explanation, Link
    from customer_warehouse.identity.preview import Example, Preview
    from customer_warehouse.settings import Settings

TABLES = ("overrides", "review_queue", "changes", "links", "held", "records", "cluster_health", "aliases")
"""Tables that explaining needs."""
MOST_SHOWN = 50
"""Records, links or entries of history of one customer; the tables have the rest."""


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """A connection that cannot write."""
    from customer_warehouse.identity import preview

    with preview.reading(settings.url) as connection:
        yield connection


def policy(
    connection: Connection,
    *,
    rules: Path | None = None,
    model: Path | None = None,
    link: float | None = None,
    review: float | None = None,
) -> Policy:
    """The policy that the next night follows, with what is to be tried instead.

    Raises StageError when a file cannot be used.
    """
    found = policy_at(connection, scalar(connection, "select clock_timestamp()"))
    try:
        if rules is not None:
            found = Policy.of(load_rules(rules), found.bypass, found.model)
        if model is not None:
            found = replace(found, model=import_module("customer_warehouse.identity.model").load_model(model))
    except (OSError, ValueError, YAMLError) as error:
        file, said = model if rules is None else rules, " ".join(str(error).split())
        raise StageError(f"{file} cannot be used: {said}") from None
    found = replace(found, link_threshold=found.link_threshold if link is None else link)
    found = replace(found, review_threshold=found.review_threshold if review is None else review)
    if found.review_threshold > found.link_threshold:
        raise StageError(
            "What is linked need not be reviewed: the threshold of review must not be above that of links."
        )
    return found


def end_of(connection: Connection, settings: Settings, day: datetime | None) -> datetime | None:
    """The end of the last day on which something holds; None for good. Raises BadParameter when it is over."""
    if day is None:
        return None
    end = night_of(day.date(), settings.business_time_zone).as_of
    if lookup.is_over(connection, end):
        raise typer.BadParameter("this day is over", param_hint="--expires")
    return end


def explanation(connection: Connection, a: RecordKey, b: RecordKey, *, unmasked: bool) -> None:
    """Print why two records are one customer, or what keeps them apart."""
    from customer_warehouse.identity.explain import explain
    from customer_warehouse.identity.verdicts import words

    used = policy(connection)
    found = explain(connection, used, a, b, overrides.every(connection), unmasked=unmasked)
    if found.customer_a == found.customer_b:
        print(f"One customer: {found.customer_a}.\n")
    else:
        print(f"Two customers: {found.customer_a} and {found.customer_b}.\n")
    table = _table("", lookup.said_name(a, unmasked), lookup.said_name(b, unmasked), "")
    for one, other, compared in found.fields:
        if one.value or other.value:
            _add(table, words(one.column), one.value, other.value, compared)
    _print(table)
    print("\nRules")
    table = _table("", "links", "because")
    for verdict in found.verdicts:
        _add(table, verdict.rule, "yes" if verdict.links else "no", verdict.sentence)
    _print(table)
    _score(found, used)
    if found.apart:
        print("\nWhat holds them apart")
        _say(found.apart)
    if found.path:
        print("\nHow they hang together")
        _links(found.path, unmasked)
    if found.overrides:
        print("\nDecisions")
        _decisions(connection, found.overrides, unmasked)
    print("\nHistory")
    _history(found.history, unmasked)


def _score(found: Explanation, used: Policy) -> None:
    if found.weight is None or found.probability is None:
        print("\nNo model is in use, so the pair has no score.")
        return
    print(
        f"\nScore {found.probability:.4f} ({found.weight:+.1f} bits); from {used.link_threshold:g} on pairs are linked,"
        f" from {used.review_threshold:g} on they are put to people"
    )
    table = _table("", "agreement", "#bits")
    for part in found.parts:
        _add(table, part.comparison.replace("_", " "), part.level, f"{part.weight:+.1f}")
    _print(table)


def card(connection: Connection, customer: lookup.Customer, *, unmasked: bool) -> None:
    """Print all that is known of a customer."""
    from customer_warehouse.identity.card import card as read

    found = read(connection, customer, overrides.every(connection), unmasked=unmasked)
    if customer.said:
        print(customer.said)
    records = "1 record" if len(found.records) == 1 else f"{len(found.records):,} records"
    print(f"Customer {customer.customer_id}: {records}, first seen {found.first_seen:%Y-%m-%d}.")
    if found.split_from:
        print(f"It was split from {found.split_from}.")
    for ended, since in found.absorbed:
        print(f"It took the records of {ended} on {since:%Y-%m-%d}.")
    print("\nRecords")
    columns = ("kind", "member_number", "full_name", "email", "phone", "birth_date", "created_at")
    table = _table("", *(column.replace("_", " ") for column in columns))
    for record in found.records[:MOST_SHOWN]:
        values = {field.column: field.value for field in found.fields.get(record, [])}
        _add(table, lookup.said_name(record, unmasked), *(values.get(column, "") for column in columns))
    _print(table, len(found.records))
    if found.links:
        print("\nLinks")
        _links(found.links, unmasked)
    if found.health:
        of = found.health
        weakest = "" if of.weakest is None else f", the weakest link gives {of.weakest:.3f}"
        action = f"; {of.action}" if of.action else ""
        print(
            f"\nHealth: {of.links:,} links between {of.records:,} records, {of.density:.0%} of all pairs;"
            f" {of.bridges:,} without which it falls apart{weakest}{action}."
        )
    if found.contact_points is not None:
        print("\nContact points")
        table = _table("", "contact", "role", "verified", "last seen", "marketing")
        for point in found.contact_points:
            seen = f"{point.last_seen_at:%Y-%m-%d}" if point.last_seen_at else ""
            verified = "yes" if point.is_verified else "no"
            _add(table, point.type, point.contact, point.role, verified, seen, point.marketing_consent or "")
        _print(table)
    if found.households:
        print("\nHouseholds")
        _say(f"{name} ({cause}), {customers} customers" for name, cause, customers in found.households)
    if found.reviews:
        print("\nWaiting for a decision")
        _reviews(found.reviews, unmasked)
    if found.overrides:
        print("\nDecisions")
        _decisions(connection, found.overrides, unmasked)
    print("\nHistory")
    _history(found.history, unmasked)


def reviews(connection: Connection, limit: int) -> None:
    """Print the review queue."""
    counts = review.how_many(connection)
    if not counts:
        print("No pair waits for a decision.")
        return
    _reviews(review.waiting(connection, limit), unmasked=False)
    causes = ", ".join(f"{cause} {pairs:,}" for cause, pairs in counts.items())
    print(f"{sum(counts.values()):,} wait: {causes}. `identity review show NUMBER` explains one.")


def _reviews(pairs: Iterable[review.Review], unmasked: bool) -> None:
    table = _table("number", "record", "record", "#probability", "cause", "since", "customers")
    for pair in pairs:
        names = (lookup.said_name(pair.a, unmasked), lookup.said_name(pair.b, unmasked))
        probability = "" if pair.probability is None else f"{pair.probability:.3f}"
        customers = f"{pair.customer_a}, {pair.customer_b}"
        _add(table, pair.number, *names, probability, pair.cause, f"{pair.since:%Y-%m-%d}", customers)
    _print(table)


def decided(connection: Connection, number: int) -> None:
    """Print what follows from a decision just taken."""
    print(f"Decision {number} is written down. It holds from the first night that ends after now.")
    for conflict in overrides.find_conflicts(overrides.standing(connection)):
        if number in {conflict.not_same.override_id, *(override.override_id for override in conflict.same)}:
            print(conflict.explanation)


def decisions(connection: Connection, *, every: bool) -> None:
    """Print decisions and the conflicts among those that stand."""
    standing = overrides.standing(connection)
    _decisions(connection, overrides.every(connection) if every else standing, unmasked=False)
    conflicts = overrides.find_conflicts(standing)
    if conflicts:
        print("\nConflicts")
        _say(conflict.explanation for conflict in conflicts)


def _decisions(connection: Connection, found: Iterable[overrides.Override], unmasked: bool) -> None:
    table = _table("#number", "record", "record", "decision", "by", "on", "state", "reason")
    for one in found:
        names = (lookup.said_name(one.a, unmasked), lookup.said_name(one.b, unmasked))
        if one.withdrawn_at:
            state = f"withdrawn {one.withdrawn_at:%Y-%m-%d} by {one.withdrawn_by}"
        elif one.expires_at:
            over = lookup.is_over(connection, one.expires_at)
            state = f"{'expired' if over else 'until'} {one.expires_at:%Y-%m-%d %H:%M} UTC"
        else:
            state = "stands"
        decision = one.decision.replace("_", " ")
        _add(table, str(one.override_id), *names, decision, one.decided_by, f"{one.decided_at:%Y-%m-%d}", state,
             one.reason)  # fmt: skip
    _print(table)


def bypassed(connection: Connection, *, unmasked: bool) -> None:
    """Print the values in force: the shipped ones as they are, others masked."""
    table = _table("column", "value", "owner", "until", "reason")
    for row in load_bypass():
        _add(table, row.column, row.value, row.owner, f"{row.expires}" if row.expires else "", row.reason)
    for column, value, owner, reason, expires in connection.execute(
        "select column_name, value, owner, reason, expires_at from identity.bypass order by column_name, value"
    ):
        until = f"{expires:%Y-%m-%d}" if expires else ""
        _add(table, column, value if unmasked else shape(value), owner, until, reason)
    _print(table)


def proposals(connection: Connection, *, unmasked: bool) -> None:
    """Print the values that the night proposes."""
    found = nobodys.proposed(connection, unmasked)
    if not found:
        print("Nothing is proposed.")
        return
    table = _table("number", "column", "value", "#records", "#people", "since")
    for one in found:
        counts = (f"{one.records:,}", f"{one.names:,}")
        _add(table, one.number, one.column, one.value, *counts, f"{one.since:%Y-%m-%d}")
    _print(table)
    print("`identity bypass add NUMBER --by … --why …` takes one up.")


def preview(found: Preview, examples: int, settings: Settings) -> None:
    """Print what would change."""
    merged, split = found.merged(), found.split()
    changed = sum(len(group.before) for group in merged)
    print(f"What the next night would change of {found.as_of:%Y-%m-%d %H:%M} UTC; nothing was written.\n")
    table = _table("", "#now", "#then")
    _add(table, "customers", f"{found.customers_before:,}", f"{found.customers_after:,}")
    _add(table, "pairs for people to decide", f"{found.reviews_before:,}", f"{found.reviews_after:,}")
    if found.effects is not None:
        of = found.effects
        _add(table, f"net revenue ({settings.base_currency})", f"{of.revenue_before:,.2f}", f"{of.revenue_after:,.2f}")
    _print(table)
    if found.moves:
        print(
            f"\n{changed:,} customers would be merged into {len(merged):,}, {len(split):,} would be split;"
            f" {found.changed():,} would not keep the same records."
            f" {found.records_moved:,} of {found.records:,} records would move."
        )
    else:
        print("\nEvery customer would keep its records.")
    if found.new_records:
        print(f"{found.new_records:,} records are newer than the last night of identity and come in as well.")
    if found.effects is None:
        print("There are no marts yet, so money, segments and consents cannot be told.")
    elif found.moves:
        print(f"{found.effects.revenue_moved:,.2f} {settings.base_currency} of net revenue would move.")
        _effects(found)
    for title, group in (("Merged", merged), ("Split", split)):
        if group and examples:
            print(f"\n{title}, those first that move most")
            _examples(group[:examples])


def _effects(found: Preview) -> None:
    assert found.effects is not None
    lists = {name: change for name, change in found.effects.segments.items() if change.gained or change.lost}
    if lists:
        print("\nSegments")
        table = _table("", "#now", "#then", "#come in", "#fall out")
        for name, change in lists.items():
            _add(table, name, *(f"{n:,}" for n in (change.before, change.after, change.gained, change.lost)))
        _print(table)
    consents = [(channel, *way, n) for channel, ways in found.effects.consents.items() for way, n in ways.items()]
    if consents:
        print("\nConsents")
        table = _table("", "now", "then", "#customers")
        for channel, now, then, customers in consents:
            _add(table, channel, now, then, f"{customers:,}")
        _print(table)
    if not lists and not consents:
        print("No segment and no consent would change.")


def _examples(group: Iterable[Example]) -> None:
    table = _table("now", "then", "#records", "#revenue moved")
    for example in group:
        revenue = "" if example.revenue is None else f"{example.revenue:,.2f}"
        _add(table, _some(example.before), _some(example.after), f"{example.records:,}", revenue)
    _print(table)


def _some(customers: tuple[str, ...]) -> str:
    more = f" and {len(customers) - 5:,} more" if len(customers) > 5 else ""
    return ", ".join(customers[:5]) + more


def _links(links: list[Link], unmasked: bool) -> None:
    table = _table("record", "record", "rule", "strength", "names", "#probability")
    for link in links[:MOST_SHOWN]:
        names = (lookup.said_name(link.a, unmasked), lookup.said_name(link.b, unmasked))
        probability = "" if link.probability is None else f"{link.probability:.3f}"
        _add(table, *names, link.rule, link.strength, link.names or "", probability)
    _print(table, len(links))


def _history(changes: list[Change], unmasked: bool) -> None:
    table = _table("since", "record", "what", "cause", "customer before", "customer")
    for change in changes[-MOST_SHOWN:]:
        _add(
            table,
            f"{change.since:%Y-%m-%d}",
            lookup.said_name(change.record, unmasked),
            change.kind,
            change.cause.replace("_", " "),
            change.previous_customer_id or "",
            change.customer_id or "",
        )
    _print(table, len(changes))


def _say(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(f"  {sentence}")


def _table(*names: str) -> Table:
    """A table without lines; `#` before a name puts its numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.removeprefix("#"), justify="right" if name.startswith("#") else "left")
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row; what looks like the console's markup is only text, what would move the cursor is its escape."""
    table.add_row(
        *(Text("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cell)) for cell in cells)
    )


def _print(table: Table, of: int = 0) -> None:
    """Print a table, and how many rows there are when it shows only some of them."""
    import sys

    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
    if of > table.row_count:
        print(f"  {of:,} in all; the tables of schema identity have the rest.")
