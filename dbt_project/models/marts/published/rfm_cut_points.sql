with

cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        review_date,
        valid_from,
        valid_before,
        is_provisional,
        window_days,
        order_count,
        customer_count,
        {{ rfm_cut_point_columns() }},
        {{ as_of() }} as data_as_of

    from cut_points

)

select * from final
