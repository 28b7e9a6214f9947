"""A failed check of a column: the segments that depend on it keep their last list, the rest of the night goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from customer_warehouse import marts
from customer_warehouse.activation import stage as activation
from customer_warehouse.activation.segments import load_segments
from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.embedded.summary import summarise
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.pipeline import activation_night
from customer_warehouse.quality import holds
from customer_warehouse.quality.expectation_files import load
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import (
    NEXT,
    build_copy,
    copy_of_small_brand,
    open_run,
    rows,
    small_brand_database,
    unchecked,
)
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow
ALL = {segment.name for segment in load_segments(Settings().dbt_project_dir)}
RFM = {"at_risk", "cannot_lose", "champions"}
MONEY = {"tier_near_loss", "tier_near_upgrade", "vip", *RFM}
SERVICE = {"detractors", "open_complaint"}
BUYERS = ALL - SERVICE - {"birthday_week", "points_expiring", "promoters"}


@pytest.fixture(scope="module")
def brand(server: Server) -> Iterator[Settings]:
    with copy_of_small_brand(server) as settings:
        yield settings


@pytest.fixture(scope="module")
def manifest(brand: Settings) -> dict[str, Any]:
    return dbt_runner.compiled(brand, NIGHT)


@pytest.fixture(scope="module")
def dependents(brand: Settings, manifest: dict[str, Any]) -> holds.Dependents:
    return holds.Dependents(manifest, holds.columns_of_sources(brand.url), load_segments(brand.dbt_project_dir))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("marts_store.customer_rfm.rfm_segment", RFM),
        ("marts_store.customer_360.last_purchase_date", {"abandoned_cart", "active", "dormant", "lost"}),
        ("marts_store.customer_360.first_purchase_date", {"new_customers"}),
        ("marts_store.customer_360.full_name", ALL),
        ("marts_store.customer_360.gender", set()),
        ("warehouse.fct_orders.net_amount", MONEY),
        ("standardised.returns.amount", MONEY),
        # Who waits for service is kept out of every segment for marketing.
        ("standardised.cases.status", ALL - {"detractors"}),
        ("standardised.orders.status", BUYERS),
        ("standardised.orders.ordered_at", BUYERS),
        ("standardised.ratings.rating", set()),
        ("standardised.products.category", {"new_product_fans"}),
    ],
)
def test_a_column_holds_the_segments_that_depend_on_it(
    dependents: holds.Dependents, column: str, expected: set[str]
) -> None:
    table, _, name = column.rpartition(".")

    assert dependents.segments_of(table, name) == sorted(expected)


@pytest.mark.parametrize(
    "column",
    [
        "standardised.customers.email_consent",
        "standardised.customers.email_consent_at",
        "standardised.customers.account_id",
        "standardised.customers.birth_date",
        "standardised.customers.email_key",
        "identity.customer_records.customer_id",
        "warehouse.int_consent_statements.said_at",
        "warehouse.dim_customers.customer_id",
        "warehouse.dim_customers.phone",
        "marts_store.customer_360.sms_consent",
        "marts_store.customer_360.nothing_like_it",
        "marts_store.nothing_like_it.gender",
    ],
)
def test_a_column_that_leads_to_keys_consent_or_contacts_or_is_not_known_stops_the_night(
    dependents: holds.Dependents, column: str
) -> None:
    table, _, name = column.rpartition(".")

    assert dependents.segments_of(table, name) is None


def test_without_a_lineage_every_column_stops_the_night(brand: Settings, manifest: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(manifest))
    broken["nodes"]["model.customer_warehouse.dim_products"]["compiled_code"] = "selekt 1"

    dependents = holds.Dependents(broken, holds.columns_of_sources(brand.url), load_segments(brand.dbt_project_dir))

    assert dependents.segments_of("marts_store.customer_360", "gender") is None


def test_every_hold_that_is_declared_may_only_hold(dependents: holds.Dependents) -> None:
    declared = {
        f"{file.table_name}.{item.held_column}": dependents.segments_of(file.table, item.held_column)
        for file in load(Settings().expectations_dir)
        for item in file.checks
        if item.severity == "hold" and item.held_column
    }

    assert {"fct_orders.net_amount", "customer_rfm.rfm_segment"} <= declared.keys()
    assert [name for name, segments in declared.items() if segments is None] == []


@pytest.fixture(scope="module")
def sent(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """The small brand after its first night and its lists; the batch of the next night is built and waits."""
    name, folder = f"sent_{uuid4().hex}", tmp_path_factory.mktemp("sent")
    server.create_database(name, template=small_brand_database(server))
    settings = Settings(url=server.url(name), state_dir=folder, exports_dir=folder / "exports")
    activate(unchecked(settings), NIGHT, build=True)
    open_run(settings.url, NEXT)
    build_copy(settings, NEXT)
    yield name, settings
    server.drop_database(name)


@pytest.fixture
def settings(server: Server, sent: tuple[str, Settings], tmp_path: Path) -> Iterator[Settings]:
    """That night, copied for one test, with nothing declared yet."""
    name, (template, settings) = f"held_{uuid4().hex}", sent
    server.create_database(name, template=template)
    shutil.copytree(settings.exports_dir, tmp_path / "exports")
    yield Settings(
        url=server.url(name),
        state_dir=tmp_path,
        exports_dir=tmp_path / "exports",
        expectations_dir=tmp_path / "expectations",
    )
    server.drop_database(name)


def declare(settings: Settings, table: str, column: str | None, query: str = "select 1") -> None:
    schema, _, name = table.partition(".")
    declared = {
        "name": "it_is_as_usual",
        "sql": [query],
        "severity": "hold",
        "why": "Lists are cut by this column.",
        "what_to_do": "Look at what makes this column.",
    }
    file = settings.expectations_dir / schema / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    named = {"column": column} if column else {}
    file.write_text(json.dumps({"table": table, "why": declared["why"], "checks": [{**declared, **named}]}))


def publish(settings: Settings) -> None:
    """Check the next night's marts, with what is declared now, and publish them."""
    check(settings, NEXT, "marts")
    marts.publish(settings, NEXT)
    ledger.close_run(settings.url, NEXT.run_id, failed=False)


