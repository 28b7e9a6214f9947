"""From links to customers: which records are one person, and how sure that is.

`components` (row, component, cluster): what hangs together under the links, named by its smallest row, and what is left
of it after the guards, the customer, named likewise.
`kept` (a, b, rule, strength, names, probability, weight): the links that hold the customers together.
`reviews` (a, b, probability, weight, cause): pairs for people to decide.
`health` (cluster, records, links, density, bridges, weakest, action): how well each customer of several records hangs
together.

Contested links and guards are settled within one component, from nothing but the records, links and scores in it. So a
component gives the same customers whatever else is in the workspace.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pyarrow as pa

from customer_warehouse.identity import health
from customer_warehouse.identity.components import Numbers, connected_components
from customer_warehouse.identity.guards import Evidence, split
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import Workspace, one_row

STEWARD = 1_000_000
"""The weight of a steward's word, in thousandths of a bit: more than any evidence."""
BY_STRENGTH = {"strong": 20_000, "weak": 10_000}
"""The least weight of a pair that a rule links: the odds of a strong identifier are a million to one, of a weak one a
thousand."""
MOST_AGAINST = -2_000
"""A pair speaks no louder against one person than half of what a score needs to make a link: a record that was mistyped
in two places disagrees with all others of its person."""
CERTAINLY_NOT, AGAINST = -15, -20_000
"""But a pair of less than so many bits is two people, and speaks as loudly as a strong identifier speaks for one:
whoever is linked to both of them is one of the two at most."""
UNKNOWN = -1_000
"""The weight of two parts of which no pair was compared, where pairs are scored at all: people are mostly two."""
BAR = 3_000
"""What pairs must weigh on average before two large parts become one, where pairs are scored. A part of one form is let
in by any evidence that is for it; the more both parts have, the more a mistake costs and the more would show it."""
SMALL, LARGE = 12, 60
"""Of components of at most SMALL records every pair that says different things is scored before they are judged; of
others with at most LARGE forms, one record of each form."""
LEAST = 1e-300
"""The least probability that is asked for: pairs that are certainly two people are evidence, too."""
GENERATION = 15
"""Years between a parent and a child, at the least."""
BIRTH_DATE = "strftime(birth_date, '%Y%m%d')"
MISTYPED = -3
"""Of a pair above so many bits, two different unique identifiers may be one that was mistyped."""
CLEARLY_DIFFERENT = 3
"""Slips of the keyboard between two unique identifiers: so many make them another person's."""


def find_clusters(work: Workspace, policy: Policy) -> None:
    """Fill `components`, `kept`, `reviews` and `health` from `links`, `scores` and `overrides`."""
    work.execute(
        f"""
        insert into links by name
        select a, b, 'scored' as rule, 'weak' as strength, probability, weight
        from scores where probability >= {policy.link_threshold};
        insert into links by name
        select distinct least(a, b) as a, greatest(a, b) as b, 'steward' as rule, 'strong' as strength, true as certain
        from overrides where decision = 'same'
        """
    )
    size = int(one_row(work, "select count(*) from records")[0])
    component = _connected(work, size, "from links")
    form = _connected(work, size, "from links where certain and not contested")
    believed = _connected(work, size, "from links where not contested")
    _put(work, "members", row=np.arange(size), component=component, form=form, believed=believed)
    _find_suspects(work, policy)
    _guard(work, policy)
    work.execute(
        """
        create or replace table components as
        select
            row,
            component,
            min(row) over (partition by component, coalesce(part, believed), part is null) as cluster
        from members left join parts using (row)
        """
    )
    _keep(work, policy)
    health.measure(work)
    work.execute("drop table members; drop table parts; drop table hard; drop table suspects")


def _connected(work: Workspace, size: int, links: str) -> Numbers:
    """The component of each row under some links."""
    ends = work.sql(f"select a, b {links}").fetchnumpy()
    return connected_components(size, ends["a"], ends["b"])


def _put(work: Workspace, table: str, **columns: Numbers) -> None:
    """Make a table of columns."""
    work.register("arrow_columns", pa.table(dict(columns)))
    work.execute(f"create or replace temp table {table} as select * from arrow_columns")
    work.unregister("arrow_columns")


