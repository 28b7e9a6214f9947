"""A brand small enough to reckon by hand: three sources, seven customers, one night (2026-11-21, Asia/Taipei)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from customer_warehouse.night import night_of

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")
RATES = "TWD,HKD,2026-10-01,4,made up for the tests\nTWD,HKD,2026-10-03,5,made up for the tests\n"
"""The lines of `exchange_rates.csv`."""


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def record(source: str, key: str, kind: str = "account", **values: Any) -> dict[str, Any]:
    if "email" in values:
        values.setdefault("email_key", values["email"])
    return {"source": source, "source_key": key, "kind": kind, **values}


def order(source: str, key: str, ordered_at: str, **values: Any) -> dict[str, Any]:
    channel = "store" if source == "till" else "online"
    return {
        "source": source,
        "source_key": key,
        "channel": channel,
        "ordered_at": at(ordered_at),
        "status": "paid",
        "currency": "TWD",
        **values,
    }


def line(source: str, key: str, order_key: str, quantity: str, unit_price: str, **values: Any) -> dict[str, Any]:
    return {
        "source": source,
        "source_key": key,
        "order_key": order_key,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(unit_price),
        **values,
    }


def returned(key: str, returned_at: str, **values: Any) -> dict[str, Any]:
    return {"source": "till", "source_key": key, "returned_at": at(returned_at), **values}


# Customer A has three records; B two that contradict each other at the same moment; C an undated and a dated statement;
# D nothing but a service contact; E and F share an address that F denied; G has a grant dated ahead of the night.
ENTITIES: dict[str, list[dict[str, Any]]] = {
    "source_trust": [{"source": "shop", "trust": 3}, {"source": "till", "trust": 2}, {"source": "desk", "trust": 1}],
    "customers": [
        record(
            "shop",
            "c1",
            full_name="Ann Lee",
            full_name_given="Ann",
            full_name_family="Lee",
            email="a@example.com",
            email_verified="true",
            email_consent="denied",
            email_consent_at=at("2026-01-10"),
            created_at=at("2025-03-01"),
            updated_at=at("2026-10-01"),
            country="TW",
        ),
        record(
            "till",
            "m1",
            "member",
            full_name="Ann Li",
            email="b@example.com",
            phone="+886912345678",
            member_number="m1",
            email_consent="granted",
            email_consent_at=at("2026-06-01"),
            sms_consent="granted",
            sms_consent_at=at("2026-06-01"),
            created_at=at("2024-01-01T17:00"),
            updated_at=at("2026-06-01"),
            postal_address="1 Some Road",
            city="Taipei",
            country="TW",
        ),
        record(
            "desk",
            "d1",
            "contact",
            full_name="A. Lee",
            postal_address="9 Other Road",
            city="Tainan",
            updated_at=at("2026-11-01"),
        ),
        record("shop", "c2", email="two@example.com", email_consent="granted", email_consent_at=at("2026-01-01")),
        record(
            "desk", "d2", "contact", email="two@example.com", email_consent="denied", email_consent_at=at("2026-01-01")
        ),
        record("till", "m3", "member", email="three@example.com", email_consent="denied"),
        record("shop", "c3", email="three@example.com", email_consent="granted", email_consent_at=at("2025-01-01")),
        record("desk", "d4", "contact", email_consent="granted", email_consent_at=at("2025-01-01")),
        record("shop", "c5", email="shared@example.com", email_consent="granted", email_consent_at=at("2025-01-01")),
        record("shop", "c6", email="shared@example.com", email_consent="denied", email_consent_at=at("2025-06-01")),
        record("shop", "c7", email="seven@example.com", email_consent="denied", email_consent_at=at("2025-01-01")),
        record(
            "till",
            "m7",
            "member",
            email="seven@example.com",
            email_consent="granted",
            email_consent_at=at("2027-01-01"),
        ),
    ],
    "orders": [
        order(
            "shop",
            "o1",
            "2026-11-20T17:30",
            order_number="#1",
            customer_key="c1",
            shipping_amount=Decimal(60),
            discount_amount=Decimal(10),
            total_amount=Decimal("260.00"),
        ),
        order("shop", "o2", "2026-11-01", order_number="#2", customer_key="c1", status="cancelled"),
        order("shop", "o3", "2026-11-02", order_number="#3"),
        order("till", "t1", "2024-01-05T02:00", customer_key="m1", store_key="TPE01", total_amount=Decimal(999)),
        order("till", "t2", "2026-10-01T02:00", store_key="TPE01"),
        order("till", "t3", "2026-10-02T02:00", store_key="HKG01", customer_key="m3", currency="HKD"),
        order("till", "t4", "2026-10-03T02:00", store_key="TPE01", customer_key="m3", status=None, currency=None),
    ],
    "order_lines": [
        line("shop", "o1-1", "o1", "2", "100.125", sku="CUP", product_name="Cup"),
        line("shop", "o1-2", "o1", "1", "10", discount_amount=Decimal("0.25"), sku="PEN"),
        line("shop", "o2-1", "o2", "1", "500", sku="CUP"),
        line("shop", "o3-1", "o3", "4", "25", sku="PEN"),
        line("till", "t1-1", "t1", "1", "700", sku="CUP"),
        line("till", "t1-2", "t1", "1", "300", sku="HAT", product_name="Hat"),
        line("till", "t2-1", "t2", "3", "30", sku="PEN"),
        line("till", "t3-1", "t3", "1", "80", sku="HAT"),
        line("till", "t4-1", "t4", "2", "200", sku="HAT", product_name="Red hat"),
        line("till", "t4-2", "t4", "-1", "200", sku=None),
        line("till", "t9-1", "t9", "1", "77", sku="HAT"),
    ],
    "returns": [
        returned(
            "r1",
            "2026-11-20T02:00",
            order_key="t1",
            order_line_key="t1-2",
            quantity=Decimal(1),
            unit_price=Decimal(300),
        ),
        {**returned("r2", "2026-11-03T02:00", order_key="o2", amount=Decimal(500)), "source": "shop"},
        returned("r3", "2026-10-05T02:00", order_key="t2", customer_key="m3", amount=Decimal("29.5"), sku="PEN"),
        returned("r4", "2026-10-06T02:00", order_key="C9", amount=Decimal(5), sku="BAG"),
        returned("r5", "2026-10-06T02:00", order_key="C9", amount=Decimal(7), sku="BAG"),
        returned("r6", "2026-10-07T02:00", order_key="t3", amount=Decimal(80)),
    ],
    "products": [
        {
            "source": "shop",
            "source_key": "p1",
            "sku": "CUP",
            "product_name": "White cup",
            "category": "Kitchen",
            "is_active": "true",
        },
        {"source": "till", "source_key": "CUP", "sku": "CUP", "product_name": "CUP WHT"},
        {"source": "shop", "source_key": "p2", "sku": "OLD", "is_active": "false"},
    ],
    "stores": [{"source": "till", "source_key": "TPE01", "store_name": "Taipei 1", "city": "Taipei"}],
    "cases": [
        {
            "source": "desk",
            "source_key": "1",
            "customer_key": "d1",
            "kind": "complaint",
            "status": "closed",
            "order_number": "#1",
            "opened_at": at("2026-11-01T00:00"),
            "closed_at": at("2026-11-09T00:00"),
        },
        {
            "source": "desk",
            "source_key": "2",
            "customer_key": "d4",
            "kind": "complaint",
            "status": "pending",
            "opened_at": at("2026-11-10T00:00"),
        },
        {
            "source": "desk",
            "source_key": "3",
            "customer_key": "d4",
            "kind": "enquiry",
            "status": "resolved",
            "opened_at": at("2026-11-11T00:00"),
            "closed_at": at("2026-11-12T12:00"),
        },
    ],
    "case_status_changes": [
        {"source": "desk", "source_key": "1", "case_key": "1", "status": "open", "changed_at": at("2026-11-01T00:00")},
        {
            "source": "desk",
            "source_key": "2",
            "case_key": "1",
            "status": "resolved",
            "changed_at": at("2026-11-02T00:00"),
        },
        {"source": "desk", "source_key": "3", "case_key": "1", "status": "open", "changed_at": at("2026-11-03T00:00")},
        {
            "source": "desk",
            "source_key": "4",
            "case_key": "1",
            "status": "resolved",
            "changed_at": at("2026-11-05T12:00"),
        },
        {
            "source": "desk",
            "source_key": "5",
            "case_key": "1",
            "status": "closed",
            "changed_at": at("2026-11-09T00:00"),
        },
    ],
    "case_messages": [
        {
            "source": "desk",
            "source_key": "1",
            "case_key": "1",
            "direction": "outbound",
            "sent_at": at("2026-10-31T23:00"),
        },
        {
            "source": "desk",
            "source_key": "2",
            "case_key": "1",
            "direction": "inbound",
            "sent_at": at("2026-11-01T00:00"),
        },
        {
            "source": "desk",
            "source_key": "3",
            "case_key": "1",
            "direction": "outbound",
            "sent_at": at("2026-11-01T01:30"),
        },
    ],
    "ratings": [
        {"source": "desk", "source_key": "1", "case_key": "1", "rating": 2, "rated_at": at("2026-11-02T00:00")},
        {"source": "desk", "source_key": "2", "case_key": "1", "rating": 4, "rated_at": at("2026-11-10T00:00")},
    ],
}

ALIASES = {"Z": "A"}
"""An ended id and the customer it leads to."""
HOUSEHOLDS = {"H": ["E", "F"]}
"""A household and its customers."""
CUSTOMERS = {
    "A": [("shop", "c1"), ("till", "m1"), ("desk", "d1")],
    "B": [("shop", "c2"), ("desk", "d2")],
    "C": [("till", "m3"), ("shop", "c3")],
    "D": [("desk", "d4")],
    "E": [("shop", "c5")],
    "F": [("shop", "c6")],
    "G": [("shop", "c7"), ("till", "m7")],
}
