with

memberships as (

    select
        segment,
        customer_id,
        {{ segment_bit() }} as segment_bit

    from {{ ref('segment_membership') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and is_member

),

segments as (

    select
        segment,
        segment_bit,
        count(*) as customers

    from memberships

    group by
        segment,
        segment_bit

),

-- Customers in the same segments are counted once together: there are far fewer such patterns than customers.
by_customer as (

    select
        customer_id,
        cast(sum(segment_bit) as bigint) as pattern

    from memberships

    group by customer_id

),

patterns as (

    select
        pattern,
        count(*) as customers

    from by_customer

    group by pattern

),

shared as (

    select
        one.segment,
        other.segment as other_segment,
        one.customers,
        other.customers as other_customers,
        coalesce(
            sum(
                case
                    when
                        mod(patterns.pattern / one.segment_bit, 2) = 1
                        and mod(patterns.pattern / other.segment_bit, 2) = 1
                        then patterns.customers
                end
            ),
            0
        ) as customers_in_both

    from segments as one

    inner join segments as other on one.segment <> other.segment

    cross join patterns

    group by
        one.segment,
        other.segment,
        one.customers,
        other.customers

),

final as (

    select
        segment,
        other_segment,
        customers,
        other_customers,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        cast(customers_in_both as bigint) as customers_in_both,
        cast(customers_in_both as numeric) / customers as overlap_share,
        cast(customers_in_both as numeric) / (customers + other_customers - customers_in_both) as jaccard,
        {{ as_of() }} as data_as_of

    from shared

)

select * from final
