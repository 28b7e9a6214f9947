"""Learn the model from records alone, without knowing who is who.

How often two people agree by chance is counted on pairs taken at random, again without those that turn out to be one
person's: in a small file they are many. How often one person's records agree, and those of people who have things in
common, is learnt by expectation maximisation over the candidates (Fellegi and Sunter 1969; Winkler 1988): pairs that
agree in some things are likelier one person's, and what those pairs have in common is what one person's records have.

Splink's own training takes one blocking rule at a time, leaves out what the rule compares, and knows two answers only.
Here all candidates are looked at together, so no column has to be chosen by hand and any set of columns works.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_warehouse.database import connect, scalar
from customer_warehouse.identity import engine
from customer_warehouse.identity.comparing import Compared, Levels, all_compared, compare, patterns
from customer_warehouse.identity.comparisons import COMPARISONS
from customer_warehouse.identity.components import connected_components
from customer_warehouse.identity.model import Frequencies, Model, Shares
from customer_warehouse.identity.records import (
    RECORDS,
    SELECT_RECORDS,
    Workspace,
    load_records,
    one_row,
    workspace,
)
from customer_warehouse.identity.stage import policy_at
from customer_warehouse.identity.transfer import read_arrow
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings

RANDOM_PAIRS = 250_000
MOST_CANDIDATES = 250_000
"""More pairs than this teach nothing new."""
ROUNDS = 100
LESSONS = 3
"""How often chance agreement is counted again, each time without the pairs that were found to be one person's."""
ENOUGH = 1e-4
"""Training ends when no share changes by more than this."""
STRENGTH = 30.0
"""How many pairs the beliefs from before the first look count for; it keeps a level that was never seen possible."""
RAREST = 1e-6
"""No agreement is taken to be rarer than this among two people: the sample of pairs cannot show it."""
FIRST_PRIOR = np.array([0.3, 0.1, 0.1, 0.0])
"""How many pairs a record has to begin with of each answer but the last: one person, one household, related people."""
HOUSEHOLD_TWINS = 0.1
"""The share of pairs of one household that have the same birth date (twins), or the same given name (father and son).

Not learnt: a father and a son of one name look like one person with a wrong birth date."""
ONE_PERSON = 0.95
"""From this probability on, values of two records count as one person's when frequencies are counted."""
SHARED_BY = 10
"""A value that fewer people have is not in the model file: it could tell who was among them."""

Numbers = NDArray[np.float64]


def train(work: Workspace, version: str) -> Model:
    """A model of the records in the workspace; needs `features`, `candidates` and `links`.

    Leaves the comparison of all of these pairs in `compared`.
    """
    (records,) = one_row(work, "select count(*) from features")
    work.execute(
        "create or replace temp table every_lesson as select a, b from candidates union select a, b from links"
    )
    _draw_pairs(work, records)
    compare(work, compared="every_lesson", compared_by_chance="random_pairs")
    lessons = all_compared(work, f"from compared order by hash(a, b), a, b limit {MOST_CANDIDATES}")
    by_chance = all_compared(work, "from compared_by_chance")
    (found,) = one_row(work, "select count(*) from compared")
    shares, prior = _maximise(lessons.levels, by_chance.levels, records, found)
    learnt = Model(version, records, float(prior[0]), float(prior[1]), float(prior[2]), shares, {})
    return replace(learnt, frequencies=_frequencies(work, lessons, learnt))


def train_on_warehouse(settings: Settings, version: str) -> Model:
    """A model of the records of `standardised.customers` in the warehouse, without the values that are nobody's now.

    Raises StageError when there are none.
    """
    with connect(settings.url) as connection, workspace() as work:
        if scalar(connection, "select to_regclass('standardised.customers')") is None or not load_records(
            work, read_arrow(connection, SELECT_RECORDS, RECORDS)
        ):
            raise StageError("There are no records in standardised.customers to learn from; run a night first.")
        policy = engine.Policy()
        if scalar(connection, "select to_regclass('identity.bypass')") is not None:
            now = scalar(connection, "select clock_timestamp()")
            policy = policy_at(connection, now, settings.business_time_zone)
        engine.gather(work, policy)
        return train(work, version)


def _first_beliefs(levels: int) -> tuple[Numbers, Numbers]:
    """Before anything was seen: one person's records mostly agree, two people's hardly ever. From different to best."""
    same, others = np.geomspace(0.005, 1.0, levels + 1), np.geomspace(1.0, 0.005, levels + 1)
    same[-1] = 2 * same[:-1].sum()
    others[0] = 9 * others[1:].sum()
    return same / same.sum(), others / others.sum()


def _draw_pairs(work: Workspace, records: int) -> None:
    """Fill `random_pairs` with pairs of records: all of them when they are few, else a sample."""
    if records * (records - 1) // 2 <= RANDOM_PAIRS:
        a, b = np.triu_indices(records, 1)
    else:
        drawn = np.random.default_rng(0).integers(0, records, (2, RANDOM_PAIRS))
        a, b = drawn[:, drawn[0] < drawn[1]]
    work.register("arrow_pairs", pa.table({"a": a, "b": b}))
    work.execute("create or replace temp table random_pairs as from arrow_pairs")
    work.unregister("arrow_pairs")


