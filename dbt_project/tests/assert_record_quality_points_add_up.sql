-- A record whose fields are all valid and that changed on the night has exactly 100 points.
select sum(points) as points
from {{ ref('record_quality_points') }}
where finding = 'valid'
having sum(points) <> 100
