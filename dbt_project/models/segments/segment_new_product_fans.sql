with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        {{ count_text('new_product_count') }} || ' new products of ' || new_product_category as reason

    from customers

    where
        new_product_count >= {{ var('new_product_least') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
