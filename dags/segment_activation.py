"""Segment activation: from the published marts to the lists that marketing may lawfully use.

Starts by itself whenever the nightly publishes, and works on the published night only.

**At 3 a.m.** Find the first red task and read the last line of its log.

- *build_segments* or *check_activation* is red: nothing was sent. Correct the segment or its data, then clear the task
  with its downstream tasks.
- *send* is red: some lists may be out. Clear it: what a destination has accepted for this night is not sent again;
  `activation` holds who was sent, and who was withheld for which reason.
- It is green but `ops.runs` says *degraded*: some segments are held and keep their last list, or readers were taken
  back to an earlier night and nothing is sent until the next is published; its message says which.
- It says that the marts show another night by now: nothing to do, that night has an activation of its own.

When no list may go out tonight, pause this DAG; the nightly goes on without it.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import chain, dag, task_group

from customer_warehouse import pipeline
from customer_warehouse.orchestration.tasks import (
    DEFAULTS,
    MARTS,
    activation_step,
    check_activation,
    close_activation,
    open_activation,
)


@dag(
    schedule=[MARTS],
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["customer warehouse"],
)
def segment_activation() -> None:
    """From the published marts to the lists that marketing may lawfully use."""

    @task_group
    def activation(night: Any) -> None:
        chain(
            activation_step("build_segments", pipeline.build_segments, night),
            check_activation(night),
            activation_step("send", pipeline.send, night, retries=2),
        )

    night = open_activation()
    chain(night, activation(night), close_activation(night))


segment_activation()
