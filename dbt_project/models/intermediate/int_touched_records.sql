with

touched_records as (

    {{ touched('standardised.customers', 'source_key') }}

),

final as (

    select
        source,
        key as customer_key

    from touched_records

)

select * from final
