"""How likely two records are one person's: Splink compares the candidates, and a model with four answers weighs them.

Fellegi and Sunter's model knows two answers, one person or two people taken at random, and takes features to agree
independently. Members of a household agree in surname, address and often phone, and are then nearer to one person than
to anybody taken at random: two answers merge families. So there are two answers more: two people of one household, who
agree in what can be shared as one person's records do, and two people who have something else in common, which is
learnt (a surname and a street, a name and a town). Both agree in what is a person's own (given name, birth date) no
more often than anybody, but for a few of one household: twins, a father and a son of one name.

The weights and the frequencies of values come from a model file, so a pair's score depends on its two records alone:
it is the same whatever else a night brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_warehouse.identity.comparing import Compared, all_compared, compare, compared, patterns
from customer_warehouse.identity.comparisons import COMPARISONS
from customer_warehouse.identity.model import LEAST, Model
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import Workspace

EVIDENCE = {
    "own": frozenset({"given", "birth", "national", "member", "email"}),
    "beside_names": frozenset(
        {
            *("birth", "national", "member", "phone", "email"),
            *("street", "house", "city", "postcode", "other_1", "other_2", "other_3"),
        }
    ),
}
"""A pair is linked by its score only when of each of these kinds something agrees: one that people seldom share, and
one beside the names; and never when the given names are two different ones in characters. A phone alone may be a
family's, a name alone anybody's, however rare both are here, and twins have all but their names in common."""
NO_EVIDENCE = {"phone": 1}
"""The best level that is not agreement of that kind: phones of which two digits differ are mostly two people's."""
SURER_THAN_A_SURNAME = ("birth", "national", "member", "email")
"""Where the surnames differ, one of these must agree: two people of one given name on one phone are two people."""
UNDER_THE_LINK = 0.01
"""So far below the threshold of a link other pairs stay: people decide about them."""
NOTICEABLE = 0.05
"""Bits; less than this is not told as a part."""


class Part(NamedTuple):
    """What one comparison adds to a pair's score."""

    comparison: str
    level: str
    weight: float
    """In bits: log2 of how much likelier this is for one person than for two taken at random."""


class Weights(NamedTuple):
    """What combinations of levels weigh, one each; in bits, against two people taken at random."""

    same: NDArray[np.float64]
    household: NDArray[np.float64]
    related: NDArray[np.float64]
    is_enough: NDArray[np.bool_]
    """May a pair be linked by this? See EVIDENCE."""


def score_pairs(work: Workspace, policy: Policy, pairs: str, least: float = LEAST) -> None:
    """Add those of the pairs (a, b) of table `pairs` to `scores` (a, b, probability, weight) that reach `least`.

    The weight is log2 of the odds of one person against two, whoever they are. Needs `features` and a model.
    """
    compare(work, compared=pairs)
    score_compared(work, policy, "from compared", least)


def score_compared(work: Workspace, policy: Policy, query: str, least: float = LEAST) -> None:
    """As `score_pairs`, of pairs that are in `compared` already: those that the query picks of it."""
    model = policy.model
    assert model is not None
    rarities = _rarities(work, model)
    for pairs in compared(work, query):
        weight = _weigh(pairs, model, rarities, most_without_evidence(policy))
        probability = 1 / (1 + np.exp2(-weight))
        kept = probability >= least
        table = pa.table(
            {"a": pairs.a[kept], "b": pairs.b[kept], "probability": probability[kept], "weight": weight[kept]}
        )
        work.register("new_scores", table)
        work.execute("insert into scores select a, b, probability, weight from new_scores")
        work.unregister("new_scores")


def most_without_evidence(policy: Policy) -> float:
    """What a pair weighs at the most of which not enough agrees for a link, in bits."""
    probability = float(policy.link_threshold) - UNDER_THE_LINK
    return log2(probability / (1 - probability))


def _weigh(
    pairs: Compared, model: Model, rarities: Mapping[str, NDArray[np.float64]], most: float
) -> NDArray[np.float64]:
    """The weight of each pair, given what each row's values weigh above equal values at large."""
    levels, _, which = patterns(pairs.levels)
    told = weights_of(levels, model)
    rarity = np.zeros(len(pairs.a))
    for place, comparison in enumerate(COMPARISONS):
        if comparison.frequency:
            equal = (levels[:, place] == len(comparison.levels))[which]
            rarity[equal] += rarities[comparison.frequency][pairs.a[equal]]
    others = np.exp2(told.household[which] + rarity) + np.exp2(told.related[which] + rarity)
    weight: NDArray[np.float64] = told.same[which] + rarity - np.log2(1 + others)
    return np.where(told.is_enough[which], weight, np.minimum(weight, most))


