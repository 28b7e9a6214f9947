"""The few calls of Airflow's REST API that a run from the command line needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from customer_warehouse.embedded.layout import EmbeddedError
from customer_warehouse.embedded.services import SERVICES

FINISHED = ("success", "failed")


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG as Airflow knows it."""

    dag_id: str
    run_id: str
    state: str

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


class AirflowApi:
    """A client that logs in when it first has to."""

    def __init__(self, url: str, user: str, password: str) -> None:
        # The environment's proxy is for the world outside, not for this machine.
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._login = {"username": user, "password": password}

    def close(self) -> None:
        self._client.close()

    def unhealthy(self) -> list[str]:
        """The services that are not up yet; empty when all are."""
        try:
            answer = self._client.get("/api/v2/monitor/health", timeout=5)
            parts = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError):
            parts = {}
        return [s.name for s in SERVICES if (parts.get(s.health) or {}).get("status") != "healthy"]

    def import_errors(self) -> list[str]:
        """DAG files that Airflow could not read, each with the last line of its error."""
        found = self._call("GET", "/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in found]

    def knows(self, dag_id: str) -> bool:
        """Whether the DAG processor has read this DAG."""
        return bool(self._call("GET", f"/dags/{dag_id}", instead={404: {}}))

    def unpause(self, dag_id: str) -> None:
        self._call("PATCH", f"/dags/{dag_id}", {"is_paused": False})

    def run(self, dag_id: str, run_id: str) -> DagRun | None:
        """This run, or None when there is none of that id."""
        answer = self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}", instead={404: {}})
        return DagRun(dag_id, run_id, str(answer["state"])) if answer else None

    def run_for(self, dag_id: str, logical_date: datetime) -> DagRun | None:
        """The run with this logical date, whoever made it: Airflow allows only one."""
        moment = logical_date.isoformat()
        found = self._call(
            "GET",
            f"/dags/{dag_id}/dagRuns",
            parameters={
                "logical_date_gte": moment,
                "logical_date_lte": moment,
            },
        )["dag_runs"]
        return DagRun(dag_id, found[0]["dag_run_id"], str(found[0]["state"])) if found else None

    def trigger(self, dag_id: str, run_id: str, start: datetime, end: datetime) -> DagRun | None:
        """Start a run for the data interval [start, end); None when there is one already."""
        body = {
            "dag_run_id": run_id,
            "logical_date": start.isoformat(),
            "data_interval_start": start.isoformat(),
            "data_interval_end": end.isoformat(),
        }
        answer = self._call("POST", f"/dags/{dag_id}/dagRuns", body, instead={409: {}})
        return DagRun(dag_id, run_id, str(answer["state"])) if answer else None

    def run_again(self, run: DagRun) -> None:
        """Clear every task of the run; one that is still at work is failed first, or its tasks would linger."""
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}"
        if not run.finished:
            self._call("PATCH", path, {"state": "failed"})
        self._call("POST", f"{path}/clear", {"dry_run": False, "only_failed": False})

    def failed_tasks(self, run: DagRun) -> list[tuple[str, int]]:
        """Task ids of the run that failed themselves, with the number of their last attempt; first failed first."""
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        tasks = self._call("GET", path, parameters={"limit": 100})["task_instances"]
        failed = [task for task in tasks if task["state"] == "failed"]
        failed.sort(key=lambda task: (task["end_date"] or "", task["task_id"]))
        return [(task["task_id"], task["try_number"]) for task in failed]

    def started_by_asset(self, dag_id: str, since: datetime) -> DagRun | None:
        """The first run of `dag_id` that an asset has started at or after `since`."""
        found = self._call(
            "GET",
            f"/dags/{dag_id}/dagRuns",
            parameters={
                "run_type": "asset_triggered",
                "run_after_gte": since.isoformat(),
                "order_by": "run_after",
                "limit": 1,
            },
        )["dag_runs"]
        return DagRun(dag_id, found[0]["dag_run_id"], str(found[0]["state"])) if found else None

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        parameters: dict[str, Any] | None = None,
        instead: Mapping[int, Any] | None = None,
    ) -> Any:
        """One call, logged in; `instead` has answers for status codes that are none. Raises EmbeddedError otherwise."""
        try:
            if "Authorization" not in self._client.headers:
                answer = self._client.post("/auth/token", json=self._login)
                answer.raise_for_status()
                self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            answer = self._client.request(method, f"/api/v2{path}", json=body, params=parameters)
            if instead and answer.status_code in instead:
                return instead[answer.status_code]
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            place = error.request.url.path
            raise EmbeddedError(
                f"Airflow refused {method} {place} ({error.response.status_code}); see logs/api-server.log."
            ) from None
        except httpx.HTTPError as error:
            raise EmbeddedError(
                f"Airflow's API server does not answer ({type(error).__name__}); see logs/api-server.log."
            ) from None
        return answer.json() if answer.content else {}


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.5) -> bool:
    """Whether `condition` came true within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
