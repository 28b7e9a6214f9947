"""A brand whose till and web shop know one man as two customers: its rows, and what readers see of it after a night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from customer_warehouse.database import connect, statement
from customer_warehouse.settings import Settings
from fixtures.identity.resolving import customers_row
from integration.dbt_warehouse import create_standard_tables, insert, rows
from integration.small_brand import at, line, order

PEOPLE: dict[str, dict[str, Any]] = {
    "shop": {
        "name": "王小明",
        "phone": "0912555101",
        "email": "ming@gmail.com",
        "address": "台北市信義區信義路五段7號",
    },
    "desk": {"source": "desk", "name": "王小明", "phone": "0912555101", "email": "ming@gmail.com"},
    "till": {"source": "till", "name": "王小明", "phone": "0912555202", "member_number": "m1"},
    "chen": {"name": "陳美玲", "phone": "0912555303", "email": "chen@gmail.com"},
    "lin": {"source": "till", "name": "林志豪", "phone": "0912555404", "member_number": "m2"},
    "shy": {"name": "張雅婷", "email": "shy@gmail.com"},
}
"""Each person's record by its key. `shop`, `desk` and `till` are of one man whom the till knows by another phone."""
EVIDENCE = {"name": "王小明", "phone": "0912555202", "email": "ming@gmail.com", "kind": "guest"}
"""A guest order with the mailbox that the shop knows and the phone that the till knows."""
SAID = {
    "shop": {"email_consent": "granted", "email_consent_at": at("2026-01-01")},
    "till": {"sms_consent": "denied", "sms_consent_at": at("2026-02-01")},
}
ORDERS = [
    order("shop", "o1", "2026-11-01", customer_key="shop", shipping_amount=Decimal(60), order_number="#1"),
    order("shop", "o2", "2026-09-01", customer_key="shop", discount_amount=Decimal("10.5")),
    order("till", "t1", "2026-03-01", customer_key="till"),
    order("till", "t2", "2026-02-01", customer_key="till"),
    order("till", "t3", "2026-01-15", customer_key="till", status="cancelled"),
    order("shop", "o3", "2026-10-01", customer_key="chen"),
    order("till", "t4", "2025-06-01", customer_key="lin"),
    order("till", "t5", "2026-10-10"),
]
LINES = [
    line("shop", "o1-1", "o1", "2", "100.125"),
    line("shop", "o2-1", "o2", "1", "990.01"),
    line("till", "t1-1", "t1", "3", "33.335"),
    line("till", "t2-1", "t2", "1", "5000"),
    line("till", "t3-1", "t3", "1", "777"),
    line("shop", "o3-1", "o3", "1", "250.5"),
    line("till", "t4-1", "t4", "1", "1000"),
    line("till", "t5-1", "t5", "1", "80"),
]
RETURNS = [
    {
        "source": "shop",
        "source_key": "r1",
        "returned_at": at("2026-11-05"),
        "order_key": "o1",
        "amount": Decimal("50.125"),
    },
    {
        "source": "till",
        "source_key": "r2",
        "returned_at": at("2026-03-05"),
        "order_key": "t1",
        "amount": Decimal("33.335"),
    },
]
CASES = [
    {"source": "desk", "source_key": "1", "customer_key": "desk", "kind": "complaint", "status": "closed",
     "opened_at": at("2026-10-01")},
    {"source": "till", "source_key": "2", "customer_key": "till", "kind": "complaint", "status": "open",
     "opened_at": at("2026-11-02")},
]  # fmt: skip
OPENED_BY_TILL = {"till"}
PAYMENTS = [
    {"source": source, "source_key": order_key, "order_key": order_key, "kind": kind, "status": "succeeded",
     "paid_at": at("2026-11-02"), "amount": Decimal(amount)}
    for source, order_key, kind, amount in (
        ("shop", "o1", "payment", "260.25"), ("till", "t1", "payment", "100.005"), ("till", "t2", "refund", "9.5"),
        ("till", "t5", "payment", "80"),
    )
]  # fmt: skip
POINTS = [
    {"source": source, "source_key": key, "customer_key": who, "kind": "adjust", "points": points, "moved_at": at(when)}
    for source, key, who, points, when in (
        ("shop", "1", "shop", 20, "2026-10-01"), ("till", "2", "till", -30, "2026-10-02"),
        ("till", "3", "till", 5, "2026-10-03"), ("till", "4", "lin", 7, "2026-10-04"),
    )
]  # fmt: skip
"""The till took back points that it had never given: its member has less than none, alone or with the shop's."""
COUPONS = [{"source": "shop", "source_key": "1", "customer_key": "chen", "order_key": "o1"}]
"""Given to one customer, and used by another."""
CARTS = [{"source": "shop", "source_key": "1", "customer_key": "shop", "started_at": at("2026-11-03")}]
REVIEWS = [
    {"source": "shop", "source_key": "1", "order_key": "o1", "rating": 5, "reviewed_at": at("2026-11-04")},
    {"source": "till", "source_key": "2", "customer_key": "till", "rating": 1, "reviewed_at": at("2026-11-04")},
]
MESSAGES = [
    {"source": "till", "source_key": who, "campaign_key": "1", "customer_key": who, "sent_at": at("2026-10-28")}
    for who in ("till", "somebody unknown")
]


