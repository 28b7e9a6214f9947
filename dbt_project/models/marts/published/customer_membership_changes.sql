with

changes as (

    select * from {{ ref('int_membership_changes') }}

    where {{ is_touched('int_touched_histories', ['customer_id']) }}

),

levels as (

    select * from {{ ref('membership_levels') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        cast(null as bigint) as until_batch,
        changes.customer_id,
        changes.valid_from,
        changes.valid_to,
        levels.level as membership_level,
        previous.level as previous_level,
        changes.level_change,
        changes.rolling_amount,
        case changes.level_change
            when 'upgraded' then levels.reach_amount
            else previous.keep_amount
        end as rule_amount,
        changes.review_date,
        changes.valid_to is null as is_current

    from changes

    inner join levels on changes.place = levels.place

    inner join levels as previous on changes.previous_place = previous.place

)

select * from final