def activate(settings: Settings, night: Night, *, build: bool = False) -> str:
    """The activation of the night, how its run ended. Segments that are not built are taken for the night's."""
    run = activation_night(settings, night.date)
    ledger.open_run(settings.url, run, ledger.ACTIVATION)
    if build:
        activation.build_segments(settings, run)
    else:
        with connect(settings.url) as connection:
            connection.execute("update activation.built set batch_id = (select batch_id from ops.published)")
            connection.commit()
    check(settings, run, "activation")
    activation.send(settings, run)
    return ledger.close_run(settings.url, run.run_id, failed=False)


def lists(settings: Settings, night: Night) -> set[str]:
    """The segments that have a list of the night."""
    return {file.stem for file in (settings.exports_dir / night.date.isoformat()).glob("*.csv")}


def left(settings: Settings, *segments: str) -> dict[str, object]:
    """Everything that there is of these segments, but the note that they are held."""
    found: dict[str, object] = {
        str(file): file.read_bytes() for name in segments for file in settings.exports_dir.rglob(f"{name}.*")
    }
    for name in segments:
        found[name] = rows(settings.url, f"select * from activation.segment_{name} order by 1")
        for table in ("plans", "withheld", "sent", "deliveries"):
            query = f"select * from activation.{table} where segment = '{name}'"
            found[f"{table} of {name}"] = sorted(rows(settings.url, query), key=str)
    return found


