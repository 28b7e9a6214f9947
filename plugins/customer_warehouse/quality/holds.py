"""What a failed check of severity `hold` stops: the segments that depend on its column, and nothing else.

They keep their last list; the rest of the night goes on. A column that leads to a customer's key, consent or contact is
never only held: its check then counts as critical, as it does when it cannot be found out what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from customer_warehouse.activation.consent import COLUMNS
from customer_warehouse.activation.segments import MODEL_PREFIX, Segment, load_segments
from customer_warehouse.database import connect
from customer_warehouse.identity.rules import RULES
from customer_warehouse.night import Night
from customer_warehouse.quality.targets import Outcome
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner

PUBLISHED, STORE = "marts", "marts_store"
CUSTOMERS = f"{STORE}.customer_360"
PROTECTED = {"customer_id", *(name for columns in COLUMNS.values() for name in columns)}
"""Columns of `customer_360` of which a doubt stops the night."""
EXPORTED = {"customer_id", "full_name"}
"""Columns of `customer_360` that are on every list, beside those of its channels."""
IDENTIFYING = {"source", "source_key", "full_name", "full_name_key", "updated_at", "created_at"} | {
    column for rule in RULES for column in (*rule.agree, *rule.not_different)
}
"""Columns of `standardised.customers` that decide which records are one customer."""


def decide(settings: Settings, night: Night, outcomes: Sequence[Outcome]) -> tuple[list[Outcome], dict[str, list[str]]]:
    """The outcomes with their true severities, and for each failed hold, by `Outcome.key`, the segments it holds."""
    dependents: Dependents | None = None
    decided: list[Outcome] = []
    held: dict[str, list[str]] = {}
    for outcome in outcomes:
        column = outcome.check.held_column
        if outcome.check.severity == "hold" and outcome.is_bad:
            if column is None:
                held[outcome.key] = [outcome.table.partition(".")[2].removeprefix(MODEL_PREFIX)]
            else:
                dependents = dependents or _dependents(settings, night)
                segments = dependents.segments_of(outcome.table, column)
                if segments is None:
                    outcome = _critical(outcome)
                else:
                    held[outcome.key] = segments
        decided.append(outcome)
    return decided, held


class Dependents:
    """Which segments depend on a column; knows nothing when the lineage could not be traced."""

    def __init__(self, manifest: dict[str, Any], sources: dict[str, list[str]], segments: Iterable[Segment]) -> None:
        from customer_warehouse.quality import lineage  # loads a parser of SQL, which a good night does not need

        self._column = lineage.Column
        self._rows = lineage.ROWS
        self._segments = list(segments)
        nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
        self._known = columns = dict(sources)
        for node in nodes:
            name = f"{node['schema']}.{node['alias']}"
            if node["columns"]:
                columns[name] = list(node["columns"])
            if node["schema"] == STORE:
                columns[f"{PUBLISHED}.{node['alias']}"] = columns[name]
        models = {f"{n['schema']}.{n['alias']}": n["compiled_code"] for n in nodes if n["resource_type"] == "model"}
        try:
            self._lineage: lineage.Lineage | None = lineage.trace(models, columns)
        except lineage.LineageError:
            self._lineage = None
            return
        for table, names in columns.items():
            owner, _, name = table.partition(".")
            if owner == PUBLISHED:
                for column in (*names, lineage.ROWS):
                    self._lineage.add(self._column(table, column), [self._column(f"{STORE}.{name}", column)])
            if owner == "identity":
                for column in (*names, lineage.ROWS):
                    self._lineage.add(
                        self._column(table, column),
                        [self._column("standardised.customers", key) for key in sorted(IDENTIFYING)],
                    )

    def segments_of(self, table: str, column: str) -> list[str] | None:
        """The segments that depend on the column, sorted; None when it must stop the night instead.

        It must when it leads to what is protected, when it is not known, and when no lineage is.
        """
        if self._lineage is None or column not in self._known.get(table, ()):
            return None
        reached = self._lineage.downstream(self._column(table, column))
        if any(self._column(CUSTOMERS, name) in reached for name in (*PROTECTED, self._rows)):
            return None
        customers = {name for name in EXPORTED if self._column(CUSTOMERS, name) in reached}
        names = []
        for segment in self._segments:
            own = {name for name in ("customer_id", "reason", self._rows) if self._of(segment, name) in reached}
            if own or customers:
                names.append(segment.name)
        return sorted(names)

    def _of(self, segment: Segment, column: str) -> Any:
        return self._column(f"activation.{segment.table}", column)


def columns_of_sources(url: str) -> dict[str, list[str]]:
    """The columns of every table that is there, of those that dbt reads or writes."""
    with connect(url) as connection:
        rows = connection.execute(
            "select table_schema || '.' || table_name, array_agg(column_name::text) from information_schema.columns"
            " where table_schema in ('standardised', 'identity', 'warehouse', 'ops') group by 1"
        ).fetchall()
    return dict(rows)


def _dependents(settings: Settings, night: Night) -> Dependents:
    manifest = dbt_runner.compiled(settings, night)
    return Dependents(manifest, columns_of_sources(settings.url), load_segments(settings.dbt_project_dir))


def _critical(outcome: Outcome) -> Outcome:
    remedy = f"It leads to keys, consent or contacts and so stops the night. {outcome.check.what_to_do}"
    return replace(outcome, check=outcome.check.model_copy(update={"severity": "critical", "what_to_do": remedy}))
