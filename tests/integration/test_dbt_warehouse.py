"""The warehouse and the marts of a brand small enough to reckon by hand, built by the real dbt in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from customer_warehouse.warehouse.stage import LEFT_TO_THE_TEST_SUITE
from integration.dbt_warehouse import copy_of_small_brand, rows, run_dbt
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(server: Server) -> Iterator[Settings]:
    """The small brand's warehouse after its night: built, published and segmented."""
    with copy_of_small_brand(server) as settings:
        with ledger.step(settings.url, NIGHT, "activation", "segments") as step:
            dbt_runner.build(settings, NIGHT, "activation", ["path:models/segments", "path:models/activation"], step)
        yield settings


def table(settings: Settings, query: str) -> dict[Any, Any]:
    """The rows of `query` by their first column."""
    return {key: values[0] if len(values) == 1 else tuple(values) for key, *values in rows(settings.url, query)}


def test_an_order_is_its_lines_less_discounts_plus_shipping(settings: Settings) -> None:
    found = table(settings, "select order_id, net_amount, total_difference, is_revenue from warehouse.fct_orders")

    assert found == {
        "shop:o1": (Decimal("260.000"), Decimal(0), True),
        "shop:o2": (Decimal(500), None, False),
        "shop:o3": (Decimal(100), None, True),
        "till:t1": (Decimal(1000), Decimal(-1), True),
        "till:t2": (Decimal(90), None, True),
        "till:t3": (Decimal(320), None, True),
        "till:t4": (Decimal(200), None, True),
    }


def test_a_record_scores_for_its_fields_and_its_last_change_and_a_customer_for_its_golden_record(
    settings: Settings,
) -> None:
    points = table(
        settings,
        "select source, completeness_points, date '2026-11-21' - updated_date from warehouse.int_record_quality"
        " where customer_key in ('c1', 'm1', 'd1')",
    )

    # 173 of 1,095 days take 2.4 of the 15 points that the freshest record has.
    assert points == {"shop": (40, 51), "till": (75, 173), "desk": (30, 20)}
    assert rows(settings.url, "select data_quality_score from marts.customer_360 where customer_id = 'A'") == [(90,)]


def test_the_step_says_how_good_the_records_of_each_source_are(settings: Settings) -> None:
    ((detail,),) = rows(settings.url, "select detail from ops.steps where stage = 'warehouse' and step = 'dbt build'")
    scores = table(settings, "select source, average_score from warehouse.source_quality")

    assert detail["source_quality"] == {source: float(round(score, 1)) for source, score in scores.items()}
    assert round(scores["desk"] * 3, 6) == 45 + 20 + 0  # two fields, an address without a date, and nothing


def test_an_order_just_after_midnight_in_taipei_is_on_the_new_day(settings: Settings) -> None:
    found = table(settings, "select order_id, order_date from warehouse.fct_orders where order_id = 'shop:o1'")

    assert found == {"shop:o1": date(2026, 11, 21)}


def test_a_return_finds_its_customer_and_its_amount(settings: Settings) -> None:
    found = table(settings, "select return_id, order_id, customer_id, amount, is_revenue from warehouse.fct_returns")

    assert found == {
        "till:r1": ("till:t1", "A", Decimal(300), True),
        "shop:r2": ("shop:o2", "A", Decimal(500), False),
        "till:r3": ("till:t2", "C", Decimal("29.5"), True),
        "till:r4": (None, None, Decimal(5), True),
        "till:r5": (None, None, Decimal(7), True),
        "till:r6": ("till:t3", "C", Decimal(320), True),
    }


def test_a_line_whose_order_is_missing_is_counted_and_warned_of(settings: Settings) -> None:
    found = rows(
        settings.url,
        "select rows_in, rows_out, rows_rejected, detail -> 'tests' -> 'warned' from ops.steps"
        " where stage = 'warehouse' and step = 'dbt build'",
    )

    (rows_in, rows_out, rows_rejected, warned) = found[0]
    assert (rows_in, rows_out, rows_rejected) == (27, 26, 1)
    assert warned["assert_no_order_line_lost_its_order"] == 1
    assert warned["an_order_matches_its_total"] == 1


