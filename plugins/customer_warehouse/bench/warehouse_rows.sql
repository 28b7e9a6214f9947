-- A brand straight in the tables that dbt reads: %(customers)s customers with records, orders, lines, returns and cases.
-- Nothing is drawn: every value follows from the number of its row, so that every run measures the same.
-- %(history)s times the orders go back so many times as far.

insert into standardised.source_trust (source, trust, currency) values ('shop', 2, 'TWD'), ('till', 1, 'TWD');

insert into standardised.customers (
    source, source_key, origin, unit, kind, full_name, full_name_key, email, email_key, phone, postal_address,
    postal_address_key, postal_address_city, postal_address_country, birth_date, email_consent, email_consent_at,
    sms_consent, sms_consent_at, created_at, updated_at
)
select
    case when record = 0 then 'shop' else 'till' end, person::text, 'generated', person::text,
    case when record = 0 then 'account' else 'member' end, 'Person ' || person, 'person ' || person,
    'p' || person || '@example.com', 'p' || person || '@example.com', '+8869' || lpad((person %% 100000000)::text, 8, '0'),
    person || ' Some Road', person || ' some road', 'Taipei', 'TW', date '1960-01-01' + (person * 7 %% 15000)::int,
    case when person %% 3 = 0 then 'denied' else 'granted' end, %(as_of)s - (person %% 900) * interval '1 day',
    case when person %% 4 = 0 then 'denied' else 'granted' end, %(as_of)s - (person %% 800) * interval '1 day',
    %(as_of)s - (person %% 1500 + 1) * interval '1 day', %(as_of)s - (person %% 700 + 1) * interval '1 day'
from generate_series(1, %(customers)s) as person, generate_series(0, 1) as record
where record = 0 or person %% 2 = 0;

insert into identity.customer_records (source, source_key, customer_id)
select source, source_key, 'C' || source_key from standardised.customers;

insert into identity.customers (customer_id, first_seen_as_of, records)
select customer_id, %(as_of)s - interval '400 days', count(*) from identity.customer_records group by customer_id;

insert into standardised.products (source, source_key, origin, unit, sku, product_name, category, list_price, is_active)
select 'shop', 'P' || number, 'generated', number::text, 'P' || number, 'Product ' || number, 'other', 10 + number, 'true'
from generate_series(1, 2000) as number;

insert into standardised.stores (source, source_key, origin, unit, store_name, city, country)
select 'till', 'S' || number, 'generated', number::text, 'Store ' || number, 'Taipei', 'TW'
from generate_series(0, 49) as number;

-- Five orders a customer and two years; three of ten at a till. Keys grow with time, as they do in any shop.
insert into standardised.orders (
    source, source_key, origin, unit, order_number, channel, store_key, customer_key, ordered_at, status, currency,
    shipping_amount, discount_amount
)
select
    case when number %% 10 < 7 then 'shop' else 'till' end, lpad(number::text, 10, '0'), 'generated', number::text,
    '#' || number, case when number %% 10 < 7 then 'online' else 'store' end,
    case when number %% 10 >= 7 then 'S' || number %% 50 end,
    case
        when number %% 10 < 7 then (1 + number * 48271 %% %(customers)s)::text
        when number %% 10 < 9 then (2 * (1 + number * 48271 %% (%(customers)s / 2)))::text
    end,
    %(as_of)s - (%(orders)s - number + 1) * (%(history)s * interval '730 days' / %(orders)s),
    case when number %% 50 = 0 then 'cancelled' else 'paid' end, 'TWD',
    case when number %% 10 < 7 then 60 end, case when number %% 8 = 0 then 20 end
from generate_series(1, %(orders)s::bigint) as number;

-- One to four lines an order, 2.4 on the whole.
insert into standardised.order_lines (
    source, source_key, origin, unit, order_key, line_number, sku, sku_key, product_name, quantity, unit_price
)
select
    source, source_key || '-' || line, origin, unit, source_key, line, 'P' || product, 'P' || product,
    'Product ' || product, 1 + product %% 3, 10 + product
from (
    select source, source_key, origin, unit, line, 1 + (unit::bigint * 7919 + line * 104729) %% 2000 as product
    from standardised.orders,
        generate_series(1, case unit::bigint %% 10 when 0 then 4 when 1 then 4 when 2 then 4 when 3 then 3 when 4 then 3
            when 5 then 2 when 6 then 1 when 7 then 1 when 8 then 1 else 1 end) as line
) as lines;

insert into standardised.returns (
    source, source_key, origin, unit, order_key, order_line_key, returned_at, quantity, unit_price, reason
)
select
    source, 'R' || source_key, origin, unit, order_key, source_key,
    least(%(as_of)s - interval '1 hour', %(as_of)s - (%(orders)s - unit::bigint) * (%(history)s * interval '730 days' / %(orders)s)
        + interval '5 days'),
    quantity, unit_price, 'too small'
from standardised.order_lines
where line_number = 1 and unit::bigint %% 20 = 3;

insert into standardised.cases (
    source, source_key, origin, unit, customer_key, kind, status, channel, order_number, opened_at, closed_at
)
select
    'shop', 'K' || source_key, origin, unit, customer_key, case when unit::bigint %% 100 < 50 then 'enquiry' else 'complaint' end,
    'closed', 'email', order_number, ordered_at, ordered_at + interval '2 days'
from standardised.orders
where source = 'shop' and unit::bigint %% 50 = 1;

insert into standardised.case_messages (source, source_key, origin, unit, case_key, direction, sent_at)
select source, source_key || '-' || number, origin, unit, source_key, 'outbound', opened_at + number * interval '3 hours'
from standardised.cases, generate_series(1, 3) as number;

insert into standardised.case_status_changes (source, source_key, origin, unit, case_key, status, changed_at)
select source, source_key || '-1', origin, unit, source_key, 'closed', closed_at from standardised.cases;

insert into standardised.ratings (source, source_key, origin, unit, case_key, rating, rated_at)
select source, source_key || '-1', origin, unit, source_key, 1 + unit::bigint %% 5, closed_at + interval '1 day'
from standardised.cases
where unit::bigint %% 4 = 1;
