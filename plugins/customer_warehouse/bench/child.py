"""One stage in a process of its own: `python -m customer_warehouse.bench.child STAGE NIGHT [SOURCE]`.

The settings come from the environment. The last line of the output is what was measured, as JSON: seconds of imports
and of work, processor seconds, peak memory in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date
from importlib import import_module
from pathlib import Path

from customer_warehouse.bench.stages import STAGES, files_stage
from customer_warehouse.night import night_of
from customer_warehouse.settings import Settings


def main(name: str, day: str, source: str | None = None) -> None:
    """Do the stage's work for the night and print what it took."""
    settings = Settings.from_environment()
    night = night_of(date.fromisoformat(day), settings.business_time_zone)
    stage = files_stage(source) if source else next(stage for stage in STAGES if stage.name == name)
    started = time.perf_counter()
    for module in stage.modules:
        import_module(module)
    loaded, processor = time.perf_counter(), time.process_time()
    stage.work(settings, night)
    measured = {
        "imports": loaded - started,
        "work": time.perf_counter() - loaded,
        "processor": time.process_time() - processor,
        "peak_mib": max(_own_peak(), _peak_of_children()),
    }
    print(json.dumps(measured), flush=True)


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
