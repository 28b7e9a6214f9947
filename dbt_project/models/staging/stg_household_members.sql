with

households as (

    select * from {{ source('identity', 'households') }}

),

final as (

    select
        household_id,
        customer_id,
        cause

    from households

)

select * from final
