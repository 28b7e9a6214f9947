"""Policies that both DAGs keep. Each test first makes sure that there is something to test."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset

from customer_warehouse import pipeline
from customer_warehouse.ops import ledger
from customer_warehouse.settings import PROJECT, Settings

NIGHTLY_STAGES = ("extract", "standardise", "identity", "warehouse", "marts")
CLOSERS = {ledger.NIGHTLY: "close_night", ledger.ACTIVATION: "close_activation"}
DAG_IDS = sorted(CLOSERS)


@cache
def bag() -> DagBag:
    return DagBag(dag_folder=str(PROJECT / "dags"))


def dag(dag_id: str) -> Any:
    return bag().dags[dag_id]


def tasks() -> list[Any]:
    found = [task for dag_id in DAG_IDS for task in dag(dag_id).tasks]
    assert len(found) > 15
    return found


def test_both_dags_load_without_an_error() -> None:
    assert bag().import_errors == {}
    assert sorted(bag().dags) == DAG_IDS


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_starts_nothing_that_is_past_and_never_twice_at_once(dag_id: str) -> None:
    assert dag(dag_id).catchup is False
    assert dag(dag_id).max_active_runs == 1
    assert dag(dag_id).is_paused_upon_creation is False


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_says_what_to_do_at_three_in_the_morning(dag_id: str) -> None:
    assert "At 3 a.m." in dag(dag_id).doc_md


def test_the_nightly_has_one_task_group_per_stage_and_the_activation_the_last_one() -> None:
    nightly = dag(ledger.NIGHTLY).task_group.children
    activation = dag(ledger.ACTIVATION).task_group.children

    assert set(nightly) == {"open_night", *NIGHTLY_STAGES, "close_night"}
    assert set(activation) == {"open_activation", "activation", "close_activation"}
    assert (*NIGHTLY_STAGES, "activation") == pipeline.STAGES


def test_each_stage_ends_in_its_check_or_what_the_check_guards() -> None:
    for stage in NIGHTLY_STAGES:
        checks = [task for task in dag(ledger.NIGHTLY).tasks if task.task_id == f"{stage}.check_{stage}"]
        assert len(checks) == 1, stage
        assert checks[0].upstream_task_ids, stage
        assert checks[0].downstream_task_ids, stage


def test_every_declared_source_is_a_task_that_both_the_check_and_the_end_wait_for() -> None:
    sources = pipeline.source_names(Settings())
    assert len(sources) >= 3

    for source in sources:
        task = dag(ledger.NIGHTLY).get_task(f"extract.{source}")
        assert task.upstream_task_ids == {"open_night"}
        assert task.downstream_task_ids == {"extract.check_extract", "close_night"}


def test_the_tasks_come_in_the_order_of_the_pipeline() -> None:
    order = [task.task_id for task in dag(ledger.NIGHTLY).topological_sort() if "extract." not in task.task_id]

    assert order == [
        "open_night",
        "standardise.run",
        "standardise.check_standardise",
        "identity.run",
        "identity.check_identity",
        "warehouse.build",
        "warehouse.check_warehouse",
        "marts.build",
        "marts.check_marts",
        "marts.publish",
        "close_night",
    ]


def test_nothing_is_sent_before_the_segments_are_checked() -> None:
    send = dag(ledger.ACTIVATION).get_task("activation.send")

    assert send.upstream_task_ids >= {"activation.check_activation"}
    assert dag(ledger.ACTIVATION).get_task("activation.check_activation").upstream_task_ids >= {
        "activation.build_segments"
    }


def test_publishing_and_nothing_else_starts_the_activation() -> None:
    outlets = {task.task_id: task.outlets for task in tasks() if task.outlets}
    condition = dag(ledger.ACTIVATION).timetable.asset_condition

    assert list(outlets) == ["marts.publish"]
    assert [asset.name for asset in outlets["marts.publish"]] == ["customer_warehouse_marts"]
    assert list(condition.objects) == [Asset("customer_warehouse_marts")]


def test_every_task_may_be_tried_again_waits_longer_each_time_and_ends_some_day() -> None:
    for task in tasks():
        assert task.retries >= 1, task.task_id
        assert task.retry_exponential_backoff == 2.0, task.task_id
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=4), task.task_id


def test_what_asks_the_outside_world_is_tried_more_often() -> None:
    outside = [task for task in tasks() if task.task_id == "activation.send" or ".check_" not in task.task_id]
    outside = [task for task in outside if task.task_id.startswith(("extract.", "activation.send"))]

    assert len(outside) >= 4
    assert {task.retries for task in outside} == {2}


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_last_task_runs_whatever_happened_and_so_decides_the_run(dag_id: str) -> None:
    leaves = [task for task in dag(dag_id).tasks if not task.downstream_task_ids]

    assert [task.task_id for task in leaves] == [CLOSERS[dag_id]]
    assert leaves[0].trigger_rule == "all_done"
    others = [task for task in dag(dag_id).tasks if task is not leaves[0]]
    assert {task.trigger_rule for task in others} == {"all_success"}


def test_no_task_logs_what_it_returns() -> None:
    assert {task.show_return_value_in_logs for task in tasks()} == {False}


def test_every_task_is_explained_in_the_ui() -> None:
    assert [task.task_id for task in tasks() if not task.doc_md] == []
