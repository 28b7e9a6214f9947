{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

orders as (

    select
        customer_id,
        channel,
        store_id,
        ordered_at,
        gross_amount,
        {{ business_hour('ordered_at') }} as order_hour,
        line_discount_amount + order_discount_amount as discount_amount

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

counted as (

    {% for habit, column in [('channel', 'channel'), ('hour', 'order_hour'), ('store', 'store_id')] -%}
        select
            customer_id,
            '{{ habit }}' as habit,
            cast({{ column }} as text) as choice_key,
            count(*) as order_count,
            max(ordered_at) as last_ordered_at
        from orders
        where {{ column }} is not null
        group by
            customer_id,
            {{ column }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, habit
            order by order_count desc, last_ordered_at desc, choice_key asc
        ) as place

    from counted

),

choices as (

    select
        customer_id,
        cast(max(case when habit = 'hour' then choice_key end) as integer) as preferred_hour,
        max(case when habit = 'channel' then choice_key end) as preferred_channel,
        max(case when habit = 'store' then choice_key end) as favourite_store_id

    from ranked

    where place = 1

    group by customer_id

),

discounts as (

    select
        customer_id,
        count(case when discount_amount > 0 then 1 end) as discounted_order_count,
        sum(gross_amount) as full_price_amount,
        sum(discount_amount) as discount_amount

    from orders

    group by customer_id

),

final as (

    select
        discounts.customer_id,
        choices.preferred_channel,
        choices.preferred_hour,
        choices.favourite_store_id,
        discounts.discounted_order_count,
        discounts.full_price_amount,
        discounts.discount_amount

    from discounts

    left join choices on discounts.customer_id = choices.customer_id

)

select * from final
