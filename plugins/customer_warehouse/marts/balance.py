"""What the marts must conserve: a batch holds every event and all the money of the warehouse."""

from __future__ import annotations

from customer_warehouse.database import Connection
from customer_warehouse.ops.conservation import Balance, balances
from customer_warehouse.warehouse.balance import MAKES as READS

__all__ = ["READS", "WHAT_TO_DO", "batch_balances"]

WHAT_TO_DO = "Build the warehouse and the marts of this night again; readers still see the last good night."
FIGURES = """
with came as (
    select source, count(*) as orders, sum(net_amount) as order_amount,
        coalesce(sum(net_amount) filter (where not is_revenue), 0) as not_revenue_amount,
        0 as order_lines, 0 as order_lines_without_order, 0 as amount_without_order, 0 as return_lines,
        0 as returns_amount
    from warehouse.fct_orders group by source
    union all
    select source, 0, 0, 0, count(*), 0, 0, 0, 0 from warehouse.fct_order_lines group by source
    union all
    select source, 0, 0, 0, 0, count(*), sum(net_amount), 0, 0
    from warehouse.int_order_lines_without_order group by source
    union all
    select source, 0, 0, 0, 0, 0, 0, count(*), coalesce(sum(amount) filter (where is_revenue), 0)
    from warehouse.fct_returns group by source
),
by_source as (
    select source, sum(orders) as orders, sum(order_amount) as order_amount,
        sum(not_revenue_amount) as not_revenue_amount, sum(order_lines) as order_lines,
        sum(order_lines_without_order) as order_lines_without_order, sum(amount_without_order) as amount_without_order,
        sum(return_lines) as return_lines, sum(returns_amount) as returns_amount
    from came group by source
)
select source, 'reconciliation_totals', f.what, coalesce(f.came, 0), coalesce(f.made, 0)
from by_source
full join (select * from marts_store.reconciliation_totals where batch_id = {batch_id}) as mart using (source)
cross join lateral (values
    ('orders', by_source.orders, mart.orders),
    ('order_amount', by_source.order_amount, mart.order_amount),
    ('not_revenue_amount', by_source.not_revenue_amount, mart.not_revenue_amount),
    ('order_lines', by_source.order_lines, mart.order_lines),
    ('order_lines_without_order', by_source.order_lines_without_order, mart.order_lines_without_order),
    ('amount_without_order', by_source.amount_without_order, mart.amount_without_order),
    ('return_lines', by_source.return_lines, mart.return_lines),
    ('returns_amount', by_source.returns_amount, mart.returns_amount)
) as f (what, came, made)
union all
select '*', 'customer_360', 'rows', (select count(*) from warehouse.dim_customers),
    (select count(*) from marts_store.customer_360 where batch_id = {batch_id})
union all
select '*', 'customer_rfm', 'rows', (select count(*) from warehouse.dim_customers),
    (select count(*) from marts_store.customer_rfm where batch_id = {batch_id})
order by 1, 2, 3
"""


def batch_balances(connection: Connection, batch_id: int) -> list[Balance]:
    """Rows and money by source as `reconciliation_totals` of the batch tells them, and its customers."""
    return balances(connection, FIGURES.format(batch_id=batch_id), ["in the marts"])
