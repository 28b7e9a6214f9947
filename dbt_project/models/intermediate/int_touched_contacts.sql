-- depends_on: {{ ref('int_consent_statements') }}
with

touched_statements as (

    {{ touched('warehouse.int_consent_statements', 'contact_key') }}

),

final as (

    select distinct key as contact_key

    from touched_statements

)

select * from final
