with

at_risk as (

    select * from {{ ref('segment_at_risk') }}

),

rfm as (

    select * from {{ source('marts', 'customer_rfm') }}

),

final as (

    select
        at_risk.customer_id,
        at_risk.reason

    from at_risk

    inner join rfm on at_risk.customer_id = rfm.customer_id

    where rfm.rfm_segment = 'Cannot Lose Them'

)

select * from final
