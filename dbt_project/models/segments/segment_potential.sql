with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

welcome as (

    select * from {{ ref('segment_welcome') }}

),

final as (

    select
        customers.customer_id,
        'known for ' || {{ count_text('customers.days_as_customer') }} || ' days without a purchase' as reason

    from customers

    left join welcome on customers.customer_id = welcome.customer_id

    where
        customers.lifecycle_stage = 'potential'
        and welcome.customer_id is null
        and {{ may_be_promoted_to('customers.customer_id') }}

)

select * from final
