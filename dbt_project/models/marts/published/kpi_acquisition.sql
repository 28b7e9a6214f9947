with

first_touches as (

    select * from {{ ref('int_first_touches') }}

),

spend as (

    select * from {{ ref('fct_marketing_spend') }}

),

parts as (

    select
        channel,
        {{ first_day_of('month', 'order_date') }} as month_start,
        1 as new_customers,
        net_amount as first_order_revenue,
        0 as spend
    from first_touches
    union all
    select
        channel,
        {{ first_day_of('month', 'spend_date') }} as month_start,
        0 as new_customers,
        0 as first_order_revenue,
        amount as spend
    from spend

),

of_channels as (

    select
        month_start,
        channel,
        sum(new_customers) as new_customers,
        sum(first_order_revenue) as first_order_revenue,
        sum(spend) as spend

    from parts

    group by month_start, channel

),

of_all as (

    select
        month_start,
        'all' as channel,
        cast(sum(new_customers) as bigint) as new_customers,
        sum(first_order_revenue) as first_order_revenue,
        sum(spend) as spend

    from of_channels

    group by month_start

),

everything as (

    select * from of_channels
    union all
    select * from of_all

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        month_start,
        channel,
        new_customers,
        first_order_revenue,
        spend,
        spend / nullif(new_customers, 0) as cac,
        {{ as_of() }} as data_as_of

    from everything

)

select * from final
