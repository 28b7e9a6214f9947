with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'coupon_abuse'

),

redeemed as (

    select
        coupons.redeemed_by,
        coupons.redeemed_date,
        coupons.is_redeemed_by_another,
        lag(coupons.redeemed_date) over (
            partition by coupons.redeemed_by, coupons.campaign
            order by coupons.redeemed_date, coupons.coupon_id
        ) as same_campaign_before

    from {{ ref('fct_coupons') }} as coupons

    cross join rule

    where
        coupons.redeemed_by is not null
        and coupons.redeemed_date > {{ days_after(first_day_of_rule(), '- rule.window_days') }}

),

days as (

    select
        redeemed.redeemed_by as object_id,
        redeemed.redeemed_date as on_date,
        count(*) as redeemed,
        sum(
            case
                when redeemed.is_redeemed_by_another then 1
                when
                    {{ days_between('redeemed.same_campaign_before', 'redeemed.redeemed_date') }}
                    < rule.window_days then 1
                else 0
            end
        ) as abused

    from redeemed

    cross join rule

    where redeemed.redeemed_date > {{ first_day_of_rule() }}

    group by
        redeemed.redeemed_by,
        redeemed.redeemed_date

),

{{ rolling_windows(['redeemed', 'abused']) }},

final as (

    select
        {{ share_alert_columns('abused', of='redeemed') }},
        {{ count_text('rolling.recent_abused') }} || ' of ' || {{ count_text('rolling.recent_redeemed') }}
        || ' coupons used within ' || {{ count_text('rule.window_days') }}
        || ' days were somebody else''s or of a campaign used before' as evidence

    from rolling

    cross join rule

)

select * from final
