"""The standardise stage: raw rows become standard entities, one value at a time, and nothing is lost on the way.

Each mapping of a declaration is brought up to the night by itself, in one transaction: the raw rows that changed since
its last load (or all, when the night lies before it or the mapping has changed) replace what stood for them.
Every row a mapping should give is afterwards either in its table or, with a reason, in `standardised.rejects`; the
stage counts both sides in SQL, independently of the code that moved the rows, and stops when they differ.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial

from customer_warehouse.database import Connection, connect, quoted, statement, writer
from customer_warehouse.extract.balance import WHAT_TO_DO as RAW_IS_WRONG
from customer_warehouse.extract.balance import raw_balances
from customer_warehouse.extract.declaration import Source, StandardMap, load_sources
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import Balance, hand_over, hold
from customer_warehouse.rejects import history
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import suspects
from customer_warehouse.standardise.balance import WHAT_TO_DO
from customer_warehouse.standardise.exchange_rates import exchange_rates
from customer_warehouse.standardise.load import MappingLoad
from customer_warehouse.standardise.model import prepare_tables, standard_model
from customer_warehouse.standardise.processes import Processes


@dataclass
class Totals:
    """What became of the rows of one standard entity tonight."""

    rows_in: int = 0
    rows_out: int = 0
    rejected: int = 0
    values_rejected: int = 0
    sources: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)


def run(settings: Settings, night: Night, only: str | None = None) -> None:
    """Bring every table of schema `standardised` to the state of `night`; with `only`, what comes from that source.

    Raises StageError when a declaration or an exchange rate is wrong, or rows or money were lost or doubled on the way
    here or in `raw` since they were landed.
    """
    sources = load_sources(settings.sources_dir)
    rates = exchange_rates(settings.dbt_project_dir, settings.base_currency, settings.business_time_zone)
    with (
        connect(settings.url) as connection,
        writer(connection, "standardise"),
        Processes(settings.processes) as processes,
    ):
        prepare_tables(connection)
        history.prepare(connection)
        _write_trust(connection, sources)
        _forget_undeclared(connection, sources)
        connection.commit()
        with ledger.step(settings.url, night, "standardise", "take over"):
            raw = [balance for source in sources for balance in raw_balances(connection, night, source)]
            hold(settings.url, night, "standardise", raw, RAW_IS_WRONG)
        made: list[MappingLoad] = []
        for entity in standard_model():
            loads = [
                (source, origin, name, mapping)
                for source in sources
                for origin, name, mapping in mappings_of(source)
                if mapping.entity == entity and only in (None, source.source)
            ]
            with ledger.step(settings.url, night, "standardise", entity) as step:
                totals = Totals()
                for source, origin, name, mapping in loads:
                    load = MappingLoad(connection, settings, night, source, origin, name, mapping, rates, processes)
                    counts = load.run(partial(_progress, step))
                    made.append(load)
                    totals.rows_in += counts.landed
                    totals.rows_out += counts.standardised
                    totals.rejected += counts.rejected
                    totals.values_rejected += counts.values_rejected
                    totals.reasons.update(counts.reasons)
                    totals.sources[f"{source.source}.{origin}"] = {
                        "landed": counts.landed,
                        "standardised": counts.standardised,
                        "rejected": counts.rejected,
                    }
                connection.execute(statement(f"analyze {quoted('standardised', entity)}"))
                connection.commit()
                step.rows_in, step.rows_out, step.rows_rejected = totals.rows_in, totals.rows_out, totals.rejected
                step.detail = {
                    "values_rejected": totals.values_rejected,
                    "reasons": dict(totals.reasons),
                    "sources": totals.sources,
                }
                if entity == suspects.ENTITY:
                    step.detail["suspects"] = suspects.propose(connection, night)
                    connection.commit()
        with ledger.step(settings.url, night, "standardise", "rejects") as step:
            step.detail = asdict(history.note(connection, night.as_of))
            connection.commit()
        with ledger.step(settings.url, night, "standardise", "conservation"):
            _conserve(connection, settings.url, night, made)


def _conserve(connection: Connection, url: str, night: Night, made: list[MappingLoad]) -> None:
    """Count both sides of the border, and hand the tables over to the stages that read them.

    A mapping whose sides differ is forgotten, so that the next run makes it anew.
    """
    balances: list[Balance] = []
    for load in made:
        mine = load.balances()
        if any(balance.difference for balance in mine):
            load.forget()
        balances += mine
    hold(url, night, "standardise", balances, WHAT_TO_DO)
    hand_over(connection, night, [f"standardised.{entity}" for entity in standard_model()])
    connection.commit()


def mappings_of(source: Source) -> list[tuple[str, str, StandardMap]]:
    """Every mapping of the source as (origin, raw entity, mapping); the origin names it within the source."""
    return [
        (f"{name}.{index}.{mapping.entity}", name, mapping)
        for name, entity in source.entities.items()
        for index, mapping in enumerate(entity.standard)
    ]


def _progress(step: ledger.Step, rows: int) -> None:
    step.rows_in += rows
    step.progress()


def _write_trust(connection: Connection, sources: list[Source]) -> None:
    connection.execute("delete from standardised.source_trust")
    for source in sources:
        connection.execute(
            "insert into standardised.source_trust (source, trust, currency, fresh_within_hours)"
            " values (%s, %s, %s, %s)",
            (source.source, source.trust, source.currency, source.fresh_within / timedelta(hours=1)),
        )


def _forget_undeclared(connection: Connection, sources: list[Source]) -> None:
    """Take away what mappings gave that are declared no more."""
    declared = {(source.source, origin) for source in sources for origin, _, _ in mappings_of(source)}
    loaded = connection.execute("select source, origin, entity from standardised.loads").fetchall()
    for source, origin, entity in loaded:
        if (source, origin) not in declared:
            for table in (f"standardised.{entity}", "standardised.rejects", "standardised.loads"):
                connection.execute(
                    statement(f"delete from {table} where source = %s and origin = %s"), (source, origin)
                )
