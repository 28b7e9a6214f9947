with

customers as (

    select * from {{ ref('stg_customers') }}

),

fields as (

    select
        source,
        customer_key,
        sum(points) as points

    from {{ ref('int_record_fields') }}

    group by
        source,
        customer_key

),

freshness as (

    select points from {{ ref('record_quality_points') }}

    where field = 'freshness' and finding = 'valid'

),

scores as (

    select
        customers.source,
        customers.customer_key,
        cast(case when fields.points > 0 then fields.points else 0 end as bigint) as completeness_points,
        case
            when {{ days_since(business_date('customers.updated_at')) }} < {{ var('stale_record_days') }}
                then
                    freshness.points
                    * ({{ var('stale_record_days') }} - {{ days_since(business_date('customers.updated_at')) }})
                    / cast({{ var('stale_record_days') }} as numeric)
            else 0
        end as freshness_points

    from customers

    left join fields
        on
            customers.source = fields.source
            and customers.customer_key = fields.customer_key

    cross join freshness

),

final as (

    select
        source,
        customer_key,
        completeness_points,
        cast(round(freshness_points, 0) as bigint) as freshness_points,
        completeness_points + cast(round(freshness_points, 0) as bigint) as data_quality_score

    from scores

)

select * from final
