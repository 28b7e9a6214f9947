"""The project's own border checks on a real line: a small brand passes them all, and each kind of fault is found."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import copy
from uuid import uuid4

import pytest

from customer_warehouse import marts
from customer_warehouse.activation import stage as activation
from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.identity import stage as identity
from customer_warehouse.ops import ledger
from customer_warehouse.quality.expectation_files import ExpectationFile, file_name, load
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings
from integration.dbt_warehouse import build_and_publish, fill, project_with_rates, rows
from integration.small_brand import CUSTOMERS, ENTITIES, NIGHT, RATES

pytestmark = pytest.mark.slow

EARLIER = "2026-11-20 16:00+00"
RAW = f"""
create table raw.shop__orders (id text, _key text not null, _row_hash uuid, _batch_id bigint not null);
insert into raw.shop__orders
select key, key, cast(md5(row) as uuid), 1 from (values ('1', 'a'), ('2', 'b'), ('3', 'deleted')) as rows (key, row);
insert into ops.batches (run_id, source, entity, as_of, window_end, status, rows_read, rows_landed, rows_duplicate,
    rows_isolated, keys_deleted)
values ('{NIGHT.run_id}', 'shop', 'orders', '{NIGHT.as_of}', '{NIGHT.as_of}', 'landed', 4, 2, 1, 1, 1);
insert into ops.runs (run_id, dag_id, night, as_of, status)
values ('earlier', 'nightly', '2026-11-20', '{EARLIER}', 'succeeded');
insert into ops.steps (run_id, stage, step, status, rows_out) values ('earlier', 'identity', 'resolve', 'succeeded', 7);
"""
BORDERS = ("extract", "standardise", "identity", "warehouse", "marts")


@pytest.fixture(scope="module")
def line(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """The small brand's night from `raw` to the segments, all in one database."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "sources").mkdir()
    (folder / "sources" / "shop.yml").write_text("source: shop")
    name = f"line_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    settings = Settings(
        url=server.url(name),
        state_dir=folder,
        exports_dir=folder / "exports",
        sources_dir=folder / "sources",
        dbt_project_dir=project_with_rates(folder, RATES),
    )
    fill(settings.url, ENTITIES, CUSTOMERS)
    ledger.open_run(settings.url, NIGHT)
    with connect(settings.url) as connection:
        connection.execute(statement(RAW))
        connection.execute(statement(identity.SCHEMA.read_text(encoding="utf-8")))
    build_and_publish(settings, NIGHT)
    with ledger.step(settings.url, NIGHT, "standardise", "orders") as step:
        step.rows_in, step.rows_out, step.rows_rejected = 8, 7, 1
    activation.build_segments(settings, NIGHT)
    yield name, settings
    server.drop_database(name)


@pytest.fixture
def settings(server: Server, line: tuple[str, Settings]) -> Iterator[Settings]:
    """That line, copied for one test."""
    name = f"line_{uuid4().hex}"
    server.create_database(name, template=line[0])
    yield line[1].model_copy(update={"url": server.url(name)})
    server.drop_database(name)


def failed(settings: Settings, stage: str) -> dict[str, str]:
    """The checks of a border that do not hold, with their severity."""
    with suppress(ledger.StageError):
        check(settings, NIGHT, stage)
    return {
        f"{table} {name}": severity
        for table, name, severity in rows(
            settings.url,
            "select table_name, check_name, severity from ops.checks where status in ('failed', 'not_made')"
            " and stage = %s",
            stage,
        )
    }


def test_a_good_night_passes_every_border(settings: Settings) -> None:
    for stage in (*BORDERS, "activation"):
        critical = {name for name, severity in failed(settings, stage).items() if severity == "critical"}
        assert critical == set(), stage

    assert rows(settings.url, "select table_name, check_name from ops.checks where status = 'not_made'") == []
    made = rows(settings.url, "select distinct table_name from ops.checks")
    files = {f"{file.parent.name}.{file.stem}" for file in settings.expectations_dir.glob("*/*.json")}
    assert {name for (name,) in made} >= files - {"raw.each", "activation.segment_each"}


