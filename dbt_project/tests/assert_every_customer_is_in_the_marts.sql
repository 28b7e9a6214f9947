-- Exactly the customers of the golden records are in each customer mart of the batch.
with

expected as (

    select customer_id from {{ ref('dim_customers') }}

),

rows_of_360 as (

    select customer_id

    from {{ ref('customer_360') }}

    where batch_id = {{ var('batch_id', 0) }}

),

rows_of_rfm as (

    select customer_id

    from {{ ref('customer_rfm') }}

    where batch_id = {{ var('batch_id', 0) }}

),

final as (

    select expected.customer_id

    from expected

    full outer join rows_of_360 on expected.customer_id = rows_of_360.customer_id

    full outer join rows_of_rfm on expected.customer_id = rows_of_rfm.customer_id

    where
        expected.customer_id is null
        or rows_of_360.customer_id is null
        or rows_of_rfm.customer_id is null

)

select * from final
