"""The rules of the dbt project, as tests over its files."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse.settings import PROJECT
from customer_warehouse.standardise.model import standard_model
from unit.standardise.cases import cases

MODELS = sorted((PROJECT / "dbt_project" / "models").rglob("*.sql"))
SQL = [*MODELS, *sorted((PROJECT / "dbt_project" / "tests").rglob("*.sql"))]
CODES = "plugins/customer_warehouse/standardise/data/codes.yml"
SEGMENTS = [path for path in MODELS if path.parent.name == "segments"]
PUBLISHED = PROJECT / "dbt_project" / "models" / "marts" / "published"
TESTED = [path for path in MODELS if path.parent.name != "staging"]
DIALECT = re.compile(
    r"::|\bdistinct\s+on\b|\bilike\b|\bat time zone\b|\binterval\b|\btimestamptz\b|\bstring_agg\b|\barray_agg\b"
    r"|\bfilter\s*\(|\bdate_trunc\b|\bextract\b|\bto_char\b|\blateral\b|\bgenerate_series\b|\bqualify\b"
)
CLOCK = re.compile(r"\bnow\(|\bcurrent_(date|timestamp|time)\b|\bclock_timestamp\b|\brun_started_at\b|\bdatetime\.")
WINDOW = re.compile(r"row_number\(\)\s*over\s*\((?P<window>[^()]*(?:\([^()]*\)[^()]*)*)\)")


def name(path: Path) -> str:
    return path.stem


def twin(path: Path) -> dict[str, Any]:
    """What the model's YAML twin says of it."""
    declared = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert [model["name"] for model in declared] == [path.stem]
    return dict(declared[0])


def declared_tests(model: dict[str, Any]) -> dict[str, Any]:
    return {kind: given for test in model.get("data_tests", []) for kind, given in test.items()}


def test_there_is_a_project_to_look_at() -> None:
    assert len(MODELS) > 40
    assert len(SEGMENTS) >= 20


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_a_model_has_a_twin_with_its_grain_and_every_column_explained(path: Path) -> None:
    model = twin(path)

    assert model["description"].startswith("One row per ")
    assert model["columns"]
    for column in model["columns"]:
        assert column["data_type"] and column["description"], column["name"]


@pytest.mark.parametrize("path", TESTED, ids=name)
def test_a_model_that_makes_rows_tests_its_key(path: Path) -> None:
    assert declared_tests(twin(path))["key"]["arguments"]["columns"]


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_a_model_is_short_and_ends_in_final(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 120
    assert text.endswith("\n)\n\nselect * from final\n")


@pytest.mark.parametrize("path", SQL, ids=name)
def test_sql_could_run_in_another_database_and_asks_no_clock(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))

    assert DIALECT.findall(text) == []
    assert CLOCK.findall(text) == []


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_every_window_that_numbers_rows_has_a_total_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    windows = [match["window"] for match in WINDOW.finditer(text)]

    assert len(windows) == text.count("row_number()")
    for window in windows:
        last = window.split(",")[-1].split()
        assert last[0].removesuffix("order by").split(".")[-1].endswith(("_id", "_key")), window


@pytest.mark.parametrize("path", SEGMENTS, ids=name)
def test_a_segment_says_whom_it_is_for(path: Path) -> None:
    model = twin(path)
    meta = model["config"]["meta"]

    assert path.stem.startswith("segment_")
    assert [column["name"] for column in model["columns"]] == ["customer_id", "reason"]
    assert set(meta) == {
        *("label", "purpose", "channels", "priority", "refresh", "owner"),
        *("excluded_from_promotion", "expected_share", "conditions"),
    }
    assert set(meta["label"]) == {"en", "zh_hant", "zh_hans"}
    assert meta["purpose"] in ("marketing", "service")
    assert set(meta["channels"]) <= {"email", "sms"}


@pytest.mark.parametrize("path", SEGMENTS, ids=name)
def test_a_segment_says_who_gets_its_list(path: Path) -> None:
    exposures = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8")).get("exposures", [])

    assert [exposure["name"] for exposure in exposures] == [path.stem.replace("segment_", "list_", 1)], (
        f"Add an exposure to {path.stem}.yml, so that dbt's docs show where the list goes."
    )
    assert exposures[0]["depends_on"] == [f"ref('{path.stem}')"]
    assert exposures[0]["owner"]["name"] == twin(path)["config"]["meta"]["owner"]