def test_a_case_takes_the_hours_for_which_the_desk_was_open(settings: Settings) -> None:
    query = (
        "select case_id, first_response_business_hours, resolution_business_hours, business_hours, is_sla_met,"
        " is_reopened from warehouse.fct_service_cases"
    )

    # Case 1 came on a Sunday, was answered while the desk was closed and settled on Thursday evening; case 2 has waited
    # since Tuesday the 10th and over two Saturdays until the end of the 21st; case 3 took a Wednesday and a Thursday.
    assert table(settings, query) == {
        "desk:1": (0, 36, 36, True, True),
        "desk:2": (None, None, 9 * 9 + 2 * 7, False, False),
        "desk:3": (None, 18, 18, False, False),
    }


def test_an_alert_is_raised_and_recovers_on_the_days_of_the_facts_and_may_come_again(settings: Settings) -> None:
    query = "select alert_id, state, recovered_on from marts.alerts where rule in ('sla_deadline', 'vip_complaint')"

    # Case 2 had used 36 of its 45 business hours on the evening of Friday the 13th. Case 1 of the best customer was
    # resolved on the 2nd, came back on the 3rd and was resolved for good on the 5th.
    assert table(settings, query) == {
        "sla_deadline:desk:2:2026-11-13": ("open", None),
        "vip_complaint:desk:1:2026-11-01": ("recovered", date(2026, 11, 2)),
        "vip_complaint:desk:1:2026-11-03": ("recovered", date(2026, 11, 5)),
    }


def test_a_product_is_known_from_lists_and_from_sales(settings: Settings) -> None:
    found = table(settings, "select sku, product_name, is_listed from warehouse.dim_products")

    assert found == {
        "CUP": ("White cup", True),
        "OLD": (None, True),
        "PEN": (None, False),
        "HAT": ("Red hat", False),
        "BAG": (None, False),
    }


def test_a_store_that_only_a_ticket_names_is_there(settings: Settings) -> None:
    found = table(settings, "select store_id, store_name from warehouse.dim_stores")

    assert found == {"till:TPE01": "Taipei 1", "till:HKG01": None}


def test_a_golden_record_takes_its_name_by_trust_and_its_whole_address_by_the_latest_change(settings: Settings) -> None:
    query = (
        "select customer_id, full_name, email, phone, member_number, postal_address, city, country, customer_since,"
        " record_count, source_count from marts.customer_360 where customer_id = 'A'"
    )

    assert table(settings, query)["A"] == (
        *("Ann Lee", "a@example.com", "+886912345678", "m1", "9 Other Road", "Tainan", None),
        *(date(2024, 1, 2), 3, 3),
    )


def test_every_cell_of_a_golden_record_says_where_it_is_from_and_what_lost_to_it(settings: Settings) -> None:
    query = (
        "select field || ' ' || source, value, is_survivor, decided_by from warehouse.customer_cells"
        " where customer_id = 'A'"
        " and field in ('full_name', 'given_name', 'email', 'postal_address', 'city', 'country')"
    )

    assert table(settings, query) == {
        "full_name shop": ("Ann Lee", True, "trusted"),
        "full_name till": ("Ann Li", False, "trusted"),
        "full_name desk": ("A. Lee", False, "trusted"),
        "given_name shop": ("Ann", True, "only value"),
        "email shop": ("a@example.com", True, "verified"),
        "email till": ("b@example.com", False, "verified"),
        "postal_address desk": ("9 Other Road", True, "recent"),
        "postal_address till": ("1 Some Road", False, "recent"),
        "city desk": ("Tainan", True, "recent"),
        "city till": ("Taipei", False, "recent"),
        "country desk": (None, True, "recent"),
        "country till": ("TW", False, "recent"),
        "country shop": ("TW", False, "complete"),
    }


def test_every_contact_of_a_customer_is_kept_with_what_may_be_sent_there(settings: Settings) -> None:
    query = (
        "select contact, role, is_verified, sources, channel, marketing_consent, last_seen_at"
        " from marts.customer_contact_points where customer_id = 'A'"
    )
    shop, till, desk = (datetime(2026, month, 1, tzinfo=UTC) for month in (10, 6, 11))

    assert table(settings, query) == {
        "a@example.com": ("primary", True, "shop", "email", "denied", shop),
        "b@example.com": ("other", False, "till", "email", "granted", till),
        "+886912345678": ("primary", False, "till", "sms", "granted", till),
        "1 Some Road": ("other", False, "till", None, None, till),
        "9 Other Road": ("primary", False, "desk", None, None, desk),
    }


