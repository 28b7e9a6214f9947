"""From links to customers: which records are one person, and how sure that is.

`components` (row, component, cluster): what hangs together under the links, named by its smallest row, and what is left
of it after the guards, the customer, named likewise.
`kept` (as `links`): the links that hold the customers together.
`reviews` (a, b, probability, weight, cause): pairs for people to decide.
`health` (cluster, records, links, density, bridges, weakest, action): how well each customer of several records hangs
together.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from customer_warehouse.identity.components import Numbers, connected_components
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import Workspace, one_row


def find_clusters(work: Workspace, policy: Policy) -> None:
    """Fill `components`, `kept`, `reviews` and `health` from `links`, `scores` and `overrides`."""
    work.execute(
        f"""
        insert into links by name
        select a, b, 'scored' as rule, 'weak' as strength, probability, weight
        from scores where probability >= {policy.link_threshold};
        insert into links by name
        select least(a, b) as a, greatest(a, b) as b, 'steward' as rule, 'strong' as strength
        from overrides where decision = 'same'
        """
    )
    labels = _components(work, "links")
    clusters = _components(work, "links where not contested")
    work.register("labels", pa.table({"row": np.arange(len(labels)), "component": labels, "cluster": clusters}))
    work.execute(
        f"""
        create or replace table components as select * from labels;
        create or replace table kept as select * exclude (certain, contested) from links where not contested;
        create or replace table reviews as
        select a, b, probability, weight, 'score' as cause
        from scores
        join components as one on one.row = a
        join components as other on other.row = b
        where probability >= {policy.review_threshold} and one.cluster <> other.cluster;
        create or replace table health (
            cluster bigint, records integer, links integer, density double, bridges integer, weakest double,
            action varchar
        )
        """
    )
    work.unregister("labels")


def _components(work: Workspace, links: str) -> Numbers:
    """The component of each row under a table of links."""
    ends = work.sql(f"select a, b from {links}").fetchnumpy()
    return connected_components(one_row(work, "select count(*) from records")[0], ends["a"], ends["b"])