FAULTS = {
    "a row lost in landing": (
        "extract",
        "delete from raw.shop__orders where _key = '1'",
        "raw.shop__orders landed_rows_are_there",
    ),
    "a row landed twice": (
        "extract",
        "insert into raw.shop__orders select * from raw.shop__orders where _key = '1'",
        "raw.shop__orders landed_rows_are_there",
    ),
    "a batch that does not add up": (
        "extract",
        "update ops.batches set rows_duplicate = 0",
        "ops.batches rows_read_are_all_accounted_for",
    ),
    "a source that was never read": (
        "extract",
        "delete from ops.batches",
        "ops.batches every_declared_source_was_read",
    ),
    "a batch that reaches beyond the night": (
        "extract",
        f"update ops.batches set window_end = '{NIGHT.as_of + timedelta(seconds=1)}'",
        "ops.batches no_batch_reaches_beyond_its_night",
    ),
    "a source that cannot be read any more": (
        "extract",
        "update ops.batches set rows_read = 5003, rows_isolated = 5000",
        "ops.batches most_rows_could_be_landed",
    ),
    "a local phone number": (
        "standardise",
        "update standardised.customers set phone = '0912345678' where source_key = 'm1'",
        "standardised.customers phones_are_e164",
    ),
    "a consent that is neither yes nor no": (
        "standardise",
        "update standardised.customers set email_consent = 'maybe' where source_key = 'm1'",
        "standardised.customers email_consent_is_known_or_absent",
    ),
    "a landed row that nobody saw again": (
        "standardise",
        "update ops.steps set rows_out = 6 where stage = 'standardise'",
        "standardised.rejects landed_rows_are_standardised_or_rejected",
    ),
    "a mapping that rejects everything": (
        "standardise",
        "update ops.steps set rows_in = 5000, rows_out = 3000, rows_rejected = 2000 where stage = 'standardise'",
        "standardised.rejects most_rows_could_be_standardised",
    ),
    "a record without a customer": (
        "identity",
        "delete from identity.customer_records where source_key = 'd2'",
        "identity.customer_records every_record_has_a_customer",
    ),
    "a record of a customer who is gone": (
        "identity",
        "delete from identity.customers where customer_id = 'B'",
        "identity.customer_records every_customer_of_a_record_exists",
    ),
    "a leftover customer": (
        "identity",
        "insert into identity.customers values ('H', now(), 1)",
        "identity.customers record_counts_are_right",
    ),
    "a customer who swallows strangers": (
        "identity",
        "insert into identity.customer_records select 'x', i::text, 'A' from generate_series(1, 300) as i;"
        " update identity.customers set records = 303 where customer_id = 'A'",
        "identity.customers no_customer_swallows_the_others",
    ),
    "far fewer customers than the night before": (
        "identity",
        "update ops.steps set rows_out = 1000 where run_id = 'earlier'",
        "identity.customers customers_did_not_collapse",
    ),
    "an ended id that is still a customer": (
        "identity",
        "insert into identity.aliases values ('A', 'B', now())",
        "identity.aliases aliases_lead_on_in_one_hop",
    ),
    "an order that got lost": (
        "warehouse",
        "delete from warehouse.fct_orders where order_key = 'o1'",
        "warehouse.fct_orders every_order_is_there_once",
    ),
    "a cent too many in the order's own currency": (
        "warehouse",
        "update warehouse.fct_orders set original_net_amount = 80.01, net_amount = 320.04 where order_key = 't3'",
        "warehouse.fct_orders money_is_that_of_the_sources",
    ),
    "an amount by another rate than the order's": (
        "warehouse",
        "update warehouse.fct_returns set amount = 400 where return_id = 'till:r6'",
        "warehouse.fct_returns money_is_that_of_the_sources",
    ),
    "a cent too many": (
        "warehouse",
        "update warehouse.fct_orders set net_amount = net_amount + 0.01 where order_key = 'o1'",
        "warehouse.fct_orders money_is_that_of_the_sources",
    ),
    "an order of nobody": (
        "warehouse",
        "update warehouse.fct_orders set customer_id = 'Z' where order_key = 'o1'",
        "warehouse.fct_orders buyers_are_customers",
    ),
    "a line that got lost": (
        "warehouse",
        "delete from warehouse.fct_order_lines where order_key = 'o1'",
        "warehouse.fct_order_lines every_line_is_there_or_without_order",
    ),
    "a return that was doubled": (
        "warehouse",
        "insert into warehouse.fct_returns select * from warehouse.fct_returns where return_id = 'till:r1'",
        "warehouse.fct_returns every_return_is_there_once",
    ),
    "a return of another amount": (
        "warehouse",
        "update warehouse.fct_returns set amount = 1 where return_id = 'till:r1'",
        "warehouse.fct_returns money_is_that_of_the_sources",
    ),
    "a complaint that got lost": (
        "warehouse",
        "delete from warehouse.fct_service_cases where case_id = 'desk:2'",
        "warehouse.fct_service_cases every_case_is_there_once",
    ),
    "a customer twice": (
        "warehouse",
        "insert into warehouse.dim_customers select * from warehouse.dim_customers where customer_id = 'A'",
        "warehouse.dim_customers customers_are_those_of_identity",
    ),
    "a contact without consent": (
        "warehouse",
        "update warehouse.customer_consents set contact = 'x@example.com' where consent <> 'granted'",
        "warehouse.customer_consents a_contact_only_where_consent_is_granted",
    ),
    "a no that was overruled by an older yes": (
        "warehouse",
        "update warehouse.customer_consents set consent = 'granted', consent_at = '2025-01-01'"
        " where customer_id = 'F' and channel = 'email'",
        "warehouse.customer_consents a_later_no_is_not_overruled",
    ),
    "a customer missing from the mart": (
        "marts",
        "delete from marts_store.customer_360 where customer_id = 'E'",
        "marts_store.customer_360 all_customers_are_in_it",
    ),
    "an address without consent": (
        "marts",
        "update marts_store.customer_360 set email_opted_in = 'x@example.com' where email_consent = 'denied'",
        "marts_store.customer_360 consent_is_there_for_everyone",
    ),
    "a negative count": (
        "marts",
        "update marts_store.customer_360 set case_count = -1 where customer_id = 'E'",
        "marts_store.customer_360 no_count_is_negative",
    ),
    "revenue out of nothing": (
        "marts",
        "update marts_store.customer_360 set gross_revenue = gross_revenue + 0.01, net_revenue = net_revenue + 0.01"
        " where customer_id = 'A'",
        "marts_store.customer_360 revenue_is_that_of_the_orders",
    ),
    "a contact that stands with another customer": (
        "marts",
        "update marts_store.customer_contact_points set customer_id = 'F' where customer_id = 'G'",
        "marts_store.customer_contact_points every_contact_of_a_record_is_there_once",
    ),
    "a contact that may be used without consent": (
        "marts",
        "update marts_store.customer_contact_points set marketing_consent = 'granted' where customer_id = 'F'",
        "marts_store.customer_contact_points consent_is_that_of_the_customer",
    ),
    "a row of another night": (
        "marts",
        f"update marts_store.customer_360 set data_as_of = '{EARLIER}' where customer_id = 'A'",
        "marts_store.customer_360 it_is_of_this_night",
    ),
    "a score of six": (
        "marts",
        "update marts_store.customer_rfm set r_score = 6 where r_score is not null",
        "marts_store.customer_rfm scores_are_one_to_five",
    ),
    "a segment nobody named": (
        "marts",
        "update marts_store.customer_rfm set rfm_segment = 'Friends' where customer_id = 'A'",
        "marts_store.customer_rfm everyone_has_a_named_segment",
    ),
    "a day that was sold twice": (
        "marts",
        "update marts_store.sales_summary set orders = orders * 2",
        "marts_store.sales_summary sales_are_those_of_the_orders",
    ),
    "a reconciliation that leaves rows out": (
        "marts",
        "update marts_store.reconciliation_totals set return_lines = 0",
        "marts_store.reconciliation_totals totals_are_those_of_the_facts",
    ),
    "a member twice": (
        "activation",
        "insert into activation.segment_lost select 'A', 'x' from generate_series(1, 2)",
        "activation.segment_lost each_member_once",
    ),
    "a member whom nobody knows": (
        "activation",
        "insert into activation.segment_lost values ('Z', 'x')",
        "activation.segment_lost members_are_published_customers",
    ),
    "a complaint that does not keep from promotion": (
        "activation",
        "delete from activation.segment_open_complaint",
        "activation.segment_open_complaint every_open_complaint_is_in_it",
    ),
}


