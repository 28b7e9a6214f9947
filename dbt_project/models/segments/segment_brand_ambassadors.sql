with

loyal as (

    select * from {{ ref('segment_loyal') }}

),

promoters as (

    select * from {{ ref('segment_promoters') }}

),

final as (

    select
        loyal.customer_id,
        loyal.reason || ', ' || promoters.reason as reason

    from loyal

    inner join promoters on loyal.customer_id = promoters.customer_id

)

select * from final
