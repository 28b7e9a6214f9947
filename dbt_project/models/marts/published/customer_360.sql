with

customers as (

    select * from {{ ref('dim_customers') }}

),

email_consents as (

    select * from {{ ref('customer_consents') }}

    where channel = 'email'

),

sms_consents as (

    select * from {{ ref('customer_consents') }}

    where channel = 'sms'

),

orders as (

    select * from {{ ref('int_customer_orders') }}

),

returns as (

    select * from {{ ref('int_customer_returns') }}

),

cases as (

    select * from {{ ref('int_customer_cases') }}

),

joined as (

    select
        customers.*,
        email_consents.consent as email_consent,
        email_consents.consent_at as email_consent_at,
        email_consents.contact as email_opted_in,
        sms_consents.consent as sms_consent,
        sms_consents.consent_at as sms_consent_at,
        sms_consents.contact as phone_opted_in,
        orders.first_purchase_date,
        orders.last_purchase_date,
        orders.first_online_purchase_date,
        orders.last_online_purchase_date,
        orders.first_store_purchase_date,
        orders.last_store_purchase_date,
        cases.open_complaint_since,
        cases.last_satisfaction_rating,
        cases.last_satisfaction_at,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.online_order_count, 0) as online_order_count,
        coalesce(orders.store_order_count, 0) as store_order_count,
        coalesce(orders.cancelled_order_count, 0) as cancelled_order_count,
        coalesce(orders.gross_revenue, 0) as gross_revenue,
        coalesce(returns.returns_amount, 0) as returns_amount,
        coalesce(cases.case_count, 0) as case_count,
        coalesce(cases.open_case_count, 0) as open_case_count

    from customers

    left join email_consents on customers.customer_id = email_consents.customer_id

    left join sms_consents on customers.customer_id = sms_consents.customer_id

    left join orders on customers.customer_id = orders.customer_id

    left join returns on customers.customer_id = returns.customer_id

    left join cases on customers.customer_id = cases.customer_id

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        full_name,
        given_name,
        family_name,
        email,
        phone,
        gender,
        birth_date,
        postal_address,
        city,
        region,
        postcode,
        country,
        member_number,
        case
            when first_purchase_date < first_created_date then first_purchase_date
            else coalesce(first_created_date, first_purchase_date)
        end as customer_since,
        record_count,
        source_count,
        email_consent,
        email_consent_at,
        email_opted_in,
        sms_consent,
        sms_consent_at,
        phone_opted_in,
        first_purchase_date,
        last_purchase_date,
        first_online_purchase_date,
        last_online_purchase_date,
        first_store_purchase_date,
        last_store_purchase_date,
        {{ days_since('last_purchase_date') }} as days_since_last_purchase,
        order_count,
        online_order_count,
        store_order_count,
        cancelled_order_count,
        gross_revenue,
        returns_amount,
        gross_revenue - returns_amount as net_revenue,
        gross_revenue / nullif(order_count, 0) as average_order_value,
        returns_amount / nullif(gross_revenue, 0) as return_rate,
        case_count,
        open_case_count,
        open_complaint_since is not null as has_open_complaint,
        open_complaint_since,
        last_satisfaction_rating,
        last_satisfaction_at,
        {{ as_of() }} as data_as_of

    from joined

)

select * from final
