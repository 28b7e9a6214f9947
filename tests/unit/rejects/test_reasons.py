"""Every reason that the code can give is explained, and no reason is explained that nothing gives."""

from __future__ import annotations

import ast
from pathlib import Path

from customer_warehouse.rejects.history import reasons
from customer_warehouse.settings import PACKAGE

STANDARDISE = sorted((PACKAGE / "standardise").rglob("*.py"))
GIVEN_BY_NAME = {"key_missing", "key_repeated", "missing", "no_exchange_rate"}
"""Reasons of whole rows, which are not the answer of a type."""


def reasons_in(file: Path) -> set[str]:
    """The texts in what `rejected(…)` is called with."""
    calls = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "rejected"
    ]
    return {
        constant.value
        for call in calls
        for argument in call.args
        for constant in ast.walk(argument)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def test_every_reason_says_what_it_means_and_what_to_do() -> None:
    given = GIVEN_BY_NAME.union(*map(reasons_in, STANDARDISE))

    unexplained = sorted(given - set(reasons()))

    assert unexplained == [], "explain them in rejects/reasons.yml"
    assert len(given) > 15


def test_the_reasons_of_whole_rows_are_those_of_the_code() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in STANDARDISE)

    assert {reason for reason in GIVEN_BY_NAME if f'"{reason}"' not in text and f"'{reason}'" not in text} == set()


def test_no_reason_is_explained_that_nothing_gives() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in STANDARDISE)

    assert sorted(reason for reason in reasons() if f'"{reason}"' not in text) == []


def test_an_explanation_is_made_of_sentences() -> None:
    for code, reason in reasons().items():
        for sentence in (reason.meaning, reason.what_to_do):
            assert len(sentence) >= 20, code
            assert sentence.endswith("."), code
