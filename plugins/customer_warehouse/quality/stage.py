"""The border check of a stage: what must hold before the next stage may use its tables.

Every result goes to `ops.checks`, the counts to the ledger. A critical check that does not hold ends the night here:
the marts of last night stay published and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from customer_warehouse.database import Connection, connect, scalar
from customer_warehouse.extract.declaration import source_names
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.quality.expectation_files import (
    STAGE_SCHEMAS,
    Check,
    ExpectationFile,
    ExpectationFileError,
    load,
)
from customer_warehouse.quality.targets import Outcome, Target
from customer_warehouse.settings import Settings

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
        try:
            files = load(settings.expectations_dir, STAGE_SCHEMAS[stage])
        except ExpectationFileError as error:
            raise ledger.StageError(f"The border checks of {stage} cannot be read; correct {error}") from error
        with connect(settings.url, autocommit=True) as connection:
            targets, outcomes = _targets(connection, night, files)
            values = _values(settings, night)
        from customer_warehouse.quality import gate  # takes seconds, and is needed nowhere else

        outcomes += gate.run(settings.url, targets, values)
        _record(settings.url, night, stage, outcomes)
        failed = [outcome for outcome in outcomes if not outcome.passed]
        critical = [outcome for outcome in failed if outcome.check.severity == "critical"]
        step.rows_in = len(outcomes)
        step.rows_out = len(outcomes) - len(failed)
        step.rows_rejected = len(failed)
        step.detail = {
            "tables": len({outcome.table for outcome in outcomes}),
            "failed": [outcome.title for outcome in critical],
            "warned": [outcome.title for outcome in failed if outcome.check.severity == "warn"],
        }
        if critical:
            raise ledger.StageError(
                f"{len(critical)} critical check{'s' if len(critical) > 1 else ''} after {stage} failed: "
                + "; ".join(f"{outcome.title}: {outcome.check.what_to_do}" for outcome in critical)
            )


def _targets(
    connection: Connection, night: Night, files: Sequence[ExpectationFile]
) -> tuple[list[Target], list[Outcome]]:
    """What there is to check, and the failed checks of tables that should be there and are not."""
    targets: list[Target] = []
    missing: list[Outcome] = []
    for file in files:
        tables = [table for table in _tables(connection, file.schema_name) if file.matches(table)]
        # A source that this deployment does not declare has no raw tables; all other tables are always made.
        if not tables and not file.is_pattern and file.schema_name != "raw":
            missing.append(Outcome(file.table, TABLE_EXISTS, passed=False))
        for table in tables:
            batch_id = _new_batch(connection, night) if file.schema_name == "marts_store" else None
            target = Target(file.schema_name, table, tuple(file.checks), batch_id)
            if batch_id is not None:
                has_rows = scalar(connection, f"select exists (select 1 from {target.source} as batch)")
                target = Target(file.schema_name, table, tuple(file.checks), batch_id, has_rows)
            targets.append(target)
    return targets, missing


def _tables(connection: Connection, schema: str) -> list[str]:
    """Names of the schema's tables and views, sorted."""
    rows = connection.execute(
        "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = %s and relkind in ('r', 'p', 'v', 'm', 'f') order by relname",
        (schema,),
    )
    return [name for (name,) in rows]


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


def _record(url: str, night: Night, stage: str, outcomes: Sequence[Outcome]) -> None:
    """Replace the run's results of this stage."""
    with connect(url) as connection:
        connection.execute("delete from ops.checks where run_id = %s and stage = %s", (night.run_id, stage))
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into ops.checks (run_id, stage, table_name, check_name, severity, passed, why, what_to_do)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        night.run_id,
                        stage,
                        outcome.table,
                        outcome.check.name,
                        outcome.check.severity,
                        outcome.passed,
                        outcome.check.why,
                        outcome.check.what_to_do,
                    )
                    for outcome in outcomes
                ],
            )