@pytest.mark.parametrize("fault", FAULTS, ids=list(FAULTS))
def test_a_fault_stops_the_night_at_its_border(settings: Settings, tmp_path: Path, fault: str) -> None:
    stage, change, expected = FAULTS[fault]
    (file,) = (file for file in load(settings.expectations_dir) if covers(file, expected))
    (tmp_path / file.schema_name).mkdir()
    copy(settings.expectations_dir / file_name(file.table), tmp_path / file_name(file.table))
    with connect(settings.url) as connection:
        connection.execute(statement(change))

    found = failed(settings.model_copy(update={"expectations_dir": tmp_path}), stage)

    assert found.get(expected) == "critical"


def covers(file: ExpectationFile, title: str) -> bool:
    """Whether the check `schema.table name` is one of the file's."""
    table, _, name = title.partition(" ")
    schema, _, table = table.partition(".")
    return schema == file.schema_name and file.matches(table) and name in {check.name for check in file.checks}


def test_what_stopped_the_night_is_never_published(settings: Settings) -> None:
    before = rows(settings.url, "select batch_id from ops.published")
    marts.build(settings, NIGHT)
    with connect(settings.url) as connection:
        connection.execute("update marts_store.customer_360 set gross_revenue = 0 where batch_id > %s", (before[0][0],))

    with pytest.raises(ledger.StageError, match="revenue_is_that_of_the_orders"):
        check(settings, NIGHT, "marts")
    with pytest.raises(ledger.StageError, match="revenue_is_that_of_the_orders"):
        marts.publish(settings, NIGHT)

    assert rows(settings.url, "select batch_id from ops.published") == before