def weights_of(levels: NDArray[np.int8], model: Model) -> Weights:
    """What combinations of levels weigh: one a row, with a column for each comparison."""
    totals = {answer: np.full(len(levels), start) for answer, start in _start(model)._asdict().items()}
    agree = {}
    for place, comparison in enumerate(COMPARISONS):
        found = levels[:, place]
        agree[comparison.name] = found > NO_EVIDENCE.get(comparison.name, 0)
        for answer, total in totals.items():
            weights = [log2(getattr(shares, answer) / shares.others) for shares in model.shares[comparison.name]]
            total += np.append(weights, 0.0)[found]  # the last, at -1, says nothing
    numbers = {comparison.name: levels[:, place] for place, comparison in enumerate(COMPARISONS)}
    is_enough = (numbers["given"] != 0) & (
        (numbers["family"] != 0) | np.any([agree[name] for name in SURER_THAN_A_SURNAME], axis=0)
    )
    for names in EVIDENCE.values():
        is_enough &= np.any([agree[name] for name in sorted(names)], axis=0)
    return Weights(**totals, is_enough=is_enough)


def explain_pair(work: Workspace, policy: Policy, a: int, b: int) -> list[Part]:
    """What the score of rows `a` and `b` is made of; the parts add up to it. Needs `features` and a model.

    The first part is what it starts from; then one for each comparison that says something; then, when there is any,
    what is taken off because two people who have things in common would agree like this too, and because what agrees is
    not enough by itself.
    """
    model = policy.model
    assert model is not None
    a, b = sorted((a, b))
    work.execute(f"create or replace temp table asked as select {a}::bigint as a, {b}::bigint as b")
    compare(work, compared="asked")
    pair = all_compared(work, "from compared")
    rarities = _rarities(work, model)
    parts = [Part("chance", "before anything is compared", _start(model).same)]
    for comparison in COMPARISONS:
        level = int(pair.levels[comparison.name][0])
        if level < 0:
            continue
        shares = model.shares[comparison.name][level]
        is_equal = comparison.frequency is not None and level == len(comparison.levels)
        rarity = float(rarities[comparison.frequency or ""][a]) if is_equal else 0.0
        parts.append(Part(comparison.name, comparison.meanings[level], log2(shares.same / shares.others) + rarity))
    alone = sum(part.weight for part in parts)
    most = most_without_evidence(policy)
    weight = float(_weigh(pair, model, rarities, np.inf)[0])
    if alone - weight > NOTICEABLE:
        parts.append(Part("shared", "two people who have things in common would agree like this too", weight - alone))
    beyond = weight - float(_weigh(pair, model, rarities, most)[0])
    if beyond > 0:
        parts.append(Part("evidence", "what agrees is not enough by itself for a link", -beyond))
    return parts


class _Start(NamedTuple):
    """The odds of an answer against two people taken at random, before anything is compared, in bits."""

    same: float
    household: float
    related: float


def _start(model: Model) -> _Start:
    answers = (model.same, model.household, model.related)
    return _Start(*(log2(answer / (1 - sum(answers))) for answer in answers))


def _rarities(work: Workspace, model: Model) -> dict[str, NDArray[np.float64]]:
    """By feature, for each row: what equal values of it weigh above (or below) equal values at large, in bits."""
    joins, columns = [], []
    for comparison in COMPARISONS:
        name = comparison.frequency
        if name is None:
            continue
        kept = model.frequencies[name]
        equal = model.shares[comparison.name][-1].others
        table = pa.table({"value": list(kept.values), "frequency": list(kept.values.values())})
        work.register("arrow_frequencies", table.cast(pa.schema([("value", pa.string()), ("frequency", pa.float64())])))
        work.execute(f"create or replace temp table frequencies_{name} as from arrow_frequencies")
        work.unregister("arrow_frequencies")
        joins.append(f"left join frequencies_{name} on features.{name} = frequencies_{name}.value")
        columns.append(f"log2({equal} / coalesce(frequencies_{name}.frequency, {kept.others})) as {name}")
    found = work.sql(f"select {', '.join(columns)} from features {' '.join(joins)} order by row").fetchnumpy()
    return {name: np.asarray(rarities) for name, rarities in found.items()}
