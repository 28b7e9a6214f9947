-- A customer is in exactly one stage from the first day that it is known to the night: no gap and no overlap.
with

history as (

    select
        customer_id,
        valid_to,
        lead(valid_from) over (partition by customer_id order by valid_from) as next_valid_from

    from {{ ref('customer_lifecycle_changes') }}

    where batch_id = {{ var('batch_id', 0) }}

),

customers as (

    select
        dim_customers.customer_id,
        count(history.customer_id) as open_rows

    from {{ ref('dim_customers') }} as dim_customers

    left join history
        on
            dim_customers.customer_id = history.customer_id
            and history.valid_to is null

    group by dim_customers.customer_id

),

final as (

    select customer_id

    from customers

    where open_rows <> 1

    union all

    select customer_id

    from history

    where
        (valid_to is null) <> (next_valid_from is null)
        or next_valid_from <> {{ days_after('valid_to', 1) }}

)

select * from final
