with

final as (

    select
        {{ rfm_rule_columns() }},
        count(*) as measure_count

    from {{ ref('rfm_rules') }}

)

select * from final
