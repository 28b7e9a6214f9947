"""Worlds of a small brand, made once for all tests of this folder; tests only read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.shop_api import ShopServer
from customer_warehouse.demo.world import World, prepare

SMALL = Brand(people=400)
NIGHT = date(2026, 11, 20)
NEXT_NIGHT = date(2026, 11, 21)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the worlds of two successive nights, the later one current."""
    folder = tmp_path_factory.mktemp("worlds")
    prepare(folder, SMALL, NIGHT)
    prepare(folder, SMALL, NEXT_NIGHT)
    return folder


@pytest.fixture(scope="session")
def world(worlds: Path) -> World:
    """The world of the earlier night."""
    return World(worlds / NIGHT.isoformat(), NIGHT)


@pytest.fixture(scope="session")
def next_world(worlds: Path) -> World:
    """The world of the night after it."""
    return World(worlds / NEXT_NIGHT.isoformat(), NEXT_NIGHT)


@pytest.fixture
def shop(world: World) -> Iterator[ShopServer]:
    """The shop's API for the earlier night."""
    with ShopServer(world.shop_database, "secret") as server:
        yield server
