"""Work spread over processes: the order stays, nothing is taken ahead without need, and a fault comes back."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from customer_warehouse.standardise.processes import Processes


def squared(number: int) -> tuple[int, int]:
    if number < 0:
        raise ValueError("no negative numbers")
    return number * number, os.getpid()


def test_results_come_in_the_order_of_the_chunks_from_other_processes() -> None:
    with Processes(2) as processes:
        results = list(processes.over(squared, range(20)))

    assert [square for square, _ in results] == [number * number for number in range(20)]
    assert os.getpid() not in {process for _, process in results}


@pytest.mark.parametrize(
    ("count", "chunks"),
    [pytest.param(2, 1, id="one chunk"), pytest.param(1, 5, id="one process"), pytest.param(2, 0, id="none")],
)
def test_what_is_not_worth_a_process_is_done_here(count: int, chunks: int) -> None:
    with Processes(count) as processes:
        results = list(processes.over(squared, range(chunks)))

    assert results == [(number * number, os.getpid()) for number in range(chunks)]


def test_chunks_are_taken_only_as_they_are_needed() -> None:
    taken = []

    def chunks() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with Processes(2) as processes:
        next(processes.over(squared, chunks()))

    assert len(taken) <= 4


def test_a_fault_comes_back_to_the_caller() -> None:
    with pytest.raises(ValueError, match="no negative numbers"), Processes(2) as processes:
        list(processes.over(squared, [1, 2, -3, 4]))
