{#- The changes that have come by the night. -#}
{{ config(materialized='view') }}

with

outlook as (

    select * from {{ ref('int_lifecycle_outlook') }}

),

final as (

    select
        customer_id,
        valid_from,
        {{ if_over('valid_to') }} as valid_to,
        lifecycle_stage,
        previous_stage,
        reason

    from outlook

    where valid_from <= {{ night() }}

)

select * from final
