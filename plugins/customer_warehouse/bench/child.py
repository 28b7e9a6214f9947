"""One stage in a process of its own: `python -m customer_warehouse.bench.child POSTMASTER STAGE NIGHT [SOURCE]`.

The settings come from the environment. The last line of the output is what was measured, as JSON: seconds of imports
and of work, processor seconds of all and of each of the ledger's steps, peak memory in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path

from customer_warehouse.bench.processor import used
from customer_warehouse.bench.stages import STAGES, files_stage
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

STEPS: dict[str, float] = {}


def main(postmaster: str, name: str, day: str, source: str | None = None) -> None:
    """Do the stage's work for the night and print what it took."""
    settings = Settings.from_environment()
    night = night_of(date.fromisoformat(day), settings.business_time_zone)
    stage = files_stage(source) if source else next(stage for stage in STAGES if stage.name == name)
    started = time.perf_counter()
    for module in stage.modules:
        import_module(module)
    _watch_steps(int(postmaster))
    loaded, processor = time.perf_counter(), used(int(postmaster))
    stage.work(settings, night)
    measured = {
        "imports": loaded - started,
        "work": time.perf_counter() - loaded,
        "processor": used(int(postmaster)) - processor,
        "steps": STEPS,
        "peak_mib": max(_own_peak(), _peak_of_children()),
    }
    print(json.dumps(measured), flush=True)


def _watch_steps(postmaster: int) -> None:
    """Let every step of the ledger note its processor seconds as well."""
    original = ledger.step

    @contextmanager
    def watched(url: str, night: Night, stage: str, name: str) -> Iterator[ledger.Step]:
        before = used(postmaster)
        with original(url, night, stage, name) as step:
            yield step
        STEPS[f"{stage} {name}"] = used(postmaster) - before

    ledger.step = watched


def _own_peak() -> float:
    """MiB of this program alone: ru_maxrss of a child also remembers the parent that started it."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return _mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _peak_of_children() -> float:
    """MiB of the largest process that this one started and waited for, such as dbt."""
    return _mib(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _mib(value: int) -> float:
    return value / (1 << 20 if sys.platform == "darwin" else 1 << 10)


main(*sys.argv[1:])
