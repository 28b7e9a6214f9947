"""Segment declarations: read from the YAML twins of the dbt models, and refused when something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from customer_warehouse.activation.segments import load_segments
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings

META = {
    "label": {"en": "New", "zh_hant": "新", "zh_hans": "新"},
    "purpose": "marketing",
    "channels": ["email"],
    "priority": 2,
    "refresh": "nightly",
    "owner": "marketing",
    "expected_share": [0, 0.5],
    "conditions": ["order_count"],
}


def declare(project: Path, name: str, **changes: object) -> None:
    """A model and its twin; a change to None leaves the word out."""
    folder = project / "models" / "segments"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"segment_{name}.sql").write_text("select 1")
    meta = {key: value for key, value in (META | changes).items() if value is not None}
    twin = {"models": [{"name": f"segment_{name}", "config": {"meta": meta}}]}
    (folder / f"segment_{name}.yml").write_text(yaml.safe_dump(twin))


def test_segments_come_by_priority_and_then_by_name(tmp_path: Path) -> None:
    declare(tmp_path, "b")
    declare(tmp_path, "a")
    declare(tmp_path, "complaint", priority=1, purpose="service", excluded_from_promotion=True)

    segments = load_segments(tmp_path)

    assert [segment.name for segment in segments] == ["complaint", "a", "b"]
    assert segments[0].table == "segment_complaint"
    assert [segment.excluded_from_promotion for segment in segments] == [True, False, False]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"purpose": None}, id="no purpose"),
        pytest.param({"purpose": "fun"}, id="a purpose that is none"),
        pytest.param({"channels": []}, id="no channel"),
        pytest.param({"channels": ["email", "email"]}, id="a channel twice"),
        pytest.param({"channels": ["fax"]}, id="a channel that is none"),
        pytest.param({"label": {"en": "New"}}, id="a language is missing"),
        pytest.param({"chanels": ["email"]}, id="a word that is not known"),
        pytest.param({"expected_share": [0.5, 0.1]}, id="more at least than at most"),
        pytest.param({"expected_share": [0, 20]}, id="more than everybody"),
        pytest.param({"conditions": []}, id="a rule that looks at nothing"),
        pytest.param({"refresh": "sometimes"}, id="a refresh that is none"),
        pytest.param({"excluded_from_promotion": True}, id="marketing to those who get none"),
    ],
)
def test_a_wrong_declaration_stops_with_the_name_of_its_file(tmp_path: Path, changes: dict[str, object]) -> None:
    declare(tmp_path, "new_customers", **changes)

    with pytest.raises(StageError, match=r"segment_new_customers\.yml"):
        load_segments(tmp_path)


def test_a_model_without_a_declaration_is_refused(tmp_path: Path) -> None:
    declare(tmp_path, "a")
    (tmp_path / "models" / "segments" / "segment_b.sql").write_text("select 1")

    with pytest.raises(StageError, match="segment_b"):
        load_segments(tmp_path)


def test_the_project_s_own_segments_are_declared_in_three_languages() -> None:
    segments = load_segments(Settings().dbt_project_dir)

    assert len(segments) >= 7
    assert len({segment.priority for segment in segments}) == len(segments)
    for segment in segments:
        assert all(segment.label.model_dump().values())
