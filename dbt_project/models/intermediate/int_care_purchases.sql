with

orders as (

    select
        customer_id,
        first_purchase_date,
        last_purchase_date,
        {{ lost_from('last_purchase_date') }} as lost_date

    from {{ ref('int_customer_orders') }}

    where last_purchase_date is not null

),

-- The days ahead may reach into the next year.
years as (

    select {{ number_of('year', night()) }} as year_number
    union all
    select {{ number_of('year', night()) }} + 1 as year_number

),

anniversaries as (

    select
        orders.customer_id,
        years.year_number - {{ number_of('year', 'orders.first_purchase_date') }} as year_count,
        {{ months_after('orders.first_purchase_date', '12 * (years.year_number - '
            ~ number_of('year', 'orders.first_purchase_date') ~ ')') }} as care_date

    from orders

    cross join years

),

purchases as (

    select distinct
        customer_id,
        order_date,
        {{ days_after('order_date', var('care_follow_up_days')) }} as care_date

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        -- Whoever bought before has been asked. The index on days finds the rest.
        and order_date >= {{ days_before_night(var('care_follow_up_days')) }}

),

final as (

    select
        customer_id,
        care_date,
        'anniversary' as occasion,
        'first purchase ' || {{ count_text('year_count') }} || ' years ago' as reason

    from anniversaries

    where
        year_count > 0
        and {{ is_ahead('care_date') }}

    union all

    select
        customer_id,
        care_date,
        'follow_up' as occasion,
        'bought on ' || order_date as reason

    from purchases

    where {{ is_ahead('care_date') }}

    union all

    select
        customer_id,
        lost_date as care_date,
        'win_back' as occasion,
        'last purchase on ' || last_purchase_date as reason

    from orders

    where {{ is_ahead('lost_date') }}

)

select * from final
