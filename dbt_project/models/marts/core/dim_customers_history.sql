{#- Nothing else knows what was believed on a night that is gone, so these rows are added to and never made anew. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
    full_refresh=false,
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['customer_id']}],
    post_hook="{{ forget_customers_gone(this) }}",
) }}

{%- set attributes = ['country', 'region', 'city', 'gender', 'household_id', 'email_consent', 'sms_consent'] %}

with

consents as (

    select
        customer_id,
        max(case when channel = 'email' then consent end) as email_consent,
        max(case when channel = 'sms' then consent end) as sms_consent

    from {{ ref('customer_consents') }}

    group by customer_id

),

customers as (

    select
        customers.customer_id,
        customers.country,
        customers.region,
        customers.city,
        customers.gender,
        customers.household_id,
        consents.email_consent,
        consents.sms_consent

    from {{ ref('dim_customers') }} as customers

    left join consents on customers.customer_id = consents.customer_id

),

known as (

    {% if is_incremental() -%}
        select * from {{ this }}
    {%- else -%}
        select
            *,
            {{ night() }} as valid_from,
            {{ night() }} as valid_to
        from customers
        where false
    {%- endif %}

),

-- A night built again after a later one knows less than is recorded, and changes nothing.
changed as (

    select
        customers.*,
        known.customer_id is null as is_first

    from customers

    left join known
        on
            customers.customer_id = known.customer_id
            and known.valid_to is null

    where
        known.customer_id is null
        or (
            known.valid_from <= {{ night() }}
            and (
                {%- for attribute in attributes %}
                    {{ "or" if not loop.first }} customers.{{ attribute }} is distinct from known.{{ attribute }}
                {%- endfor %}
            )
        )

),

final as (

    select
        customer_id,
        {%- for attribute in attributes %}
            {{ attribute }},
        {%- endfor %}
        case when is_first then cast('0001-01-01' as date) else {{ night() }} end as valid_from,
        cast(null as date) as valid_to

    from changed

    union all

    select
        known.customer_id,
        {%- for attribute in attributes %}
            known.{{ attribute }},
        {%- endfor %}
        known.valid_from,
        coalesce(known.valid_to, {{ days_after(night(), -1) }}) as valid_to

    from known

    inner join changed on known.customer_id = changed.customer_id

    where known.valid_from < {{ night() }}

)

select * from final
