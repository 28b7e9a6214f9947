"""What the warehouse must conserve: every event and its money, from the standard tables to the facts.

Amounts are compared in the base currency, by the rate that the fact names; that of a row that is in no fact counts as
1, and so shows.
"""

from __future__ import annotations

from customer_warehouse.database import Connection
from customer_warehouse.ops.conservation import Balance, balances

READS = (
    *("standardised.customers", "standardised.orders", "standardised.order_lines", "standardised.returns"),
    *("standardised.cases", "standardised.payments", "standardised.points"),
    *("standardised.coupons", "standardised.carts", "standardised.reviews"),
    *("standardised.campaigns", "standardised.campaign_contacts", "standardised.marketing_costs"),
    *("standardised.web_events", "standardised.leads", "standardised.warranties"),
    *("identity.customer_records", "identity.customers"),
)
MAKES = (
    *("warehouse.dim_customers", "warehouse.fct_orders", "warehouse.fct_order_lines"),
    *("warehouse.int_order_lines_without_order", "warehouse.fct_returns", "warehouse.fct_service_cases"),
    *("warehouse.fct_payments", "warehouse.fct_points"),
    *("warehouse.fct_coupons", "warehouse.fct_carts", "warehouse.fct_reviews"),
    *("warehouse.fct_campaign_contacts", "warehouse.fct_marketing_spend"),
    *("warehouse.fct_web_sessions", "warehouse.fct_leads", "warehouse.fct_warranties"),
)
WHAT_TO_DO = (
    "Run standardise and identity of this night again, then build the warehouse; when it comes back, look in the fact"
    " of that name for a join that is not one to one."
)
FIGURES = """
with rates as (
    select source, order_key as source_key, exchange_rate as rate from warehouse.fct_orders
    where exchange_rate <> 1  -- nearly all are 1, and need not be looked up
),
return_rates as (
    select return_id, coalesce(exchange_rate, 0) as rate from warehouse.fct_returns
    where coalesce(exchange_rate, 0) <> 1
),
payment_rates as (
    select payment_id, coalesce(exchange_rate, 0) as rate from warehouse.fct_payments
    where coalesce(exchange_rate, 0) <> 1
),
cost_rates as (
    select marketing_cost_id, coalesce(exchange_rate, 0) as rate from warehouse.fct_marketing_spend
    where coalesce(exchange_rate, 0) <> 1
),
came as (
    select o.source, 'orders' as entity, count(*) as rows, sum(o.total_amount * coalesce(r.rate, 1)) as total,
        sum(o.shipping_amount * coalesce(r.rate, 1)) as shipping,
        sum(o.discount_amount * coalesce(r.rate, 1)) as discount, cast(null as numeric) as amount
    from standardised.orders as o left join rates as r using (source, source_key) group by o.source
    union all
    select l.source, 'order_lines', count(*), null, null, null,
        sum((l.quantity * l.unit_price - coalesce(l.discount_amount, 0)) * coalesce(r.rate, 1))
    from standardised.order_lines as l
    left join rates as r on r.source = l.source and r.source_key = l.order_key group by l.source
    union all
    select b.source, 'returns', count(*), null, null, null,
        sum(coalesce(b.amount, b.quantity * b.unit_price) * coalesce(r.rate, 1))
    from standardised.returns as b
    left join return_rates as r on r.return_id = b.source || ':' || b.source_key group by b.source
    union all
    select source, 'cases', count(*), null, null, null, null from standardised.cases group by source
    union all
    select p.source, 'payments', count(*), null, null, null, sum(p.amount * coalesce(r.rate, 1))
    from standardised.payments as p
    left join payment_rates as r on r.payment_id = p.source || ':' || p.source_key group by p.source
    union all
    select source, 'points', count(*), null, null, null, sum(points) from standardised.points group by source
    union all
    select source, 'coupons', count(*), null, null, null, null from standardised.coupons group by source
    union all
    select source, 'carts', count(*), null, null, null, null from standardised.carts group by source
    union all
    select source, 'reviews', count(*), null, null, null, null from standardised.reviews group by source
    union all
    select source, 'leads', count(*), null, null, null, null from standardised.leads group by source
    union all
    select source, 'warranties', count(*), null, null, null, null from standardised.warranties group by source
    union all
    select source, 'campaign_contacts', count(*), null, null, null, null
    from standardised.campaign_contacts group by source
    union all
    select m.source, 'marketing_costs', count(*), null, null, null, sum(m.amount * coalesce(r.rate, 1))
    from standardised.marketing_costs as m
    left join cost_rates as r on r.marketing_cost_id = m.source || ':' || m.source_key group by m.source
    union all
    select source, 'web_events', count(*), null, null, null, null from standardised.web_events group by source
    union all
    select '*', 'customers', count(*), null, null, null, null from identity.customers
),
made as (
    select source, 'orders' as entity, count(*) as rows, sum(total_amount) as total, sum(shipping_amount) as shipping,
        sum(order_discount_amount) as discount, cast(null as numeric) as amount
    from warehouse.fct_orders group by source
    union all
    select source, 'order_lines', count(*), null, null, null, sum(net_amount)
    from warehouse.fct_order_lines group by source
    union all
    select source, 'returns', count(*), null, null, null, sum(amount) from warehouse.fct_returns group by source
    union all
    select source, 'cases', count(*), null, null, null, null from warehouse.fct_service_cases group by source
    union all
    select source, 'payments', count(*), null, null, null, sum(amount) from warehouse.fct_payments group by source
    union all
    select source, 'points', count(*), null, null, null, sum(points) from warehouse.fct_points group by source
    union all
    select source, 'coupons', count(*), null, null, null, null from warehouse.fct_coupons group by source
    union all
    select source, 'carts', count(*), null, null, null, null from warehouse.fct_carts group by source
    union all
    select source, 'reviews', count(*), null, null, null, null from warehouse.fct_reviews group by source
    union all
    select source, 'leads', count(*), null, null, null, null from warehouse.fct_leads group by source
    union all
    select source, 'warranties', count(*), null, null, null, null from warehouse.fct_warranties group by source
    union all
    select source, 'campaign_contacts', count(*), null, null, null, null
    from warehouse.fct_campaign_contacts group by source
    union all
    select source, 'marketing_costs', count(*), null, null, null, sum(amount)
    from warehouse.fct_marketing_spend group by source
    union all
    select source, 'web_events', sum(event_count), null, null, null, null
    from warehouse.fct_web_sessions group by source
    union all
    select '*', 'customers', count(*), null, null, null, null from warehouse.dim_customers
),
apart as (
    select source, 'order_lines' as entity, count(*) as rows, sum(net_amount) as amount
    from warehouse.int_order_lines_without_order group by source
),
joined as (
    select source, entity, f.what, f.came, f.made, f.apart
    from came
    full join made using (source, entity)
    full join apart using (source, entity)
    cross join lateral (values
        ('rows', came.rows, made.rows, apart.rows),
        ('total_amount', came.total, made.total, null),
        ('shipping_amount', came.shipping, made.shipping, null),
        ('discount_amount', came.discount, made.discount, null),
        ('amount', came.amount, made.amount, apart.amount)
    ) as f (what, came, made, apart)
)
select source, entity, what, coalesce(came, 0), coalesce(made, 0), coalesce(apart, 0)
from joined
where came is not null or made is not null or apart is not null
order by source, entity, what
"""


def event_balances(connection: Connection) -> list[Balance]:
    """Rows and money by source; lines whose order is missing are apart. Customers are those of identity."""
    return balances(connection, FIGURES, ["in the warehouse", "without their order"])
