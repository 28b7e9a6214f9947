-- What the history has added up by tonight is what is counted afresh tonight.
with

states as (

    select * from {{ ref('int_rfm_states') }}

    where {{ is_in_force('point_date', 'next_point_date') }}

),

rfm_values as (

    select * from {{ ref('int_rfm_values') }}

    where recency_days is not null

),

final as (

    select coalesce(rfm_values.customer_id, states.customer_id) as customer_id

    from rfm_values

    full outer join states on rfm_values.customer_id = states.customer_id

    where
        rfm_values.customer_id is null
        or states.customer_id is null
        or rfm_values.frequency <> states.frequency
        or rfm_values.monetary <> states.monetary

)

select * from final
