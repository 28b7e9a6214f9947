-- Values of identifying columns that more people have than can be, as of one night: into the table tonight.
--
-- A way to reach somebody, or a number given to somebody (phone, e-mail, address, member number, account), is shared by
-- families. How many different family names share a value falls off geometrically: of the values that have one, a
-- certain share has two, of those the same share has three, and so on. That share is taken from all values of the
-- column, so that a few suspects cannot move it. Suspect is a value with so many family names that among all values of
-- the column there should be none such, one time in a hundred.
--
-- A birth date is measured by its neighbours, the 30 days before and behind; a name by what its two halves give when
-- they come together by chance. For both the number of people is a Poisson count, and its tail is bounded as Chernoff
-- does: P(X >= k) <= exp(k - mean) * (mean / k)^k. Again one time in a hundred among all values of the column.
-- Of each column only the most suspicious are kept, as many as somebody can look at.

create temporary table tonight on commit drop as
with given as (
    select
        column_name,
        value,
        full_name_family
    from standardised.customers,
        lateral (
            values
            ('phone', phone),
            ('email', email_key),
            ('postal_address', postal_address_key),
            ('member_number', member_number),
            ('account_id', account_id)
        ) as identifying (column_name, value)
    where value is not null
),

families as (
    select
        column_name,
        value,
        full_name_family,
        count(*) as records
    from given
    group by column_name, value, full_name_family
),

shared as (
    select
        column_name,
        value,
        sum(records) as records,
        count(full_name_family) + coalesce(sum(records) filter (where full_name_family is null), 0) as people
    from families
    group by column_name, value
),

laws as (
    select
        column_name,
        count(*) as amount,
        least(greatest(avg((people > 1)::integer), 0.02), 0.8) as ratio
    from shared
    group by column_name
),

births as (
    select
        birth_date,
        count(*) as records,
        count(distinct full_name_key) + count(*) filter (where full_name_key is null) as people
    from standardised.customers
    where birth_date is not null
    group by birth_date
),

birthdays as (
    select
        birth_date,
        records,
        people,
        greatest(
            (sum(people) over (
                order by birth_date range between interval '30 days' preceding and interval '30 days' following
            ) - people) / 60.0,
            0.1
        ) as expected,
        count(*) over () as amount
    from births
),

halves as (
    select
        full_name_key,
        min(full_name_family) as family,
        min(full_name_given) as given,
        count(*) as records,
        count(distinct coalesce(phone, email_key, source || '|' || source_key)) as people
    from standardised.customers
    where full_name_family is not null and full_name_given is not null
    group by full_name_key
),

names as (
    select
        full_name_key,
        records,
        people,
        greatest(
            sum(people) over (partition by family) * sum(people) over (partition by given) / sum(people) over (),
            0.5
        ) as expected,
        count(*) over () as amount
    from halves
),

found as (
    select
        column_name,
        value,
        records,
        people,
        1 + ln(amount) / -ln(ratio) as expected
    from shared
    inner join laws using (column_name)
    where people >= %(fewest)s and people > 1 + (ln(amount) + ln(100)) / -ln(ratio)

    union all

    select
        'birth_date',
        birth_date::text,
        records,
        people,
        expected
    from birthdays
    where people >= %(fewest)s and people - expected + people * ln(expected / people) < -ln(amount * 100)

    union all

    select
        'full_name',
        full_name_key,
        records,
        people,
        expected
    from names
    where people >= %(fewest)s and people - expected + people * ln(expected / people) < -ln(amount * 100)
),

ranked as (
    select
        *,
        row_number() over (partition by column_name order by people / expected desc, value) as place
    from found
)

select
    column_name,
    value,
    records,
    people,
    expected
from ranked
where place <= %(most)s
