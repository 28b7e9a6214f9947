with

published as (
    {{ published_rfm_cut_points() }}
),

final as (

    select
        review_date,
        valid_from,
        window_days,
        order_count,
        customer_count,
        {{ rfm_cut_point_columns() }}

    from published

    where
        review_date < {{ night() }}
        and not is_provisional

)

select * from final
