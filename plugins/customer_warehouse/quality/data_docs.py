"""Great Expectations' own pages about a run's checks, built from the ledger and the declarations.

The ledger keeps of a check only whether it held, so there is no value of a row that could get into a page. (The
library's own results would have some: what it notes of an exception quotes the database.) The pages load nothing from
elsewhere: the library's templates fetch styles and scripts from six addresses, which would see who looks at them.
"""

from __future__ import annotations

import io
import re
import shutil
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from customer_warehouse.database import connect
from customer_warehouse.quality import gate
from customer_warehouse.quality.expectation_files import Check, load
from customer_warehouse.settings import Settings

SITE = "checks"
POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self' 'unsafe-inline' data:\">"
_FROM_ELSEWHERE = re.compile(
    r"<script\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>\s*</script>|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|<img\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>",
    re.IGNORECASE,
)


def folder_of(settings: Settings, run_id: str) -> Path:
    """Where the pages of a run are."""
    return settings.state_dir / "reports" / SITE / run_id


def build(settings: Settings, run_id: str) -> Path | None:
    """Build the pages of a run, in place of those it had; returns their index, or None when nothing was checked.

    Measures are not among them: the library does not know earlier nights. Only the newest runs' pages are kept.
    """
    with connect(settings.url) as connection:
        rows = connection.execute(
            "select table_name, check_name, checks.status, runs.as_of from ops.checks as checks"
            " inner join ops.runs as runs using (run_id) where run_id = %s order by table_name, check_name",
            (run_id,),
        ).fetchall()
    files = load(settings.expectations_dir)
    results: dict[str, list[ExpectationValidationResult]] = {}
    for table, name, status, _ in rows:
        schema, _, of = table.partition(".")
        declared = [item for file in files if file.schema_name == schema and file.matches(of) for item in file.checks]
        for item in declared:
            if item.name == name and item.measure is None:
                results.setdefault(table, []).append(_result(item, status))
    if not results:
        return None
    folder = folder_of(settings, run_id)
    _write(folder, RunIdentifier(run_name=run_id, run_time=rows[0][3]), results)
    kept = sorted((one for one in folder.parent.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for old in kept[: -2 * settings.kept_nights]:  # a night has two runs
        shutil.rmtree(old, ignore_errors=True)
    return folder / "index.html"


def _result(check: Check, status: str) -> ExpectationValidationResult:
    return ExpectationValidationResult(
        success=status == "passed",
        expectation_config=ExpectationConfiguration(
            type=check.expectation or "query_finds_nothing",
            kwargs=check.kwargs if check.expectation else {"unexpected_rows_query": check.query},
            description=f"{check.name} ({check.severity}): {check.why} When it fails: {check.what_to_do}",
        ),
        result={},
    )


def _write(folder: Path, run: RunIdentifier, results: dict[str, list[ExpectationValidationResult]]) -> None:
    """Write the site, all of it or nothing."""
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(draft)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"expectations": "None", "profiling": "None"},
    }
    context = gate.context({SITE: site})
    for table, answers in results.items():
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(table), run, table)
        context.validation_results_store.set(key, _suite_result(table, run.run_time, answers))
    with redirect_stdout(io.StringIO()):  # the library prints the same advice as in gate.py
        context.build_data_docs(site_names=[SITE])
    for page in draft.rglob("*.html"):
        text = _FROM_ELSEWHERE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("<head>", f"<head>{POLICY}", 1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _suite_result(
    table: str, at: datetime, answers: list[ExpectationValidationResult]
) -> ExpectationSuiteValidationResult:
    passed = sum(bool(answer.success) for answer in answers)
    return ExpectationSuiteValidationResult(
        success=passed == len(answers),
        results=answers,
        suite_name=table,
        statistics={
            "evaluated_expectations": len(answers),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(answers) - passed,
            "success_percent": 100.0 * passed / len(answers),
        },
        meta={"validation_time": at.astimezone(UTC), "active_batch_definition": {"data_asset_name": table}},
    )
