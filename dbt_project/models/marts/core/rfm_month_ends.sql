{#- A view: as many rows as customers and months, of which a reader wants few. -#}
{{ config(materialized='view') }}

with

months as (
    {{ month_end_rows((var('rfm_transition_months') | int) + 1) }}
),

changes as (

    select * from {{ ref('int_rfm_changes') }}

),

final as (

    select
        months.month_end,
        changes.customer_id,
        changes.rfm_segment,
        changes.r_score,
        changes.f_score,
        changes.m_score,
        changes.fm_score

    from months

    inner join changes
        on
            months.month_end >= changes.valid_from
            and (changes.valid_to is null or months.month_end <= changes.valid_to)

)

select * from final
