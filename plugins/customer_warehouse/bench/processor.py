"""Processor seconds: what the work costs, however busy the machine is with other things."""

from __future__ import annotations

import os
from contextlib import suppress

import psutil


def used(postmaster: int) -> float:
    """Seconds used so far by this process, by those it started and waited for, and by the PostgreSQL server.

    `postmaster` is the process id of the server's first process.
    """
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system + _server(postmaster)


def _server(postmaster: int) -> float:
    first = psutil.Process(postmaster)
    times = first.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for session in first.children():
        with suppress(psutil.NoSuchProcess):  # one that has ended is in its parent's sum
            ended = session.cpu_times()
            total += ended.user + ended.system
    return float(total)
