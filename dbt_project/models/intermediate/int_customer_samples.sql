with

bought as (

    select * from {{ ref('int_customer_products') }}

),

ranked as (

    select
        samples.customer_id,
        sample_products.sample_sku,
        sample_products.full_size_sku,
        samples.last_bought_date as sampled_date,
        row_number() over (
            partition by samples.customer_id
            order by samples.last_bought_date desc, sample_products.sample_sku asc, samples.customer_id asc
        ) as place

    from bought as samples

    inner join {{ ref('sample_products') }} as sample_products on samples.sku = sample_products.sample_sku

    left join bought as full_sizes
        on
            samples.customer_id = full_sizes.customer_id
            and sample_products.full_size_sku = full_sizes.sku

    where full_sizes.sku is null

),

final as (

    select
        customer_id,
        sample_sku,
        full_size_sku,
        sampled_date

    from ranked

    where place = 1

)

select * from final
