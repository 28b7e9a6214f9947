with

returns as (

    select * from {{ ref('fct_returns') }}

),

final as (

    select
        customer_id,
        count(*) as return_count,
        sum(amount) as returns_amount

    from returns

    where
        customer_id is not null
        and is_revenue

    group by customer_id

)

select * from final
