with

exchange_rates as (

    select
        currency,
        valid_from,
        rate

    from {{ ref('exchange_rates') }}

    where base_currency = '{{ var("base_currency") }}'

),

rates as (

    select
        currency,
        valid_from,
        rate

    from exchange_rates

    union all

    select
        '{{ var("base_currency") }}' as currency,
        cast('0001-01-01' as date) as valid_from,
        cast(1 as numeric) as rate

),

final as (

    select
        currency,
        valid_from,
        rate,
        lead(valid_from) over (partition by currency order by valid_from) as valid_before

    from rates

)

select * from final
