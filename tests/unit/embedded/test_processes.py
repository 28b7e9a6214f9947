"""Pid files: start once, stop with the whole family, and never touch a process of someone else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from customer_warehouse.embedded import processes

SLEEPER = [sys.executable, "-c", "import time; time.sleep(300)"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)']);"
    "print('up', flush=True); time.sleep(300)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)",
]


@pytest.fixture
def pid_file(tmp_path: Path) -> Iterator[Path]:
    """A pid file whose process is gone when the test is over."""
    file = tmp_path / "service.pid"
    yield file
    processes.stop([file], patience=0.1)


def start(pid_file: Path, command: list[str]) -> psutil.Process:
    log = pid_file.with_suffix(".log")
    process = processes.start(pid_file, log, command, os.environ)
    while command is not SLEEPER and "up" not in log.read_text():
        time.sleep(0.02)
    return process


def test_a_process_that_runs_is_not_started_twice(pid_file: Path) -> None:
    first = start(pid_file, SLEEPER)

    assert start(pid_file, SLEEPER).pid == first.pid


def test_stop_ends_the_process_and_forgets_it(pid_file: Path) -> None:
    process = start(pid_file, SLEEPER)

    assert processes.stop([pid_file]) == ["service"]
    assert not process.is_running()
    assert not pid_file.exists()


def test_stop_ends_the_children_too(pid_file: Path) -> None:
    children = start(pid_file, PARENT).children()

    processes.stop([pid_file], patience=0.5)

    assert len(children) == 1
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_a_process_that_does_not_listen_is_killed(pid_file: Path) -> None:
    process = start(pid_file, STUBBORN)

    processes.stop([pid_file], patience=0.2)

    assert not process.is_running()


def test_a_pid_that_belongs_to_another_process_by_now_is_left_alone(pid_file: Path) -> None:
    other = subprocess.Popen(SLEEPER)
    try:
        pid_file.write_text(json.dumps({"pid": other.pid, "created": psutil.Process(other.pid).create_time() - 60}))

        assert processes.running(pid_file) is None
        assert processes.stop([pid_file]) == []
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", "12", '{"pid": 1}', '{"pid": "x", "created": 1}', "null"])
def test_a_broken_pid_file_means_nothing_runs(pid_file: Path, text: str) -> None:
    pid_file.write_text(text)

    assert processes.running(pid_file) is None


def test_a_process_that_died_may_be_started_again(pid_file: Path) -> None:
    first = start(pid_file, SLEEPER)
    first.kill()
    first.wait()

    assert start(pid_file, SLEEPER).pid != first.pid
