"""Airflow's services: their commands and their environment, defined once.

The embedded run starts them from here, and a test proves that docker-compose.yml says the same. `Place` holds the few
things in which two deployments differ: addresses, folders and secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from customer_warehouse.settings import Settings

TELEMETRY_OFF = {
    "AIRFLOW__METRICS__STATSD_ON": "False",
    "AIRFLOW__METRICS__OTEL_ON": "False",
    "AIRFLOW__TRACES__OTEL_ON": "False",
    "AIRFLOW__SENTRY__SENTRY_ON": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DBT_VERSION_CHECK": "False",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}
"""Nothing tells anybody outside that or how it runs; set for every process that imports these libraries."""

PRELOADED = (
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "dlt",
    "duckdb",
    "great_expectations",
    "pandas",
    "psycopg",
    "pyarrow",
)
"""What tasks would otherwise import anew, each of them: they are forked from a process that has these already.

Measured on two busy cores: a border check takes 2 s instead of 15 to 20, a night half as long. Only other people's
packages: ours are read afresh by every task, so that an edited file counts without a restart.
"""


@dataclass(frozen=True)
class Service:
    """One of Airflow's long-lived processes."""

    name: str
    command: tuple[str, ...]
    health: str
    """Its name in the answer of `/api/v2/monitor/health`."""


SERVICES = (
    Service("api-server", ("airflow", "api-server"), "metadatabase"),
    # Task logs are read from the folder that the services share, so the two log servers, which listen on every
    # address, are left out.
    Service("scheduler", ("airflow", "scheduler", "--skip-serve-logs"), "scheduler"),
    Service("dag-processor", ("airflow", "dag-processor"), "dag_processor"),
    Service("triggerer", ("airflow", "triggerer", "--skip-serve-logs"), "triggerer"),
)
MIGRATE = ("airflow", "db", "migrate")
"""Creates Airflow's tables or brings them up to date; does nothing when they are."""


@dataclass(frozen=True, repr=False)
class Place:
    """Where a deployment's parts are. `repr` is off because it holds secrets."""

    settings: Settings
    airflow_home: str
    plugins: str
    metadata_url: str
    """Airflow's own database, with the driver psycopg2."""
    listen_on: str
    port: int
    public_url: str
    """The UI's address for people."""
    internal_url: str
    """The API server's address for tasks."""
    logs: str
    passwords_file: str
    fernet_key: str
    api_secret_key: str
    jwt_secret: str
    retry_seconds: int
    """Wait before a failed task is tried again; it doubles with each further try."""
    retry_seconds_at_most: int
    """The longest such wait. Airflow counts the tries before a task was cleared too."""
    sources: dict[str, str] = field(default_factory=dict)
    """The variables that the source declarations name."""


def environment(place: Place) -> dict[str, str]:
    """The environment of every service, and so of every task."""
    return {
        **TELEMETRY_OFF,
        **place.settings.to_environment(),
        **place.sources,
        "PYTHONPATH": place.plugins,
        "AIRFLOW_HOME": place.airflow_home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(place.settings.dags_dir),
        "AIRFLOW__CORE__PLUGINS_FOLDER": place.plugins,
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__MP_START_METHOD": "forkserver",
        "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": ",".join(PRELOADED),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": str(place.retry_seconds),
        "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": str(place.retry_seconds_at_most),
        "AIRFLOW__CORE__FERNET_KEY": place.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{place.internal_url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": place.passwords_file,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": place.metadata_url,
        "AIRFLOW__API__HOST": place.listen_on,
        "AIRFLOW__API__PORT": str(place.port),
        "AIRFLOW__API__BASE_URL": place.public_url,
        "AIRFLOW__API__SECRET_KEY": place.api_secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": place.jwt_secret,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": place.logs,
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": f"{place.logs}/dag_processor",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # A task that was killed with its machine is noticed after this many seconds, not after five minutes.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    }
