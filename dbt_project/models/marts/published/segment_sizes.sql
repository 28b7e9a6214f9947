with

declared as (

    {{ declared_segments() }}

),

counted as (

    select
        segment,
        count(case when is_member then 1 end) as members,
        count(case when entered_on = {{ night() }} then 1 end) as entered,
        count(case when left_on = {{ night() }} then 1 end) as gone

    from {{ ref('segment_membership') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by segment

),

everybody as (

    select count(*) as customers
    from {{ ref('customer_360') }}
    where batch_id = {{ var('batch_id', 0) }}

),

-- Batches are only of use together, and this mart is the last of them: readers see a night's segments once it is there.
overlapping as (

    select count(*) as pairs
    from {{ ref('segment_overlaps') }}
    where batch_id = {{ var('batch_id', 0) }}

),

tonight as (

    select
        {{ night() }} as night,
        declared.segment,
        declared.label_en,
        declared.label_zh_hant,
        declared.label_zh_hans,
        declared.purpose,
        everybody.customers,
        declared.least_share,
        declared.most_share,
        declared.is_held,
        coalesce(counted.members, 0) as members,
        coalesce(counted.entered, 0) as entered,
        coalesce(counted.gone, 0) as gone,
        cast(coalesce(counted.members, 0) as numeric) / nullif(everybody.customers, 0) as customer_share

    from declared

    cross join everybody

    cross join overlapping

    left join counted on declared.segment = counted.segment

),

previous as (

    {{ segments_before(otherwise="select * from tonight where night is null") }}

),

final as (

    {% for nights in ['tonight', 'previous'] -%}
        select
            cast({{ var('batch_id', 0) }} as bigint) as batch_id,
            night,
            segment,
            label_en,
            label_zh_hant,
            label_zh_hans,
            purpose,
            customers,
            members,
            entered,
            gone,
            customer_share,
            least_share,
            most_share,
            coalesce(customer_share < least_share or customer_share > most_share, false) as is_outside,
            is_held,
            {{ as_of() }} as data_as_of
        from {{ nights }}
        where night > {{ days_before_night(var('segment_history_days')) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