def test_every_id_leads_to_a_customer_of_today(settings: Settings) -> None:
    found = table(settings, "select known_as, customer_id, is_current from warehouse.customer_ids")

    assert found == {**{name: (name, True) for name in "ABCDEFG"}, "Z": ("A", False)}


def test_a_household_groups_customers_and_merges_none(settings: Settings) -> None:
    members = table(settings, "select customer_id, household_id from marts.customer_360 where household_id is not null")

    assert members == {"E": "H", "F": "H"}
    assert rows(settings.url, "select * from warehouse.dim_households") == [("H", 2, False, True)]


def test_consent_is_decided_once_for_each_customer_and_channel(settings: Settings) -> None:
    found = table(
        settings,
        "select customer_id, email_consent, email_opted_in, sms_consent, phone_opted_in from marts.customer_360",
    )

    assert found == {
        "A": ("granted", "b@example.com", "granted", "+886912345678"),
        "B": ("denied", None, "unknown", None),
        "C": ("denied", None, "unknown", None),
        "D": ("granted", None, "unknown", None),
        "E": ("granted", None, "unknown", None),
        "F": ("denied", None, "unknown", None),
        "G": ("denied", None, "unknown", None),
    }


def test_customer_360_adds_up_what_a_customer_bought_and_gave_back(settings: Settings) -> None:
    query = (
        "select customer_id, order_count, online_order_count, store_order_count, cancelled_order_count, gross_revenue,"
        " returns_amount, net_revenue, average_order_value, first_purchase_date, last_purchase_date,"
        " last_online_purchase_date, last_store_purchase_date, days_since_last_purchase"
        " from marts.customer_360 where customer_id in ('A', 'B', 'C')"
    )
    bought, before, by_c, in_hkd = date(2026, 11, 21), date(2024, 1, 5), date(2026, 10, 3), date(2026, 10, 2)

    assert table(settings, query) == {
        "A": (2, 1, 1, 1, Decimal(1260), Decimal(300), Decimal(960), Decimal(630), before, bought, bought, before, 0),
        "B": (0, 0, 0, 0, Decimal(0), Decimal(0), Decimal(0), *[None] * 6),
        "C": (2, 0, 2, 0, *map(Decimal, ("520", "349.5", "170.5", "260")), in_hkd, by_c, None, by_c, 49),
    }


def test_a_reopened_complaint_was_resolved_when_it_was_resolved_for_good(settings: Settings) -> None:
    query = (
        "select case_id, customer_id, order_id, first_response_hours, resolution_hours, last_rating, is_open"
        " from warehouse.fct_service_cases"
    )

    assert table(settings, query) == {
        "desk:1": ("A", "shop:o1", Decimal("1.5"), Decimal(108), Decimal(4), False),
        "desk:2": ("D", None, None, None, None, True),
        "desk:3": ("D", None, None, Decimal(36), None, False),
    }


def test_an_open_complaint_and_the_last_rating_are_on_the_customer(settings: Settings) -> None:
    query = (
        "select customer_id, has_open_complaint, open_complaint_since, case_count, open_case_count,"
        " last_satisfaction_rating from marts.customer_360 where customer_id in ('A', 'D', 'E')"
    )

    assert table(settings, query) == {
        "A": (False, None, 1, 0, Decimal(4)),
        "D": (True, datetime(2026, 11, 10, tzinfo=UTC), 2, 1, None),
        "E": (False, None, 0, 0, None),
    }


def test_a_customer_who_never_bought_is_a_prospect(settings: Settings) -> None:
    found = table(settings, "select customer_id, rfm_segment, r_score, frequency, monetary from marts.customer_rfm")

    assert found["A"] == ("About To Sleep", 3, 1, Decimal(-40))
    assert {customer for customer, values in found.items() if values[:2] == ("Prospect", None)} == set("BDEFG")


def test_a_source_reconciles_line_by_line_and_document_by_document(settings: Settings) -> None:
    query = (
        "select source, order_lines, order_lines_without_order, return_lines, total_lines, orders, missing_orders,"
        " return_documents, documents, customers, order_amount, not_revenue_amount, amount_without_order,"
        " returns_amount, net_revenue from marts.reconciliation_totals"
    )

    assert table(settings, query) == {
        "shop": (4, 0, 1, 5, 3, 0, 0, 3, 1, *map(Decimal, ("860", "500", "0", "0", "360"))),
        "till": (6, 1, 5, 12, 4, 1, 1, 6, 2, *map(Decimal, ("1610", "0", "77", "661.5", "948.5"))),
    }


