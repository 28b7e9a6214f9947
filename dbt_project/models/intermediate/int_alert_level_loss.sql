with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'level_loss'

),

reviews as (

    select * from {{ ref('int_level_reviews') }}

),

turns as (

    select
        customer_id,
        review_date,
        level,
        keep_amount,
        changes_on,
        amount,
        amount < keep_amount as is_alert
    from reviews
    union all
    select
        customer_id,
        review_date,
        level,
        keep_amount,
        {{ days_after('valid_to', 1) }} as changes_on,
        max(amount) as amount,
        false as is_alert
    from reviews
    where valid_to is not null
    group by
        customer_id,
        review_date,
        level,
        keep_amount,
        valid_to

),

final as (

    select
        rule.rule,
        turns.customer_id as object_id,
        turns.customer_id,
        turns.changes_on,
        turns.is_alert,
        turns.amount as value,
        turns.keep_amount as base_value,
        cast(1 as bigint) as sample_count,
        turns.level || ' is looked at on ' || cast(turns.review_date as text) || ' and '
        || {{ count_text('turns.keep_amount - turns.amount') }} || ' are missing to keep it' as evidence

    from turns

    cross join rule

    where turns.changes_on <= {{ night() }}

)

select * from final
