"""What the service desk notes about its own work."""

from __future__ import annotations

import csv
from itertools import islice
from typing import Any

import pytest

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.desk import TABLES
from customer_warehouse.demo.desk_work import agent_lines
from customer_warehouse.demo.moments import DAY, EPOCH
from customer_warehouse.demo.tables import document
from customer_warehouse.standardise.code_value import standardise

UNTIL = EPOCH + 500 * DAY


@pytest.fixture(scope="module")
def desk() -> dict[str, list[list[str]]]:
    """The lines of every table of the desk of 600 people."""
    found: dict[str, list[list[str]]] = {table: [] for table in TABLES}
    for traces in islice(Brand(people=600).traces(UNTIL), 600):
        for table, line in traces.desk:
            found[table].append(next(csv.reader([line])))
    return found


def test_every_text_of_a_case_is_filed_under_something() -> None:
    texts, filed = document("service_texts"), document("service_work")["files_under"]

    for language, kinds in filed.items():
        for kind, places in kinds.items():
            assert len(places) == len(texts[language][kind]), (language, kind)


def test_a_seat_is_listed_from_its_first_day_and_given_up_on_its_last() -> None:
    def names(until: int) -> dict[str, str]:
        rows = [next(csv.reader([line])) for _, line in agent_lines(until)]
        return {row[1]: row[3] for row in rows}

    early, late = names(EPOCH + DAY), names(EPOCH + 700 * DAY)

    assert "cs-04" not in early
    assert early["cs-03"] == "true"
    assert late["cs-03"] == "false"
    assert late["cs-04"] == "true"


def test_a_case_is_worked_on_by_a_seat_of_its_team_that_is_taken(desk: dict[str, list[list[str]]]) -> None:
    known: dict[str, Any] = document("service_work")
    teams = {str(agent["id"]): agent["team"] for agent in known["agents"]}
    worked = [row for row in desk["cases"] if row[13] and row[2] in known["teams"]]

    assert len(worked) > 100
    assert [row for row in worked if teams[row[13]] != known["teams"][row[2]]] == []


def test_surveys_ask_after_cases_and_about_the_brand(desk: dict[str, list[list[str]]]) -> None:
    cases = {row[0] for row in desk["cases"]}
    answers = {kind: [int(row[5]) for row in desk["surveys"] if row[1] == kind and row[5]] for kind in ("csat", "nps")}

    assert {row[2] for row in desk["surveys"] if row[1] == "csat"} <= cases
    assert all(not row[2] for row in desk["surveys"] if row[1] == "nps")
    assert len(answers["csat"]) > 40
    assert set(answers["csat"]) <= set(range(1, 11))
    assert set(answers["nps"]) <= set(range(11))
    assert len({row[0] for row in desk["surveys"]}) == len(desk["surveys"])


def test_a_return_document_is_asked_for_before_it_is_decided(desk: dict[str, list[list[str]]]) -> None:
    documents = desk["return_requests"]
    decided = [row for row in documents if row[10]]

    assert len(decided) > 50
    assert {row[10] for row in decided} == {"approved", "rejected"}
    assert all(row[8] <= row[9] for row in decided)
    assert all(row[1] in {case[0] for case in desk["cases"]} for row in documents if row[1])
    assert len({row[0] for row in documents}) == len(documents)


def test_every_word_of_the_desk_is_one_that_standardise_knows(desk: dict[str, list[list[str]]]) -> None:
    words = {
        "case_priority": {row[10] for row in desk["cases"]},
        "case_category": {row[11] for row in desk["cases"]},
        "after_sales_reason": {row[12] for row in desk["cases"]} | {row[6] for row in desk["return_requests"]},
    }

    for name, used in words.items():
        assert {word for word in used - {""} if standardise(word, list=name).value is None} == set(), name