def test_only_the_segments_of_the_column_keep_their_last_list(settings: Settings) -> None:
    declare(settings, "marts_store.customer_rfm", "rfm_segment")
    before = left(settings, *RFM)
    publish(settings)

    status = activate(settings, NEXT, build=True)

    assert rows(settings.url, "select run_id from ops.published") == [(NEXT.run_id,)]
    assert status == "degraded"
    assert lists(settings, NEXT) == ALL - RFM
    assert left(settings, *RFM) == before
    assert rows(settings.url, "select night, segment from activation.held order by 2") == [
        (NEXT.date, "at_risk"),
        (NEXT.date, "cannot_lose"),
        (NEXT.date, "champions"),
    ]
    summary = summarise(settings, NEXT, {}, {})
    assert summary.held == dict.fromkeys(sorted(RFM), "marts_store.customer_rfm it_is_as_usual failed")
    assert {row.segment for row in summary.segments} == ALL - RFM
    assert [item["severity"] for item in summary.failed_checks] == ["hold"]


@pytest.fixture
def known(dependents: holds.Dependents, monkeypatch: pytest.MonkeyPatch) -> None:
    """What depends on what is known already; compiling the project again takes seconds."""
    monkeypatch.setattr(holds, "_dependents", lambda *_: dependents)


@pytest.mark.usefixtures("known")
def test_a_check_that_cannot_be_made_holds_as_well(settings: Settings) -> None:
    declare(settings, "marts_store.customer_360", "first_purchase_date", "select nothing_like_it from {table} as mart")
    publish(settings)

    activate(settings, NEXT)

    assert lists(settings, NEXT) == ALL - {"new_customers"}


def test_who_gets_no_promotion_being_held_holds_all_marketing(settings: Settings) -> None:
    publish(settings)
    declare(settings, "activation.segment_open_complaint", None)

    activate(settings, NEXT)

    assert lists(settings, NEXT) == {"detractors"}
    reasons = dict(rows(settings.url, "select segment, reason from activation.held"))
    assert reasons.keys() == ALL - {"detractors"}
    assert reasons["lost"] == "who gets no promotion is not known: open_complaint is held"


def test_a_segment_whose_own_check_fails_is_held_alone(settings: Settings) -> None:
    before = {name: left(settings, name) for name in ("lost", "active")}
    publish(settings)
    declare(settings, "activation.segment_lost", None)

    activate(settings, NEXT)

    assert lists(settings, NEXT) == ALL - {"lost"}
    assert before["lost"].keys() == left(settings, "lost").keys()


def test_a_list_that_was_sent_stays_as_it_was_when_the_same_night_is_held(settings: Settings) -> None:
    publish(settings)
    activate(settings, NEXT)
    before = left(settings, "lost", "active")
    assert lists(settings, NEXT) == ALL
    for name in ("lost", "active"):
        declare(settings, f"activation.segment_{name}", None)

    activate(settings, NEXT)

    assert left(settings, "lost", "active") == before


@pytest.mark.usefixtures("known")
def test_what_is_held_belongs_to_the_published_batch_not_to_the_run(settings: Settings) -> None:
    declare(settings, "marts_store.customer_rfm", "rfm_segment")
    publish(settings)

    open_run(settings.url, NEXT)  # the night is run again, and its checks are forgotten until they are made again
    ledger.close_run(settings.url, NEXT.run_id, failed=True)
    activate(settings, NEXT)

    assert lists(settings, NEXT) == ALL - RFM


def test_a_hold_on_what_leads_to_consent_stops_the_night(settings: Settings) -> None:
    declare(settings, "warehouse.dim_customers", "first_created_date")
    declare(settings, "warehouse.int_consent_statements", "said_at")

    with pytest.raises(StageError, match=r"1 critical check after warehouse failed: warehouse\.int_consent_statements"):
        check(settings, NEXT, "warehouse")
    with pytest.raises(StageError, match="warehouse / it_is_as_usual"):
        marts.publish(settings, NEXT)

    assert rows(settings.url, "select run_id from ops.published") == [(NIGHT.run_id,)]
