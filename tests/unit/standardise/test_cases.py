"""Every example of every type, one value at a time and as a column, and the page that is made of them."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from customer_warehouse.standardise.columns import TYPES, standardise_column
from unit.standardise.cases import PAGE, Case, as_case, cases, page


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.type_name}: {case.name}") for case in cases()])
def test_an_example_holds(case: Case) -> None:
    spec = TYPES[case.type_name]

    answer = spec.standardise(case.given, **case.options)
    column = standardise_column(case.type_name, pd.Series([case.given], dtype=pd.ArrowDtype(pa.string())), case.options)

    assert as_case(answer) == case.answer
    assert pa.array(column.canonical).to_pylist() == [answer.value]
    assert pa.array(column.reason).to_pylist() == [answer.reason]
    assert {part: pa.array(values)[0].as_py() for part, values in column.parts.items()} == {
        part: (answer.parts or {}).get(part) for part in spec.parts
    }


@pytest.mark.parametrize("type_name", sorted({case.type_name for case in cases()}))
def test_the_names_of_a_types_examples_tell_them_apart(type_name: str) -> None:
    names = [case.name for case in cases() if case.type_name == type_name]

    assert len(names) == len(set(names))


def test_the_page_is_what_the_examples_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
