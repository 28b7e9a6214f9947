with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'product_return_rate'

),

sold as (

    select
        sales_days.sku as object_id,
        sales_days.order_date as on_date,
        cast(sum(sales_days.order_lines) as bigint) as sold,
        0 as sent_back

    from {{ ref('int_sales_days') }} as sales_days

    cross join rule

    where
        sales_days.sku <> 'none'
        and sales_days.order_date > {{ first_day_of_rule() }}

    group by
        sales_days.sku,
        sales_days.order_date

),

returned as (

    select
        given_back.sku as object_id,
        given_back.return_date as on_date,
        0 as sold,
        count(*) as sent_back

    from {{ ref('fct_returns') }} as given_back

    cross join rule

    where
        given_back.is_revenue
        and given_back.sku is not null
        and given_back.return_date > {{ first_day_of_rule() }}

    group by
        given_back.sku,
        given_back.return_date

),

days as (

    select * from returned
    union all
    select * from sold
    where object_id in (select returned.object_id from returned)

),

{{ rolling_windows(['sold', 'sent_back']) }},

rates as (

    select
        *,
        cast(recent_sent_back as numeric) / nullif(recent_sold, 0) as rate,
        cast(base_sent_back as numeric) / nullif(base_sold, 0) as base_rate

    from rolling

),

final as (

    select
        rule.rule,
        rates.object_id,
        cast(null as text) as customer_id,
        rates.changes_on,
        coalesce(
            rates.recent_sold >= rule.minimum_count
            and rates.base_sold >= rule.minimum_count
            and rates.rate - rates.base_rate > rule.threshold,
            false
        ) as is_alert,
        rates.rate as value,
        rates.base_rate as base_value,
        cast(rates.recent_sold as bigint) as sample_count,
        {{ count_text('rates.recent_sent_back') }} || ' lines came back and ' || {{ count_text('rates.recent_sold') }}
        || ' were sold within ' || {{ count_text('rule.window_days') }} || ' days: ' || {{ percent_text('rates.rate') }}
        || ', before ' || {{ percent_text('rates.base_rate') }} as evidence

    from rates

    cross join rule

)

select * from final
