"""Days after the night: birth dates that are none, and the day on which points expire."""

from __future__ import annotations

from datetime import date

from customer_warehouse.extract.declaration import load_source
from customer_warehouse.night import night_of
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.exchange_rates import ExchangeRates
from customer_warehouse.standardise.rows import StandardRows

NIGHT = night_of(date(2026, 11, 21), "Asia/Taipei")


def test_a_day_may_lie_ahead_only_where_the_standard_model_says_so() -> None:
    source = load_source(Settings().sources_dir, "point_of_sale", {"POINT_OF_SALE_URL": "drop"})
    latest = {}
    for entity, column in (("members", "birth_date"), ("points", "expires_on")):
        mapping = source.entities[entity].standard[0]
        rows = StandardRows(source, entity, mapping, NIGHT, ExchangeRates("TWD", "Asia/Taipei", ()), {})
        latest[column] = rows.options(column).get("latest")

    assert latest == {"birth_date": "2026-11-21", "expires_on": None}
