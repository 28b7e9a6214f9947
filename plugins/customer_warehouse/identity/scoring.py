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

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import log2
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker

from customer_warehouse.identity.comparisons import COMPARISONS, Comparison, splink_settings
from customer_warehouse.identity.model import LEAST, Model
from customer_warehouse.identity.records import Workspace, one_row

BY_NAME = {comparison.name: comparison for comparison in COMPARISONS}
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
NOT_ENOUGH = log2(0.94 / 0.06)
"""The most that other pairs weigh: people decide about them."""
NOTICEABLE = 0.05
"""Bits; less than this is not told as a part."""
SILENT_LOGS = ("splink", "sqlglot")


class Part(NamedTuple):
    """What one comparison adds to a pair's score."""

    comparison: str
    level: str
    weight: float
    """In bits: log2 of how much likelier this is for one person than for two taken at random."""


def score_pairs(work: Workspace, model: Model, pairs: str, least: float = LEAST) -> None:
    """Fill `scores` (a, b, probability, weight) with the pairs (a, b) of table `pairs` that reach `least`.

    The weight is log2 of the odds of one person against two, whoever they are.
    """
    start = _start(model)
    spoken = _spoken(work)
    own, shared = [c for c in spoken if not c.is_shared], [c for c in spoken if c.is_shared]
    agree = {
        kind: " or ".join(
            ["false", *(f"{_level(c)} > {NO_EVIDENCE.get(c.name, 0)}" for c in spoken if c.name in names)]
        )
        for kind, names in EVIDENCE.items()
    }
    is_enough = " and ".join(f"({found})" for found in agree.values())
    names = {comparison.name for comparison in spoken}
    if "given" in names:
        is_enough += f" and {_level(BY_NAME['given'])} <> 0"
    if "family" in names:
        surer = [f"{_level(BY_NAME[name])} > 0" for name in SURER_THAN_A_SURNAME if name in names]
        is_enough += f" and ({' or '.join([_level(BY_NAME['family']) + ' <> 0', *surer])})"
    with _compared(work, pairs, spoken) as found:
        _add_rarities(work, model)
        work.execute(
            f"""
            create or replace table scores as
            select a, b, 1 / (1 + power(2::double, -weight)) as probability, weight
            from (
                select a, b, if(is_enough, weight, least(weight, {NOT_ENOUGH})) as weight
                from (
                    select
                        a,
                        b,
                        is_enough,
                        {start.same} + own + shared - log2(
                            1 + power(2::double, {start.household} + own_of_household + shared)
                            + power(2::double, {start.related} + own_of_related + related)
                        ) as weight
                    from (
                        select
                            row_l as a,
                            row_r as b,
                            {_weights(model, own, "same")} as own,
                            {_weights(model, own, "household")} as own_of_household,
                            {_weights(model, own, "related")} as own_of_related,
                            {_weights(model, shared, "same")} as shared,
                            {_weights(model, shared, "related")} as related,
                            {is_enough} as is_enough
                        from {found}
                        join rarities on row = row_l
                    )
                )
            )
            where weight >= {log2(least / (1 - least))}
            """
        )


def explain_pair(work: Workspace, model: Model, a: int, b: int) -> list[Part]:
    """What the score of rows `a` and `b` is made of; the parts add up to it. Needs `features`.

    The first part is what it starts from; then one for each comparison that says something; then, when there is any,
    what is taken off because two people who have things in common would agree like this too, and because what agrees is
    not enough by itself.
    """
    a, b = sorted((a, b))
    work.execute(f"create or replace temp table asked as select {a}::bigint as a, {b}::bigint as b")
    levels = {name: int(level[0]) for name, level in compare_pairs(work, "asked").items()}
    _add_rarities(work, model)
    totals = dict(_start(model)._asdict())
    parts = [Part("chance", "before anything is compared", totals["same"])]
    for comparison in COMPARISONS:
        level = levels[comparison.name]
        if level < 0:
            continue
        shares = model.shares[comparison.name][level]
        rarity = 0.0
        if comparison.frequency and level == len(comparison.levels):
            rarity = float(one_row(work, f"select rarity_{comparison.frequency} from rarities where row = {a}")[0])
        weights = {answer: log2(getattr(shares, answer) / shares.others) + rarity for answer in totals}
        totals = {answer: total + weights[answer] for answer, total in totals.items()}
        parts.append(Part(comparison.name, comparison.meanings[level], weights["same"]))
    taken = log2(1 + 2 ** totals["household"] + 2 ** totals["related"])
    if taken > NOTICEABLE:
        parts.append(Part("shared", "two people who have things in common would agree like this too", -taken))
    agreeing = {name for name, level in levels.items() if level > NO_EVIDENCE.get(name, 0)}
    beyond = totals["same"] - taken - NOT_ENOUGH
    is_enough = all(names & agreeing for names in EVIDENCE.values()) and levels["given"] != 0
    is_enough = is_enough and (levels["family"] != 0 or bool(agreeing & set(SURER_THAN_A_SURNAME)))
    if beyond > 0 and not is_enough:
        parts.append(Part("evidence", "what agrees is not enough by itself for a link", -beyond))
    return parts


