"""The most memory that this process and those it starts hold at one time."""

from __future__ import annotations

import resource
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

EVERY = 0.05
"""Seconds between two looks."""


class PeakMemory:
    """Looks at the resident memory of the whole process tree while its block runs.

    The largest sum seen, and at least what the system remembers as this process's own peak while it was alone. Pages
    that processes share count in each of them: the figure is rather too high than too low.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self.bytes = max(self.bytes, own)

    @property
    def megabytes(self) -> float:
        """In units of 1,000,000 bytes."""
        return self.bytes / 1e6

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            total = me.memory_info().rss
            for child in me.children(recursive=True):
                with suppress(psutil.Error):  # it has just ended
                    total += child.memory_info().rss
            self.bytes = max(self.bytes, total)
            if self._end.wait(EVERY):
                return
