"""No library tells anybody outside that or how the warehouse runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from customer_warehouse.embedded import airflow
from customer_warehouse.embedded.layout import Layout
from customer_warehouse.embedded.services import TELEMETRY_OFF
from customer_warehouse.settings import PROJECT

TALKATIVE = {
    "AIRFLOW__METRICS__STATSD_ON",
    "AIRFLOW__METRICS__OTEL_ON",
    "AIRFLOW__TRACES__OTEL_ON",
    "AIRFLOW__SENTRY__SENTRY_ON",
    "DBT_SEND_ANONYMOUS_USAGE_STATS",
    "GX_ANALYTICS_ENABLED",
    "RUNTIME__DLTHUB_TELEMETRY",
}


def test_every_library_that_can_report_home_is_told_not_to() -> None:
    assert set(TELEMETRY_OFF) >= TALKATIVE
    assert {value.lower() for name, value in TELEMETRY_OFF.items() if name != "DO_NOT_TRACK"} == {"false"}


def test_the_embedded_airflow_and_its_tasks_inherit_it(tmp_path: Path) -> None:
    layout = Layout.from_environment({"WAREHOUSE_STATE_DIR": str(tmp_path)})

    environment = airflow.airflow_environment(layout)

    assert {name: environment[name] for name in TELEMETRY_OFF} == TELEMETRY_OFF


def test_a_command_by_hand_sets_it_too() -> None:
    program = (
        "import os, sys; sys.argv = ['customer_warehouse', '--help']\n"
        "from customer_warehouse.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print({name: os.environ.get(name) for name in sys.stdin.read().split()})"
    )
    clean = {name: value for name, value in os.environ.items() if name not in TELEMETRY_OFF}

    result = subprocess.run(
        [sys.executable, "-c", program],
        input=" ".join(TELEMETRY_OFF),
        env={**clean, "PYTHONPATH": str(PROJECT / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip().splitlines()[-1] == str(dict(TELEMETRY_OFF))
