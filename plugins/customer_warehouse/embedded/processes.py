"""Long-lived processes of the embedded run, each with a pid file and a log of its own.

A pid file also holds the process's start time: a pid that was handed to another program since is never signalled.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

CLOCK_SLACK = 5.0
"""Seconds by which a process's start time may seem to move when the machine's clock is set."""


def running(pid_file: Path) -> psutil.Process | None:
    """The process that the pid file names, while it lives and is the one we started."""
    try:
        record = json.loads(pid_file.read_text(encoding="utf-8"))
        process = psutil.Process(int(record["pid"]))
        ours = abs(process.create_time() - float(record["created"])) < CLOCK_SLACK
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def start(pid_file: Path, log_file: Path, command: Sequence[str], environment: Mapping[str, str]) -> psutil.Process:
    """Start `command` in a session of its own unless it runs already; its output is appended to `log_file`."""
    found = running(pid_file)
    if found:
        return found
    with log_file.open("ab") as log:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=log_file.parent,
        )
    process = psutil.Process(child.pid)
    pid_file.write_text(json.dumps({"pid": child.pid, "created": process.create_time()}), encoding="utf-8")
    return process


def stop(pid_files: Iterable[Path], patience: float = 20.0) -> list[str]:
    """End the processes of these pid files with their children; the names of those that ran.

    Each is asked to end; what still lives after `patience` seconds is killed. Files without a process are removed.
    """
    files = list(pid_files)
    found = {file.stem: process for file in files if (process := running(file))}
    family = [member for process in found.values() for member in _family(process)]
    for process in found.values():
        _signal(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=patience)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    for file in files:
        file.unlink(missing_ok=True)
    return list(found)


def _family(process: psutil.Process) -> list[psutil.Process]:
    """The process and all below it that still do something; a zombie waits for its parent, not for a signal."""
    try:
        members = [process, *process.children(recursive=True)]
        return [member for member in members if member.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def _signal(process: psutil.Process, number: int) -> None:
    try:
        os.kill(process.pid, number) if process.is_running() else None
    except ProcessLookupError:
        return
