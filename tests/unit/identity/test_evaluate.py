"""`identity evaluate`: from three files to the figures, by the command that people call."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse import cli
from customer_warehouse.identity.evaluate import evaluate

COLUMNS = "columns: {id: record_id, name: person_name, mobile: phone, born: birth_date}"
RECORDS = (
    # id, name, phone, birth date, entity
    ("1", "Mary Smith", "+14155552671", "1980-05-06", "mary"),
    ("2", "Mary Smith", "+14155552671", "1980-05-06", "mary"),
    ("3", "M Smith", "+14155552671", "", "mary"),
    ("4", "Mary Smith", "", "1980-05-06", "mary"),
    ("5", "王小明", "+886912000123", "", "wang"),
    ("6", "王小明", "+886912000123", "", "namesake on the same phone"),
    ("7", "Ann Jones", "", "", "ann"),
    ("8", "Ann Jones", "", "", ""),
)


@pytest.fixture
def files(tmp_path: Path) -> Sequence[Path]:
    return write(tmp_path, RECORDS)


def write(folder: Path, records: Sequence[Sequence[str]]) -> Sequence[Path]:
    """The records, the truth and the columns of a labelled file."""
    texts = {
        "records.csv": ["id,name,mobile,born", *(",".join(record[:4]) for record in records)],
        "truth.csv": ["record_id,entity_id", *(f"{record[0]},{record[4]}" for record in records)],
        "columns.yml": [COLUMNS],
    }
    folder.mkdir(exist_ok=True)
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [folder / name for name in texts]


def call(monkeypatch: pytest.MonkeyPatch, files: Sequence[Path], *more: str) -> None:
    options = [
        word for pair in zip(("--records", "--truth", "--columns"), map(str, files), strict=True) for word in pair
    ]
    monkeypatch.setattr(sys, "argv", ["customer_warehouse", "identity", "evaluate", *options, *more])
    cli.main()


def test_the_command_prints_the_figures_and_writes_them(
    files: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call(monkeypatch, files, "--json", str(tmp_path / "new" / "figures.json"))

    figures: dict[str, Any] = json.loads((tmp_path / "new" / "figures.json").read_text())
    assert ended.value.code in (None, 0)
    assert set(figures) == {"pairwise", "b_cubed", "candidate_recall", "clusters", "seconds", "peak_mb"}
    assert set(figures["pairwise"]) == set(figures["b_cubed"]) == {"precision", "recall", "f1"}
    # Mary's three on one phone are found, and the namesakes are taken for one.
    assert figures["pairwise"]["precision"] < 1
    assert figures["pairwise"]["recall"] >= 3 / 6
    assert 0 < figures["seconds"] < 60
    assert 50 < figures["peak_mb"] < 4_000
    printed = capsys.readouterr().out
    assert f"pairwise          {figures['pairwise']['precision']:9.4f}" in printed
    assert "8, of which 7 have a truth" in printed
    assert "Smith" not in printed


def test_neither_ids_nor_the_order_of_rows_are_evidence(files: Sequence[Path], tmp_path: Path) -> None:
    renamed = [(f"{900 - int(record[0])}x", *record[1:]) for record in reversed(RECORDS)]

    one, other = evaluate(*files), evaluate(*write(tmp_path / "renamed", renamed))

    assert (one.pairwise, one.b_cubed, one.candidate_recall) == (other.pairwise, other.b_cubed, other.candidate_recall)
    assert one.clusters == other.clusters


def test_a_pair_that_shares_a_key_is_a_candidate(tmp_path: Path) -> None:
    # given: two records of one person that share a phone, and two that share nothing
    files = write(
        tmp_path,
        [
            ("1", "Mary Smith", "+14155552671", "", "mary"),
            ("2", "Wilhelmina Featherstone", "+14155552671", "", "mary"),
            ("3", "Zebulon Quicksilver", "", "", "zeb"),
            ("4", "王小明", "", "", "zeb"),
        ],
    )

    assert evaluate(*files).candidate_recall == 0.5


@pytest.mark.parametrize(
    ("changed", "text", "said"),
    [
        (0, "id,name,mobile\n1,Mary,2\n", "has no column 'born'"),
        (1, "record_id,entity_id\n99,a\n", "these are not each other's files"),
        (2, "columns: {id: record_id, name: nickname}", "the types are record_id, source, person_name"),
    ],
    ids=["missing column", "another file's truth", "unknown type"],
)
def test_a_file_that_cannot_be_used_ends_with_one_sentence(
    files: Sequence[Path], monkeypatch: pytest.MonkeyPatch, changed: int, text: str, said: str
) -> None:
    files[changed].write_text(text, encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        call(monkeypatch, files)

    assert isinstance(ended.value.code, str)  # printed on standard error, with exit code 1
    assert said in ended.value.code
    assert "\n" not in ended.value.code
