with

occasions as (

    select * from {{ ref('int_care_occasions') }}

),

channels as (

    select
        customer_id,
        {{ joined_text('channel', 'channel') }} as channels

    from {{ ref('int_consented_contacts') }}

    group by customer_id

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        occasions.customer_id,
        occasions.care_date,
        occasions.occasion,
        occasions.reason,
        channels.channels,
        {{ as_of() }} as data_as_of

    from occasions

    left join channels on occasions.customer_id = channels.customer_id

)

select * from final
