"""The shop's API as it really behaves: pages, limits, outages, broken answers, customers who vanish."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from customer_warehouse.demo import world
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.faults import Fault, Faults
from customer_warehouse.demo.shop_api import ShopServer
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from integration.sources import extracted, last_step, night, only, value, values

pytestmark = pytest.mark.usefixtures("shop")
TABLE = "raw.shop_platform__customers"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A brand of 700 people as of 20 November 2026, whose customers fill several pages."""
    folder = tmp_path_factory.mktemp("demo")
    world.prepare(folder, Brand(people=700), date(2026, 11, 20))
    return folder


@pytest.fixture
def shop(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopServer]:
    """The shop's API over a database of this test's own."""
    database = tmp_path / "shop.sqlite"
    database.write_bytes((prepared / "current" / "shop.sqlite").read_bytes())
    with ShopServer(database, "a-token", faults=Faults()) as server:
        monkeypatch.setenv("SHOP_PLATFORM_URL", server.url)
        monkeypatch.setenv("SHOP_PLATFORM_TOKEN", "a-token")
        monkeypatch.setenv("SHOP_PLATFORM_ATTEMPTS", "2")
        yield server


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path) -> Settings:
    return Settings(url=warehouse_url, sources_dir=only(tmp_path / "sources", "shop_platform", "customers"))


def in_shop(shop: ShopServer, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(shop.database) as connection:
        return connection.execute(query).fetchall()


def test_every_page_lands_and_a_second_run_lands_nothing(settings: Settings, shop: ShopServer) -> None:
    (everyone,) = in_shop(shop, "select count(*) from customers")[0]

    first = extracted(settings, night(20), "shop_platform")
    second = extracted(settings, night(20), "shop_platform")

    assert everyone > 250
    assert (first["read"], first["landed"], first["duplicate"]) == (everyone, everyone, 0)
    assert (second["read"], second["landed"], second["duplicate"]) == (everyone, 0, everyone)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("status", "customers", nth=2, status=429, retry_after=1), id="429 with Retry-After"),
        pytest.param(Fault("status", "customers", nth=2, status=500), id="500"),
        pytest.param(Fault("reset", "customers", nth=2), id="connection reset"),
        pytest.param(Fault("malformed", "customers", nth=2), id="malformed JSON"),
    ],
)
def test_a_passing_fault_loses_and_doubles_nothing(settings: Settings, shop: ShopServer, fault: Fault) -> None:
    shop.faults.set(fault)

    step = extracted(settings, night(20), "shop_platform")

    assert step["status"] == "succeeded"
    assert step["landed"] == in_shop(shop, "select count(*) from customers")[0][0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(Fault("malformed", "customers", nth=2, times=99), "not JSON", id="malformed JSON"),
        pytest.param(Fault("status", "customers", nth=2, times=99, status=503), "HTTP 503", id="503"),
    ],
)
def test_a_lasting_fault_on_the_first_load_stops_the_night_and_lands_nothing(
    settings: Settings, shop: ShopServer, fault: Fault, words: str
) -> None:
    shop.faults.set(fault)

    with pytest.raises(StageError, match=words):
        extracted(settings, night(20), "shop_platform")

    assert value(settings, f"select to_regclass('{TABLE}')") is None
    assert values(settings, "select status from ops.batches") == ["failed"]


def test_a_lasting_fault_degrades_the_night_while_the_last_good_read_is_fresh(
    settings: Settings, shop: ShopServer
) -> None:
    extracted(settings, night(20), "shop_platform")
    shop.faults.set(Fault("malformed", "customers", times=99))

    step = extracted(settings, night(21), "shop_platform")

    assert step["status"] == "degraded"
    assert "not JSON" in step["message"]


def test_a_source_that_stays_down_too_long_stops_the_night(settings: Settings, shop: ShopServer) -> None:
    extracted(settings, night(20), "shop_platform")
    shop.faults.set(Fault("status", "customers", times=99, status=500))

    with pytest.raises(StageError, match="fresh_within"):
        extracted(settings, night(24), "shop_platform")
    assert last_step(settings, night(24))["status"] == "failed"


def test_what_a_failed_night_missed_comes_with_the_next(settings: Settings, shop: ShopServer) -> None:
    extracted(settings, night(19), "shop_platform")
    shop.faults.set(Fault("status", "customers", times=2, status=500))
    extracted(settings, night(20), "shop_platform")

    extracted(settings, night(21), "shop_platform")

    assert value(settings, f"select count(*) from {TABLE}") >= in_shop(shop, "select count(*) from customers")[0][0]


def test_the_window_is_half_open(settings: Settings) -> None:
    extracted(settings, night(19), "shop_platform")

    assert value(settings, f"select max(_version_at) < '{night(19).as_of}' from {TABLE}")


def test_a_customer_who_vanished_is_landed_as_deleted(settings: Settings, shop: ShopServer) -> None:
    extracted(settings, night(20), "shop_platform")
    gone = in_shop(shop, "select id from customers order by id limit 1")[0][0]
    with sqlite3.connect(shop.database) as connection:
        connection.execute("delete from customers where id = ?", (gone,))

    step = extracted(settings, night(21), "shop_platform")

    assert step["detail"]["customers"]["deleted"] == 1
    assert values(settings, f"select _key from {TABLE} where _deleted") == [str(gone)]


def test_a_list_that_lost_half_its_customers_is_not_believed(settings: Settings, shop: ShopServer) -> None:
    extracted(settings, night(20), "shop_platform")
    with sqlite3.connect(shop.database) as connection:
        connection.execute("delete from customers where id % 2 = 0")

    step = extracted(settings, night(21), "shop_platform")

    assert step["status"] == "degraded"
    assert "vanished" in step["message"]
    assert value(settings, f"select count(*) from {TABLE} where _deleted") == 0


def test_a_wrong_token_says_so_without_showing_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PLATFORM_TOKEN", "not-the-token")

    with pytest.raises(StageError, match="HTTP 401") as caught:
        extracted(settings, night(20), "shop_platform")
    assert "not-the-token" not in str(caught.value)


def test_a_missing_variable_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PLATFORM_TOKEN", raising=False)
    monkeypatch.setenv("SHOP_PLATFORM_URL", "http://127.0.0.1:1/")

    with pytest.raises(StageError, match="SHOP_PLATFORM_TOKEN"):
        extracted(settings, night(20), "shop_platform")


@pytest.mark.parametrize("body", [b"{}", b'{"errors": "throttled"}', b'{"customers": null}'])
def test_an_answer_without_its_list_is_not_an_empty_page(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server calls
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SHOP_PLATFORM_URL", f"http://127.0.0.1:{server.server_address[1]}/")

        with pytest.raises(StageError, match="list 'customers'"):
            extracted(settings, night(20), "shop_platform")
        server.shutdown()


def test_a_customer_missed_by_one_sweep_comes_back_with_the_next(settings: Settings, shop: ShopServer) -> None:
    extracted(settings, night(20), "shop_platform")
    row = in_shop(shop, "select * from customers order by id limit 1")[0]
    with sqlite3.connect(shop.database) as connection:
        connection.execute("delete from customers where id = ?", (row[0],))
    extracted(settings, night(21), "shop_platform")
    with sqlite3.connect(shop.database) as connection:
        connection.execute(f"insert into customers values ({', '.join('?' * len(row))})", row)

    extracted(settings, night(22), "shop_platform")

    latest = f"select _deleted from {TABLE} where _key = '{row[0]}' order by _version_at desc, _seq desc limit 1"
    assert value(settings, latest) is False
