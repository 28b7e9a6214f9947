"""What the published marts say of a data set, whatever it is: the figures that a reader would look at first.

Nothing here knows a data set. Money is in the base currency, days are business days, and everything stands as on the
last night. A figure whose mart is empty is nought, or null where there is nothing to divide by.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from customer_warehouse.database import connect, statement
from customer_warehouse.settings import Settings

TOTALS = """
with months as (select * from marts.kpi_sales where dimension = 'all' and grain = 'month'),
last_month as (select * from months order by period_start desc limit 1),
customers as (
    select count(*) as people, count(*) filter (where order_count > 0) as customers,
        count(*) filter (where order_count > 1) as repeat_customers,
        coalesce(sum(order_count), 0) as orders_of_customers, coalesce(sum(net_revenue), 0) as net_revenue_of_customers
    from marts.customer_360
),
sums as (
    select coalesce(sum(orders), 0) as orders, coalesce(sum(cancelled_orders), 0) as cancelled_orders,
        coalesce(sum(units), 0) as units, coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(loyal_revenue), 0) as loyal_revenue,
        coalesce(sum(return_lines), 0) as return_lines, coalesce(sum(returned_units), 0) as returned_units,
        coalesce(sum(returns_amount), 0) as returns_amount, coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(won_back_customers), 0) as won_back_customers, coalesce(sum(lost_customers), 0) as lost_customers
    from months
)
select sums.*, customers.*,
    cast(customers.repeat_customers as numeric) / nullif(customers.customers, 0) as repeat_rate,
    sums.gross_revenue / nullif(sums.orders, 0) as average_order_value,
    sums.returns_amount / nullif(sums.gross_revenue, 0) as return_rate,
    sums.loyal_revenue / nullif(sums.gross_revenue, 0) as loyal_revenue_share,
    customers.orders_of_customers / nullif(cast(customers.customers as numeric), 0) as orders_per_customer,
    customers.net_revenue_of_customers / nullif(customers.customers, 0) as net_revenue_per_customer,
    coalesce((select active_customers from last_month), 0) as active_customers,
    coalesce((select kept_customers from last_month), 0) as kept_customers,
    (select count(distinct cohort_month) from marts.customer_cohorts) as cohorts,
    (select count(*) from marts.customer_rfm where r_score is not null) as scored_customers,
    (select count(*) from marts.product_affinity) as affinity_rows
from sums cross join customers
"""
LISTS = {
    "months": """
        select period_start as month, customers, new_customers, repeat_customers, retained_customers, active_customers,
            lost_customers, orders, gross_revenue, returns_amount, net_revenue, repurchase_rate, average_order_value,
            loyal_revenue_share
        from marts.kpi_sales where dimension = 'all' and grain = 'month' order by period_start
    """,
    "weeks": """
        select period_start as week, customers, new_customers, orders, net_revenue
        from marts.kpi_sales where dimension = 'all' and grain = 'week' order by period_start
    """,
    "channels": """
        select member as channel, sum(orders) as orders, sum(net_revenue) as net_revenue
        from marts.kpi_sales where dimension = 'channel' and grain = 'month' group by member order by member
    """,
    "cohorts": """
        select cohort_month, months_since, cohort_customers, active_customers, net_revenue
        from marts.customer_cohorts order by cohort_month, months_since
    """,
    "rfm": """
        select rfm_segment, sum(held) as customers, sum(scored) as customers_by_scores
        from (
            select rfm_segment, 1 as held, 0 as scored from marts.customer_rfm
            union all
            select rfm_segment_of_scores, 0, 1 from marts.customer_rfm
        ) as told
        group by 1
        order by 1
    """,
    "affinity": """
        select sku, other_sku, orders_together, product_orders, other_product_orders, all_orders, confidence, lift
        from marts.product_affinity order by orders_together desc, lift desc, sku, other_sku limit 20
    """,
}


def mart_figures(settings: Settings) -> dict[str, Any]:
    """`totals` by name, and lists of rows for months, weeks, channels, cohorts, RFM segments and product pairs."""
    with connect(settings.url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        totals = cursor.execute(statement(TOTALS)).fetchone()
        lists = {name: cursor.execute(statement(query)).fetchall() for name, query in LISTS.items()}
    return {"totals": _plain(totals or {}), **{name: [_plain(row) for row in found] for name, found in lists.items()}}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON has it: numbers as text, so that no digit is lost, without noughts that say nothing."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)
