"""Secrets of the embedded Airflow: made once, private, and never printed by accident."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from customer_warehouse.embedded.keys import USER, load_keys, passwords_file, write_private


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "keys") == load_keys(tmp_path / "keys")


def test_two_deployments_share_no_key(tmp_path: Path) -> None:
    first, second = load_keys(tmp_path / "a"), load_keys(tmp_path / "b")

    assert not set(vars(first).values()) & set(vars(second).values())


def test_only_the_owner_may_read_what_is_secret(tmp_path: Path) -> None:
    load_keys(tmp_path)

    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_airflow_finds_the_password_that_people_are_told(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)

    assert json.loads(passwords_file(tmp_path).read_text()) == {USER: keys.admin_password}


def test_keys_do_not_show_when_they_are_printed(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)

    assert not any(secret in f"{keys!r} {keys}" for secret in vars(keys).values())


def test_a_private_file_replaces_what_was_there(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "a longer text")
    write_private(tmp_path / "file", "short")

    assert (tmp_path / "file").read_text() == "short"
