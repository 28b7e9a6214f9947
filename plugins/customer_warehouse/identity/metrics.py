"""How well clusters agree with the truth: pairwise and B³ precision, recall and F1.

Both are computed from the sizes of clusters, of entities and of what they have in common; no pair is enumerated, so
that a cluster of 100,000 records costs no more than any other.

Pairwise: of the pairs that the clusters put together, which share is one entity (precision); of the pairs that are one
entity, which share the clusters put together (recall).
B³ (A. Bagga and B. Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space Model", 1998): for each
record, the share of its cluster that is its entity (precision), and the share of its entity that is in its cluster
(recall); averaged over the records.
Where nothing was said, nothing was wrong: without any pair in the clusters precision is 1, without any pair in the
truth recall is 1. F1 is the harmonic mean of the two.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb


class Agreement(NamedTuple):
    """One measure of agreement; each number is from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 when both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def as_json(self) -> dict[str, float]:
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


def agreement(connection: duckdb.DuckDBPyConnection, labelled: str) -> tuple[Agreement, Agreement]:
    """Pairwise and B³ of the rows of `labelled`, a table or query with the columns `cluster` and `entity`.

    A row that has no entity is left out: nobody knows whether it was put in the right place.
    """
    (row,) = connection.sql(
        f"""
        with shared as (
            select cluster, entity, count(*)::hugeint as n from {labelled} where entity is not null group by all
        ),
        clusters as (select cluster, sum(n)::hugeint as n from shared group by all),
        entities as (select entity, sum(n)::hugeint as n from shared group by all)
        select
            (select sum(n * (n - 1)) from shared) as right_pairs,
            (select sum(n * (n - 1)) from clusters) as said_pairs,
            (select sum(n * (n - 1)) from entities) as true_pairs,
            (select sum(shared.n * shared.n / clusters.n::double) from shared join clusters using (cluster)) as precise,
            (select sum(shared.n * shared.n / entities.n::double) from shared join entities using (entity)) as recalled,
            (select sum(n) from shared) as records
        """
    ).fetchall()
    right, said, true, precise, recalled, records = (float(value or 0) for value in row)
    return (
        Agreement(right / said if said else 1.0, right / true if true else 1.0),
        Agreement(precise / records if records else 1.0, recalled / records if records else 1.0),
    )
