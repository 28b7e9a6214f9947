"""Campaigns: whom they reach and hold out, what they cost, and what they brought about."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from customer_warehouse.demo.campaigns import HELD_OUT
from customer_warehouse.demo.world import World
from unit.demo.test_world import bodies


@pytest.fixture(scope="module")
def events(world: World) -> dict[int, dict[str, Any]]:
    return bodies(world, "marketing_events")


@pytest.fixture(scope="module")
def messages(world: World) -> list[dict[str, Any]]:
    return list(bodies(world, "marketing_messages").values())


def prompted(world: World) -> list[tuple[int, int]]:
    """Campaign and order of each purchase that a campaign brought about."""
    with (world.truth / "campaigns.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["campaign"]), int(row["order"])) for row in csv.DictReader(file)]


def test_a_message_goes_its_way_in_order_and_the_held_out_get_none(
    events: dict[int, dict[str, Any]], messages: list[dict[str, Any]]
) -> None:
    way = ("scheduled_at", "sent_at", "delivered_at", "opened_at", "clicked_at")
    held_out = [message for message in messages if message["status"] == "holdout"]

    assert HELD_OUT / 2 < len(held_out) / len(messages) < HELD_OUT * 2
    for message in messages:
        moments = [message[step] for step in way if message[step]]
        assert moments == sorted(moments) and moments[0] >= events[message["marketing_event_id"]]["started_at"]
        assert max([*moments, message["unsubscribed_at"] or ""]) <= max(
            message["updated_at"], message["bounced_at"] or ""
        )
        if message["status"] == "holdout":
            assert [message[step] for step in (*way[1:], "bounced_at", "unsubscribed_at")] == [None] * 6
        assert not (message["bounced_at"] and message["delivered_at"])
    assert any(message["unsubscribed_at"] for message in messages)


def test_nobody_gets_a_message_twice(messages: list[dict[str, Any]]) -> None:
    sent = Counter((message["marketing_event_id"], message["customer_id"]) for message in messages)

    assert set(sent.values()) == {1}


def test_what_a_campaign_brought_about_was_bought_after_a_click_with_the_account(
    world: World, messages: list[dict[str, Any]]
) -> None:
    orders, clicks = bodies(world, "orders"), defaultdict(set)
    for message in messages:
        if message["clicked_at"]:
            clicks[message["marketing_event_id"], message["customer_id"]].add(message["clicked_at"])

    found = prompted(world)

    assert len(found) > 10
    for campaign, order in found:
        placed = orders[order]
        (clicked,) = clicks[campaign, placed["customer"]["id"]]
        assert clicked < placed["created_at"]


def test_every_campaign_costs_no_more_than_its_budget_by_half(world: World, events: dict[int, dict[str, Any]]) -> None:
    spent: defaultdict[int, Decimal] = defaultdict(Decimal)
    for engagement in bodies(world, "marketing_engagements").values():
        assert engagement["occurred_on"] >= events[engagement["marketing_event_id"]]["started_at"][:10]
        spent[engagement["marketing_event_id"]] += Decimal(engagement["ad_spend"])

    assert set(spent) == set(events)
    assert {event["marketing_channel"] for event in events.values()} == {"email", "sms", "social", "search"}
    for number, event in events.items():
        assert 0 < spent[number] <= Decimal(event["budget"]) * Decimal("1.5")
        assert bool(event["ended_at"]) == (event["scheduled_to_end_at"] < "2026-11-21")
