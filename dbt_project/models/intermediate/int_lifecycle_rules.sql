with

final as (

    select
        max(case when rule = 'won_back_days' then amount end) as won_back_days,
        max(case when rule = 'loyal_orders' then amount end) as loyal_orders,
        max(case when rule = 'loyal_window_days' then amount end) as loyal_window_days

    from {{ ref('lifecycle_rules') }}

)

select * from final
