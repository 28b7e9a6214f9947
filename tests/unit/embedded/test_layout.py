"""Where the embedded deployment lives: its ports, its settings, and what it may delete."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from customer_warehouse.embedded.layout import MARK, EmbeddedError, Layout, Ports

FREE = {"POSTGRES_PORT": "25001", "AIRFLOW_PORT": "25002", "SHOP_PORT": "25003"}


def layout_in(folder: Path, **environment: str) -> Layout:
    return Layout.from_environment({"WAREHOUSE_STATE_DIR": str(folder), **environment})


def test_ports_are_the_defaults_when_nobody_says_otherwise(tmp_path: Path) -> None:
    assert layout_in(tmp_path / "state").ports == Ports(5433, 8080, 8765)


def test_ports_once_chosen_are_kept_for_the_next_command(tmp_path: Path) -> None:
    layout_in(tmp_path / "state", **FREE).prepare()

    assert layout_in(tmp_path / "state").ports == Ports(25001, 25002, 25003)


def test_a_port_that_is_asked_for_wins_over_the_last_one(tmp_path: Path) -> None:
    layout_in(tmp_path / "state", **FREE).prepare()

    assert layout_in(tmp_path / "state", AIRFLOW_PORT="25009").ports == Ports(25001, 25009, 25003)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80.5"])
def test_what_is_no_port_is_refused_by_name(tmp_path: Path, port: str) -> None:
    with pytest.raises(EmbeddedError, match="SHOP_PORT"):
        layout_in(tmp_path, SHOP_PORT=port)


def test_two_services_cannot_share_a_port(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="three different ports"):
        layout_in(tmp_path, AIRFLOW_PORT="5433")


def test_a_broken_memory_of_ports_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")

    assert layout_in(tmp_path).ports == Ports()


def test_the_settings_point_into_the_state_folder(tmp_path: Path) -> None:
    settings = layout_in(tmp_path, **FREE).settings({})

    assert settings.url == "postgresql://warehouse@127.0.0.1:25001/customer_warehouse"
    assert settings.exports_dir == tmp_path / "exports"
    assert settings.schedule == "none"


def test_a_schedule_and_an_exports_folder_of_ones_own_are_kept(tmp_path: Path) -> None:
    given = {"WAREHOUSE_SCHEDULE": "0 3 * * *", "WAREHOUSE_EXPORTS_DIR": "/exports"}

    settings = layout_in(tmp_path, **given).settings(given)

    assert (settings.schedule, settings.exports_dir) == ("0 3 * * *", Path("/exports"))


def test_prepare_makes_folders_that_others_cannot_list(tmp_path: Path) -> None:
    layout = layout_in(tmp_path / "state")

    layout.prepare()

    assert not layout.state.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH)
    assert stat.S_IMODE(layout.keys.stat().st_mode) == 0o700
    assert json.loads((layout.state / "ports.json").read_text())["airflow"] == 8080


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    layout = layout_in(tmp_path)

    with pytest.raises(EmbeddedError, match="holds something else"):
        layout.prepare()
    with pytest.raises(EmbeddedError, match="was not made by the warehouse"):
        layout.remove()

    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_remove_deletes_what_prepare_made_and_says_so_once(tmp_path: Path) -> None:
    layout = layout_in(tmp_path / "state")
    layout.prepare()
    assert (layout.state / MARK).exists()

    assert layout.remove()
    assert not layout.state.exists()
    assert not layout.remove()