def test_segments_are_built_checked_and_sent_in_one_go(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"exports_dir": tmp_path})

    activation.run(settings, NIGHT)

    steps = rows(settings.url, "select step from ops.steps where stage = 'activation' order by step_id")
    names = [name for (name,) in steps]
    assert names.index("segments") < names.index("check") < names.index("plan") < names.index("file: open_complaint")
    with (tmp_path / NIGHT.date.isoformat() / "open_complaint.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == []  # the one customer with a complaint has no contact point
    assert rows(
        settings.url, "select customer_id, reason from activation.withheld where segment = 'open_complaint'"
    ) == [
        ("D", "no_contact_point"),
        ("D", "no_contact_point"),
    ]


def test_a_bad_segment_is_not_sent(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings.model_copy(update={"exports_dir": tmp_path / "exports"})

    def build_badly(*_: object) -> None:
        with connect(settings.url) as connection:
            connection.execute("insert into activation.segment_lost values ('nobody', 'x')")

    monkeypatch.setattr(activation, "build_segments", build_badly)
    with pytest.raises(ledger.StageError, match="members_are_published_customers"):
        activation.run(settings, NIGHT)

    assert not settings.exports_dir.exists()
    assert rows(settings.url, "select count(*) from activation.sent") == [(0,)]
