"""Every Airflow option that the services are given is one that this Airflow knows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from customer_warehouse.embedded.services import MIGRATE, SERVICES
from customer_warehouse.settings import PROJECT

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
OPTIONS = sorted(
    name
    for name in COMPOSE["services"]["scheduler"]["environment"]
    if name.startswith("AIRFLOW__") and name.count("__")
)


def airflow_file(*parts: str) -> Path:
    spec = find_spec("airflow")
    assert spec and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], *parts)


def test_there_are_options_to_look_at() -> None:
    assert len(OPTIONS) > 15


@pytest.mark.parametrize("variable", OPTIONS)
def test_the_option_exists(variable: str) -> None:
    config = yaml.safe_load(airflow_file("config_templates", "config.yml").read_text(encoding="utf-8"))
    _, section, option = variable.lower().split("__")

    assert option in config[section]["options"]


@pytest.mark.parametrize("command", [*(service.command for service in SERVICES), MIGRATE], ids=" ".join)
def test_the_command_exists_with_its_flags(command: tuple[str, ...]) -> None:
    text = airflow_file("cli", "cli_config.py").read_text(encoding="utf-8")

    for word in command[1:]:
        assert f'"{word}"' in text


@pytest.mark.parametrize("name", ["scheduler", "dag-processor", "triggerer"])
def test_a_healthcheck_asks_for_a_kind_of_job_that_exists(name: str) -> None:
    test = COMPOSE["services"][name]["healthcheck"]["test"][1]
    job = test.split("--job-type ")[1].split()[0]
    source = airflow_file("jobs", f"{name.replace('-', '_')}_job_runner.py").read_text(encoding="utf-8")

    assert f'job_type = "{job}"' in source