def _maximise(
    candidates: Levels, by_chance: Levels, records: int, found: int
) -> tuple[dict[str, list[Shares]], Numbers]:
    """Expectation maximisation over the candidates of what one person's records and related people's have in common.

    Returns the shares of each level, and how likely each answer is for two records taken at random.
    """
    lessons, lesson_counts, _ = patterns(candidates)
    chances, chance_counts, _ = patterns(by_chance)
    pairs = max(1, records * (records - 1) // 2)
    beliefs = [_first_beliefs(len(comparison.levels)) for comparison in COMPARISONS]
    first_same, first_others = [belief[0] for belief in beliefs], [belief[1] for belief in beliefs]
    same, related = first_same, first_same
    two_people = chance_counts.astype(float)
    taken = found / max(1, lesson_counts.sum())
    prior = np.zeros(len(FIRST_PRIOR))
    for _ in range(LESSONS):
        others = [np.maximum(new, RAREST) for new in _shares(chances, two_people, first_others)]
        prior = _prior(FIRST_PRIOR * records / pairs)
        for _ in range(ROUNDS):
            likely = _probabilities(lessons, _answers(same, related, others), prior) * lesson_counts
            prior = _prior(likely.sum(axis=1) * taken / pairs)
            before, same = same, _shares(lessons, likely[0], first_same)
            related = _shares(lessons, likely[2], first_same)
            if max(float(np.abs(new - old).max()) for new, old in zip(same, before, strict=True)) < ENOUGH:
                break
        two_people = chance_counts * _probabilities(chances, _answers(same, related, others), prior)[-1]
    told = _answers(same, related, others)
    shares = {
        comparison.name: [Shares(*map(float, level)) for level in zip(*(answer[place] for answer in told), strict=True)]
        for place, comparison in enumerate(COMPARISONS)
    }
    return shares, prior


def _prior(answers: Numbers) -> Numbers:
    """The shares of the answers among all pairs of records, from those of all but the last.

    Among all pairs, not among the candidates: a candidate was chosen because it agrees in something, and how often
    people taken at random agree is known of all pairs.
    """
    told = np.clip(answers[: len(FIRST_PRIOR) - 1], 1e-10, 0.3)
    return np.append(told, 1 - told.sum())


def _answers(same: list[Numbers], related: list[Numbers], others: list[Numbers]) -> list[list[Numbers]]:
    """The shares of the levels by answer: one person, one household, people with something in common, any two people.

    What is a person's own agrees between two people no more often than between any, but for a few of one household.
    """
    of_household, of_related = [], []
    for comparison, one_person, alike, two_people in zip(COMPARISONS, same, related, others, strict=True):
        own = two_people
        if not comparison.is_shared:
            alike = own
            own = np.append(two_people[:-1], max(two_people[-1], HOUSEHOLD_TWINS))
            own = own / own.sum()
        of_household.append(one_person if comparison.is_shared else own)
        of_related.append(alike)
    return [same, of_household, of_related, others]


def _probabilities(vectors: NDArray[np.int8], shares: list[list[Numbers]], prior: Numbers) -> Numbers:
    """The probability of each answer, one a row, for each vector of levels."""
    logs = np.repeat(np.log(prior)[:, None], len(vectors), axis=1)
    for answer, answer_shares in enumerate(shares):
        for place, levels in enumerate(answer_shares):
            logs[answer] += np.append(np.log(levels), 0.0)[vectors[:, place]]  # the last, at -1, says nothing
    logs -= logs.max(axis=0)
    likely: Numbers = np.exp(logs)
    likely /= likely.sum(axis=0)
    return likely


def _shares(vectors: NDArray[np.int8], counts: Numbers, first: list[Numbers]) -> list[Numbers]:
    """The share of each level among the vectors, in each comparison, starting from first beliefs."""
    shares = []
    for place, belief in enumerate(first):
        spoken = vectors[:, place] >= 0
        found = np.bincount(vectors[spoken, place], weights=counts[spoken], minlength=len(belief))
        seen: Numbers = found + STRENGTH * belief
        shares.append(np.maximum(seen / seen.sum(), 1e-6))
    return shares


def _frequencies(work: Workspace, lessons: Compared, model: Model) -> dict[str, Frequencies]:
    """How frequent the values are among people: the records of one person count once."""
    vectors = np.column_stack([lessons.levels[comparison.name] for comparison in COMPARISONS])
    shares = [[np.array([level[n] for level in model.shares[c.name]]) for c in COMPARISONS] for n in range(4)]
    prior = _prior(np.array([model.same, model.household, model.related]))
    found = _probabilities(vectors, shares, prior)[0] >= ONE_PERSON
    labels = connected_components(model.records, lessons.a[found], lessons.b[found])
    work.register("arrow_people", pa.table({"row": np.arange(model.records), "person": labels}))
    result = {}
    for name in [comparison.frequency for comparison in COMPARISONS if comparison.frequency]:
        rows = work.execute(
            f"""
            select {name}, count(distinct person) as people
            from features join arrow_people using (row)
            where {name} is not null
            group by all order by people desc, {name}
            """
        ).fetchall()
        total = sum(people for _, people in rows) or 1
        kept = {value: people / total for value, people in rows if people >= SHARED_BY}
        rest = [people for _, people in rows if people < SHARED_BY]
        result[name] = Frequencies((sum(rest) / len(rest) if rest else 1.0) / total, kept)
    work.unregister("arrow_people")
    return result
