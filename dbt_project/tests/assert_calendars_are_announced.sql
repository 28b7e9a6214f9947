-- A calendar whose workdays are announced from year to year must be made again (`make calendars`) before it runs out.
{{ config(severity='warn') }}

select calendar

from {{ ref('calendars') }}

where announced_until < {{ night() }}
