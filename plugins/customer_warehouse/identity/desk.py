"""What stewards see: explanations, customers, the queue, decisions, and values that are nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from customer_warehouse.database import Connection, scalar
from customer_warehouse.identity import lookup, nobodys, overrides, review
from customer_warehouse.identity.bypass import load_bypass
from customer_warehouse.identity.card import card
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.explain import Change, Explanation, Link, explain
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.identity.stage import policy_at
from customer_warehouse.identity.tabular import add, print_table, say, table_of
from customer_warehouse.identity.verdicts import words
from customer_warehouse.rejects.masking import shape

TABLES = ("overrides", "review_queue", "changes", "links", "held", "records", "cluster_health", "aliases")
"""Tables of schema identity that explaining needs."""
MOST_SHOWN = 50
"""Records, links or entries of history of one customer; the tables have the rest."""


@dataclass(frozen=True)
class Desk:
    """Prints what a steward asks for."""

    connection: Connection
    days: lookup.Days
    unmasked: bool = False
    """Are values of people, and whole keys of records, shown?"""

    def explanation(self, a: RecordKey, b: RecordKey) -> None:
        """Print why two records are one customer, or what keeps them apart."""
        used = policy_at(self.connection, scalar(self.connection, "select clock_timestamp()"), self.days.zone)
        found = explain(self.connection, used, a, b, self.days, unmasked=self.unmasked)
        if found.customer_a == found.customer_b:
            print(f"One customer: {found.customer_a}.\n")
        else:
            print(f"Two customers: {found.customer_a} and {found.customer_b}.\n")
        table = table_of("", lookup.said_name(a, self.unmasked), lookup.said_name(b, self.unmasked), "")
        for one, other, compared in found.fields:
            if one.value or other.value:
                add(table, words(one.column), one.value, other.value, compared)
        print_table(table)
        print("\nRules")
        table = table_of("", "links", "because")
        for verdict in found.verdicts:
            add(table, verdict.rule, "yes" if verdict.links else "no", verdict.sentence)
        print_table(table)
        self._score(found, used)
        if found.apart:
            print("\nWhat holds them apart")
            say(found.apart)
        if found.path:
            print("\nHow they hang together")
            self._links(found.path)
        if found.overrides:
            print("\nDecisions")
            self._decisions(found.overrides)
        print("\nHistory")
        self._history(found.history)

    @staticmethod
    def _score(found: Explanation, used: Policy) -> None:
        if found.weight is None or found.probability is None:
            print("\nNo model is in use, so the pair has no score.")
            return
        print(
            f"\nScore {found.probability:.4f} ({found.weight:+.1f} bits). From {used.link_threshold:g} on pairs are"
            f" linked, from {used.review_threshold:g} on they are put to people."
        )
        table = table_of("", "agreement", "#bits")
        for part in found.parts:
            add(table, part.comparison.replace("_", " "), part.level, f"{part.weight:+.1f}")
        print_table(table)

    def card(self, customer: lookup.Customer) -> None:
        """Print all that is known of a customer."""
        found = card(self.connection, customer, unmasked=self.unmasked)
        said = customer.said(self.days)
        if said:
            print(said)
        records = "1 record" if len(found.records) == 1 else f"{len(found.records):,} records"
        print(f"Customer {customer.customer_id}: {records}, first seen {self.days.night(found.first_seen)}.")
        if found.split_from:
            print(f"It was split from {found.split_from}.")
        for ended, since in found.absorbed:
            print(f"It took the records of {ended} on {self.days.night(since)}.")
        print("\nRecords")
        columns = ("kind", "member_number", "full_name", "email", "phone", "birth_date", "created_at")
        table = table_of("", *(column.replace("_", " ") for column in columns))
        for record in found.records[:MOST_SHOWN]:
            values = {field.column: field.value for field in found.fields.get(record, [])}
            add(table, lookup.said_name(record, self.unmasked), *(values.get(column, "") for column in columns))
        print_table(table, len(found.records))
        if found.links:
            print("\nLinks")
            self._links(found.links)
        if found.health:
            of = found.health
            weakest = "" if of.weakest is None else f", the weakest link gives {of.weakest:.3f}"
            action = "; a guard took something off it" if of.action == "split" else ""
            print(
                f"\nHealth: {of.links:,} links between {of.records:,} records, {of.density:.0%} of all pairs;"
                f" {of.bridges:,} without which it falls apart{weakest}{action}."
            )
        if found.contact_points is not None:
            print("\nContact points")
            table = table_of("", "contact", "role", "verified", "last seen", "marketing")
            for point in found.contact_points:
                seen = self.days.day(point.last_seen_at) if point.last_seen_at else ""
                verified = "yes" if point.is_verified else "no"
                add(table, point.type, point.contact, point.role, verified, seen, point.marketing_consent or "")
            print_table(table)
        if found.households:
            print("\nHouseholds")
            say(f"{name} ({cause}), {customers} customers" for name, cause, customers in found.households)
        if found.reviews:
            print("\nWaiting for a decision")
            self._reviews(found.reviews)
        if found.overrides:
            print("\nDecisions")
            self._decisions(found.overrides)
        print("\nHistory")
        self._history(found.history)

    def reviews(self, limit: int) -> None:
        """Print the review queue."""
        counts = review.how_many(self.connection)
        if not counts:
            print("No pair waits for a decision.")
            return
        self._reviews(review.waiting(self.connection, limit))
        causes = ", ".join(f"{cause} {pairs:,}" for cause, pairs in counts.items())
        print(f"{sum(counts.values()):,} wait: {causes}. `identity review show NUMBER` explains one.")

    def _reviews(self, pairs: Iterable[review.Review]) -> None:
        table = table_of("number", "record", "record", "#probability", "cause", "since", "customers")
        for pair in pairs:
            names = (lookup.said_name(pair.a, self.unmasked), lookup.said_name(pair.b, self.unmasked))
            probability = "" if pair.probability is None else f"{pair.probability:.3f}"
            customers = f"{pair.customer_a}, {pair.customer_b}"
            add(table, pair.number, *names, probability, pair.cause, self.days.night(pair.since), customers)
        print_table(table)

    def decided(self, number: int) -> None:
        """Print what follows from a decision just taken."""
        print(f"Decision {number} is written down. It holds from the first night that ends after now.")
        for conflict in overrides.find_conflicts(overrides.standing(self.connection)):
            if number in {conflict.not_same.override_id, *(override.override_id for override in conflict.same)}:
                print(conflict.explanation)

    def decisions(self, *, every: bool) -> None:
        """Print decisions and the conflicts among those that stand."""
        standing = overrides.standing(self.connection)
        self._decisions(overrides.every(self.connection) if every else standing)
        conflicts = overrides.find_conflicts(standing)
        if conflicts:
            print("\nConflicts")
            say(conflict.explanation for conflict in conflicts)

    def _decisions(self, found: Iterable[overrides.Override]) -> None:
        table = table_of("#number", "record", "record", "decision", "by", "on", "state", "reason")
        for one in found:
            names = (lookup.said_name(one.a, self.unmasked), lookup.said_name(one.b, self.unmasked))
            if one.withdrawn_at:
                state = f"withdrawn {self.days.day(one.withdrawn_at)} by {one.withdrawn_by}"
            elif one.expires_at:
                over = lookup.is_over(self.connection, one.expires_at)
                state = f"{'expired' if over else 'until'} {self.days.night(one.expires_at)}"
            else:
                state = "stands"
            decision = one.decision.replace("_", " ")
            add(table, str(one.override_id), *names, decision, one.decided_by, self.days.day(one.decided_at), state,
                 one.reason)  # fmt: skip
        print_table(table)

    def _links(self, links: list[Link]) -> None:
        table = table_of("record", "record", "rule", "strength", "names", "#probability")
        for link in links[:MOST_SHOWN]:
            names = (lookup.said_name(link.a, self.unmasked), lookup.said_name(link.b, self.unmasked))
            probability = "" if link.probability is None else f"{link.probability:.3f}"
            add(table, *names, link.rule, link.strength, link.names or "", probability)
        print_table(table, len(links))

    def _history(self, changes: list[Change]) -> None:
        table = table_of("since", "record", "what", "cause", "customer before", "customer")
        for change in changes[-MOST_SHOWN:]:
            add(
                table,
                self.days.night(change.since),
                lookup.said_name(change.record, self.unmasked),
                change.kind,
                change.cause.replace("_", " "),
                change.previous_customer_id or "",
                change.customer_id or "",
            )
        print_table(table, len(changes))

    def bypassed(self) -> None:
        """Print the values in force: the shipped ones as they are, others masked."""
        table = table_of("column", "value", "owner", "until", "reason")
        for row in load_bypass():
            add(table, row.column, row.value, row.owner, f"{row.expires}" if row.expires else "", row.reason)
        for column, value, owner, reason, expires in self.connection.execute(
            "select column_name, value, owner, reason, expires_at from identity.bypass order by column_name, value"
        ):
            until = self.days.night(expires) if expires else ""
            add(table, column, value if self.unmasked else shape(value), owner, until, reason)
        print_table(table)

    def proposals(self) -> None:
        """Print the values that the night proposes."""
        found = nobodys.proposed(self.connection, self.unmasked)
        if not found:
            print("Nothing is proposed.")
            return
        table = table_of("number", "column", "value", "#records", "#people", "since")
        for one in found:
            counts = (f"{one.records:,}", f"{one.names:,}")
            add(table, one.number, one.column, one.value, *counts, self.days.night(one.since))
        print_table(table)
        print("`identity bypass add NUMBER --by … --why …` takes one up.")
