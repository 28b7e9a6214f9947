with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        case
            when is_strategic then 'called strategic by a steward'
            when value_tier = 'high' then 'value tier high'
            else 'membership level ' || membership_level
        end as reason

    from customers

    where
        (is_strategic or value_tier = 'high' or next_membership_level is null)
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
