with

candidates as (

    select * from {{ ref('int_next_best_candidates') }}

),

refusals as (

    select * from {{ ref('int_customer_refusals') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

allowed as (

    select candidates.*

    from candidates

    inner join products on candidates.sku = products.sku

    left join refusals
        on
            candidates.customer_id = refusals.customer_id
            and candidates.sku = refusals.sku

    where
        refusals.sku is null
        and (products.is_active or not products.is_listed)

),

ranked as (

    select
        *,
        rank() over (partition by customer_id order by reason_priority asc, weight desc, sku asc) as best_rank

    from allowed

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        best_rank,
        sku,
        reason,
        because_sku,
        weight,
        {{ as_of() }} as data_as_of

    from ranked

    where best_rank <= {{ var('next_best_products') }}

)

select * from final
