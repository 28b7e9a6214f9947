{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

reviews as (

    select * from {{ ref('stg_reviews') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

final as (

    select
        reviews.review_id,
        reviews.source,
        reviews.customer_key,
        orders.order_id,
        reviews.sku,
        reviews.rating,
        reviews.status,
        reviews.reviewed_at,
        reviews.review_date,
        coalesce(customer_records.customer_id, orders.customer_id) as customer_id,
        orders.order_id is not null as is_of_a_purchase

    from reviews

    left join orders on reviews.order_id = orders.order_id

    left join customer_records
        on
            reviews.source = customer_records.source
            and reviews.customer_key = customer_records.customer_key

)

select * from final
