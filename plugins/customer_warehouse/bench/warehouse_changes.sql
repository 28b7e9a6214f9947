-- One night: %(changed)s orders are new or others than they were, a fifth as many returns and cases, and %(moved)s customers
-- become one with another. The changes lie all over the history: half of what changes is old.

create temporary table drawn on commit drop as
select source, source_key, unit::bigint as number, row_number() over (order by md5(source_key)) as turn
from standardised.orders
order by 4
limit %(changed)s;

update standardised.orders as known set status = 'fulfilled', shipping_amount = coalesce(shipping_amount, 0) + 1
from drawn
where known.source = drawn.source and known.source_key = drawn.source_key and turn %% 10 in (0, 1);

update standardised.order_lines as known set quantity = quantity + 1
from drawn
where known.source = drawn.source and known.order_key = drawn.source_key and turn %% 10 in (2, 3);

delete from standardised.order_lines as known using drawn
where known.source = drawn.source and known.order_key = drawn.source_key and turn %% 10 = 4 and line_number > 1;

insert into standardised.orders (
    source, source_key, origin, unit, order_number, channel, store_key, customer_key, ordered_at, status, currency
)
select
    known.source, 'N' || known.source_key, origin, 'N' || unit, 'N' || order_number, channel, store_key, customer_key,
    %(as_of)s - turn * (interval '1 day' / %(changed)s), 'paid', 'TWD'
from standardised.orders as known
join drawn on known.source = drawn.source and known.source_key = drawn.source_key and turn %% 10 >= 5;

insert into standardised.order_lines (
    source, source_key, origin, unit, order_key, line_number, sku, sku_key, product_name, quantity, unit_price
)
select
    known.source, 'N' || known.source_key, origin, 'N' || unit, 'N' || order_key, line_number, sku, sku_key,
    product_name, quantity, unit_price
from standardised.order_lines as known
join drawn on known.source = drawn.source and known.order_key = drawn.source_key and turn %% 10 >= 5;

insert into standardised.returns (source, source_key, origin, unit, order_key, order_line_key, returned_at, quantity, unit_price)
select known.source, 'NR' || known.source_key, origin, 'N' || unit, order_key, known.source_key, %(as_of)s - interval '1 hour',
    quantity, unit_price
from standardised.order_lines as known
join drawn on known.source = drawn.source and known.order_key = drawn.source_key and turn %% 5 = 3
where line_number = 1;

insert into standardised.cases (source, source_key, origin, unit, customer_key, kind, status, channel, order_number, opened_at)
select 'shop', 'NK' || known.source_key, origin, 'N' || unit, customer_key, 'enquiry', 'open', 'email', order_number,
    %(as_of)s - interval '1 hour'
from standardised.orders as known
join drawn on known.source = drawn.source and known.source_key = drawn.source_key and turn %% 5 = 3
where known.source = 'shop';

update identity.customer_records
set customer_id = 'C' || (source_key::bigint - 1)
where source_key::bigint in (select 2 * person from generate_series(1, %(moved)s) as person);

delete from identity.customers
where customer_id in (select 'C' || 2 * person from generate_series(1, %(moved)s) as person);