def _find_suspects(work: Workspace, policy: Policy) -> None:
    """Fill `hard` (a, b, steward) with pairs that are never one person, and `suspects` with components to be judged.

    Identifiers that are clearly different make two people, unless a score says that everything else nearly makes them
    one, and birth dates a generation apart unless it says that the rest rather does: both are mistyped, too.

    To be judged are components with such a pair, with more forms than a customer may have, and, where pairs are
    scored, those that were linked by a score and in which not every form is linked to every other.
    """
    work.execute("create or replace temp table hard (a bigint, b bigint, steward boolean, outweighed_by double)")
    work.execute(
        """
        insert into hard
        select least(a, b), greatest(a, b), true, null
        from overrides join members as one on one.row = a join members as other on other.row = b
        where decision = 'not_same' and one.component = other.component
        """
    )
    different = f"damerau_levenshtein(left(one.value, 40), left(other.value, 40)) >= {CLEARLY_DIFFERENT}"
    a_generation = f"{different} and abs(left(one.value, 4)::integer - left(other.value, 4)::integer) >= {GENERATION}"
    unique = [(column, "component", different, MISTYPED) for column in policy.book.unique]
    # Where the links themselves are contested by birth dates, nothing holds people together that had to be split.
    for column, within, are_two, outweighed_by in [*unique, (BIRTH_DATE, "believed", a_generation, 0)]:
        work.execute(
            f"""
            insert into hard
            with given as (
                select {within}, {column} as value, min(row) as row
                from members join records using (row)
                where {column} <> ''
                group by {within}, value
                qualify count(*) over (partition by {within}) between 2 and {policy.book.caps.forms_of_a_customer}
            )
            select least(one.row, other.row), greatest(one.row, other.row), false, {outweighed_by}
            from given as one join given as other using ({within})
            where one.value < other.value
                and {are_two}
            """
        )
    work.execute(
        f"""
        create or replace temp table suspects as
        with
        sizes as (
            select component, count(*) as records, count(distinct form) as forms from members group by component
        ),
        pairs as (
            select
                one.component,
                count(distinct (least(one.form, other.form), greatest(one.form, other.form))) as pairs,
                bool_or(rule = 'scored') as is_scored
            from links join members as one on one.row = a join members as other on other.row = b
            where one.form <> other.form and not contested
            group by one.component
        )
        select component, records, forms
        from sizes
        left join pairs using (component)
        where component in (select component from hard join members on row = a)
            or forms > {policy.book.caps.forms_of_a_customer}
            or (is_scored and 2 * pairs < forms * (forms - 1))
        """
    )


def _guard(work: Workspace, policy: Policy) -> None:
    """Fill `parts` (row, part) with what each suspicious component falls into."""
    evidence = _evidence(work, policy)
    members = work.sql(
        """
        select component, form, row from members join suspects using (component) order by component, row
        """
    ).fetchall()
    hard: dict[int, list[tuple[int, int, bool]]] = {}
    for component, a, b, steward in work.sql(
        "select component, a, b, steward from hard join members on row = a order by all"
    ).fetchall():
        hard.setdefault(component, []).append((a, b, steward))
    steward_same: dict[int, list[tuple[int, int]]] = {}
    for component, a, b in work.sql(
        "select component, a, b from links join members on row = a where rule = 'steward' order by all"
    ).fetchall():
        steward_same.setdefault(component, []).append((a, b))
    rows: list[int] = []
    parts: list[int] = []
    forms_of: dict[int, dict[int, int]] = {}
    for component, form, row in members:
        forms_of.setdefault(component, {})[row] = form
    for component, forms in forms_of.items():
        part = _judge(
            forms,
            evidence.get(component, []),
            hard.get(component, []),
            steward_same.get(component, []),
            unknown=0 if policy.model is None else UNKNOWN,
            bar=0 if policy.model is None else BAR,
            largest=policy.book.caps.forms_of_a_customer,
        )
        rows += part.keys()
        parts += part.values()
    _put(work, "parts", row=np.array(rows, np.int64), part=np.array(parts, np.int64))


Pair = tuple[int, int, int, bool]
"""Rows a and b, the weight between them, and whether they are linked."""


