"""The border check of a stage: what must hold before the next stage may use its tables.

Every result goes to `ops.checks`, the counts to the ledger. A critical check that does not hold ends the night here:
the marts of last night stay published and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from psycopg import sql

from customer_warehouse.activation.held import held_by_marts
from customer_warehouse.activation.segments import MODEL_PREFIX
from customer_warehouse.database import Connection, connect, scalar
from customer_warehouse.extract.declaration import source_names
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.batches import keeps_versions
from customer_warehouse.quality import holds, measures, results
from customer_warehouse.quality.expectation_files import (
    STAGE_SCHEMAS,
    Check,
    ExpectationFile,
    ExpectationFileError,
    load,
)
from customer_warehouse.quality.targets import Outcome, Target
from customer_warehouse.settings import Settings

SEVERITIES = ("critical", "hold", "warn")

TABLE_EXISTS = Check(
    name="table_exists",
    sql=["select 1 where to_regclass({table_name}) is null"],
    severity="critical",
    why="The stage makes this table on every run; without it nothing after the stage can be right.",
    what_to_do="Read the message of the stage's own step in ops.steps, repair it and run the night again.",
)


def check(settings: Settings, night: Night, stage: str) -> None:
    """Make the checks of `stage` for the night and record them.

    Raises StageError when a critical check does not hold or cannot be made, or a file of expectations is wrong.
    """
    with ledger.step(settings.url, night, stage, "check") as step:
        files = declared(settings, stage)
        with connect(settings.url, autocommit=True) as connection:
            # A held segment's table is that of an earlier night, and stays so.
            left_out = [f"activation.{MODEL_PREFIX}{name}" for name in held_by_marts(connection)]
            targets, outcomes = _targets(connection, night, files, left_out if stage == "activation" else ())
            values = _values(settings, night)
            outcomes += measures.run(connection, night, stage, targets, values)
        if any(check.measure is None for target in targets for check in target.checks):
            from customer_warehouse.quality import gate  # takes seconds, and is needed nowhere else

            outcomes += gate.run(settings.url, targets, values)
        outcomes, held = holds.decide(settings, night, outcomes)
        results.record(settings.url, night, stage, outcomes, held)
        bad = {severity: [o for o in outcomes if o.is_bad and o.check.severity == severity] for severity in SEVERITIES}
        step.rows_in = len(outcomes)
        step.rows_rejected = sum(len(some) for some in bad.values())
        step.rows_out = step.rows_in - step.rows_rejected
        step.detail = {
            "tables": len({outcome.table for outcome in outcomes}),
            "no_baseline": sum(outcome.status == "no_baseline" for outcome in outcomes),
            "failed": [outcome.title for outcome in bad["critical"]],
            "held": {outcome.title: held.get(outcome.key, []) for outcome in bad["hold"]},
            "warned": [outcome.title for outcome in bad["warn"]],
        }
        if bad["critical"]:
            raise ledger.StageError(
                f"{len(bad['critical'])} critical check{'s' if len(bad['critical']) > 1 else ''} after {stage} failed: "
                + "; ".join(f"{outcome.title}: {outcome.check.what_to_do}" for outcome in bad["critical"])
            )


def declared(settings: Settings, stage: str) -> list[ExpectationFile]:
    """The files of the stage's border. Raises StageError when one cannot be used."""
    try:
        return load(settings.expectations_dir, STAGE_SCHEMAS[stage])
    except ExpectationFileError as error:
        raise ledger.StageError(f"The border checks of {stage} cannot be read; correct {error}") from error


def _targets(
    connection: Connection, night: Night, files: Sequence[ExpectationFile], left_out: Collection[str]
) -> tuple[list[Target], list[Outcome]]:
    """What there is to check, and the failed checks of tables that should be there and are not.

    `left_out` are tables (`schema.name`) that nothing is asked of tonight.
    """
    targets: list[Target] = []
    missing: list[Outcome] = []
    for file in files:
        tables = [table for table in tables_of(connection, file) if f"{file.schema_name}.{table}" not in left_out]
        # A source that this deployment does not declare has no raw tables; all other tables are always made.
        if not tables and not file.is_pattern and file.schema_name != "raw" and file.table not in left_out:
            missing.append(Outcome(file.table, TABLE_EXISTS, "failed"))
        for table in tables:
            batch_id = _new_batch(connection, night) if file.schema_name == "marts_store" else None
            target = Target(file.schema_name, table, file.checks_of(table), batch_id)
            if batch_id is not None:
                target = replace(target, versions=keeps_versions(connection, target.name))
                has_rows = scalar(connection, f"select exists (select 1 from {target.source} as batch)")
                target = replace(target, has_rows=has_rows)
            targets.append(target)
    return targets, missing


def tables_of(connection: Connection, file: ExpectationFile) -> list[str]:
    """Names of the tables and views that the file's checks are made on, sorted."""
    rows = connection.execute(
        "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = %s and relkind in ('r', 'p', 'v', 'm', 'f') order by relname",
        (file.schema_name,),
    )
    return [name for (name,) in rows if file.matches(name)]


def _new_batch(connection: Connection, night: Night) -> int:
    """The batch of the marts that this run built last and nobody reads yet."""
    batch_id = scalar(
        connection,
        "select (detail ->> 'batch_id')::bigint from ops.steps where run_id = %s and stage = 'marts'"
        " and step = 'build' and status in ('succeeded', 'degraded') order by step_id desc limit 1",
        (night.run_id,),
    )
    if batch_id is None:
        raise ledger.StageError("This run has built no marts that could be checked; build the marts first.")
    return int(batch_id)


def _values(settings: Settings, night: Night) -> dict[str, str]:
    """The SQL text of every placeholder that a query may use, but those of its table."""
    sources = sql.SQL(", ").join(sql.Literal(name) for name in source_names(settings.sources_dir))
    return {
        "run_id": sql.Literal(night.run_id).as_string(),
        "night": sql.SQL("cast({} as date)").format(night.date.isoformat()).as_string(),
        "as_of": sql.SQL("cast({} as timestamptz)").format(night.as_of.isoformat()).as_string(),
        "sources": sql.SQL("cast(array[{}] as text[])").format(sources).as_string(),
        "base_currency": sql.Literal(settings.base_currency).as_string(),
    }
