"""Chunks worked on by all cores: in order, and never more of them in memory than there are hands for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, islice
from types import TracebackType
from typing import Self, TypeVar

from loky import ProcessPoolExecutor

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


class Processes:
    """Up to `count` processes, which are started when there is more than one chunk to do, and end with the block."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(kill_workers=kind is not None)

    def over(self, work: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
        """`work` done on every chunk, in their order. A single chunk is not worth another process.

        Raises what `work` raises. `work` and its results must be picklable.
        """
        waiting = iter(chunks)
        first = list(islice(waiting, 2))
        if len(first) < 2 or self.count < 2:
            yield from map(work, chain(first, waiting))
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(max_workers=self.count)
        at_work: deque[Future[Result]] = deque()
        for chunk in chain(first, waiting):
            at_work.append(self._pool.submit(work, chunk))
            if len(at_work) > self.count:
                yield at_work.popleft().result()
        while at_work:
            yield at_work.popleft().result()
