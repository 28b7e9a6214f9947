"""Take a group of linked records apart where its evidence does not carry it: pure functions, no database.

A chain of links makes one customer of records that nobody would call one person: each link is likely, the whole is not.
So what hangs together is built up anew, the surest pair first, and two parts become one only while the evidence between
*all* of their members is for it (average linkage: R. Sokal and C. Michener, 1958). One link between two parts that
otherwise disagree, or know nothing of each other, is a weak bridge and does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple


class Evidence(NamedTuple):
    """What is known between two parts."""

    weight: int
    """Sum of the weights of the known pairs, in thousandths of a bit; whole numbers, so that no order matters."""
    known: int
    """How many pairs that are."""
    linked: bool
    """Is there a link between the two? Without one they never become one part."""


def split(
    size: int,
    evidence: Mapping[tuple[int, int], Evidence],
    apart: Iterable[tuple[int, int]] = (),
    *,
    unknown: int = 0,
    bar: int = 0,
    largest: int = 50,
) -> list[int]:
    """The part of each node 0 … size-1, named by its smallest node.

    `evidence` holds pairs (low, high); a pair that it lacks weighs `unknown`. Two parts become one, best average first,
    while that average is above 0 (half of `bar` where the smaller part has two nodes, two thirds where it has
    three, and so on), a link connects them, no pair of `apart` lies between them, and they have at most
    `largest` nodes together. Ties go to the smaller nodes. The order in which anything is given does not matter.
    """
    near: list[dict[int, Evidence]] = [{} for _ in range(size)]
    for (low, high), known in evidence.items():
        near[low][high] = near[high][low] = known
    foes: list[set[int]] = [set() for _ in range(size)]
    for one, other in apart:
        foes[one].add(other)
        foes[other].add(one)
    sizes, part = [1] * size, list(range(size))

    def offer(one: int, other: int) -> tuple[float, int, int] | None:
        known = near[one][other]
        pairs = sizes[one] * sizes[other]
        total = known.weight + unknown * (pairs - known.known)
        smaller = min(sizes[one], sizes[other])
        if not known.linked or total * smaller <= bar * pairs * (smaller - 1):
            return None
        if other in foes[one] or sizes[one] + sizes[other] > largest:
            return None
        return -total / pairs, min(one, other), max(one, other)

    heap = [found for low, high in evidence if (found := offer(low, high))]
    heapify(heap)
    while heap:
        best = heappop(heap)
        _, into, gone = best
        if part[into] != into or part[gone] != gone or offer(into, gone) != best:
            continue
        part[gone] = into
        sizes[into] += sizes[gone]
        for other, known in near[gone].items():
            del near[other][gone]
            if other != into:
                before = near[into].get(other)
                both = known if before is None else _together(known, before)
                near[into][other] = near[other][into] = both
        for foe in foes[gone]:
            foes[foe].discard(gone)
            foes[foe].add(into)
        foes[into] |= foes[gone]
        near[gone], foes[gone] = {}, set()
        for other in near[into]:
            if found := offer(into, other):
                heappush(heap, found)
    for node in range(size):
        part[node] = part[part[node]]  # whoever took a node in has a smaller number, and is settled already
    return part


def _together(one: Evidence, other: Evidence) -> Evidence:
    return Evidence(one.weight + other.weight, one.known + other.known, one.linked or other.linked)


def bridges(links: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The links (low, high) without which their group would fall apart (R. Tarjan, 1974), without recursion."""
    near: dict[int, list[int]] = {}
    for low, high in sorted(set(links)):
        near.setdefault(low, []).append(high)
        near.setdefault(high, []).append(low)
    found: set[tuple[int, int]] = set()
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    for root in near:
        if root in order:
            continue
        order[root] = lowest[root] = len(order)
        path = [(root, -1, iter(near[root]))]
        while path:
            node, came_from, others = path[-1]
            other = next(others, None)
            if other is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                    if lowest[node] > order[above]:
                        found.add((min(above, node), max(above, node)))
            elif other not in order:
                order[other] = lowest[other] = len(order)
                path.append((other, node, iter(near[other])))
            elif other != came_from:
                lowest[node] = min(lowest[node], order[other])
    return found