def compare_pairs(work: Workspace, pairs: str) -> dict[str, NDArray[np.int8]]:
    """The number of the level at which each pair of table `pairs` agrees, by comparison, in the order of (a, b).

    0 is different, the last is the best; -1 where one side says nothing.
    """
    spoken = _spoken(work)
    with _compared(work, pairs, spoken) as found:
        levels = ", ".join(f'({_level(c)})::tinyint as "{c.name}"' for c in spoken)
        arrays = work.execute(f"select row_l, {levels} from {found} order by row_l, row_r").fetchnumpy()
    silent = np.full(len(arrays["row_l"]), -1, np.int8)
    return {c.name: np.asarray(arrays[c.name], np.int8) if c in spoken else silent for c in COMPARISONS}


def _spoken(work: Workspace) -> list[Comparison]:
    """The comparisons that can say something about the records here; most sets do not have every feature."""
    given = one_row(work, f"select {', '.join(f'count({c.name}) > 0' for c in COMPARISONS)} from features")
    return [comparison for comparison, is_given in zip(COMPARISONS, given, strict=True) if is_given] or [COMPARISONS[0]]


class _Start(NamedTuple):
    """The odds of an answer against two people taken at random, before anything is compared, in bits."""

    same: float
    household: float
    related: float


def _start(model: Model) -> _Start:
    answers = (model.same, model.household, model.related)
    return _Start(*(log2(answer / (1 - sum(answers))) for answer in answers))


def _level(comparison: Comparison) -> str:
    return f'"mw_{comparison.name}" - 1'


def _weights(model: Model, comparisons: Sequence[Comparison], answer: str) -> str:
    """SQL of what comparisons weigh for an answer, the frequency of the values that agree in account."""
    terms = ["0.0::double"]
    for comparison in comparisons:
        weights = [0.0, *(log2(getattr(shares, answer) / shares.others) for shares in model.shares[comparison.name])]
        terms.append(f'[{", ".join(map(str, weights))}][("mw_{comparison.name}" + 1)::integer]')
        if comparison.frequency:
            terms.append(f"if({_level(comparison)} = {len(comparison.levels)}, rarity_{comparison.frequency}, 0)")
    return " + ".join(terms)


@contextmanager
def _compared(work: Workspace, pairs: str, comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Splink's comparison of a table's pairs: a table (row_l, row_r, mw_…) that ends with the context."""
    for name in SILENT_LOGS:
        logging.getLogger(name).setLevel(logging.ERROR)
    work.execute(
        "create or replace temp table blocked as"
        f" select a as join_key_l, b as join_key_r, '0' as match_key from {pairs}"
    )
    database = DuckDBAPI(connection=work)
    linker = Linker(
        database.register("features"), splink_settings(comparisons), log_level=None, validate_settings=False
    )
    linker.table_management.register_blocked_pairs_for_predict(database.register("blocked"))
    found = linker.inference.predict(warning_mode="never")
    try:
        yield found.physical_name
    finally:
        found.drop_table_from_database_and_remove_from_cache()
        work.execute("drop table blocked")


def _add_rarities(work: Workspace, model: Model) -> None:
    """Fill `rarities` (row, rarity_…): what equal values of a feature weigh above (or below) equal values at large."""
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
        columns.append(f"log2({equal} / coalesce(frequencies_{name}.frequency, {kept.others})) as rarity_{name}")
    work.execute(
        f"create or replace table rarities as select row, {', '.join(columns)} from features {' '.join(joins)}"
    )
