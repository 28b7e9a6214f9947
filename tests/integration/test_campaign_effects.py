"""What the marts say campaigns brought about, held against the orders that the demo brand knows would not be there."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Any
from uuid import uuid4

import pytest

from customer_warehouse.database import connect, statement
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.world import World, prepare
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import create_identity_tables, create_standard_tables, rows, settings_for
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow

MODELS = ("+campaign_results", "+campaign_attribution")


@dataclass(frozen=True)
class Effect:
    """An effect a head, and how far the 95 % interval reaches to either side."""

    estimate: float
    margin: float
    truth: float

    @property
    def is_covered(self) -> bool:
        return abs(self.estimate - self.truth) <= self.margin


def bodies(world: World, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(world.shop_database)) as database:
        return [json.loads(body) for (body,) in database.execute(f"select body from {table} order by id")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return prepare(tmp_path_factory.mktemp("world"), Brand(people=2_000), NIGHT.date)


@pytest.fixture(scope="module")
def settings(server: Server, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse with the shop's orders and messages, each account a customer, and the marts of campaigns."""
    name = f"effects_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    settings = settings_for(server.url(name), tmp_path_factory.mktemp("effects"))
    fill(settings, world)
    with ledger.step(settings.url, NIGHT, "marts", "dbt build") as step:
        exclude = ["resource_type:unit_test", "test_type:generic"]
        # Two thousand people are too few for most intervals to be told; here they are all looked at together.
        variables = {"batch_id": 1, "campaign_least_buyers": 0}
        dbt_runner.build(settings, NIGHT, "marts", list(MODELS), step, variables, exclude=exclude)
    yield settings
    server.drop_database(name)


def fill(settings: Settings, world: World) -> None:
    orders = [order for order in bodies(world, "orders") if order["customer"]]
    messages, events = bodies(world, "marketing_messages"), bodies(world, "marketing_events")
    with connect(settings.url) as connection:
        create_standard_tables(connection)
        create_identity_tables(connection)

        def copy(table: str, columns: str, lines: Iterable[tuple[Any, ...]]) -> None:
            with connection.cursor().copy(statement(f"copy {table} ({columns}) from stdin")) as target:
                for line in lines:
                    target.write_row(line)

        accounts = {order["customer"]["id"] for order in orders} | {message["customer_id"] for message in messages}
        copy("identity.customer_records", "source, source_key, customer_id", (("s", a, f"c{a}") for a in accounts))
        copy(
            "standardised.orders",
            "source, source_key, channel, customer_key, ordered_at, status",
            (
                (
                    "s",
                    o["id"],
                    "online",
                    o["customer"]["id"],
                    o["created_at"],
                    "cancelled" if o["cancelled_at"] else "paid",
                )
                for o in orders
            ),
        )
        copy(
            "standardised.order_lines",
            "source, source_key, order_key, quantity, unit_price, discount_amount",
            (
                ("s", line["id"], o["id"], line["quantity"], line["price"], line["total_discount"])
                for o in orders
                for line in o["line_items"]
            ),
        )
        copy(
            "standardised.campaigns",
            "source, source_key, campaign_name, channel, starts_at",
            (("s", e["id"], e["description"], e["marketing_channel"], e["started_at"]) for e in events),
        )
        copy(
            "standardised.campaign_contacts",
            "source, source_key, campaign_key, customer_key, is_holdout,"
            " due_at, sent_at, opened_at, clicked_at, bounced_at",
            (
                (
                    *("s", m["id"], m["marketing_event_id"], m["customer_id"], str(m["status"] == "holdout").lower()),
                    *(m[name] for name in ("scheduled_at", "sent_at", "opened_at", "clicked_at", "bounced_at")),
                )
                for m in messages
            ),
        )


def effects(settings: Settings, world: World) -> list[Effect]:
    """Of each campaign whose days are over, the revenue a head that it brought about, as estimated and in truth."""
    amounts = dict(rows(settings.url, "select order_key, net_amount from warehouse.fct_orders where is_revenue"))
    brought: dict[str, Decimal] = {}
    with (world.truth / "campaigns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            amount = amounts.get(row["order"], Decimal(0))
            brought[f"s:{row['campaign']}"] = brought.get(f"s:{row['campaign']}", Decimal(0)) + amount
    found = rows(
        settings.url,
        "select campaign_id, written_people, incremental_revenue, incremental_revenue_high"
        " from marts_store.campaign_results"
        " where scope = 'campaign' and is_complete and incremental_revenue_high is not null order by campaign_id",
    )
    return [
        Effect(
            float(estimate / people),
            float((high - estimate) / people),
            float(brought.get(campaign, Decimal(0)) / people),
        )
        for campaign, people, estimate, high in found
    ]


def test_what_is_estimated_is_what_the_campaigns_brought_about(settings: Settings, world: World) -> None:
    found = effects(settings, world)
    error = sqrt(sum((effect.margin / 1.96) ** 2 for effect in found))
    estimated, true = sum(effect.estimate for effect in found), sum(effect.truth for effect in found)

    assert len(found) >= 8
    assert sum(effect.is_covered for effect in found) >= len(found) - 2, found
    assert abs(estimated - true) < 1.96 * error, "the campaigns together"
    assert true > 0


def test_attribution_shares_out_all_revenue_and_gives_campaigns_more_than_they_brought(
    settings: Settings, world: World
) -> None:
    ((last, linear, all_of_it),) = rows(
        settings.url,
        "select sum(last_touch_revenue), sum(linear_revenue),"
        " (select sum(net_amount) from warehouse.fct_orders where is_revenue) from marts_store.campaign_attribution",
    )
    ((attributed,),) = rows(
        settings.url,
        "select sum(linear_revenue) from marts_store.campaign_attribution where campaign_id <> 'unattributed'",
    )
    with (world.truth / "campaigns.csv").open(encoding="utf-8", newline="") as file:
        orders = [row["order"] for row in csv.DictReader(file)]
    ((brought,),) = rows(
        settings.url,
        "select sum(net_amount) from warehouse.fct_orders where is_revenue and order_key = any(%s)",
        orders,
    )

    assert last == linear == all_of_it
    assert brought < attributed < all_of_it
