"""One word per stage, and the same word everywhere."""

from __future__ import annotations

import re

from customer_warehouse.ops.ledger import SCHEMA
from customer_warehouse.pipeline import STAGES
from customer_warehouse.settings import PACKAGE, PROJECT

SCHEMAS = {
    "extract": "raw",
    "standardise": "standardised",
    "identity": "identity",
    "warehouse": "warehouse",
    "marts": "marts",
    "activation": "activation",
}


def test_each_stage_is_a_package_with_one_way_in() -> None:
    for stage in STAGES:
        assert (PACKAGE / stage / "stage.py").is_file(), stage


def test_each_stage_has_the_schema_that_the_design_gives_it() -> None:
    made = set(re.findall(r"create schema if not exists (\w+)", SCHEMA.read_text(encoding="utf-8")))

    assert list(SCHEMAS) == list(STAGES)
    assert set(SCHEMAS.values()) | {"ops"} <= made


def test_each_stage_is_a_task_group_of_a_dag() -> None:
    dags = ("nightly_customer_warehouse.py", "segment_activation.py")
    text = "".join((PROJECT / "dags" / name).read_text(encoding="utf-8") for name in dags)

    groups = re.findall(r"@task_group\n    def (\w+)\(", text)

    assert groups == list(STAGES)


def test_each_stage_has_tests_of_its_own() -> None:
    tests = PROJECT / "tests"
    untested = [
        stage
        for stage in STAGES
        if not list((tests / "unit" / stage).glob("test_*.py"))
        and not list((tests / "integration").glob(f"test_{stage}*.py"))
    ]

    assert untested == []


def test_expectations_are_filed_by_schema() -> None:
    made = set(re.findall(r"create schema if not exists (\w+)", SCHEMA.read_text(encoding="utf-8")))
    folders = {folder.name for folder in (PROJECT / "expectations").iterdir() if folder.is_dir()}

    assert folders
    assert folders <= made
