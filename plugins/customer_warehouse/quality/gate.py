"""Asks Great Expectations whether the checks hold. The only module that imports it: the import takes seconds.

Three things here are about size and privacy; each was found by watching what the library sends to the database:

- results are BOOLEAN_ONLY: any other format copies values of rows into the result;
- a table is asked as a table, and one batch of it as a partition, never as a query: to learn the columns of a query
  the library runs it and fetches every row;
- the rows that a query finds are counted by the server and never fetched. (Asking for the first of them only would make
  the planner choose joins that are quick to start, and take hours to find that there is none.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from typing import Any, ClassVar

import great_expectations as gx
from great_expectations.core import ExpectationSuite, ExpectationValidationResult
from great_expectations.core.partitioners import PartitionerColumnValue
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from customer_warehouse.database import quoted
from customer_warehouse.ops.batches import BATCH, UNTIL
from customer_warehouse.quality.expectation_files import Check, fill
from customer_warehouse.quality.targets import Outcome, Target


class QueryFindsNothing(UnexpectedRowsExpectation):
    """`UnexpectedRowsExpectation` without its second metric, which fetches the rows: they may hold personal data."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, bool]:
        return {"success": metrics["unexpected_rows_query.row_count"] == 0}


def run(url: str, targets: Iterable[Target], values: Mapping[str, str]) -> Iterator[Outcome]:
    """Make every check of `targets` but the measures in the database at `url`; one outcome a check, as declared.

    `values` are the SQL texts of the placeholders other than `{table}` and `{table_name}`. The session is read-only.
    """
    asked = context()
    datasources: dict[str, PostgresDatasource] = {}
    try:
        for target in targets:
            if target.schema not in datasources:
                datasources[target.schema] = _datasource(asked, url, target.schema)
            yield from _check_table(datasources[target.schema], target, values)
    finally:
        for datasource in datasources.values():
            datasource.get_engine().dispose()


def context(sites: Mapping[str, Any] | None = None) -> Any:
    """The library at work in memory, without analytics; `sites` are the documentation sites it may build."""
    configuration = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        data_docs_sites=dict(sites or {}),
    )
    made = gx.get_context(mode="ephemeral", project_config=configuration)
    made.variables.progress_bars = ProgressBarsConfig(globally=False)
    return made


def expectation_of(check: Check, source: str, values: Mapping[str, str]) -> Expectation:
    """The library's expectation for a check on `source`.

    Raises the library's or pydantic's errors when it knows no such expectation or argument.
    """
    if check.expectation is not None:
        configuration = ExpectationConfiguration(check.expectation, dict(check.kwargs), meta={"check": check.name})
        return configuration.to_domain_obj()
    query = f"select 1 as found from (\n{fill(check.query, {**values, 'table': source})}\n) as offending"
    # The library formats the text once more and SQLAlchemy looks for `:name`; both are told that all is literal.
    query = re.sub(r"(?<![:\\]):(?=\w)", r"\\:", query.replace("{", "{{").replace("}", "}}"))
    return QueryFindsNothing(unexpected_rows_query=query, meta={"check": check.name})


def _datasource(context: Any, url: str, schema: str) -> PostgresDatasource:
    """A read-only datasource whose tables are those of `schema`."""
    rest = url.partition("://")[2].replace("$", "%24")  # a `$` would be taken for a configuration variable
    options = f"-c default_transaction_read_only=on -c timezone=UTC -c search_path={quoted(schema)}"
    datasource: PostgresDatasource = context.data_sources.add_postgres(
        name=schema, connection_string=f"postgresql+psycopg://{rest}", kwargs={"connect_args": {"options": options}}
    )
    return datasource


def _check_table(datasource: PostgresDatasource, target: Target, values: Mapping[str, str]) -> Iterator[Outcome]:
    table = target.name
    values = {**values, "table_name": "'" + target.table.replace("'", "''") + "'"}
    checks = [check for check in target.checks if check.measure is None]
    asked = [check for check in checks if target.has_rows or check.sql is not None]
    answers: dict[str, ExpectationValidationResult] = {}
    if asked:
        # The library prints advice about every query that does not use its own `{batch}`; ours are filled in already.
        with redirect_stdout(io.StringIO()):
            suite = ExpectationSuite(table, [expectation_of(check, target.source, values) for check in asked])
            validation = _batch(datasource, target).validate(suite, result_format="BOOLEAN_ONLY")
        for result in validation.results:
            if result.expectation_config:
                answers[result.expectation_config.meta["check"]] = result
    for check in checks:
        answer = answers.get(check.name)
        if check not in asked:
            yield Outcome(table, check, "passed")  # it is said of rows, and there are none
        elif answer is None or _broke(answer.exception_info):
            yield Outcome(table, check, "not_made")
        else:
            yield Outcome(table, check, "passed" if answer.success else "failed")


def _batch(datasource: PostgresDatasource, target: Target) -> Batch:
    # A table may be asked twice, by a file of its own and by one for all tables of its kind.
    asset = datasource.add_table_asset(f"{target.table} {len(datasource.assets)}", table_name=target.table)
    if target.batch_id is None or not target.has_rows:
        return asset.add_batch_definition_whole_table("all").get_batch()
    # Of the rows that are kept as versions, those without an end belong to the batch that was built last.
    column, value = (UNTIL, None) if target.versions else (BATCH, target.batch_id)
    partitioner = PartitionerColumnValue(column_name=column)
    definition = asset.add_batch_definition("new", partitioner=partitioner, validate_partitioner=False)
    return definition.get_batch(batch_parameters={column: value})


def _broke(exception_info: Mapping[str, Any] | None) -> bool:
    """Whether the library met an exception: it says so at the top, or under each metric that failed."""
    info = exception_info or {}
    return bool(info.get("raised_exception")) or any(isinstance(value, Mapping) for value in info.values())
