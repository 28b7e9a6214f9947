"""A dbt project is parsed once, for whatever night and database, until one of its files changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from customer_warehouse.warehouse import dbt_runner

PROFILE = """
tiny:
  target: warehouse
  outputs:
    warehouse: {type: postgres, host: 127.0.0.1, port: 1, user: u, password: p, schema: s, threads: 1,
                dbname: "{{ env_var('WAREHOUSE_DBT_DBNAME') }}"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: tiny\nprofile: tiny\nversion: 1.0.0\nconfig-version: 2\n", encoding="utf-8"
    )
    (folder / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    (folder / "models" / "one.sql").write_text("select '{{ var('night') }}' as night", encoding="utf-8")
    return folder


def listed(project: Path, database: str, night: str, verb: str = "ls") -> subprocess.CompletedProcess[str]:
    work = project.parent / "work"
    return subprocess.run(
        [
            *(sys.executable, "-P", str(dbt_runner.CHILD), verb, "--project-dir", str(project)),
            *("--profiles-dir", str(project), "--target-path", str(work), "--log-path", str(work)),
            *("--vars", json.dumps({"night": night}), "--quiet", "--output", "json"),
            *("--output-keys", "database", "--output-keys", "relation_name"),
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
    first = listed(project, "one", "2026-11-20")
    parsed_once = kept(project)
    second = listed(project, "two", "2026-11-21")
    parsed_twice = kept(project)
    (project / "models" / "one.sql").write_text("select 2 as night", encoding="utf-8")
    listed(project, "two", "2026-11-21")

    assert json.loads(first.stdout.splitlines()[-1]) == {"database": "one", "relation_name": '"one"."s"."one"'}
    assert json.loads(second.stdout.splitlines()[-1]) == {"database": "two", "relation_name": '"two"."s"."one"'}
    assert len(parsed_once) == 1
    assert parsed_twice == parsed_once
    assert len(kept(project) - parsed_once) == 1


def test_a_project_that_does_not_parse_is_not_kept(project: Path) -> None:
    (project / "models" / "one.sql").write_text("select {{ ", encoding="utf-8")

    result = listed(project, "one", "2026-11-20")

    assert result.returncode == 2
    assert kept(project) == set()
