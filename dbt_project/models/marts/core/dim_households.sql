with

members as (

    select * from {{ ref('stg_household_members') }}

),

final as (

    select
        household_id,
        count(*) as customer_count,
        max(case when cause like '%address%' then 1 else 0 end) = 1 as shares_address,
        max(case when cause like '%phone%' then 1 else 0 end) = 1 as shares_phone

    from members

    group by household_id

)

select * from final
