{#- The changes that have come by the night. -#}
{{ config(materialized='view') }}

with

outlook as (

    select * from {{ ref('int_membership_outlook') }}

),

final as (

    select
        customer_id,
        valid_from,
        {{ if_over('valid_to') }} as valid_to,
        place,
        previous_place,
        rolling_amount,
        review_date,
        level_change

    from outlook

    where valid_from <= {{ night() }}

)

select * from final
