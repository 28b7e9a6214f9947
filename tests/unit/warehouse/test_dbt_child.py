"""A dbt project is parsed once, for whatever night and database, until one of its files changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest
from dbt.graph.queue import GraphQueue

from customer_warehouse.warehouse import dbt_child, dbt_runner

PROFILE = """
tiny:
  target: warehouse
  outputs:
    warehouse: {type: postgres, host: 127.0.0.1, port: 1, user: u, password: p, schema: s, threads: 1,
                dbname: "{{ env_var('WAREHOUSE_DBT_DBNAME') }}"}
"""
MODEL = "{{ var('night') }} {{ this }} {{ graph.nodes['model.tiny.one'].relation_name if execute }}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: tiny\nprofile: tiny\nversion: 1.0.0\nconfig-version: 2\n", encoding="utf-8"
    )
    (folder / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    (folder / "models" / "one.sql").write_text(MODEL, encoding="utf-8")
    return folder


def compiled(project: Path, database: str, night: str) -> subprocess.CompletedProcess[str]:
    work = project.parent / "work"
    return subprocess.run(
        [
            *(sys.executable, "-P", str(dbt_runner.CHILD), "compile", "--project-dir", str(project)),
            *("--profiles-dir", str(project), "--target-path", str(work), "--log-path", str(work)),
            *("--vars", json.dumps({"night": night}), "--quiet", "--no-populate-cache", "--no-introspect"),
            *("--select", "one"),
        ],
        env={**os.environ, "WAREHOUSE_DBT_DBNAME": database, "XDG_CACHE_HOME": str(project.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def kept(project: Path) -> set[Path]:
    return set((project.parent / "cache").rglob("*.msgpack"))


def test_a_project_is_parsed_again_only_when_a_file_of_it_changed(project: Path) -> None:
    first = compiled(project, "one", "2026-11-20")
    parsed_once = kept(project)
    second = compiled(project, "two", "2026-11-21")
    parsed_twice = kept(project)
    (project / "models" / "one.sql").write_text("select 2 as night", encoding="utf-8")
    compiled(project, "two", "2026-11-21")

    assert first.stdout.split()[-3:] == ["2026-11-20", '"one"."s"."one"', '"one"."s"."one"']
    assert second.stdout.split()[-3:] == ["2026-11-21", '"two"."s"."one"', '"two"."s"."one"']
    assert len(parsed_once) == 1
    assert parsed_twice == parsed_once
    assert len(kept(project) - parsed_once) == 1


def test_a_project_that_does_not_parse_is_not_kept(project: Path) -> None:
    (project / "models" / "one.sql").write_text("select {{ ", encoding="utf-8")

    result = compiled(project, "one", "2026-11-20")

    assert result.returncode == 2
    assert kept(project) == set()


def test_a_user_without_a_home_parses_every_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobodys_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobodys_home)

    assert dbt_child._kept(project) is None


@pytest.mark.parametrize(
    ("seconds", "order"),
    [
        pytest.param({}, ["head", "middle", "alone", "end"], id="more_models_after_it"),
        pytest.param({"alone": 9.0}, ["alone", "head", "middle", "end"], id="more_seconds_the_last_time"),
    ],
)
def test_what_has_the_longest_way_after_it_starts_first(
    monkeypatch: pytest.MonkeyPatch, seconds: dict[str, float], order: list[str]
) -> None:
    monkeypatch.setattr(GraphQueue, "_get_scores", GraphQueue._get_scores)
    graph = nx.DiGraph([("head", "middle"), ("middle", "end")])
    graph.add_node("alone")
    everything: Any = SimpleNamespace(expect=lambda name: name)

    dbt_child._longest_way_first(seconds)
    queue = GraphQueue(graph, everything, set(graph))
    found: list[str] = []
    while queue.inner.qsize():
        found.append(str(queue.get()))
        queue.mark_done(found[-1])

    assert found == order


SKIPPED = {"unique_id": "model.two", "execution_time": 0}


def test_seconds_are_those_of_the_last_report_if_any(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(
        json.dumps({"results": [{"unique_id": "model.one", "execution_time": 2.5}, SKIPPED]}), encoding="utf-8"
    )

    assert dbt_child._seconds_taken(report) == {"model.one": 2.5}
    assert dbt_child._seconds_taken(tmp_path / "missing.json") == {}
    report.write_text("{}", encoding="utf-8")
    assert dbt_child._seconds_taken(report) == {}