def test_every_mart_is_read_by_somebody() -> None:
    exposures = yaml.safe_load((PROJECT / "dbt_project" / "models" / "exposures.yml").read_text(encoding="utf-8"))
    read = {needed for exposure in exposures["exposures"] for needed in exposure["depends_on"]}
    marts = {f"ref('{path.stem}')" for path in MODELS if path.parent.name == "published"}

    assert marts <= read, "Add these marts to an exposure in models/exposures.yml: who reads them?"


def test_promotion_goes_to_nobody_who_waits_for_service() -> None:
    marketing = {path.stem for path in SEGMENTS if twin(path)["config"]["meta"]["purpose"] == "marketing"}
    excluded = {path.stem for path in SEGMENTS if twin(path)["config"]["meta"]["excluded_from_promotion"]}
    keeping_out = set()
    for path in SEGMENTS:
        text = path.read_text(encoding="utf-8")
        # A segment that is cut from another keeps out whom that one keeps out.
        cut_from = re.findall(r"(?:ref|source)\('(\w+)'", text)[0]
        if "may_be_promoted_to(" in text or cut_from in marketing:
            keeping_out.add(path.stem)
    macro = (PROJECT / "dbt_project" / "macros" / "segments.sql").read_text(encoding="utf-8")

    assert keeping_out == marketing
    assert set(re.findall(r"ref\('(segment_\w+)'\)", macro)) == excluded


def test_a_segment_s_conditions_are_columns_of_customer_360() -> None:
    twin_360 = yaml.safe_load((PUBLISHED / "customer_360.yml").read_text(encoding="utf-8"))["models"][0]
    # Their values are told in segment_membership, so none may say who somebody is.
    known = {
        column["name"]
        for column in twin_360["columns"]
        if column.get("config", {}).get("meta", {}).get("personal") == "indirect"
    }
    unknown = {path.stem: set(twin(path)["config"]["meta"]["conditions"]) - known for path in SEGMENTS}

    assert {name: names for name, names in unknown.items() if names} == {}


def test_every_segment_is_among_the_members_of_segments() -> None:
    """dbt has to know before it knows the night which segments are built first."""
    path = PROJECT / "dbt_project" / "models" / "activation" / "members_of_segments.sql"
    listed = re.findall(r"'(\w+)'", path.read_text(encoding="utf-8").partition("] -%}")[0])

    assert listed == [path.stem.removeprefix("segment_") for path in SEGMENTS]


def test_segments_differ_in_priority() -> None:
    priorities = [twin(path)["config"]["meta"]["priority"] for path in SEGMENTS]

    assert len(set(priorities)) == len(priorities)


def test_a_segment_reads_only_what_was_published() -> None:
    for path in SEGMENTS:
        text = path.read_text(encoding="utf-8")
        assert "source('marts', " in text or "ref('segment_" in text
        assert not re.search(r"ref\('(?!segment_)", text)
        assert set(re.findall(r"source\('(\w+)'", text)) <= {"marts"}


def test_every_rule_of_alerts_is_evaluated() -> None:
    with (PROJECT / "dbt_project" / "seeds" / "alert_rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {row["rule"] for row in csv.DictReader(file)}
    runs = (PROJECT / "dbt_project" / "models" / "intermediate" / "int_alert_runs.sql").read_text(encoding="utf-8")
    models = {path.stem.removeprefix("int_alert_") for path in MODELS if path.stem.startswith("int_alert_")} - {"runs"}

    assert rules == models
    assert set(re.findall(r"'(\w+)'", runs.partition("] -%}")[0])) == rules


def test_dbt_is_told_to_call_nobody() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))

    assert project["flags"]["send_anonymous_usage_stats"] is False
    assert not (PROJECT / "dbt_project" / "packages.yml").exists()


def test_every_finding_about_a_record_is_one_that_standardise_makes() -> None:
    with (PROJECT / "dbt_project" / "seeds" / "record_quality_points.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = {name: column.type for name, column in standard_model()["customers"].columns.items()}
    flags = {(case.type_name, flag) for case in cases() for flag in case.answer.get("flags", [])}
    found = [row for row in rows if row["finding"] not in ("valid", "rejected")]

    assert len(found) >= 10
    assert [row for row in found if (types[row["field"]], row["finding"]) not in flags] == []


def test_every_category_that_products_are_filed_under_is_in_the_tree() -> None:
    with (PROJECT / "dbt_project" / "seeds" / "product_categories.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = yaml.safe_load((PROJECT / CODES).read_text(encoding="utf-8"))["category"]

    categories = {row["category"] for row in rows}
    assert categories >= {code for code in codes if code not in (None, "null")} | {"unknown"}
    assert categories >= {row["parent_category"] for row in rows if row["parent_category"]}
