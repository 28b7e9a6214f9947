with

formulas as (

    {{ metric_rows() }}

),

columns as (

    select * from {{ source('ops', 'mart_columns') }}

),

final as (

    select
        formulas.mart,
        formulas.metric,
        formulas.numerator,
        formulas.denominator,
        '(' || formulas.numerator || ') / (' || formulas.denominator || ')' as formula,
        columns.unit,
        columns.meaning_en,
        columns.meaning_zh_hant,
        columns.meaning_zh_hans,
        columns.source,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        {{ as_of() }} as data_as_of

    from formulas

    left join columns
        on
            formulas.mart = columns.relation
            and formulas.metric = columns.column_name

)

select * from final
