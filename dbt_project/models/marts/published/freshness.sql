with

reads as (

    select
        *,
        {{ hours_after('landed_as_of', 'fresh_within_hours') }} as read_until,
        {{ hours_after('coalesce(read_up_to, landed_as_of)', 'fresh_within_hours') }} as news_until

    from {{ ref('int_source_reads') }}

),

sources as (

    select
        source as item,
        landed_as_of,
        read_up_to,
        fresh_within_hours,
        'source' as kind,
        case when news_until < read_until then news_until else read_until end as fresh_until

    from reads

),

behind as (

    select
        min(landed_as_of) as landed_as_of,
        max(read_up_to) as read_up_to,
        {{ joined_text(
            "case when fresh_until is null or fresh_until < " ~ as_of() ~ " then item end", "item"
        ) }} as late_sources

    from sources

),

marts as (

    select
        mart_columns.relation as item,
        behind.landed_as_of,
        behind.read_up_to,
        cast({{ var('mart_fresh_hours') }} as numeric) as fresh_within_hours,
        'mart' as kind,
        {{ hours_after(as_of(), var('mart_fresh_hours')) }} as fresh_until,
        behind.late_sources

    from {{ source('ops', 'mart_columns') }} as mart_columns

    cross join behind

    where mart_columns.column_name = '*'

),

everything as (

    select
        *,
        cast(null as text) as late_sources

    from sources

    union all

    select * from marts

),

final as (

    select
        kind,
        item,
        landed_as_of,
        read_up_to,
        fresh_within_hours,
        fresh_until,
        late_sources,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        fresh_until is null or fresh_until < {{ as_of() }} or late_sources is not null as is_late,
        {{ as_of() }} as data_as_of

    from everything

)

select * from final
