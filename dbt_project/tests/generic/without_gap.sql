{#-
  What each customer was, from `valid_from` to `valid_to` (null: now), has no gap and no overlap. Every customer has such a
  row of now, but those for whom it is said that they may have none.
-#}
{% test without_gap(model, may_have_none=false) %}
    with

    history as (

        select
            customer_id,
            valid_to,
            lead(valid_from) over (partition by customer_id order by valid_from) as next_valid_from

        from {{ model }}

    ),

    open_rows as (

        select
            customer_id,
            count(*) as row_count

        from history

        where valid_to is null

        group by customer_id

    )

    select customers.customer_id

    from {{ ref('dim_customers') }} as customers

    left join open_rows on customers.customer_id = open_rows.customer_id

    where
        open_rows.row_count > 1
        {% if not may_have_none %}or open_rows.row_count is null{% endif %}

    union all

    select customer_id

    from history

    where
        (valid_to is null) <> (next_valid_from is null)
        or next_valid_from <> {{ days_after('valid_to', 1) }}
{% endtest %}
