with

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('int_customer_channels') }}

),

orders as (

    select * from {{ ref('int_customer_orders') }}

),

returns as (

    select * from {{ ref('int_customer_returns') }}

),

cases as (

    select * from {{ ref('int_customer_service') }}

),

final as (

    select
        customers.customer_id,
        customers.full_name,
        customers.given_name,
        customers.family_name,
        customers.email,
        customers.phone,
        customers.gender,
        customers.birth_date,
        customers.postal_address,
        customers.district,
        customers.city,
        customers.region,
        customers.postcode,
        customers.country,
        customers.member_number,
        customers.household_id,
        customers.data_quality_score,
        customers.record_count,
        customers.source_count,
        channels.email_consent,
        channels.email_consent_at,
        channels.email_opted_in,
        channels.sms_consent,
        channels.sms_consent_at,
        channels.phone_opted_in,
        orders.first_purchase_date,
        orders.last_purchase_date,
        orders.first_online_purchase_date,
        orders.last_online_purchase_date,
        orders.first_store_purchase_date,
        orders.last_store_purchase_date,
        cases.open_complaint_since,
        cases.last_satisfaction_rating,
        cases.last_satisfaction_at,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        {{ earlier_of('orders.first_purchase_date', 'customers.first_created_date') }} as customer_since,
        {{ days_since('orders.last_purchase_date') }} as days_since_last_purchase,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.online_order_count, 0) as online_order_count,
        coalesce(orders.store_order_count, 0) as store_order_count,
        coalesce(orders.cancelled_order_count, 0) as cancelled_order_count,
        coalesce(orders.gross_revenue, 0) as gross_revenue,
        coalesce(returns.returns_amount, 0) as returns_amount,
        coalesce(orders.gross_revenue, 0) - coalesce(returns.returns_amount, 0) as net_revenue,
        orders.gross_revenue / nullif(orders.order_count, 0) as average_order_value,
        coalesce(returns.returns_amount, 0) / nullif(orders.gross_revenue, 0) as return_rate,
        coalesce(cases.case_count, 0) as case_count,
        coalesce(cases.open_case_count, 0) as open_case_count,
        cases.open_complaint_since is not null as has_open_complaint,
        {{ as_of() }} as data_as_of,
        cases.open_case_since,
        cases.last_complaint_date,
        cases.last_csat,
        cases.last_csat_at,
        cases.last_nps,
        cases.last_nps_at,
        {{ days_since('cases.last_contact_date') }} as days_since_contact,
        {{ standing_columns('standing') }},
        {{ needs_columns('needs') }},
        cases.last_contact_date,
        {{ days_since(earlier_of('orders.first_purchase_date', 'customers.first_created_date')) }} as days_as_customer,
        {{ days_since('orders.first_purchase_date') }} as days_since_first_purchase

    from customers

    left join channels on customers.customer_id = channels.customer_id

    left join orders on customers.customer_id = orders.customer_id

    left join returns on customers.customer_id = returns.customer_id

    left join cases on customers.customer_id = cases.customer_id

    left join {{ ref('int_customer_standing') }} as standing on customers.customer_id = standing.customer_id

    left join {{ ref('int_customer_needs') }} as needs on customers.customer_id = needs.customer_id

)

select * from final
