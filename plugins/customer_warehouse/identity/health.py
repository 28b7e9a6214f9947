"""How well customers hang together.

Records that say the same are one *form* here, whatever their number: forty guest orders of one customer, each linked to
the first only, are no weak chain.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from customer_warehouse.identity.guards import bridges
from customer_warehouse.identity.records import Workspace


def measure(work: Workspace) -> None:
    """Fill `health` from `components`, `kept` and `members`: one row a customer of two or more records.

    records, links: how many it has; density: the share of pairs of its forms that are linked; bridges: links between
    forms without which it would fall apart; weakest: the probability of its least probable link, 1 where all rest on
    rules or people; action: `split` where the guards took something off it, else `none`.
    """
    work.execute(
        """
        create or replace temp table form_links as
        select distinct cluster, least(one.form, other.form) as low, greatest(one.form, other.form) as high
        from kept
        join members as one on one.row = a
        join members as other on other.row = b
        join components on components.row = a
        where one.form <> other.form
        """
    )
    _find_bridges(work)
    work.execute(
        """
        create or replace table health as
        with
        customers as (
            select
                components.cluster,
                any_value(components.component) as component,
                count(*)::integer as records,
                count(distinct form) as forms
            from components join members using (row)
            group by components.cluster
            having count(*) > 1
        ),
        held as (
            select cluster, count(*)::integer as links, min(probability) as weakest
            from (
                select cluster, a, b, max(coalesce(probability, 1)) as probability
                from kept join components on components.row = a
                group by all
            )
            group by cluster
        ),
        near as (select cluster, count(*) as pairs from form_links group by cluster),
        whole as (select component, count(distinct cluster) > 1 as is_split from components group by component)
        select
            cluster,
            records,
            links,
            if(forms = 1, 1.0, least(1.0, 2.0 * coalesce(pairs, 0) / (forms * (forms - 1))))::double as density,
            coalesce(bridges, 0)::integer as bridges,
            weakest,
            if(is_split, 'split', 'none') as action
        from customers
        join held using (cluster)
        join whole using (component)
        left join near using (cluster)
        left join bridge_counts using (cluster);
        drop table form_links;
        drop table bridge_counts
        """
    )


def _find_bridges(work: Workspace) -> None:
    """Fill `bridge_counts` (cluster, bridges). Of a tree every link is a bridge, of three that all agree none is."""
    work.execute(
        """
        create or replace temp table shapes as
        select cluster, count(*) as pairs, count(distinct form) as forms
        from (
            select cluster, low as form from form_links union all select cluster, high from form_links
        )
        group by cluster;
        update shapes set pairs = pairs // 2
        """
    )
    open_links = work.sql(
        """
        select cluster, low, high from form_links
        semi join (from shapes where pairs >= forms and 2 * pairs < forms * (forms - 1)) using (cluster)
        """
    ).fetchall()
    cluster_of = {low: cluster for cluster, low, _ in open_links}
    found = [cluster_of[low] for low, _ in bridges((low, high) for _, low, high in open_links)]
    clusters, counts = np.unique(np.array(found, np.int64), return_counts=True)
    work.register("arrow_bridges", pa.table({"cluster": clusters, "bridges": counts}))
    work.execute(
        """
        create or replace temp table bridge_counts as
        select cluster, pairs as bridges from shapes where pairs = forms - 1
        union all
        from arrow_bridges;
        drop table shapes
        """
    )
    work.unregister("arrow_bridges")
