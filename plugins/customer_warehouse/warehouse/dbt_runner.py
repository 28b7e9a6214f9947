"""Run dbt for one stage: one process, its results read back model by model.

dbt's own log is not passed on: an error of the database may quote a value of a row. What is printed is one line a model
and, of an error, only its first line without quoted values.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from customer_warehouse.database import libpq_url
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError, Step
from customer_warehouse.settings import Settings

PASSED_ON = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
CHILD = Path(__file__).with_name("dbt_child.py")
DIED_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class ModelResult:
    """How one model or seed ended: dbt's status, the rows it wrote (None for a view) and how long it took."""

    status: str
    rows: int | None
    seconds: float


@dataclass
class Results:
    """What one dbt process did."""

    models: dict[str, ModelResult] = field(default_factory=dict)
    tests_passed: int = 0
    warned: dict[str, int] = field(default_factory=dict)
    """Failing rows of each test whose severity is only to warn."""
    failed: dict[str, str] = field(default_factory=dict)
    """Each failed model or test with the kind of its error; never a value of a row."""

    def detail(self) -> dict[str, Any]:
        """The results as the ledger keeps them."""
        return {
            "models": {name: asdict(result) for name, result in self.models.items()},
            "tests": {"passed": self.tests_passed, "warned": self.warned},
        }


def build(
    settings: Settings,
    night: Night,
    stage: str,
    select: Sequence[str],
    step: Step,
    variables: Mapping[str, Any] | None = None,
    exclude: Sequence[str] = (),
) -> Results:
    """Build and test the models of `select` but `exclude` for `night`; unit tests are left to the test suite.

    `step.detail` is kept up to date while dbt runs. Raises StageError naming the models and tests that failed.
    """
    work = settings.state_dir / "dbt" / stage
    work.mkdir(parents=True, exist_ok=True)
    report = work / "run_results.json"
    with suppress(FileNotFoundError):
        report.replace(work / "last_run_results.json")
    left_out = ["--exclude", *exclude] if exclude else []
    command = _command(
        *(settings, night, "build", work, variables or {}),
        *("--no-write-json", "--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"),
        *("--select", *select, *left_out),
    )
    with dbt_process(command, dbt_environment(settings.url)) as process:
        cause = _follow(process, step)
        code = process.wait()
    results = _read_results(report)
    step.detail.update(results.detail())
    step.progress()
    if results.failed:
        names = ", ".join(f"{name} ({kind})" for name, kind in sorted(results.failed.items()))
        raise StageError(
            f"dbt could not finish {stage}: {names}; mend the model or the data it names and run the night again."
        )
    if code != 0:
        raise StageError(
            f"dbt stopped before it had built {stage}: {cause or f'exit code {code}'};"
            " mend the project or the connection and run the night again."
        )
    if not results.models:
        raise StageError(
            f"dbt found nothing to build for {stage}; look whether {settings.dbt_project_dir} is complete."
        )
    return results


def compiled(settings: Settings, night: Night) -> dict[str, Any]:
    """The manifest of the whole project with the SQL of every model, for `night`; nothing is built.

    Raises StageError when dbt cannot compile the project.
    """
    work = settings.state_dir / "dbt" / "compiled"
    work.mkdir(parents=True, exist_ok=True)
    manifest = work / "manifest.json"
    manifest.unlink(missing_ok=True)
    environment = dbt_environment(settings.url)
    environment["PGOPTIONS"] += " -c default_transaction_read_only=on"
    with dbt_process(_command(settings, night, "compile", work, {}), environment) as process:
        process.communicate()
    if process.returncode != 0 or not manifest.exists():
        raise StageError("dbt cannot compile the project; mend what `dbt parse` names and run the night again.")
    found: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return found


def docs(settings: Settings, night: Night) -> Path:
    """dbt's documentation of the project and of the tables that are there, as one HTML file; nothing is built.

    Raises StageError when dbt cannot make it.
    """
    work = settings.state_dir / "dbt" / "docs"
    work.mkdir(parents=True, exist_ok=True)
    page = work / "static_index.html"
    page.unlink(missing_ok=True)
    environment = dbt_environment(settings.url)
    environment["PGOPTIONS"] += " -c default_transaction_read_only=on"
    with dbt_process(_command(settings, night, "docs generate", work, {}, "--static"), environment) as process:
        process.communicate()
    if process.returncode != 0 or not page.exists():
        raise StageError("dbt cannot document the project; mend what `dbt parse` names and try again.")
    return page