@dataclass(frozen=True)
class Done:
    """What a customer did, as `customer_360` has it."""

    records: int
    orders: int
    gross: Decimal
    returned: Decimal
    first_purchase: date | None
    last_purchase: date | None
    cases: int
    has_open_complaint: bool


@dataclass(frozen=True)
class Marts:
    """What readers see after a night; a customer is named by its records' keys, in `people` by its id."""

    people: dict[str, set[str]]
    customers: dict[frozenset[str], Done]
    rfm: dict[frozenset[str], tuple[Any, ...]]
    """Recency, frequency, monetary and their scores, of those who ever bought."""
    segments: dict[str, set[frozenset[str]]]
    contacts: dict[frozenset[str], set[tuple[str, str, str, str | None]]]
    """Type, key, role and marketing consent."""
    followed: dict[frozenset[str], dict[str, Any]]
    """What came beside the orders, as the facts have it; a customer without any of it is left out."""
    leads_to: dict[str, str]
    totals: dict[str, Decimal]
    members: set[tuple[str, str]]
    """Segment and customer."""
    moved: dict[tuple[str, str], tuple[str, str | None, str | None, str | None]]
    """Who entered or left a segment in the night: which, and by which condition, with its value before and then."""
    values: dict[str, dict[str, str | None]]
    """The rows of customer_360 as text, by customer."""

    def id_of(self, person: frozenset[str]) -> str:
        return next(customer_id for customer_id, records in self.people.items() if records == person)


def of_person(person: set[str]) -> Done:
    """What the records of `person` did, reckoned from the test's own rows."""
    bought = [found for found in ORDERS if found.get("customer_key") in person and found["status"] != "cancelled"]
    keys = {found["source_key"] for found in bought}
    days = sorted(found["ordered_at"].date() for found in bought)
    return Done(
        len(person),
        len(bought),
        sum(map(net, bought), Decimal(0)),
        sum((found["amount"] for found in RETURNS if found["order_key"] in keys), Decimal(0)),
        days[0] if days else None,
        days[-1] if days else None,
        sum(found["customer_key"] in person for found in CASES),
        bool(person & OPENED_BY_TILL),
    )


def what_followed(person: set[str]) -> dict[str, Any]:
    """What came beside the orders of `person`, reckoned from the test's own rows; only what there is."""
    buyers = {found["source_key"]: found.get("customer_key") for found in ORDERS}
    paid = [found for found in PAYMENTS if buyers[found["order_key"]] in person]
    points = [found["points"] for found in POINTS if found["customer_key"] in person]
    signs = {"payment": 1, "refund": -1}
    found = {
        "paid": sum((signs[each["kind"]] * each["amount"] for each in paid), Decimal(0)) if paid else None,
        "points": sum(points) if points else None,
        "coupons": [("redeemed", "shop" not in person)] if "chen" in person else None,
        "carts": ["abandoned"] if "shop" in person else None,
        "reviews": sorted([5] * ("shop" in person) + [1] * ("till" in person)) or None,
        "led to an order": "shop" in person if "till" in person else None,
    }
    return {what: value for what, value in found.items() if value is not None}


def net(bought: dict[str, Any]) -> Decimal:
    lines = (found for found in LINES if found["order_key"] == bought["source_key"])
    amount = sum((found["quantity"] * found["unit_price"] for found in lines), Decimal(0))
    return amount + bought.get("shipping_amount", Decimal(0)) - bought.get("discount_amount", Decimal(0))


def rows_of_records() -> dict[str, dict[str, Any]]:
    return {key: row_of(key, raw) for key, raw in {**PEOPLE, "guest": EVIDENCE}.items()}


