"""Scores: what they are made of, what they depend on, and what the model learns without a truth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from customer_warehouse.bench import people
from customer_warehouse.identity import engine, labelled, labelled_values, scoring, training
from customer_warehouse.identity.comparisons import COMPARISONS
from customer_warehouse.identity.evaluate import evaluate
from customer_warehouse.identity.model import DEFAULT, ModelError, load_model
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import RECORDS, Workspace, load_records, one_row, workspace
from fixtures.identity.resolving import standard_record

POLICY = Policy(rules=())
WANG = {"name": "王小明", "phone": "0912555101", "email": "wang.xm@gmail.com", "birth_date": "1980-05-06"}
PAIRS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "the same in everything": (WANG, WANG),
    "romanised, and another phone": (WANG, WANG | {"name": "Wang Hsiao-ming", "phone": "0987555102"}),
    "one phone and another name": (
        {"name": "王小明", "phone": "0912555101"},
        {"name": "陳美玲", "phone": "0912555101"},
    ),
    "a name and nothing else": ({"name": "歐陽靖雯"}, {"name": "歐陽靖雯"}),
    "day and month swapped": (WANG, WANG | {"email": None, "birth_date": "1980-06-05"}),
}


@pytest.fixture
def work() -> Iterator[Workspace]:
    with workspace() as work:
        yield work


def gather(work: Workspace, *raw: Mapping[str, Any]) -> None:
    """Everything up to the scores, of records that count from `one` on, oldest first."""
    records = [standard_record(f"{number:03d}", dict(one)) for number, one in enumerate(raw)]
    load_records(work, pa.Table.from_pylist(records, schema=RECORDS).to_batches())
    engine.gather(work, POLICY)


def score(work: Workspace, a: int = 0, b: int = 1) -> float:
    """The weight of a pair, in bits."""
    work.execute(f"create or replace temp table asked_for as select {a}::bigint as a, {b}::bigint as b")
    work.execute("create or replace table scores (a bigint, b bigint, probability double, weight double)")
    scoring.score_pairs(work, POLICY, "asked_for", least=1e-300)
    return float(one_row(work, "select weight from scores")[0])


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_the_parts_of_a_score_add_up_to_it(work: Workspace, pair: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    gather(work, *pair)

    parts = scoring.explain_pair(work, POLICY, 1, 0)

    assert sum(part.weight for part in parts) == pytest.approx(score(work), abs=scoring.NOTICEABLE)
    assert parts[0].comparison == "chance"


def test_a_score_depends_on_its_two_records_alone(work: Workspace) -> None:
    gather(work, WANG, WANG | {"phone": None})
    alone = score(work)

    gather(work, WANG, WANG | {"phone": None}, *[WANG | {"name": f"{name}小明"} for name in "李張劉陳楊黃"])

    assert score(work) == alone


def test_a_name_alone_or_a_phone_alone_is_for_people_to_decide(work: Workspace) -> None:
    for pair in ("a name and nothing else", "one phone and another name"):
        gather(work, *PAIRS[pair])

        assert score(work) <= scoring.most_without_evidence(POLICY)


@pytest.mark.parametrize("link", [0.8, 0.95, 0.99])
def test_a_lower_threshold_links_no_name_alone(work: Workspace, link: float) -> None:
    gather(work, *PAIRS["a name and nothing else"])
    engine.decide(work, replace(POLICY, link_threshold=link, review_threshold=0.5))

    assert one_row(work, "select count(distinct cluster) from components") == (2,)


def test_records_that_say_nothing_have_no_score(work: Workspace) -> None:
    gather(work, {}, {}, {"name": "王小明"})

    assert work.sql("select * from candidates").fetchall() == []


def test_awkward_values_are_compared_like_any(work: Workspace) -> None:
    awkward = "x" * 1_000_000
    gather(work, {"name": awkward, "email": "a'b%c@example.com"}, {"name": "😀 'مرحبا'", "email": "a'b%c@example.com"})

    assert score(work) < scoring.most_without_evidence(POLICY)


def test_the_shipped_model_fits_the_comparisons_and_tells_nobodys_contacts() -> None:
    model = load_model()

    assert {name: len(levels) for name, levels in model.shares.items()} == {
        comparison.name: len(comparison.levels) + 1 for comparison in COMPARISONS
    }
    assert not {"phone", "email", "mailbox", "national", "member"} & model.frequencies.keys()
    rarest = [min(kept.values.values()) for kept in model.frequencies.values() if kept.values]
    assert min(rarest) * model.records >= 1  # as many as share it at the least, of fewer people than records


def test_a_model_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    load_model().save(tmp_path / "model.json")

    assert load_model(tmp_path / "model.json") == load_model()
    assert load_model(tmp_path / "model.json").fingerprint == load_model().fingerprint


@pytest.mark.parametrize(
    "damage",
    [lambda model: model.pop("same"), lambda model: model["shares"].pop("given"), lambda model: model.clear()],
    ids=["no prior", "a comparison is missing", "empty"],
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, damage: Any) -> None:
    document = json.loads(DEFAULT.read_text(encoding="utf-8"))
    damage(document)
    (tmp_path / "model.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(ModelError, match="identity train"):
        load_model(tmp_path / "model.json")


@pytest.fixture(scope="module")
def households(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 labelled records of generated people, of whom 15 % live with the one before them."""
    folder = tmp_path_factory.mktemp("households")
    people.write(folder, 2_000)
    return folder


def test_training_tells_people_of_one_household_apart(households: Path) -> None:
    files = [households / name for name in ("records.parquet", "truth.parquet", "columns.yml")]

    found = evaluate(*files, train=True, processes=1)

    assert found.pairwise.precision > 0.99
    assert found.pairwise.recall > 0.93


def test_the_same_records_in_another_order_teach_the_same(households: Path) -> None:
    models = []
    for backwards in (False, True):
        columns = labelled.read_columns(households / "columns.yml")
        read = labelled_values.read(labelled.read_records(households / "records.parquet", columns), columns, 1)
        records = pa.Table.from_batches(read)
        order = range(records.num_rows)
        with workspace() as work:
            load_records(work, records.take(list(reversed(order) if backwards else order)).to_batches())
            engine.gather(work, Policy())
            models.append(training.train(work, "of a test"))

    assert models[0] == models[1]
