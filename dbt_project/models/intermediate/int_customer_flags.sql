with

flags as (

    select * from {{ ref('customer_flags') }}

    where
        set_on <= {{ night() }}
        and (expires_on is null or expires_on >= {{ night() }})

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

final as (

    select
        customer_records.customer_id,
        max(case when flags.flag = 'strategic' then 1 else 0 end) = 1 as is_strategic,
        max(case when flags.flag = 'special_need' then 1 else 0 end) = 1 as has_special_need,
        max(case when flags.flag = 'lunar_birthday' then 1 else 0 end) = 1 as has_lunar_birthday

    from flags

    inner join customer_records
        on
            flags.source = customer_records.source
            and flags.source_key = customer_records.customer_key

    group by customer_records.customer_id

)

select * from final
