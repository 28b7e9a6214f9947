"""The nightly line: one business day from the sources to the published marts.

**At 3 a.m.** Open the run's graph, find the first red task, and read its log: the last line is one sentence that says
what happened and what to do. Then clear that task with its downstream tasks; every step may be run again for the same
night and gives the same tables. Clear the whole run when in doubt.

- *A source* is red: it could not be read and its last good data is too old. Bring it back, clear the task.
- *check_…* is red: a critical check failed. `ops.checks` holds each check with its reason and what to do. Readers still
  see the last good night and nothing is sent, so there is no hurry to publish; find the cause first.
- *publish* is red: a border was not passed; its message says which. Clear the check it names with its downstream tasks.
- *open_night* is red: another run is still at work in this warehouse, or a killed one looks so for half an hour. Wait,
  or close it with `python -m customer_warehouse runs close RUN`.
- *publish* speaks of rights, or of columns that readers would lose: its message says which; docs/bi.md explains both.
- The run is green and its figures are wrong: `python -m customer_warehouse publish rollback` shows the night before.
- The run is green but `ops.runs` says *degraded*: a source was left out; its message says which and why.

The night is the last business day that had ended at the end of the run's data interval. To load another one, trigger
the DAG with a logical date after that day's end, or say `make run NIGHT=YYYY-MM-DD`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import chain, dag, task_group

from customer_warehouse import pipeline
from customer_warehouse.orchestration.context import schedule
from customer_warehouse.orchestration.tasks import DEFAULTS, MARTS, check, close_night, read_source, step
from customer_warehouse.settings import Settings

SETTINGS = Settings.from_environment()


@dag(
    schedule=schedule(SETTINGS),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["customer warehouse"],
)
def nightly_customer_warehouse() -> None:
    """One business day from the sources to the published marts."""

    @task_group
    def extract(closed: Any) -> None:
        sources = [read_source(name) for name in pipeline.source_names(SETTINGS)]
        # A failed source must not close the night while another one is still being read.
        chain(sources, closed)
        chain(sources, check("extract"))

    @task_group
    def standardise() -> None:
        chain(step("run", pipeline.standardise), check("standardise"))

    @task_group
    def identity() -> None:
        chain(step("run", pipeline.identity), check("identity"))

    @task_group
    def warehouse() -> None:
        chain(step("build", pipeline.warehouse), check("warehouse"))

    @task_group
    def marts() -> None:
        publish = step("publish", pipeline.publish_marts, outlets=[MARTS])
        chain(step("build", pipeline.build_marts), check("marts"), publish)

    opened = step("open_night", pipeline.open_night)
    closed = close_night()
    chain(opened, extract(closed), standardise(), identity(), warehouse(), marts(), closed)


nightly_customer_warehouse()
