"""Exchange rates: which rows have one on their business day, and which files are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.exchange_rates import COLUMNS, ExchangeRates, exchange_rates

TIMESTAMP = pd.ArrowDtype(pa.timestamp("us", tz="UTC"))


def project(folder: Path, *lines: str, header: str = ",".join(COLUMNS)) -> Path:
    (folder / "seeds").mkdir()
    (folder / "seeds" / "exchange_rates.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_row_has_a_rate_from_the_first_midnight_of_the_business_on() -> None:
    rates = ExchangeRates("TWD", "Asia/Taipei", (("HKD", date(2026, 11, 1)),))
    rows = [
        ("TWD", "1900-01-01T00:00:00Z", False),
        ("HKD", "2026-10-31T15:59:59Z", True),
        ("HKD", "2026-10-31T16:00:00Z", False),
        ("HKD", "2030-01-01T00:00:00Z", False),
        ("USD", "2030-01-01T00:00:00Z", True),
        ("USD", None, False),
    ]
    currency, moments, expected = zip(*rows, strict=True)

    missing = rates.missing(
        pd.Series(currency, dtype=pd.ArrowDtype(pa.string())),
        pd.Series([None if at is None else pd.Timestamp(at) for at in moments], dtype=TIMESTAMP),
    )

    assert missing.tolist() == list(expected)


def test_no_rows_at_all_miss_nothing() -> None:
    rates = ExchangeRates("TWD", "Asia/Taipei", ())
    nothing = pd.Series([], dtype=pd.ArrowDtype(pa.string()))

    assert rates.missing(nothing, pd.Series([], dtype=TIMESTAMP)).tolist() == []


def test_only_the_rates_of_the_base_currency_count_and_the_first_of_each(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        "TWD,HKD,2026-11-01,4.2,bank",
        "TWD,HKD,2026-10-01,4.1,bank",
        "GBP,USD,2026-10-01,0.8,bank",
    )

    assert exchange_rates(folder, "TWD", "Asia/Taipei").since == (("HKD", date(2026, 10, 1)),)


def test_the_file_as_shipped_is_right_and_promises_nothing() -> None:
    assert exchange_rates(Settings().dbt_project_dir, "TWD", "Asia/Taipei").since == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TWD,HKD,2026-10-01,4.1,", "line 2: a rate needs all of"),
        ("TWD,HKD,2026-10-01", "line 2: a rate needs all of"),
        ("TWD,HK,2026-10-01,4.1,bank", "'HK' is no currency"),
        ("NTD,HKD,2026-10-01,4.1,bank", "'NTD' is no currency"),
        ("TWD,TWD,2026-10-01,1,bank", "always 1"),
        ("TWD,HKD,1/10/2026,4.1,bank", "is no day"),
        ("TWD,HKD,2026-10-01,0,bank", "'0' is no rate"),
        ("TWD,HKD,2026-10-01,-4,bank", "'-4' is no rate"),
        ("TWD,HKD,2026-10-01,NaN,bank", "'NaN' is no rate"),
        ('TWD,HKD,2026-10-01,"4,1",bank', "'4,1' is no rate"),
        ("TWD,USD,2026-10-01,30,bank\nTWD,USD,2026-10-01,31,bank", "line 3: the currency has another rate"),
    ],
)
def test_a_line_that_is_no_rate_is_said_in_a_sentence(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=said):
        exchange_rates(project(tmp_path, line), "TWD", "Asia/Taipei")


def test_a_file_without_its_header_or_none_at_all_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"There is no seeds/exchange_rates\.csv"):
        exchange_rates(tmp_path, "TWD", "Asia/Taipei")
    with pytest.raises(StageError, match="must begin with the header"):
        exchange_rates(project(tmp_path, header="currency,rate"), "TWD", "Asia/Taipei")
