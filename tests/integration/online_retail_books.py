"""What the Online Retail files say, by DuckDB straight from the CSV files: none of the project's code is used."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

NIGHT = "date '2011-12-09'"
ROWS = """
create table rows as
select InvoiceNo as invoice, InvoiceNo like 'C%' as is_return, upper(StockCode) as sku,
    cast(Quantity as decimal(18, 0)) as quantity, cast(UnitPrice as decimal(18, 3)) as price,
    cast(Quantity as decimal(18, 0)) * cast(UnitPrice as decimal(18, 3)) as amount,
    cast(cast(CustomerID as double) as integer) as customer, cast(InvoiceDate as timestamp) as moment
from read_csv($files, header = true, all_varchar = true, nullstr = '')
"""
TABLES = """
create table orders as
select invoice, max(customer) as customer, cast(min(moment) as date) as day, sum(quantity) as units,
    sum(amount) as amount
from rows where not is_return group by invoice;
create table returns as
select customer, cast(moment as date) as day, -quantity as units, -amount as amount from rows where is_return;
create table firsts as select customer, min(day) as first_day from orders where customer is not null group by customer;
"""
ACTIVE_FROM = f"{NIGHT} - interval 90 days"
KEPT_FROM = f"{NIGHT} - interval 6 months"
TOTALS = {
    "orders": "select count(*) from orders",
    "cancelled_orders": "select 0",
    "units": "select sum(units) from orders",
    "gross_revenue": "select sum(amount) from orders",
    "return_lines": "select count(*) from returns",
    "returned_units": "select sum(units) from returns",
    "returns_amount": "select sum(amount) from returns",
    "net_revenue": "select sum(amount) from rows",
    "people": "select count(distinct customer) from rows",
    "customers": "select count(*) from firsts",
    "repeat_customers": "select count(*) from (select customer from orders where customer is not null"
    " group by customer having count(*) > 1)",
    "orders_of_customers": "select count(customer) from orders",
    "net_revenue_of_customers": "select sum(amount) from rows where customer is not null",
    "active_customers": f"select count(distinct customer) from orders where day > {ACTIVE_FROM}",
    "kept_customers": f"select count(distinct customer) from orders where day >= {KEPT_FROM}",
    "cohorts": "select count(distinct date_trunc('month', first_day)) from firsts",
    "scored_customers": "select count(*) from firsts",
    # The third order of a customer and every later one with two others in the 365 days before it.
    "loyal_revenue": """
        select sum(amount) from (select *, count(*) over (partition by customer order by day, invoice) as place,
            lag(day, 2) over (partition by customer order by day, invoice) as day_of_two_before
            from orders where customer is not null)
        where place > 2 and day - day_of_two_before <= 365
    """,
}
QUOTIENTS = {
    "repeat_rate": ("repeat_customers", "customers"),
    "average_order_value": ("gross_revenue", "orders"),
    "return_rate": ("returns_amount", "gross_revenue"),
    "loyal_revenue_share": ("loyal_revenue", "gross_revenue"),
    "orders_per_customer": ("orders_of_customers", "customers"),
    "net_revenue_per_customer": ("net_revenue_of_customers", "customers"),
}
MONTHS = """
with buys as (select distinct customer, cast(date_trunc('month', day) as date) as month from orders
    where customer is not null),
counts as (select customer, cast(date_trunc('month', day) as date) as month, count(*) as n from orders
    where customer is not null group by all),
sold as (select cast(date_trunc('month', day) as date) as month, count(*) as orders, sum(amount) as amount
    from orders group by all),
back as (select cast(date_trunc('month', day) as date) as month, sum(amount) as amount from returns group by all)
select cast(month as varchar), (select count(*) from buys where buys.month = sold.month),
    (select count(*) from firsts where date_trunc('month', first_day) = sold.month),
    (select count(*) from counts where counts.month = sold.month and n > 1),
    (select count(*) from buys join buys as earlier using (customer)
        where buys.month = sold.month and earlier.month = sold.month - interval 1 month),
    sold.orders, sold.amount, back.amount, sold.amount - back.amount
from sold join back using (month) order by month
"""
WEEKS = """
select cast(cast(date_trunc('week', day) as date) as varchar), count(distinct customer), count(*)
from orders group by all order by 1
"""
COHORTS = """
select cast(cast(date_trunc('month', first_day) as date) as varchar),
    datediff('month', first_day, day), count(distinct customer)
from orders join firsts using (customer) group by all order by all
"""
RFM = f"""
with returned as (select customer, sum(amount) as amount from returns group by customer),
bought as (select customer, datediff('day', max(day), {NIGHT}) as days, count(*) as orders, sum(amount) as amount
    from orders where customer is not null group by customer),
valued as (select customer, days, orders, bought.amount - coalesce(returned.amount, 0) as amount
    from bought left join returned using (customer)),
scored as (select 1 + (5 * (rank() over (order by days desc) - 1)) // count(*) over () as r,
    1 + (5 * (rank() over (order by orders) - 1)) // count(*) over () as f,
    1 + (5 * (rank() over (order by amount) - 1)) // count(*) over () as m from valued)
select count(*) filter (where (r, (f + m + 1) // 2) in ((5, 5), (5, 4), (4, 5))),
    count(*) filter (where (r, (f + m + 1) // 2) in ((1, 1), (1, 2)))
from scored
"""
BASKETS = """
with products as (select distinct invoice, sku from rows where not is_return and quantity > 0),
baskets as (select *, count(*) over (partition by invoice) as size from products
    join orders using (invoice) where day > date '2011-12-09' - 365)
select invoice, sku from baskets where size <= 50
"""
PAIR = """
with both_of as (select count(*) as n from baskets as a join baskets as b using (invoice) where a.sku = $sku
    and b.sku = $other)
select (select n from both_of), count(*) filter (where sku = $sku), count(*) filter (where sku = $other),
    count(distinct invoice) from baskets
"""


class Books:
    """The figures of the files in `folder`, up to and with 9 December 2011, which is their last day."""

    def __init__(self, folder: Path) -> None:
        self._duck = duckdb.connect(config={"threads": 2})
        self._duck.execute(ROWS, {"files": [str(path) for path in sorted(folder.glob("*.csv"))]})
        self._duck.execute(TABLES)
        self._duck.execute(f"create table baskets as {BASKETS}")

    def totals(self) -> dict[str, Decimal]:
        """Every total by the name that the acceptance gives it."""
        found = {name: Decimal(str(self._rows(query)[0][0])) for name, query in TOTALS.items()}
        return {**found, **{name: found[over] / found[under] for name, (over, under) in QUOTIENTS.items()}}

    def months(self) -> list[tuple[Any, ...]]:
        """Month, customers, new, repeat, retained, orders, gross revenue, returns, net revenue."""
        return self._rows(MONTHS)

    def weeks(self) -> list[tuple[Any, ...]]:
        """Monday, customers, orders, of weeks with orders."""
        return self._rows(WEEKS)

    def cohorts(self) -> dict[tuple[str, int], int]:
        """Who bought, by month of the first purchase and months since."""
        return {(month, since): customers for month, since, customers in self._rows(COHORTS)}

    def champions_and_lost(self) -> tuple[int, int]:
        """Customers of the segments Champions and Lost."""
        champions, lost = self._rows(RFM)[0]
        return champions, lost

    def pair(self, sku: str, other: str) -> tuple[int, ...]:
        """Orders with both, with the one, with the other, and all of the baskets that are looked at."""
        return tuple(self._duck.execute(PAIR, {"sku": sku, "other": other}).fetchall()[0])

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._duck.execute(query).fetchall()
