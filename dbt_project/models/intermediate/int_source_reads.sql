with

entity_reads as (

    select
        source,
        entity,
        max(as_of) as landed_as_of,
        max(watermark) as read_up_to

    from {{ source('ops', 'batches') }}

    where status = 'landed' and as_of <= {{ as_of() }}

    group by
        source,
        entity

),

reads as (

    select
        source,
        min(landed_as_of) as landed_as_of,
        max(read_up_to) as read_up_to

    from entity_reads

    group by source

),

final as (

    select
        source_trust.source,
        reads.landed_as_of,
        reads.read_up_to,
        coalesce(source_trust.fresh_within_hours, 48) as fresh_within_hours

    from {{ ref('stg_source_trust') }} as source_trust

    left join reads on source_trust.source = reads.source

)

select * from final
