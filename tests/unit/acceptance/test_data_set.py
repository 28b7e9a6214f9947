"""Which folder, which declarations, and what they must agree on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from customer_warehouse.acceptance import data_set
from customer_warehouse.acceptance.data_set import AcceptanceError, read_data_set
from customer_warehouse.ops.ledger import StageError


def declare(folder: Path, name: str, **changes: str) -> None:
    """Write a small declaration into the folder."""
    declaration = {
        "source": name,
        "kind": "files",
        "description": "a till",
        "currency": "EUR",
        "time_zone": "Europe/Rome",
        "connection": {"url": "${ACCEPTANCE_DATA}"},
        "entities": {"lines": {"read": {"path": "{date}.csv"}, "key": ["_file", "_line"], "columns": ["receipt"]}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yml").write_text(yaml.safe_dump(declaration | changes))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "corner_shop"
    folder.mkdir()
    return folder


def test_the_datas_own_declarations_are_found(data: Path) -> None:
    declare(data / "sources", "till")

    found = read_data_set(data)

    assert [source.source for source in found.sources] == ["till"]
    assert (found.name, found.time_zone, found.currency) == ("corner_shop", "Europe/Rome", "EUR")


def test_declarations_find_the_folder_by_a_variable(data: Path) -> None:
    declare(data / "sources", "till")

    assert read_data_set(data).sources[0].connection.url == str(data)


def test_the_projects_declarations_are_found_by_the_folders_name(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(tmp_path / "project" / "corner_shop" / "sources", "till")
    monkeypatch.setattr(data_set, "DECLARED_HERE", tmp_path / "project")

    assert read_data_set(data).sources_dir == tmp_path / "project" / "corner_shop" / "sources"


def test_named_declarations_go_before_all_others(data: Path, tmp_path: Path) -> None:
    declare(data / "sources", "till")
    declare(tmp_path / "elsewhere", "kiosk")

    assert [source.source for source in read_data_set(data, tmp_path / "elsewhere").sources] == ["kiosk"]


def test_a_folder_that_nothing_describes_says_where_to_write(data: Path) -> None:
    with pytest.raises(AcceptanceError, match=r"put declarations \(\*\.yml\) into .*corner_shop/sources"):
        read_data_set(data)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(AcceptanceError, match=r"There is no folder .*nowhere"):
        read_data_set(tmp_path / "nowhere")


def test_a_folder_without_declarations_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(StageError, match=r"no source declaration \(\*\.yml\) in .*empty"):
        read_data_set(data, tmp_path / "empty")


@pytest.mark.parametrize("change", [{"currency": "GBP"}, {"time_zone": "Europe/London"}], ids=["currency", "time zone"])
def test_sources_that_disagree_are_refused(data: Path, change: dict[str, str]) -> None:
    declare(data / "sources", "till")
    declare(data / "sources", "kiosk", **change)

    with pytest.raises(AcceptanceError, match=f"disagree about {next(iter(change))} \\(kiosk .*, till"):
        read_data_set(data)
