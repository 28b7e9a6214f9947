with

cancelled as (

    select
        order_date as business_date,
        customer_id,
        channel,
        store_id,
        1 as cancelled_orders,
        0 as return_lines,
        0 as returned_units,
        0 as returns_amount

    from {{ ref('fct_orders') }}

    where status = 'cancelled'

),

returns as (

    select
        return_date as business_date,
        customer_id,
        channel,
        store_id,
        0 as cancelled_orders,
        1 as return_lines,
        coalesce(quantity, 0) as returned_units,
        amount as returns_amount

    from {{ ref('fct_returns') }}

    where is_revenue

),

reversals as (

    select * from cancelled
    union all
    select * from returns

),

placed as (

    select
        reversals.*,
        'all' as everything,
        coalesce(reversals.store_id, 'none') as store,
        {{ kpi_member_columns('reversals', 'reversals.business_date') }}

    from reversals

    {{ kpi_member_joins('reversals', 'reversals.business_date') }}

),

final as (

    select
        business_date,
        channel,
        everything,
        store,
        region,
        value_tier,
        membership_level,
        rfm_segment,
        sum(cancelled_orders) as cancelled_orders,
        sum(return_lines) as return_lines,
        sum(returned_units) as returned_units,
        sum(returns_amount) as returns_amount,
        coalesce(sum(case when customer_id is not null then returns_amount end), 0) as identified_returns_amount

    from placed

    group by
        business_date,
        channel,
        everything,
        store,
        region,
        value_tier,
        membership_level,
        rfm_segment

)

select * from final
