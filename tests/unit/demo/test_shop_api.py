"""The shop's API, asked over HTTP."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from customer_warehouse.demo.faults import Fault, Faults
from customer_warehouse.demo.shop import SHOP_TABLES
from customer_warehouse.demo.shop_api import ShopServer
from customer_warehouse.demo.world import World

TOKEN = {"Authorization": "Bearer secret"}


def get(server: ShopServer, path: str, **parameters: str) -> requests.Response:
    return requests.get(server.url + path, params=parameters, headers=TOKEN, timeout=10)


def every(server: ShopServer, resource: str, **parameters: str) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    answer = get(server, f"{resource}.json", **parameters)
    while True:
        assert answer.status_code == 200
        rows += answer.json()[resource]
        if "next" not in answer.links:
            return rows
        answer = requests.get(answer.links["next"]["url"], headers=TOKEN, timeout=10)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "Basic secret"}])
def test_nobody_gets_in_without_the_token(shop: ShopServer, headers: dict[str, str]) -> None:
    assert requests.get(shop.url + "orders.json", headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize("path", ["tills.json", "orders", "orders/1.json", "../orders.json"])
def test_what_is_not_there_is_not_found(shop: ShopServer, path: str) -> None:
    assert get(shop, path).status_code == 404


@pytest.mark.parametrize("resource", SHOP_TABLES)
def test_pages_give_every_row_once_in_the_order_of_updates(shop: ShopServer, resource: str) -> None:
    limit = 8 if resource == "marketing_events" else 40
    rows = every(shop, resource, limit=str(limit), status="any")
    places = [(row["updated_at"], row["id"]) for row in rows]

    assert len(rows) > 2 * limit
    assert places == sorted(set(places))
    assert rows == every(shop, resource, limit="250", status="any")


def test_a_window_takes_its_start_and_leaves_its_end(shop: ShopServer) -> None:
    rows = every(shop, "orders", limit="250", status="any")
    start, end = rows[100]["updated_at"], rows[200]["updated_at"]

    found = every(shop, "orders", limit="30", status="any", updated_at_min=start, updated_at_max=end)

    assert found == rows[100:200]


def test_windows_side_by_side_miss_nothing_and_give_nothing_twice(shop: ShopServer) -> None:
    edges = ["2024-11-01T00:00:00Z", "2025-08-01T00:00:00+08:00", "2026-05-05T12:00:00.250000Z", "2027-01-01T00:00:00Z"]

    found = [
        row
        for start, end in pairwise(edges)
        for row in every(shop, "orders", limit="250", status="any", updated_at_min=start, updated_at_max=end)
    ]

    assert found == every(shop, "orders", limit="250", status="any")


def test_cancelled_orders_are_shown_only_when_asked_for(shop: ShopServer) -> None:
    shown = every(shop, "orders", limit="250")

    assert shown == [row for row in every(shop, "orders", limit="250", status="any") if row["cancelled_at"] is None]
    assert len(shown) < len(every(shop, "orders", limit="250", status="any"))


def test_fields_narrow_every_page(shop: ShopServer) -> None:
    everything = every(shop, "customers", limit="250")

    assert every(shop, "customers", limit="50", fields="id") == [{"id": row["id"]} for row in everything]
    narrow = every(shop, "customers", limit="50", fields="id,email")
    assert narrow == [{"id": row["id"], "email": row["email"]} for row in everything]


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "251"},
        {"limit": "0"},
        {"limit": "many"},
        {"updated_at_min": "yesterday"},
        {"updated_at_min": "2026-01-01T00:00:00"},
        {"page_info": "nonsense"},
    ],
    ids=lambda parameters: " ".join(parameters),
)
def test_a_request_that_makes_no_sense_is_refused(shop: ShopServer, parameters: dict[str, str]) -> None:
    assert get(shop, "customers.json", **parameters).status_code == 400


def test_a_page_cannot_be_asked_for_with_a_window(shop: ShopServer) -> None:
    following = get(shop, "orders.json", limit="5", status="any").links["next"]["url"]

    assert (
        requests.get(following + "&updated_at_min=2026-01-01T00:00:00Z", headers=TOKEN, timeout=10).status_code == 400
    )


def test_too_many_requests_are_told_to_wait_and_then_served(world: World) -> None:
    with ShopServer(world.shop_database, "secret", bucket_size=3, leak_per_second=5) as server:
        answers = [get(server, "products.json", limit="1") for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        time.sleep(float(answers[-1].headers["Retry-After"]) + 0.05)
        assert get(server, "products.json", limit="1").status_code == 200


def test_faults_strike_where_and_when_they_are_told_to(shop: ShopServer) -> None:
    shop.faults.set(Fault("status", "orders", nth=2, times=2), Fault("status", "products", status=429, retry_after=2))

    orders = [get(shop, "orders.json", limit="1").status_code for _ in range(4)]
    products = get(shop, "products.json", limit="1")

    assert orders == [200, 500, 500, 200]
    assert (products.status_code, products.headers["Retry-After"]) == (429, "2")
    assert get(shop, "customers.json").status_code == 200


def test_a_body_can_be_cut_in_half(shop: ShopServer) -> None:
    shop.faults.set(Fault("malformed", "orders"))

    with pytest.raises(json.JSONDecodeError):
        json.loads(get(shop, "orders.json").text)


def test_a_connection_can_be_dropped(shop: ShopServer) -> None:
    shop.faults.set(Fault("reset"))

    with pytest.raises(requests.ConnectionError):
        get(shop, "orders.json")
    assert get(shop, "orders.json").status_code == 200


def test_an_answer_can_be_slow(shop: ShopServer) -> None:
    shop.faults.set(Fault("slow", seconds=0.4))
    started = time.monotonic()

    assert get(shop, "orders.json").status_code == 200
    assert time.monotonic() - started >= 0.4


def test_faults_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('[{"kind": "status", "path": "orders", "nth": 3, "status": 503}]', encoding="utf-8")

    assert Faults.read(path).to_json() == Faults([Fault("status", "orders", nth=3, status=503)]).to_json()


@pytest.mark.parametrize("text", ['{"kind": "status"}', '[{"sort": "status"}]', '[{"kind": "flood"}]', "[1]"])
def test_a_file_that_holds_no_faults_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError):
        Faults.read(path)


def test_another_night_is_served_without_a_new_start(tmp_path: Path, world: World, next_world: World) -> None:
    link = tmp_path / "current"
    link.symlink_to(world.folder)
    with ShopServer(link / "shop.sqlite", "secret") as server, requests.Session() as session:
        session.headers.update(TOKEN)
        address = f"{server.url}customers.json?limit=250&updated_at_min={next_world.night}T00:00:00%2B08:00"
        before = session.get(address, timeout=10).json()["customers"]
        link.unlink()
        link.symlink_to(next_world.folder)
        after = session.get(address, timeout=10).json()["customers"]

    assert before == []
    assert len(after) > 0


def test_a_shop_without_a_world_says_so(tmp_path: Path) -> None:
    with ShopServer(tmp_path / "shop.sqlite", "secret") as server:
        assert get(server, "orders.json").status_code == 503
