"""kill -9 in the middle of a stage, then the same command again: the tables of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from customer_warehouse import pipeline
from customer_warehouse.database import connect, scalar
from customer_warehouse.demo.faults import Fault
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.settings import PACKAGE, Settings
from integration.nights import DAY, Demo, demo, empty_warehouse, fingerprints, night

pytestmark = pytest.mark.slow
ATTEMPT = ("_batch_id", "_seq", "batch_id", "run_id", "step_id", "started_at", "finished_at", "seen_at", "seq")
SOURCES = ("point_of_sale", "service_desk", "shop_platform")


@pytest.fixture(scope="module")
def brand(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(server, tmp_path_factory.mktemp("demo"), 2_000) as shown:
        shown.show(DAY)
        yield shown


@pytest.fixture(scope="module")
def undisturbed(brand: Demo, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse in which nothing was killed."""
    del brand
    with empty_warehouse(server, "undisturbed", tmp_path_factory.mktemp("undisturbed")) as settings:
        pipeline.open_night(settings, night(DAY))
        for source in SOURCES:
            pipeline.extract(settings, night(DAY), source)
        pipeline.standardise(settings, night(DAY))
        yield settings


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    with empty_warehouse(server, "killed", tmp_path) as settings:
        pipeline.open_night(settings, night(DAY))
        yield settings


def start(settings: Settings, *command: str) -> subprocess.Popen[bytes]:
    """Start the command as a process of its own."""
    environment = os.environ | settings.to_environment() | {"PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.Popen(
        [sys.executable, "-m", "customer_warehouse", *command, "--night", DAY.isoformat()],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    """Kill the process as soon as `ready`; fails when it ended before."""
    deadline = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, "the process ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def count(settings: Settings, query: str) -> int:
    with connect(settings.url) as connection:
        return int(scalar(connection, query) or 0)


def test_extract_killed_while_it_reads(brand: Demo, undisturbed: Settings, settings: Settings) -> None:
    # The second page of orders keeps it waiting, with customers landed and orders open.
    brand.shop.faults.set(Fault("slow", "orders", nth=2, seconds=20))
    process = start(settings, "extract", "shop_platform")
    kill_when(process, lambda: count(settings, "select count(*) from ops.batches where entity = 'products'") == 1)
    brand.shop.faults.set()
    assert count(settings, "select count(*) from ops.batches where entity = 'orders'") == 0

    assert start(settings, "extract", "shop_platform").wait() == 0
    for source in ("point_of_sale", "service_desk"):
        pipeline.extract(settings, night(DAY), source)

    assert fingerprints(settings, "raw", leaving=ATTEMPT) == fingerprints(undisturbed, "raw", leaving=ATTEMPT)


@pytest.mark.parametrize("entity", ["orders", "order_lines", "returns"])
def test_standardise_killed_between_and_within_its_loads(
    entity: str, undisturbed: Settings, settings: Settings
) -> None:
    for source in SOURCES:
        pipeline.extract(settings, night(DAY), source)
    process = start(settings, "standardise", "run")
    started = f"select count(*) from ops.steps where stage = 'standardise' and step = '{entity}'"
    kill_when(process, lambda: count(settings, started) == 1)

    assert start(settings, "standardise", "run").wait() == 0

    killed = fingerprints(settings, "standardised", leaving=ATTEMPT)
    assert killed == fingerprints(undisturbed, "standardised", leaving=ATTEMPT)
