"""docker-compose.yml says what the embedded run does: the same commands, variables and paths, and no default secret."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse.embedded.services import SERVICES, Place, environment
from customer_warehouse.settings import PROJECT, Settings

COMPOSE = PROJECT / "docker-compose.yml"
EXAMPLE = PROJECT / ".env.example"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:[-?])([^}]*))?\}")
HOME = Path("/opt/airflow")
SECRETS = {
    "POSTGRES_PASSWORD",
    "AIRFLOW_ADMIN_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_JWT_SECRET",
    "SHOP_PLATFORM_TOKEN",
}
LOCAL_FOLDERS = ("dags", "plugins", "dbt_project", "expectations")


def filled(value: Any) -> Any:
    """`value` as compose fills it in when .env gives every variable its own name, in angle brackets."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return VARIABLE.sub(r"<\1>", value).replace("$$", "$") if isinstance(value, str) else value


@cache
def text() -> str:
    return COMPOSE.read_text(encoding="utf-8")


@cache
def services() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text())["services"]
    return document


def compose_environment() -> dict[str, str]:
    """What the embedded run's own definition gives for the places that compose names."""
    settings = Settings.model_construct(
        url="postgresql://warehouse:<POSTGRES_PASSWORD>@postgres:5432/customer_warehouse",
        state_dir=HOME / "state",
        exports_dir=HOME / "exports",
        sources_dir=HOME / Settings().sources_dir.relative_to(PROJECT),
        expectations_dir=HOME / Settings().expectations_dir.relative_to(PROJECT),
        dbt_project_dir=HOME / Settings().dbt_project_dir.relative_to(PROJECT),
        dags_dir=HOME / Settings().dags_dir.relative_to(PROJECT),
        business_time_zone="<WAREHOUSE_BUSINESS_TIME_ZONE>",
        base_currency="<WAREHOUSE_BASE_CURRENCY>",
        schedule="<WAREHOUSE_SCHEDULE>",
        chunk_rows="<WAREHOUSE_CHUNK_ROWS>",
        processes="<WAREHOUSE_PROCESSES>",
        kept_nights="<WAREHOUSE_KEPT_NIGHTS>",
    )
    place = Place(
        settings=settings,
        airflow_home=str(HOME),
        plugins=str(HOME / "plugins"),
        metadata_url="postgresql+psycopg2://warehouse:<POSTGRES_PASSWORD>@postgres:5432/airflow",
        listen_on="0.0.0.0",
        port=8080,
        public_url="<AIRFLOW_URL>",
        internal_url="http://api-server:8080",
        logs=str(HOME / "logs"),
        passwords_file=str(HOME / "state" / "passwords.json"),
        fernet_key="<AIRFLOW_FERNET_KEY>",
        api_secret_key="<AIRFLOW_API_SECRET_KEY>",
        jwt_secret="<AIRFLOW_JWT_SECRET>",
        retry_seconds=60,
        retry_seconds_at_most=1800,
        sources={
            name: f"<{name}>"
            for name in ("SHOP_PLATFORM_URL", "SHOP_PLATFORM_TOKEN", "POINT_OF_SALE_URL", "SERVICE_DESK_URL")
        },
    )
    return environment(place)


def airflow_services() -> list[str]:
    return [service.name for service in SERVICES]


def test_compose_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]

    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_compose_has_airflows_services_a_database_and_one_initial_step() -> None:
    assert set(services()) == {*airflow_services(), "postgres", "airflow-init"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_runs_the_command_of_the_embedded_run(service: Any) -> None:
    assert tuple(services()[service.name]["command"]) == service.command


@pytest.mark.parametrize("name", airflow_services())
def test_a_service_has_the_variables_of_the_embedded_run_and_no_other(name: str) -> None:
    assert filled(services()[name]["environment"]) == compose_environment()


def test_the_first_step_has_the_same_variables_and_the_password_to_write() -> None:
    given = filled(services()["airflow-init"]["environment"])

    assert given == {**compose_environment(), "AIRFLOW_ADMIN_PASSWORD": "<AIRFLOW_ADMIN_PASSWORD>"}


def test_the_first_step_is_a_command_of_the_cli() -> None:
    command = services()["airflow-init"]["command"]

    assert command == ["python", "-m", "customer_warehouse", "prepare"]


def test_every_setting_of_the_warehouse_is_given() -> None:
    settings = set(Settings().to_environment())

    given = {name for name in services()["scheduler"]["environment"] if name.startswith("WAREHOUSE_")}

    assert given == settings


def test_every_variable_of_a_source_declaration_is_given() -> None:
    declarations = [file.read_text(encoding="utf-8") for file in Settings().sources_dir.glob("*.yml")]
    needed = {name for text in declarations for name in re.findall(r"\$\{(\w+)\}", text)}

    assert declarations
    assert needed
    assert needed <= set(services()["scheduler"]["environment"])


@pytest.mark.parametrize("name", [*airflow_services(), "airflow-init"])
def test_each_project_folder_is_mounted_where_the_settings_look(name: str) -> None:
    mounts = dict(volume.rsplit(":", 2)[:2] for volume in services()[name]["volumes"] if volume.endswith(":ro"))

    for folder in LOCAL_FOLDERS:
        assert (PROJECT / folder).is_dir()
        assert mounts[f"./{folder}"] == str(HOME / folder)


def test_what_the_services_write_outlives_them() -> None:
    document = yaml.safe_load(text())
    mounts = dict(volume.split(":")[:2] for volume in services()["scheduler"]["volumes"] if ":ro" not in volume)

    assert set(mounts.values()) == {str(HOME / "exports"), str(HOME / "logs"), str(HOME / "state")}
    assert {*mounts, "postgres"} == set(document["volumes"])


@pytest.mark.parametrize("name", [*airflow_services(), "postgres"])
def test_each_service_that_stays_up_says_whether_it_is_well(name: str) -> None:
    check = services()[name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert check["retries"] > 1


@pytest.mark.parametrize("name", airflow_services())
def test_a_service_waits_for_the_database_and_the_first_step(name: str) -> None:
    assert services()[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "airflow-init": {"condition": "service_completed_successfully"},
    }


def test_only_the_loopback_of_the_machine_is_published() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_images_airflow_is_the_one_that_the_lock_installs() -> None:
    locked = re.search(r"^apache-airflow==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    build = services()["scheduler"]["build"]["dockerfile_inline"]

    assert locked
    assert f"FROM apache/airflow:{locked[1]}-python3.12" in build
    assert "--require-hashes -r /tmp/requirements.txt" in build


def test_no_secret_has_a_default() -> None:
    uses = [(name, mode) for name, mode, _ in VARIABLE.findall(text()) if name in SECRETS]

    assert {name for name, _ in uses} == SECRETS
    assert {mode for _, mode in uses} == {":?"}


def test_the_example_names_every_variable_once_and_gives_no_secret_away() -> None:
    lines = [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)

    assert len(given) == len(lines)
    assert set(given) == {name for name, *_ in VARIABLE.findall(text())}
    assert {name for name in SECRETS if given[name]} == set()


def test_the_examples_values_are_composes_own_defaults() -> None:
    given = dict(
        line.split("=", 1)
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )

    defaults = {name: default for name, mode, default in VARIABLE.findall(text()) if mode == ":-"}

    assert defaults
    assert {name: given[name] for name in defaults} == defaults