def test_an_order_in_another_currency_and_its_return_count_by_the_rate_of_the_orders_day(settings: Settings) -> None:
    order = "select currency, original_net_amount, exchange_rate, net_amount from warehouse.fct_orders"
    returned = "select currency, original_amount, exchange_rate, amount from warehouse.fct_returns"
    line = "select currency, original_net_amount, unit_price, net_amount from warehouse.fct_order_lines"

    expected = [("HKD", Decimal(80), Decimal(4), Decimal(320))]
    assert rows(settings.url, f"{order} where order_id = 'till:t3'") == expected
    assert rows(settings.url, f"{returned} where return_id = 'till:r6'") == expected
    assert rows(settings.url, f"{line} where order_line_id = 'till:t3-1'") == [
        ("HKD", Decimal(80), Decimal(320), Decimal(320))
    ]


def test_a_source_reconciles_in_each_of_its_currencies(settings: Settings) -> None:
    query = (
        "select source || ' ' || currency, orders, order_amount, not_revenue_amount, return_lines, returns_amount,"
        " net_revenue, net_revenue_in_base_currency from marts.reconciliation_by_currency"
    )

    assert table(settings, query) == {
        "shop TWD": (3, Decimal(860), Decimal(500), 1, *map(Decimal, ("0", "360", "360"))),
        "till TWD": (3, Decimal(1290), Decimal(0), 4, *map(Decimal, ("341.5", "948.5", "948.5"))),
        "till HKD": (1, Decimal(80), Decimal(0), 1, *map(Decimal, ("80", "0", "0"))),
    }


def test_days_and_customers_hold_the_same_money(settings: Settings) -> None:
    days = rows(settings.url, "select sum(net_revenue) from marts.sales_summary")
    customers = rows(settings.url, "select sum(net_revenue) from marts.customer_360")

    walk_ins = Decimal(100) + Decimal(90) - Decimal(12)
    assert days[0][0] == Decimal("1308.5")
    assert days[0][0] - customers[0][0] == walk_ins


def test_every_mart_says_up_to_when_it_knows(settings: Settings) -> None:
    for mart in ("customer_360", "customer_rfm", "sales_summary", "reconciliation_totals"):
        assert rows(settings.url, f"select distinct data_as_of from marts.{mart}") == [(NIGHT.as_of,)]


def test_segments_list_customers_of_the_published_marts(settings: Settings) -> None:
    assert table(settings, "select customer_id, reason from activation.segment_active") == {
        "A": "last purchase on 2026-11-21",
        "C": "last purchase on 2026-10-03",
    }
    assert table(settings, "select customer_id, reason from activation.segment_open_complaint") == {
        "D": "complaint open since 2026-11-10"
    }


def test_a_reader_sees_what_a_mart_and_its_columns_mean(settings: Settings) -> None:
    found = rows(
        settings.url,
        "select obj_description('marts.customer_360'::regclass), col_description('marts.customer_360'::regclass, 1),"
        " count(*) filter (where column_name = 'batch_id') from information_schema.columns"
        " where table_schema = 'marts' and table_name = 'customer_360'",
    )

    assert found[0][0].startswith("One row per customer")
    assert found[0][1].startswith("Stable id of the customer.\nUnit: text. Source: ")
    assert found[0][2] == 0


def test_the_unit_tests_of_every_rule_pass(settings: Settings, tmp_path: Path) -> None:
    result = run_dbt(settings, tmp_path, NIGHT, "test", "--select", "test_type:unit")

    assert result.returncode == 0, result.stdout[-3000:]
    assert "PASS=0" not in result.stdout


def test_the_tests_that_nights_leave_to_this_suite_pass(settings: Settings, tmp_path: Path) -> None:
    result = run_dbt(settings, tmp_path, NIGHT, "test", "--select", *LEFT_TO_THE_TEST_SUITE)

    assert result.returncode == 0, result.stdout[-3000:]
    assert "PASS key_of_int_customer_moneys" in result.stdout
    assert "key_of_fct_orders" not in result.stdout
    assert "never_null_in_" not in result.stdout
