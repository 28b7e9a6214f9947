with

returns as (

    select * from {{ ref('fct_returns') }}

),

final as (

    select
        source,
        count(*) as return_lines,
        coalesce(sum(case when is_revenue then amount end), 0) as returns_amount

    from returns

    group by source

)

select * from final
