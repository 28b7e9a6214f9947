"""One measurement of identity in a process of its own; the last line of the output is what was measured, as JSON.

`python -m customer_warehouse.bench.identity_child WHAT FOLDER [NIGHT]`, where WHAT is
  ours, peer                       on the labelled file in FOLDER (records.parquet, truth.parquet, columns.yml)
  ours-standardised,
  peer-standardised                on standardised records in FOLDER (records.parquet as RECORDS, truth.parquet)
  night, full-night                the stage on the warehouse of the settings, for NIGHT; FOLDER is not looked at
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

SCORING = "customer_warehouse.identity.scoring"
"""Loaded before the clock starts, as the peer's modules are: a stage loads it when it is needed."""
MEMORY_OF_PEER = "12GB"
"""What the peer's DuckDB may hold before it writes to disk: it is measured as it is, not as we would bound it."""


def labelled(folder: Path) -> dict[str, Any]:
    """Our stage on a labelled file, its model trained on it, as `identity evaluate --train` does it."""
    from customer_warehouse.identity.evaluate import evaluate
    from customer_warehouse.settings import Settings

    files = (folder / name for name in ("records.parquet", "truth.parquet", "columns.yml"))
    return evaluate(*files, train=True, processes=Settings.from_environment().processes).as_json()


def peer(folder: Path, standardised: bool) -> dict[str, Any]:
    """Splink on the same records."""
    from customer_warehouse.bench import identity_peer

    truth = "record_id as unique_id" if not standardised else "source || ' ' || source_key as unique_id"
    return identity_peer.run(
        identity_peer.STANDARDISED if standardised else identity_peer.GENERATED,
        f"'{folder}/records.parquet'",
        f"(select {truth}, entity_id as entity from '{folder}/truth.parquet')",
        MEMORY_OF_PEER,
    )


def standardised(folder: Path) -> dict[str, Any]:
    """Our stage as of a night, on standardised records: the policy and the model that nights have."""
    import pyarrow.parquet as pq

    from customer_warehouse.identity import engine, metrics
    from customer_warehouse.identity.evaluate import candidate_recall
    from customer_warehouse.identity.peak_memory import PeakMemory
    from customer_warehouse.identity.records import load_records, workspace

    import_module(SCORING)
    with workspace() as work:
        with PeakMemory() as peak:
            started = time.perf_counter()
            load_records(work, pq.ParquetFile(folder / "records.parquet").iter_batches())
            engine.resolve(work, engine.Policy())
            seconds = time.perf_counter() - started
        work.execute(
            f"""
            create table labelled as
            select row, cluster, entity_id as entity
            from '{folder}/truth.parquet' join records using (source, source_key) join components using (row)
            """
        )
        pairwise, b_cubed = metrics.agreement(work, "labelled")
        return {
            "pairwise": pairwise.as_json(),
            "b_cubed": b_cubed.as_json(),
            "candidate_recall": candidate_recall(work),
            "seconds": seconds,
            "peak_mb": peak.megabytes,
        }


def night(day: str, full: bool) -> dict[str, Any]:
    """The stage on PostgreSQL; peak memory is that of this process, without PostgreSQL's."""
    from customer_warehouse.identity import stage
    from customer_warehouse.identity.peak_memory import PeakMemory
    from customer_warehouse.night import night_of
    from customer_warehouse.settings import Settings

    import_module(SCORING)
    settings = Settings.from_environment()
    with PeakMemory() as peak:
        started = time.perf_counter()
        stage.run(settings, night_of(date.fromisoformat(day), settings.business_time_zone), full=full)
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak_mb": peak.megabytes}


def main(what: str, folder: str, day: str = "") -> None:
    """Measure and print."""
    place = Path(folder)
    measured = {
        "ours": lambda: labelled(place),
        "peer": lambda: peer(place, standardised=False),
        "ours-standardised": lambda: standardised(place),
        "peer-standardised": lambda: peer(place, standardised=True),
        "night": lambda: night(day, full=False),
        "full-night": lambda: night(day, full=True),
    }[what]()
    print(json.dumps(measured | {"processor": _processor_seconds()}), flush=True)


def _processor_seconds() -> float:
    """Of this process and those it started and waited for, imports and checking against the truth included."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main(*sys.argv[1:])