def _command(
    settings: Settings, night: Night, verb: str, work: Path, variables: Mapping[str, Any], *more: str
) -> list[str]:
    """dbt's command line; `work` is where it leaves what it writes."""
    return [
        *(sys.executable, "-P", str(CHILD), *verb.split()),
        *("--project-dir", str(settings.dbt_project_dir), "--profiles-dir", str(settings.dbt_project_dir)),
        *("--target-path", str(work), "--log-path", str(work), "--log-level-file", "none"),
        *("--log-level", "none", "--no-use-colors"),
        *("--vars", json.dumps({**night_variables(settings, night), **variables})),
        *more,
    ]


def night_variables(settings: Settings, night: Night) -> dict[str, Any]:
    """The dbt vars of every call."""
    return {
        "as_of": night.as_of.isoformat(),
        "night": night.date.isoformat(),
        "business_time_zone": settings.business_time_zone,
        "base_currency": settings.base_currency,
    }


def dbt_environment(url: str) -> dict[str, str]:
    """The environment of a dbt process that works in the warehouse `url`: telemetry off, nobody's own dbt settings."""
    address = conninfo_to_dict(libpq_url(url))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    environment.update(
        {
            "WAREHOUSE_DBT_HOST": str(address.get("host") or "127.0.0.1"),
            "WAREHOUSE_DBT_PORT": str(address.get("port") or 5432),
            "WAREHOUSE_DBT_USER": str(address.get("user") or ""),
            "WAREHOUSE_DBT_PASSWORD": str(address.get("password") or ""),
            "WAREHOUSE_DBT_DBNAME": str(address.get("dbname") or ""),
            "PGTZ": "UTC",
            # Compiling an expression costs more than it saves in statements this wide and short.
            "PGOPTIONS": "-c jit=off -c work_mem=192MB -c client_min_messages=warning",
            "DO_NOT_TRACK": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "PYTHONUNBUFFERED": "1",
        }
    )
    environment.update({PASSED_ON[name]: str(value) for name, value in address.items() if name in PASSED_ON})
    return environment


@contextmanager
def dbt_process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A dbt process that never outlives the block, nor this process: two must not write the same tables."""
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        preexec_fn=_die_with_parent,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout:
            process.stdout.close()


def _die_with_parent() -> None:
    """Linux: ask for SIGTERM when the parent dies, however it dies; elsewhere there is no such thing to ask for."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(DIED_WITH_PARENT, signal.SIGTERM)


def _follow(process: subprocess.Popen[str], step: Step) -> str | None:
    """Print one line a finished model while dbt works; returns the kind of the last error that dbt reported."""
    cause: str | None = None
    assert process.stdout is not None
    for line in process.stdout:
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if error := said.get("error"):
            cause = kind_of_error(error) or cause
        if "node" not in said:
            continue
        name, status, seconds = said["node"], str(said["status"]), float(said["seconds"])
        if not said["is_test"] or status != "pass":
            print(f"dbt: {name}: {status.split()[0].lower()} in {seconds:.1f} s", flush=True)
            step.detail.setdefault("models", {})[name] = {"status": status, "rows": None, "seconds": seconds}
            step.progress()
    return cause


def kind_of_error(message: str) -> str:
    """What a message of dbt or the database says, without the values that the database quotes.

    A message about the project itself (it does not parse, a contract is broken) speaks of columns, not of rows, and is
    given whole; of any other only the first two lines, with everything in quotation marks left out.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if lines and lines[0].startswith(("Compilation Error", "Parsing Error")):
        return " ".join(lines)[:1000]
    lines = [line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:", "LINE ", "HINT:", "compiled"))]
    return re.sub(r"\"[^\"]*\"|'[^']*'", "…", " ".join(lines[:2]))[:200]


def _read_results(report: Path) -> Results:
    """The results in dbt's `run_results.json`; nothing when dbt did not get so far as to write it."""
    results = Results()
    if not report.exists():
        return results
    for row in json.loads(report.read_text(encoding="utf-8"))["results"]:
        kind, name = row["unique_id"].split(".")[0], row["unique_id"].split(".")[2]
        status = row["status"]
        if kind == "test":
            if status == "pass":
                results.tests_passed += 1
            elif status == "warn":
                results.warned[name] = row["failures"] or 0
        else:
            rows = row["adapter_response"].get("rows_affected")
            written = rows if isinstance(rows, int) and rows >= 0 else None
            results.models[name] = ModelResult(status, written, round(row["execution_time"], 3))
        if status in ("fail", "error", "runtime error"):
            counted = f"{row['failures']} rows" if status == "fail" else kind_of_error(row["message"] or status)
            results.failed[name] = counted
    return results
