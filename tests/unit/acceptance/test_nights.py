"""Which nights are run, and what is said about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from customer_warehouse.acceptance import report
from customer_warehouse.acceptance.data_set import AcceptanceError, DataSet
from customer_warehouse.acceptance.reconcile import Line
from customer_warehouse.acceptance.run import NightResult, choose_nights, database_name
from customer_warehouse.extract.declaration import Source

DAYS = [date(2026, 3, day) for day in (2, 3, 4, 6, 7)]


def data_set(*kinds: str, name: str = "shop") -> DataSet:
    sources = tuple(
        Source.model_construct(source=f"s{number}", kind=kind, entities={}) for number, kind in enumerate(kinds)
    )
    return DataSet(name, Path("data"), Path("sources"), sources, "Europe/Rome", "EUR")


def result(*lines: Line) -> NightResult:
    return NightResult(DAYS[0], 1, "succeeded", 2.0, {"extract": 1.0}, list(lines), [])


@pytest.mark.parametrize(
    ("nights", "last", "chosen"),
    [
        (2, None, [DAYS[2], DAYS[3], DAYS[4]]),
        (0, None, [DAYS[4]]),
        (1, date(2026, 3, 5), [DAYS[1], DAYS[2]]),
        (9, None, DAYS),
    ],
    ids=["history, then two", "history only", "up to a day without files", "more than there are"],
)
def test_nights_are_the_last_trading_days(nights: int, last: date | None, chosen: list[date]) -> None:
    assert choose_nights(data_set("files"), DAYS, nights, last) == chosen


def test_other_kinds_of_sources_need_the_last_night() -> None:
    with pytest.raises(AcceptanceError, match="--last-night"):
        choose_nights(data_set("files", "database"), DAYS, 2, None)


def test_other_kinds_of_sources_have_every_calendar_day() -> None:
    nights = choose_nights(data_set("database"), [], 2, date(2026, 3, 2))

    assert nights == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]


def test_a_last_night_before_all_files_is_refused() -> None:
    with pytest.raises(AcceptanceError, match="No file is from 2026-01-01 or before"):
        choose_nights(data_set("files"), DAYS, 2, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("online_retail", "acceptance_online_retail"),
        ("My Shop's Data", "acceptance_my_shop_s_data"),
        ("門市", "acceptance_data"),
    ],
    ids=["plain", "with blanks", "no latin letter"],
)
def test_the_database_is_named_after_the_data(name: str, expected: str) -> None:
    assert database_name(data_set("files", name=name)) == expected


def test_equal_figures_say_nothing() -> None:
    assert report.verdict([result(Line("till", "revenue", Decimal("3.5"), Decimal("3.500")))]) is None


def test_a_cent_of_difference_is_said() -> None:
    differing = result(Line("till", "revenue", Decimal("1234.50"), Decimal("1234.49")))

    assert report.verdict([result(), differing]) == (
        "The night 2026-03-02 does not reconcile: till revenue: 1,234.50 against 1,234.49 (-0.01)."
    )


def test_isolated_rows_are_named_as_a_cause() -> None:
    differing = result(Line("till", "lines", Decimal(10), Decimal(8)))
    lost = {"source": "till", "entity": "lines", "place": "2026-03-02.csv", "reason": "checksum_differs", "rows": 2}

    said = report.verdict([replace(differing, isolated=[lost])])

    assert said is not None
    assert said.endswith("10 against 8 (-2); 2 rows of the files are isolated.")


def test_json_keeps_every_digit() -> None:
    given = Line("till", "revenue", Decimal("9747747.934"), Decimal("9747747.934000000000"))

    document = report.as_json(data_set("files"), [result(given)], [], {}, {}, None)

    assert document["reconciled"]
    assert document["nights"][0]["figures"] == [
        {"source": "till", "name": "revenue", "files": "9747747.934", "marts": "9747747.934", "difference": "0"}
    ]
