"""Who is the same person, from the records in a workspace: the steps in their order.

The same for a whole night, for the records that changed in it, for a preview, for an evaluation and for tests. It knows
no PostgreSQL and reads no clock; the same records and the same policy give the same answer in whatever order they come.
"""

from __future__ import annotations

from importlib import import_module

import pyarrow as pa

from customer_warehouse.identity import candidates, clusters, keys, links
from customer_warehouse.identity.policy import Policy as Policy
from customer_warehouse.identity.records import Workspace, one_row


def resolve(
    work: Workspace, policy: Policy, known_held: pa.Table | None = None, *, scores_are_known: bool = False
) -> None:
    """From `records`, `names` and `overrides` to `components`, `kept`, `reviews` and `health`.

    `known_held` (columns as in `held`) are the keys over their cap where there are more records than these. Where
    `scores_are_known`, the table `scores` holds those of all candidates among the records.
    """
    gather(work, policy, known_held, with_candidates=not scores_are_known)
    if scores_are_known:
        clusters.find_clusters(work, policy)
    else:
        decide(work, policy)


def gather(
    work: Workspace,
    policy: Policy,
    known_held: pa.Table | None = None,
    *,
    with_candidates: bool = True,
    only_fresh: bool = False,
) -> None:
    """What there is to decide about: `keys`, `held`, `links` of rules and, for scoring, `features` and `candidates`.

    `only_fresh` is about candidates; see there.
    """
    keys.make_keys(work, policy, for_scoring=with_candidates)
    keys.hold_keys(work, policy, known_held)
    links.find_links(work, policy)
    if policy.model is not None:
        candidates.empty_held_features(work, policy.rules)
        if with_candidates:
            candidates.find_candidates(work, only_fresh=only_fresh)


def decide(work: Workspace, policy: Policy, *, are_compared: bool = False) -> None:
    """Score the candidates, and make customers of what is linked. `are_compared`: training has compared them."""
    score(work, policy, are_compared=are_compared)
    clusters.find_clusters(work, policy)


def score(work: Workspace, policy: Policy, *, are_compared: bool = False) -> None:
    """Fill `scores` with those of the candidates."""
    work.execute("create or replace table scores (a bigint, b bigint, probability double, weight double)")
    if policy.model is None or not one_row(work, "select count(*) from candidates")[0]:
        return
    scoring = import_module("customer_warehouse.identity.scoring")  # loads Splink, which rules alone do not need
    if are_compared:
        scoring.score_compared(work, policy, "from compared semi join candidates using (a, b)")
    else:
        scoring.score_pairs(work, policy, "candidates")
