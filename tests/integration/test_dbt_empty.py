"""A warehouse that has little: nothing at all, and one till export without members, products, stores or cases."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from customer_warehouse.database import connect
from integration.dbt_warehouse import MODEL, build_and_publish, fill, insert, open_run, rows, settings_for
from integration.small_brand import NIGHT, line, order, returned

pytestmark = pytest.mark.slow


def test_a_warehouse_without_a_row_and_one_with_a_till_only_are_both_right(warehouse_url: str, tmp_path: Path) -> None:
    settings = settings_for(warehouse_url, tmp_path)
    fill(settings.url, {entity: [] for entity in MODEL}, {})
    open_run(settings.url, NIGHT)

    build_and_publish(settings, NIGHT)

    empty = ("customer_360", "customer_rfm", "sales_summary", "reconciliation_totals")
    for mart in (*empty, "campaign_results", "campaign_attribution", "kpi_acquisition"):
        assert rows(settings.url, f"select count(*) from marts.{mart}") == [(0,)]

    with connect(settings.url) as connection:
        insert(connection, "standardised.orders", [order("till", "t1", "2026-11-20T02:00", status=None, currency=None)])
        insert(connection, "standardised.order_lines", [line("till", "t1-1", "t1", "2", "1.125")])
        insert(connection, "standardised.returns", [returned("r1", "2026-11-20T03:00", order_key="C1", amount=1)])
    build_and_publish(settings, NIGHT)

    assert rows(settings.url, "select count(*) from marts.customer_360") == [(0,)]
    assert rows(
        settings.url,
        "select source, channel, orders, order_lines, gross_revenue, return_lines, net_revenue"
        " from marts.sales_summary",
    ) == [("till", "store", 1, 1, Decimal("2.250"), 1, Decimal("1.250"))]
    assert rows(
        settings.url, "select source, total_lines, documents, customers, net_revenue from marts.reconciliation_totals"
    ) == [("till", 2, 2, 0, Decimal("1.250"))]
