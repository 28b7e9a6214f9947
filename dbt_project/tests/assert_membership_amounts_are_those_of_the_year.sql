-- What the membership has added up by tonight is the net revenue of the last year.
select membership.customer_id

from {{ ref('int_customer_membership') }} as membership

left join {{ ref('int_customer_windows') }} as windows on membership.customer_id = windows.customer_id

where
    {{ var('membership_window_days') }} = 365
    and membership.membership_amount <> coalesce(windows.net_revenue_365_days, 0)
