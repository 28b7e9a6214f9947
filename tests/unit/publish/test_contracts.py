"""What readers rely on changes only with a new version that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish.contracts import FOLDER, columns_of, load, problems, renew
from customer_warehouse.publish.declared import Column, Mart, Meta, declared_marts
from customer_warehouse.settings import Settings


def mart(**columns: str) -> Mart:
    """A mart `m` with columns of these types; `direct` after the type makes one name a person."""
    return Mart(
        name="m",
        description="One row per a.",
        meta=Meta(),
        key=("a",),
        columns=tuple(
            Column(
                name=name,
                data_type=kind.removesuffix(" direct"),
                description="A.",
                meta=Meta(personal="direct" if kind.endswith("direct") else "none"),
                source="s",
            )
            for name, kind in columns.items()
        ),
    )


def test_the_marts_are_what_their_contracts_say() -> None:
    project = Settings().dbt_project_dir

    assert problems(load(project), declared_marts(project)) == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param({"a": "text"}, "m.b is gone", id="removed"),
        pytest.param({"a": "text", "b": "bigint"}, "m.b was integer", id="another type"),
        pytest.param({"a": "text direct", "b": "integer"}, "m.a was text", id="names a person now"),
        pytest.param({}, "m.a is gone, m.b is gone", id="all gone"),
    ],
)
def test_what_readers_would_lose_needs_a_new_version(tmp_path: Path, now: dict[str, str], said: str) -> None:
    renew(tmp_path, [mart(a="text", b="integer")], None)
    changed = [mart(**now)] if now else []

    found = problems(load(tmp_path), changed)
    with pytest.raises(StageError, match=said):
        renew(tmp_path, changed, None)

    assert len(found) == 1
    assert found[0].startswith(said)
    assert "--new-version" in found[0]
    assert load(tmp_path)["m"].version == 1


def test_a_new_version_says_what_it_takes_away_and_why(tmp_path: Path) -> None:
    renew(tmp_path, [mart(a="text", b="integer", c="text")], None)
    changed = [mart(a="text", b="numeric")]

    renew(tmp_path, changed, "b has decimals; nobody reads c")

    contract = load(tmp_path)["m"]
    assert (contract.version, contract.columns) == (2, columns_of(changed[0]))
    assert contract.changes[0].model_dump() == {
        "version": 2,
        "why": "b has decimals; nobody reads c",
        "removed": ["c"],
        "changed": {"b": "integer"},
    }
    assert problems(load(tmp_path), changed) == []


def test_a_new_column_needs_a_line_and_no_version(tmp_path: Path) -> None:
    renew(tmp_path, [mart(a="text")], None)
    grown = [mart(a="text", b="integer")]

    found = problems(load(tmp_path), grown)
    written = renew(tmp_path, grown, None)

    assert found == ["m has columns without a contract (b); run `python -m customer_warehouse publish contract`."]
    assert written == ["m.yml"]
    assert (load(tmp_path)["m"].version, problems(load(tmp_path), grown)) == (1, [])
    assert renew(tmp_path, grown, None) == []


def test_a_version_that_nobody_told_of_is_found(tmp_path: Path) -> None:
    renew(tmp_path, [mart(a="text")], None)
    file = tmp_path / FOLDER / "m.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("version: 1", "version: 2"), encoding="utf-8")

    assert problems(load(tmp_path), [mart(a="text")]) == [
        "The contract of m is of version 2, and not every change to it is told."
    ]
