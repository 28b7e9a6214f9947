with

rfm as (

    select * from {{ source('marts', 'customer_rfm') }}

),

final as (

    select
        customer_id,
        'RFM segment ' || rfm_segment as reason

    from rfm

    where
        rfm_segment in ('At Risk', 'Cannot Lose Them')
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
