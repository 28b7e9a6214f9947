"""The shape of the code base: who may import what, what a file may be called, and how long it may get."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from customer_warehouse.settings import PACKAGE, PROJECT

MODULES = sorted(PACKAGE.rglob("*.py"))
DAGS = sorted((PROJECT / "dags").glob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
TIME_IS_READ_HERE = ("embedded", "orchestration")
CLOCKS = {"now", "today", "utcnow"}


def relative(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()


def imports_of(file: Path) -> set[str]:
    """The top-level names of every module that the file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 30
    assert len(DAGS) >= 2


def test_only_orchestration_imports_airflow() -> None:
    offenders = [
        relative(file)
        for file in MODULES
        if "airflow" in imports_of(file) and file.relative_to(PACKAGE).parts[0] != "orchestration"
    ]

    assert offenders == []


def test_orchestration_is_what_imports_airflow() -> None:
    assert any("airflow" in imports_of(file) for file in (PACKAGE / "orchestration").glob("*.py"))


def test_no_stage_reaches_into_how_it_is_run() -> None:
    outside = ("embedded", "orchestration", "cli", "__main__", "demo", "acceptance", "bench")
    reached = ("customer_warehouse.embedded", "customer_warehouse.orchestration", "customer_warehouse.cli")
    offenders = []
    for file in MODULES:
        if file.relative_to(PACKAGE).parts[0].removesuffix(".py") in outside:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(reached):
                offenders.append(f"{relative(file)}: {node.module}")

    assert offenders == []


def test_the_line_knows_nothing_of_the_demo() -> None:
    outside = ("embedded", "cli.py", "demo", "bench")
    offenders = [
        relative(file)
        for file in MODULES
        if file.relative_to(PACKAGE).parts[0] not in outside
        and "customer_warehouse.demo" in file.read_text(encoding="utf-8")
    ]

    assert offenders == []


def test_no_module_is_called_like_one_of_pythons_own() -> None:
    names = {file.stem for file in MODULES} | {folder.name for folder in PACKAGE.rglob("*") if folder.is_dir()}
    names |= {file.stem for file in DAGS}
    harmless = {"__init__", "__main__", "__pycache__"}

    assert names & set(sys.stdlib_module_names) - harmless == set()


@pytest.mark.parametrize("file", DAGS, ids=relative)
def test_a_dag_file_is_a_table_of_contents(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    chains = [number for number, line in enumerate(lines) if line.strip().startswith("chain(")]

    assert len(lines) <= 120
    assert chains
    assert len(lines) - chains[-1] <= 5, "a DAG ends in one chain(...)"


def test_no_file_is_too_long_to_read_in_one_go() -> None:
    lengths = {relative(file): len(file.read_text(encoding="utf-8").splitlines()) for file in [*MODULES, *DAGS, *TESTS]}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_logic_asks_the_clock_what_day_it_is() -> None:
    offenders = []
    for file in MODULES:
        place = file.relative_to(PACKAGE)
        if place.parts[0] in TIME_IS_READ_HERE or place.name in ("cli.py", "ledger.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in CLOCKS
                and ast.unparse(node.value).rpartition(".")[2] in ("datetime", "date", "Timestamp")
            ):
                offenders.append(f"{relative(file)}:{node.lineno}")

    assert offenders == []


def test_no_sql_of_the_line_asks_the_clock_what_day_it_is() -> None:
    """`clock_timestamp()` is for when a row was written, which is the ledger's to say."""
    words = ("now()", "current_date", "current_timestamp", "localtimestamp", "statement_timestamp")
    files = [*PACKAGE.rglob("*.sql"), *(PROJECT / "dbt_project").glob("m*/**/*.sql")]
    offenders = [
        f"{relative(file)}: {word}"
        for file in files
        for word in words
        if word in file.read_text(encoding="utf-8").lower() and "target" not in file.parts
    ]

    assert len(files) > 10
    assert offenders == []


def test_every_function_and_class_that_others_use_says_what_it_is() -> None:
    silent = []
    for file in [*PACKAGE.rglob("*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if file.name != "__init__.py" and not ast.get_docstring(tree):
            silent.append(relative(file))

    assert silent == []
