with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        sample_sku || ' on ' || cast(sampled_date as text) || ', not yet ' || full_size_sku as reason

    from customers

    where
        sampled_date <= {{ days_before_night(var('sample_from_days')) }}
        and sampled_date >= {{ days_before_night(var('sample_until_days')) }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
