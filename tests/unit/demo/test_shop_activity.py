"""Coupons, checkouts and reviews: each fits the orders and accounts it speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from customer_warehouse.demo.carts import TAKEN_UP
from customer_warehouse.demo.visits import EVENTS
from customer_warehouse.demo.world import World
from unit.demo.test_world import bodies


@pytest.fixture(scope="module")
def orders(world: World) -> dict[int, dict[str, Any]]:
    return bodies(world, "orders")


def account_of(order: dict[str, Any]) -> int:
    return int(order["customer"]["id"])


def test_a_coupon_is_redeemed_once_by_its_own_account_while_it_holds(
    world: World, orders: dict[int, dict[str, Any]]
) -> None:
    coupons = list(bodies(world, "coupons").values())
    redeemed = [coupon for coupon in coupons if coupon["used_at"]]

    assert 10 < len(redeemed) < len(coupons)
    assert len({coupon["order_id"] for coupon in redeemed}) == len(redeemed)
    assert len({coupon["code"] for coupon in coupons}) == len(coupons)
    for coupon in redeemed:
        order = orders[coupon["order_id"]]
        assert coupon["created_at"] <= coupon["used_at"] == order["created_at"] < coupon["ends_at"]
        assert account_of(order) == coupon["customer_id"]
        assert coupon["discount_amount"] == order["total_discounts"] != "0.00"


def test_a_checkout_is_left_or_taken_up_within_days(world: World, orders: dict[int, dict[str, Any]]) -> None:
    carts = list(bodies(world, "checkouts").values())
    taken_up = [cart for cart in carts if cart["order_id"]]

    assert 0 < len(taken_up) < len(carts) / 2
    for cart in taken_up:
        order = orders[cart["order_id"]]
        assert cart["created_at"] < cart["completed_at"] == order["created_at"] == cart["updated_at"]
        assert account_of(order) == cart["customer"]["id"]
    assert all(len(cart["line_items"]) == cart["item_count"] > 0 for cart in carts)
    assert TAKEN_UP > 86_400  # or none could be left and taken up again


def test_a_review_is_of_something_that_its_account_was_sent(world: World, orders: dict[int, dict[str, Any]]) -> None:
    reviews = list(bodies(world, "reviews").values())

    assert len(reviews) > 20
    for review in reviews:
        order = orders[review["order_id"]]
        assert order["fulfillment_status"] == "fulfilled" and review["created_at"] > order["created_at"]
        assert account_of(order) == review["customer_id"]
        assert review["sku"] in {line["sku"] for line in order["line_items"]}
    assert {review["rating"] for review in reviews} >= {3, 4, 5}


def test_visits_lead_to_the_orders_and_checkouts_that_are_there(
    world: World, orders: dict[int, dict[str, Any]]
) -> None:
    events = sorted(bodies(world, "events").values(), key=lambda event: event["id"])
    checkouts = {cart["created_at"]: cart for cart in bodies(world, "checkouts").values()}
    ordered = [event for event in events if event["event"] == "checkout_completed"]
    last_of_visit = {event["id"] // EVENTS: event for event in events}
    carted = [e for e in last_of_visit.values() if e["event"] == "product_added_to_cart"]
    tracked = [order for order in orders.values() if order["created_at"] >= "2026-09-01"]

    assert sorted(event["properties"]["order_id"] for event in ordered) == sorted(order["id"] for order in tracked)
    for event in ordered:
        order = orders[event["properties"]["order_id"]]
        assert (event["timestamp"], event["user_id"]) == (order["created_at"], (order["customer"] or {}).get("id"))
    assert len(carted) > 0
    for event in carted:
        cart = checkouts[event["timestamp"]]
        assert event["user_id"] == cart["customer"]["id"]
        assert event["properties"]["sku"] == cart["line_items"][-1]["sku"]


def test_many_visitors_are_never_known_and_nobody_is_before_something_is_in_the_cart(world: World) -> None:
    events = sorted(bodies(world, "events").values(), key=lambda event: event["id"])
    visits: dict[int, list[dict[str, Any]]] = {}
    for event in events:
        visits.setdefault(event["id"] // EVENTS, []).append(event)
    anonymous = [visit for visit in visits.values() if all(event["user_id"] is None for event in visit)]
    known = {event["anonymous_id"] for event in events if event["user_id"]}

    assert 0.2 < len(anonymous) / len(visits) < 0.8
    assert {visit[0]["anonymous_id"] for visit in anonymous} & known  # a later sign-in tells whose they were
    assert {visit[0]["anonymous_id"] for visit in anonymous} - known
    for visit in visits.values():
        users = [event["user_id"] for event in visit]
        assert users == sorted(users, key=lambda user: user is not None)
        assert users[0] is None and len({event["anonymous_id"] for event in visit}) == 1
        assert [event["timestamp"] for event in visit] == sorted(event["timestamp"] for event in visit)
