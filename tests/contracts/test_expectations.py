"""The contract of the border checks: every file can be used as it is, and every table that matters has one."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest
import yaml

from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.quality.expectation_files import (
    PLACEHOLDERS,
    STAGE_SCHEMAS,
    Check,
    ExpectationFile,
    file_name,
    load,
)
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.model import standard_model

SETTINGS = Settings()
FILES = load(SETTINGS.expectations_dir)
CHECKS = [(file, check) for file in FILES for check in file.checks]
MODELS = SETTINGS.dbt_project_dir / "models"


def id_of(value: object) -> str | None:
    if isinstance(value, ExpectationFile):
        return value.table
    return value.name if isinstance(value, Check) else None


def test_every_json_file_of_the_folder_is_a_file_of_checks() -> None:
    found = {
        file.relative_to(SETTINGS.expectations_dir).as_posix() for file in SETTINGS.expectations_dir.rglob("*.json")
    }

    assert found == {file_name(file.table) for file in FILES}
    assert len(FILES) >= 20


def test_every_schema_is_checked_at_a_border_of_the_line() -> None:
    schemas = {schema for of_stage in STAGE_SCHEMAS.values() for schema in of_stage}

    assert {file.schema_name for file in FILES} <= schemas


@pytest.mark.parametrize("stage", STAGE_SCHEMAS)
def test_every_stage_has_a_check_that_can_stop_the_night(stage: str) -> None:
    severities = {check.severity for file, check in CHECKS if file.schema_name in STAGE_SCHEMAS[stage]}

    assert "critical" in severities


@pytest.mark.parametrize(("file", "check"), CHECKS, ids=id_of)
def test_a_check_says_why_in_a_sentence_and_what_to_do(file: ExpectationFile, check: Check) -> None:
    for text in (file.why, check.why, check.what_to_do):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "\n" not in text


@pytest.mark.parametrize(("file", "check"), CHECKS, ids=id_of)
def test_great_expectations_takes_every_check(file: ExpectationFile, check: Check) -> None:
    from customer_warehouse.quality.gate import expectation_of

    if check.measure is None:
        assert expectation_of(check, file.table, dict.fromkeys(PLACEHOLDERS, "null")) is not None


@pytest.mark.parametrize("folder", ["core", "published"])
def test_every_fact_and_every_mart_is_checked(folder: str) -> None:
    schema = {"core": "warehouse", "published": "marts_store"}[folder]
    models = {file.stem for file in (MODELS / "marts" / folder).glob("*.sql")}
    if folder == "core":
        models = {model for model in models if model.startswith("fct_")}
    else:
        # Marts of segments have no rows at the border of the marts; they are checked after activation.
        later = {mart.name for mart in declared_marts(SETTINGS.dbt_project_dir) if mart.meta.after_segments}
        assert later == {file.table_name for file in FILES if file.schema_name == "marts"}
        models -= later

    assert models
    assert models <= {file.table_name for file in FILES if file.schema_name == schema}


def test_columns_that_are_named_exist() -> None:
    known = {
        f"standardised.{name}": {"source_key", *entity.table_columns()} for name, entity in standard_model().items()
    }
    for twin in MODELS.rglob("*.yml"):
        for model in (yaml.safe_load(twin.read_text(encoding="utf-8")) or {}).get("models") or []:
            schema = {"core": "warehouse", "published": "marts_store"}.get(twin.parent.name, "activation")
            known[f"{schema}.{model['name']}"] = {column["name"] for column in model.get("columns", [])}

    named = [(file.table, check.held_column) for file, check in CHECKS if check.held_column]

    assert len(named) >= 10
    assert [(table, column) for table, column in named if table in known and column not in known[table]] == []


def test_a_query_on_a_batch_gives_it_an_alias_as_older_servers_ask_for() -> None:
    queries = [check.query for file, check in CHECKS if file.schema_name == "marts_store" and check.sql]

    assert queries
    assert [query for query in queries if re.search(r"\{table\}(?! as [a-z])", query)] == []


def test_no_table_gets_two_checks_of_one_name() -> None:
    for pattern in (file for file in FILES if file.is_pattern):
        same = [file for file in FILES if file.schema_name == pattern.schema_name and file.matches(file.table_name)]
        names = Counter(check.name for file in same if pattern.matches(file.table_name) for check in file.checks)
        assert [name for name, times in names.items() if times > 1] == []


def test_the_guide_explains_every_placeholder_and_every_stage() -> None:
    guide = (SETTINGS.expectations_dir / "README.md").read_text(encoding="utf-8")

    for word in (*(f"`{{{name}}}`" for name in PLACEHOLDERS), *STAGE_SCHEMAS):
        assert word in guide


def test_nothing_but_the_gate_and_its_pages_imports_great_expectations() -> None:
    package = SETTINGS.dbt_project_dir.parent / "plugins" / "customer_warehouse"
    importers = set()
    for module in package.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] == "great_expectations" for name in names):
                importers.add(module.relative_to(package).as_posix())

    assert importers == {"quality/gate.py", "quality/data_docs.py"}
