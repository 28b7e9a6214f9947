with

members as (

    {{ members_tonight() }}

),

previous as (

    {{ segments_before(otherwise="select segment, customer_id, cast(null as date) as entered_on, "
        ~ "cast(null as date) as left_on, cast(null as text) as entered_condition, "
        ~ "cast(null as text) as entered_from, cast(null as text) as entered_to, "
        ~ "cast(null as text) as left_condition, cast(null as text) as left_from, "
        ~ "cast(null as text) as left_to from members where segment is null") }}

),

was as (

    select * from previous

    where left_on is null

),

-- Members of a segment that was not built tonight stay in it.
differences as (

    select
        was.entered_on,
        was.entered_condition,
        was.entered_from,
        was.entered_to,
        coalesce(members.segment, was.segment) as segment,
        coalesce(members.customer_id, was.customer_id) as customer_id,
        was.customer_id is not null as was_member,
        members.customer_id is not null or was.segment in ({{ segment_names('built', false) }}) as is_member

    from members

    full outer join was
        on
            members.segment = was.segment
            and members.customer_id = was.customer_id

),

kept_out as (

    select
        customer_id,
        max(case when was_member then 1 else 0 end) = 1 as was_kept_out,
        max(case when is_member then 1 else 0 end) = 1 as is_kept_out

    from differences

    where segment in ({{ segment_names('excluded_from_promotion', true) }})

    group by customer_id

),

moved as (

    select
        differences.segment,
        differences.customer_id,
        coalesce(kept_out.was_kept_out, false) as was_kept_out,
        coalesce(kept_out.is_kept_out, false) as is_kept_out

    from differences

    left join kept_out on differences.customer_id = kept_out.customer_id

    where differences.was_member <> differences.is_member

),

told as (

    select
        moved.segment,
        moved.customer_id,
        {{ flipped('name') }} as flipped_condition,
        {{ flipped('earlier') }} as value_before,
        {{ flipped('now') }} as value_now

    from moved

    left join {{ ref('customer_360') }} as now
        on
            moved.customer_id = now.customer_id
            and now.batch_id = {{ var('batch_id', 0) }}

    left join {{ ref('customer_360') }} as earlier
        on
            moved.customer_id = earlier.customer_id
            and earlier.batch_id = {{ var('segments_before', none) or 0 }}

),

final as (

    {{ told_memberships() }}

)

select * from final