def _judge(
    forms: dict[int, int],
    pairs: list[Pair],
    hard: list[tuple[int, int, bool]],
    same: list[tuple[int, int]],
    *,
    unknown: int,
    bar: int,
    largest: int,
) -> dict[int, int]:
    """The part of each row of one component. `forms` gives each row the records that say the same as it."""
    rows = list(forms)
    place = {row: number for number, row in enumerate(rows)}

    def joined(links: list[tuple[int, int]]) -> list[int]:
        ends = np.array([(place[a], place[b]) for a, b in links], np.int64).reshape(-1, 2)
        found: list[int] = connected_components(len(rows), ends[:, 0], ends[:, 1]).tolist()
        return found

    # A steward's word is not weighed; but two that contradict each other leave everybody apart whom they concern.
    by_steward = joined(same)
    if any(steward and by_steward[place[a]] == by_steward[place[b]] for a, b, steward in hard):
        by_steward = list(range(len(rows)))
    apart = {(a, b) for a, b, steward in hard if steward or by_steward[place[a]] != by_steward[place[b]]}
    told = [(rows[part], row) for row, part in zip(rows, by_steward, strict=True)]
    node = joined([*told, *((form, row) for row, form in forms.items())])
    if any(node[place[a]] == node[place[b]] for a, b in apart):
        node = by_steward
    numbers = {first: number for number, first in enumerate(sorted(set(node)))}
    number = {row: numbers[node[place[row]]] for row in rows}

    known: dict[tuple[int, int], list[int]] = {}
    linked: set[tuple[int, int]] = set()
    for a, b, weight, is_linked in pairs:
        low, high = sorted((number[a], number[b]))
        if low != high:
            known.setdefault((low, high), []).append(weight)
            if is_linked:
                linked.add((low, high))
    evidence = {
        between: Evidence(sum(weights) // len(weights), 1, between in linked) for between, weights in known.items()
    }
    parted = split(
        len(numbers),
        evidence,
        {(min(number[a], number[b]), max(number[a], number[b])) for a, b in apart},
        unknown=unknown,
        bar=bar,
        largest=largest,
    )
    first = {place: rows[node_place] for node_place, place in numbers.items()}
    return {row: first[parted[number[row]]] for row in rows}


def _evidence(work: Workspace, policy: Policy) -> dict[int, list[Pair]]:
    """What is known of the pairs in suspicious components: scores, of small ones all, and what rules and people say."""
    if policy.model is not None and one_row(work, "select exists (from suspects)")[0]:
        _score_the_rest(work, policy)
    links = " ".join(f"when '{strength}' then {weight}" for strength, weight in BY_STRENGTH.items())
    found: dict[int, list[Pair]] = {}
    for component, *pair in work.sql(
        f"""
        with said as (
            select
                a, b,
                if(weight < {CERTAINLY_NOT}, {AGAINST}, greatest(round(weight * 1000), {MOST_AGAINST})) as weight,
                probability >= {policy.link_threshold} as linked
            from scores
            union all
            select a, b, if(rule = 'steward', {STEWARD}, case strength {links} end), true
            from links where rule <> 'scored' and not contested
        )
        select one.component, a, b, least(max(weight), {STEWARD})::bigint, bool_or(linked)
        from said
        join members as one on one.row = a
        join members as other on other.row = b and other.component = one.component
        semi join suspects on suspects.component = one.component
        group by all
        order by all
        """
    ).fetchall():
        found.setdefault(component, []).append((pair[0], pair[1], pair[2], pair[3]))
    return found


def _score_the_rest(work: Workspace, policy: Policy) -> None:
    """Score the pairs of small suspicious components that have no score yet, however unlikely they are.

    Two different identifiers are no obstacle where the score takes the pair for one person all the same.
    """
    scoring = import_module("customer_warehouse.identity.scoring")  # loads Splink, which rules alone do not need
    work.execute(
        f"""
        create or replace temp table unscored as
        select one.row as a, other.row as b
        from members as one
        join members as other on one.component = other.component and one.row < other.row
        join suspects on suspects.component = one.component
        anti join scores on scores.a = one.row and scores.b = other.row
        where one.form <> other.form
            and (records <= {SMALL} or (forms <= {LARGE} and one.row = one.form and other.row = other.form))
        """
    )
    scoring.score_pairs(work, policy, "unscored", LEAST)
    work.execute(
        f"""
        insert into links by name
        select a, b, 'scored' as rule, 'weak' as strength, probability, weight
        from scores semi join unscored using (a, b)
        where probability >= {policy.link_threshold};
        delete from hard using scores
        where not steward and scores.a = hard.a and scores.b = hard.b and scores.weight >= outweighed_by;
        drop table unscored
        """
    )


def _keep(work: Workspace, policy: Policy) -> None:
    """Fill `kept` and `reviews`."""
    work.execute(
        f"""
        create or replace temp table placed as
        select links.*, one.cluster as cluster_a, other.cluster as cluster_b
        from links join components as one on one.row = a join components as other on other.row = b;
        create or replace table kept as
        select a, b, rule, strength, names, probability, weight
        from placed where cluster_a = cluster_b and not contested;
        create or replace table reviews as
        with
        settled as (
            select distinct least(one.cluster, other.cluster) as low, greatest(one.cluster, other.cluster) as high
            from overrides join components as one on one.row = a join components as other on other.row = b
            where decision = 'not_same'
        ),
        differing as (
            select distinct least(one.cluster, other.cluster) as low, greatest(one.cluster, other.cluster) as high
            from hard join components as one on one.row = a join components as other on other.row = b
            where not steward
        ),
        asked as (
            select a, b, probability, weight, 'score' as cause
            from scores
            where probability >= {policy.review_threshold} and probability < {policy.link_threshold}
            union all
            select
                placed.a,
                placed.b,
                max(probability),
                max(weight),
                case
                    when bool_or(rule = 'steward') then 'decision'
                    when max(forms) > {policy.book.caps.forms_of_a_customer} then 'too_large'
                    when bool_or(differing.low is not null) then 'identifier'
                    else 'weak_link'
                end
            from placed
            join members on members.row = placed.a
            join suspects using (component)
            left join differing
                on differing.low = least(cluster_a, cluster_b) and differing.high = greatest(cluster_a, cluster_b)
            where cluster_a <> cluster_b and not contested
            group by placed.a, placed.b
        )
        select a, b, probability, weight, cause
        from asked
        join components as one on one.row = a
        join components as other on other.row = b
        anti join settled
            on low = least(one.cluster, other.cluster) and high = greatest(one.cluster, other.cluster)
        where one.cluster <> other.cluster
        -- A pair that a rule links and a score doubts is asked about once.
        qualify row_number() over (partition by a, b order by cause = 'score') = 1;
        drop table placed
        """
    )
