-- Every pair of a recency score and a frequency-and-monetary score has exactly one of the eleven named segments.
with

scores as (

    select 1 as score
    union all
    select 2 as score
    union all
    select 3 as score
    union all
    select 4 as score
    union all
    select 5 as score

),

cells as (

    select
        r_scores.score as r_score,
        fm_scores.score as fm_score

    from scores as r_scores

    cross join scores as fm_scores

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

final as (

    select
        coalesce(cells.r_score, segments.r_score) as r_score,
        coalesce(cells.fm_score, segments.fm_score) as fm_score,
        count(segments.rfm_segment) as named

    from cells

    full outer join segments
        on
            cells.r_score = segments.r_score
            and cells.fm_score = segments.fm_score

    group by
        coalesce(cells.r_score, segments.r_score),
        coalesce(cells.fm_score, segments.fm_score),
        cells.r_score

    having count(segments.rfm_segment) <> 1 or cells.r_score is null

)

select * from final
