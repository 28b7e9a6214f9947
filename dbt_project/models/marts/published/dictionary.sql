with

final as (

    select
        relation,
        column_name,
        column_position,
        data_type,
        unit,
        meaning_en,
        meaning_zh_hant,
        meaning_zh_hans,
        source,
        personal,
        is_key,
        refers_to,
        contract_version,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        {{ as_of() }} as data_as_of

    from {{ source('ops', 'mart_columns') }}

)

select * from final
