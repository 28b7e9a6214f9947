with

customers as (

    select * from {{ ref('stg_identified_customers') }}

),

aliases as (

    select * from {{ ref('stg_aliases') }}

),

final as (

    select
        customer_id as known_as,
        customer_id,
        true as is_current,
        cast(null as {{ timestamp_with_time_zone() }}) as ended_at

    from customers

    union all

    select
        former_customer_id as known_as,
        customer_id,
        false as is_current,
        since as ended_at

    from aliases

)

select * from final
