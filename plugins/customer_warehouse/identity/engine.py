"""Who is the same person, from the records in a workspace: the steps in their order.

The same for a whole night, for the records that changed in it, for a preview, for an evaluation and for tests. It knows
no PostgreSQL and reads no clock; the same records and the same policy give the same answer in whatever order they come.
"""

from __future__ import annotations

from importlib import import_module

import pyarrow as pa

from customer_warehouse.identity import clusters, keys, links
from customer_warehouse.identity.policy import Policy as Policy
from customer_warehouse.identity.records import Workspace


def resolve(work: Workspace, policy: Policy, known_held: pa.Table | None = None) -> None:
    """From `records`, `names` and `overrides` to `components`, `kept`, `reviews` and `health`.

    `known_held` (columns as in `held`) are keys that are over their cap among records that are not here.
    """
    keys.make_keys(work, policy)
    keys.hold_keys(work, policy, known_held)
    links.find_links(work, policy)
    work.execute("create or replace table scores (a bigint, b bigint, probability double, weight double)")
    if policy.model is not None:
        scoring = import_module("customer_warehouse.identity.scoring")  # loads Splink, which rules alone do not need
        scoring.score(work, policy)
    clusters.find_clusters(work, policy)
