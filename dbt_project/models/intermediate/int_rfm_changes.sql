{#- The changes that have come by the night. -#}
{{ config(materialized='view') }}

with

outlook as (

    select * from {{ ref('int_rfm_outlook') }}

),

final as (

    select
        customer_id,
        valid_from,
        {{ if_over('valid_to') }} as valid_to,
        rfm_segment,
        previous_segment,
        r_score,
        f_score,
        m_score,
        fm_score

    from outlook

    where valid_from <= {{ night() }}

)

select * from final
