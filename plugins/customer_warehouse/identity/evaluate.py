"""How good the stage is on a labelled file: the night's own steps on its records, and the clusters against the truth.

Values are standardised, rules and scores find links, links become clusters, guards split them: the code and the
defaults of a night. The truth is looked at when the clusters stand, and record ids are no evidence.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from customer_warehouse.identity import engine, labelled_values, metrics, training
from customer_warehouse.identity.labelled import LabelledFileError, read_columns, read_records, read_truth
from customer_warehouse.identity.metrics import Agreement
from customer_warehouse.identity.peak_memory import PeakMemory
from customer_warehouse.identity.records import Workspace, load_records, one_row, workspace


@dataclass(frozen=True)
class Evaluation:
    """What was measured."""

    pairwise: Agreement
    b_cubed: Agreement
    candidate_recall: float
    """Of the pairs that are one entity, the share that a rule or the scoring looked at."""
    clusters: int
    """Of all records, also of those without a truth."""
    seconds: float
    """Wall time from opening the records to the clusters, training included."""
    peak_mb: float
    """The most memory of all processes together, in units of 1,000,000 bytes."""
    records: int
    labelled: int
    """Records that have an entity; only these count in the measures."""
    left_out: tuple[str, ...] = ()
    """Columns that were not used: more of a kind than records have places for."""

    def as_json(self) -> dict[str, Any]:
        return {
            "pairwise": self.pairwise.as_json(),
            "b_cubed": self.b_cubed.as_json(),
            "candidate_recall": self.candidate_recall,
            "clusters": self.clusters,
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
        }


def evaluate(records: Path, truth: Path, columns: Path, *, train: bool = False, processes: int = 2) -> Evaluation:
    """Resolve the records and hold the clusters against the truth.

    `train` trains the scoring's model on these records first, without the truth. A record that the truth does not know
    is resolved like any other, but does not count in the measures; a row of the truth without a record is ignored.
    Raises LabelledFileError when a file cannot be used.
    """
    entities = read_truth(truth)
    with workspace() as work:
        with PeakMemory() as peak:
            started = time.perf_counter()
            declared = read_columns(columns)
            table = read_records(records, declared)
            others = labelled_values.others_of(table, declared)
            count = load_records(work, labelled_values.read(table, declared, processes))
            del table
            resolve(work, train)
            seconds = time.perf_counter() - started
        labelled = _label(work, entities)
        if not labelled:
            raise LabelledFileError(f"No record_id of {truth} is one of {records}; these are not each other's files.")
        pairwise, b_cubed = metrics.agreement(work, "labelled")
        return Evaluation(
            pairwise,
            b_cubed,
            candidate_recall(work),
            one_row(work, "select count(distinct cluster) from components")[0],
            seconds,
            peak.megabytes,
            count,
            labelled,
            others[len(labelled_values.OTHERS) :],
        )


def resolve(work: Workspace, train: bool) -> None:
    """Resolve the records of the workspace by the night's policy, with a model of their own where `train` says so.

    Without, the model is taken to be of a brand with as many records a person as the one it was trained on.
    """
    policy = engine.Policy()
    engine.gather(work, policy)
    model = policy.model
    if train:
        model = training.train(work, "of these records")
    elif model is not None:
        model = model.for_records(one_row(work, "select count(*) from records")[0])
    engine.decide(work, replace(policy, model=model), are_compared=train)


def _label(work: Workspace, truth: pa.Table) -> int:
    """Make the table `labelled` (row, cluster, entity) of the records that have an entity; returns how many do."""
    work.register("truth", truth)
    work.execute(
        """
        create or replace temp table labelled as
        select row, cluster, entity_id as entity
        from truth
        join records on records.source_key = sha256(truth.record_id)
        join components using (row)
        """
    )
    work.unregister("truth")
    return int(one_row(work, "select count(*) from labelled")[0])


def candidate_recall(work: duckdb.DuckDBPyConnection) -> float:
    """The share of the true pairs that have a key of a rule or of the blocking in common that is not held.

    1 where the truth has no pair. Only pairs within an entity are made.
    """
    found, true = one_row(
        work,
        """
        with usable as (
            select kind, key, row, entity from keys anti join held using (kind, key) join labelled using (row)
        ),
        found as (
            select distinct one.row as a, other.row as b
            from usable as one
            join usable as other using (kind, key, entity)
            where one.row < other.row
        )
        select
            (select count(*) from found),
            (select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from labelled group by entity))
        """,
    )
    return float(found / true) if true else 1.0
