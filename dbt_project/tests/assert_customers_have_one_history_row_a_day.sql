-- The periods of a customer follow each other: no day is in two of them, none is in no one, and the last has no end.
with

periods as (

    select
        customer_id,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by customer_id order by valid_from) as previous_to,
        lead(valid_from) over (partition by customer_id order by valid_from) as next_from

    from {{ ref('dim_customers_history') }}

),

wrong as (

    select customer_id
    from periods
    where
        coalesce({{ days_after('previous_to', 1) }}, cast('0001-01-01' as date)) <> valid_from
        or (next_from is null) <> (valid_to is null)

),

final as (

    select customer_id from wrong
    union all
    select customers.customer_id
    from {{ ref('dim_customers') }} as customers
    left join periods on customers.customer_id = periods.customer_id
    where periods.customer_id is null

)

select * from final
