"""`standardise try`: what a person at the terminal, or a program behind a pipe, gets to see."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from customer_warehouse.standardise.commands import app

RUN = CliRunner()


def tried(*arguments: str, given: bytes | None = None) -> list[str]:
    """The lines that `try` prints."""
    result = RUN.invoke(app, ["try", *arguments] if len(app.registered_commands) > 1 else list(arguments), input=given)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_values_are_read_one_a_line_and_an_empty_line_is_a_missing_value() -> None:
    lines = tried("phone", "--json", given=b"0912-345-679\r\n\n(02)2345-6789#12\nnobody\n")

    answers = [json.loads(line) for line in lines]
    assert [list(answer) for answer in answers] == [["raw", "value", "key", "flags", "reason"]] * 4
    assert [answer["raw"] for answer in answers] == ["0912-345-679", "", "(02)2345-6789#12", "nobody"]
    assert [answer["value"] for answer in answers] == ["+886912345679", None, "+886223456789", None]
    assert answers[0]["key"] == "+886912345679"
    assert [answer["flags"] for answer in answers[:3]] == [
        ["mobile"],
        [],
        ["landline", "extension", "suspected_placeholder"],
    ]
    assert answers[3]["reason"] == "not_a_phone_number"


def test_bytes_that_are_no_utf8_are_read_all_the_same() -> None:
    assert len(tried("person_name", "--json", given=b"\xb4\xfa\xb8\xd5\n\xff\n")) == 2


def test_values_may_be_arguments_and_are_printed_in_columns() -> None:
    assert tried("money", "NT$1,280", "a\tb") == [
        "raw\tvalue\tkey\tflags\treason",
        "NT$1,280\t1280\t1280\t\t",
        "a\\tb\t\t\t\tnot_an_amount",
    ]


def test_parts_are_shown_when_asked_for() -> None:
    (line,) = tried("person_name", "--json", "--parts", "王大明")

    parts = json.loads(line)["parts"]
    assert (parts["family"], parts["given"]) == ("王", "大明")


@pytest.mark.parametrize(
    ("region", "day"),
    [pytest.param("US", "1990-05-06", id="month first"), pytest.param("GB", "1990-06-05", id="day first")],
)
def test_the_customs_of_a_region_hold(region: str, day: str) -> None:
    (line,) = tried("date", "--region", region, "--json", "5/6/1990")

    assert json.loads(line)["value"] == day


@pytest.mark.parametrize(("code_list", "word", "standard"), [("gender", "女", "female"), ("country", "臺灣", "TW")])
def test_a_code_list_can_be_tried_by_its_name(code_list: str, word: str, standard: str) -> None:
    (line,) = tried(code_list, "--json", word)

    assert json.loads(line)["value"] == standard


def test_an_option_is_written_as_in_a_declaration() -> None:
    (line,) = tried("money", "--option", "minimum=null", "--option", "decimal=,", "--json", "--", "-5,50")

    assert json.loads(line)["value"] == "-5.5"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("colour", "red"), "there is no type 'colour'", id="no such type"),
        pytest.param(("phone", "--region", "XX", "1"), "no region 'XX'", id="no such region"),
        pytest.param(("phone", "--option", "colour=red", "1"), "no option 'colour'", id="no such option"),
        pytest.param(("phone", "--option", "regions", "1"), "name=value", id="an option without a value"),
        pytest.param(("money", "--option", "minimum=low", "1"), "'low' is no number", id="a limit that is none"),
        pytest.param(("gender", "--option", "map=x", "1"), "`map` leads from", id="a map that is none"),
    ],
)
def test_a_slip_is_said_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    result = RUN.invoke(app, ["try", *arguments] if len(app.registered_commands) > 1 else list(arguments))

    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", "").split())