def row_of(key: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The record as a row of `standardised.customers`."""
    row = customers_row(key, {"source": "shop", **raw})
    kind = raw.get("kind", "account")
    return {
        **row,
        "kind": kind,
        "email": row["email_key"],
        "postal_address": row["postal_address_key"],
        **SAID.get(key, {}),
    }


def put_record(settings: Settings, key: str, raw: dict[str, Any]) -> None:
    with connect(settings.url) as connection:
        insert(connection, "standardised.customers", [row_of(key, raw)])


def fill(settings: Settings) -> None:
    """The brand before its first night."""
    with connect(settings.url) as connection:
        create_standard_tables(connection)
        trust = [{"source": "shop", "trust": 3}, {"source": "till", "trust": 2}, {"source": "desk", "trust": 1}]
        insert(connection, "standardised.source_trust", trust)
        insert(connection, "standardised.orders", ORDERS)
        insert(connection, "standardised.order_lines", LINES)
        insert(connection, "standardised.returns", RETURNS)
        insert(connection, "standardised.cases", CASES)
        insert(connection, "standardised.payments", PAYMENTS)
        insert(connection, "standardised.points", POINTS)
        insert(connection, "standardised.coupons", COUPONS)
        insert(connection, "standardised.carts", CARTS)
        insert(connection, "standardised.reviews", REVIEWS)
        insert(connection, "standardised.campaign_contacts", MESSAGES)
    for key, raw in PEOPLE.items():
        put_record(settings, key, raw)


def execute(settings: Settings, command: str, *parameters: Any) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(command), parameters or None)


def read(settings: Settings) -> Marts:
    """The published marts and the segments."""
    url = settings.url
    people: dict[str, set[str]] = {}
    for customer_id, key in rows(url, "select customer_id, source_key from identity.customer_records"):
        people.setdefault(customer_id, set()).add(key)
    person = {customer_id: frozenset(keys) for customer_id, keys in people.items()}
    contacts: dict[frozenset[str], set[tuple[str, str, str, str | None]]] = {}
    for customer_id, *point in rows(
        url, "select customer_id, contact_type, contact_key, role, marketing_consent from marts.customer_contact_points"
    ):
        contacts.setdefault(person[customer_id], set()).add((point[0], point[1], point[2], point[3]))
    followed: dict[frozenset[str], dict[str, Any]] = {}
    for what, query in FOLLOWED.items():
        for customer_id, value in rows(url, query):
            followed.setdefault(person[customer_id], {})[what] = value
    for found in followed.values():
        if "coupons" in found:
            found["coupons"] = [(status, by_another) for status, by_another in found["coupons"]]
    done = rows(
        url,
        "select customer_id, record_count, order_count, gross_revenue, returns_amount, first_purchase_date,"
        " last_purchase_date, case_count, has_open_complaint from marts.customer_360",
    )
    rfm = rows(
        url,
        "select customer_id, recency_days, frequency, monetary, r_score, f_score, m_score from marts.customer_rfm"
        " where r_score is not null",
    )
    return Marts(
        people,
        {person[customer_id]: Done(*values) for customer_id, *values in done},
        {person[customer_id]: tuple(values) for customer_id, *values in rfm},
        {
            name: {
                person[customer_id]
                for (customer_id,) in rows(url, f"select customer_id from activation.segment_{name}")
            }
            for name in ("active", "lost", "open_complaint")
        },
        contacts,
        followed,
        dict(rows(url, "select known_as, customer_id from warehouse.customer_ids")),
        dict(rows(url, TOTALS)),
        set(rows(url, "select segment, customer_id from activation.members_of_segments")),
        {(segment, customer_id): (*moved,) for segment, customer_id, *moved in rows(url, MOVED)},
        dict(rows(url, VALUES)),
    )


MOVED = """
select segment, customer_id, 'entered', entered_condition, entered_from, entered_to
from marts.segment_membership cross join ops.published where entered_on = published.night and left_on is null
union all
select segment, customer_id, 'left', left_condition, left_from, left_to
from marts.segment_membership cross join ops.published where left_on = published.night
"""
VALUES = """
select customers.customer_id, jsonb_object_agg(name, value)
from marts.customer_360 as customers cross join jsonb_each_text(to_jsonb(customers)) as cells (name, value) group by 1
"""
FOLLOWED = {
    "paid": "select customer_id, sum(net_amount) from warehouse.fct_payments where customer_id is not null group by 1",
    "points": "select customer_id, balance_after from warehouse.fct_points as moved where moved_at ="
    " (select max(moved_at) from warehouse.fct_points as other where other.customer_id = moved.customer_id)",
    "coupons": "select customer_id, json_agg(json_build_array(status, is_redeemed_by_another))"
    " from warehouse.fct_coupons group by 1",
    "carts": "select customer_id, array_agg(status) from warehouse.fct_carts group by 1",
    "reviews": "select customer_id, array_agg(cast(rating as integer) order by rating) from warehouse.fct_reviews"
    " group by 1",
    "led to an order": "select customer_id, converted_at is not null from warehouse.fct_campaign_contacts"
    " where customer_id is not null",
}
TOTALS = """
with facts as (
    select customer_id, net_amount as amount from warehouse.fct_orders where is_revenue
    union all
    select customer_id, - amount from warehouse.fct_returns where is_revenue
)
select 'orders less returns', sum(amount) from facts
union all
select 'customers', sum(net_revenue) from marts.customer_360
union all
select 'rfm', sum(monetary) from marts.customer_rfm
union all
select 'customers and the unknown',
    (select sum(net_revenue) from marts.customer_360) + (select sum(amount) from facts where customer_id is null)
union all
select 'days', sum(net_revenue) from marts.sales_summary
union all
select 'sources', sum(net_revenue) from marts.reconciliation_totals
union all
select 'attributed and not, less returns',
    (select sum(linear_revenue) from marts.campaign_attribution)
    - (select sum(amount) from warehouse.fct_returns where is_revenue)
"""
