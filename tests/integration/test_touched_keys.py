"""Facts that are made anew by touched keys alone are, row for row, those that are made in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.ops.batches import UNTIL, holds_in
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish import contracts
from customer_warehouse.publish.declared import AS_OF, declared_marts
from customer_warehouse.publish.views import STORE
from customer_warehouse.settings import PROJECT, Settings
from customer_warehouse.warehouse import dbt_runner, touched
from integration.changing_brand import CHANGES, Brand
from integration.dbt_warehouse import create_identity_tables, create_standard_tables, insert, rows, settings_for
from integration.small_brand import NIGHT, line

pytestmark = pytest.mark.slow

BY_TOUCHED_KEYS = [
    path.stem
    for path in (PROJECT / "dbt_project" / "models").rglob("*.sql")
    if re.search("'touched_keys':|'added_up'", path.read_text("utf-8"))
]
KEPT = ("fct_order_lines", "int_kpi_orders", "int_rfm_month_moves")
"""Models whose changes are added up."""
VERSIONS = {mart.name: mart for mart in declared_marts(PROJECT / "dbt_project") if mart.versions}
NEW_COLUMNS = {
    "customer_contact_points": "is_verified",
    "customer_lifecycle_changes": "reason",
    "customer_membership_changes": "level_change",
    "customer_rfm_history": "rfm_segment",
}
Contents = dict[str, list[str]]


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """A warehouse with nothing but empty tables."""
    name = f"touched_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    settings = settings_for(server.url(name), tmp_path)
    with connect(settings.url) as connection:
        create_standard_tables(connection)
        create_identity_tables(connection)
    yield settings
    server.drop_database(name)


def settle_cut_points(connection: Connection) -> None:
    """Readers see cut points of RFM from before all orders, so that no night settles others and makes all anew."""
    kinds = {"r": "int", "f": "bigint", "m": "numeric"}
    cuts = {
        f"{measure}_{score}": 500 - 100 * score if measure == "r" else score
        for measure in kinds
        for score in range(2, 6)
    }
    names = ", ".join(f"{name} {kinds[name[0]]}" for name in cuts)
    connection.execute(
        statement(
            "create table marts.rfm_cut_points (review_date date, valid_from date, is_provisional boolean,"
            f" window_days int, order_count bigint, customer_count bigint, {names})"
        )
    )
    settled = {"review_date": "2024-06-30", "valid_from": "2024-07-01", "is_provisional": False, "window_days": 730}
    insert(connection, "marts.rfm_cut_points", [{**settled, "order_count": 0, "customer_count": 100, **cuts}])


def make_dear(connection: Connection) -> None:
    """Let every order come to enough for a membership level."""
    connection.execute(
        "insert into standardised.order_lines (source, source_key, order_key, quantity, unit_price)"
        " select source, 'dear ' || source_key, source_key, 1, 50000 from standardised.orders"
    )


def build(settings: Settings, night: Night = NIGHT) -> dict[str, dbt_runner.ModelResult]:
    """Build all that is made by touched keys and what it needs, as the warehouse stage builds it."""
    with connect(settings.url) as connection:
        touched.watch(connection)
        batch = touched.take(connection)
    variables = {"touched_batch": batch, "program": touched.program(settings.dbt_project_dir)}
    select = [f"+{model}" for model in (*BY_TOUCHED_KEYS, *VERSIONS)]
    with ledger.step(settings.url, night, "warehouse", "dbt build") as step:
        results = dbt_runner.build(
            settings, night, "warehouse", select, step, variables, exclude=["resource_type:test", *VERSIONS]
        )
    with connect(settings.url) as connection:
        touched.forget(connection, batch)
    return results.models


def build_versions(settings: Settings, night: Night, batch_id: int) -> None:
    """Build the marts that keep versions, as the marts stage builds them."""
    with connect(settings.url) as connection:
        batch = touched.finished(connection)
    variables = {
        "batch_id": batch_id,
        "touched_batch": batch,
        "program": touched.program(settings.dbt_project_dir),
    }
    with ledger.step(settings.url, night, "marts", "build") as step:
        dbt_runner.build(settings, night, "marts", list(VERSIONS), step, variables, exclude=["resource_type:test"])


def versions(settings: Settings, batch_id: int) -> Contents:
    """The rows of the marts that keep versions, as they hold in the batch."""
    return {
        name: [
            row
            for (row,) in rows(
                settings.url,
                f"select ({', '.join(column.name for column in mart.columns if column.name != AS_OF)})::text"
                f" from {quoted(STORE, name)} where {holds_in(batch_id, versions=True)} order by 1",
            )
        ]
        for name, mart in VERSIONS.items()
    }


def at(day: int) -> Night:
    """The night of that day of November 2026."""
    return night_of(date(2026, 11, day), "Asia/Taipei")


def facts(settings: Settings) -> Contents:
    """Every row of every model of the warehouse that is made by touched keys."""
    known = "select model from ops.model_builds where model <> %s and not is_mart order by 1"
    models = [model for (model,) in rows(settings.url, known, touched.WHOLE)]
    return {
        model: [
            row for (row,) in rows(settings.url, f"select t::text from {quoted('warehouse', model)} as t order by 1")
        ]
        for model in models
    }


def is_in_order(settings: Settings, model: str) -> bool:
    """Whether all rows of a customer lie beside each other in the table."""
    (counts,) = rows(
        settings.url,
        "select count(distinct customer_id), count(*) filter (where is_other) from (select customer_id,"
        " customer_id is distinct from lag(customer_id) over (order by ctid) as is_other"
        f" from {quoted('warehouse', model)}) as rows_as_they_lie",
    )
    return counts[0] == counts[1] > 1


def fail_to_add_up(settings: Settings, night: Night) -> None:
    """A build in which every model of sums fails, after the rows were made that they are of."""
    renamed = "alter table warehouse.{} rename column {} to {}"
    tables = {"int_kpi_order_days": "orders", "int_rfm_month_counts": "customers", "int_sales_days": "order_lines"}
    with connect(settings.url) as connection:
        for table, column in tables.items():
            connection.execute(statement(renamed.format(table, column, "elsewhere")))
    with pytest.raises(StageError, match="int_kpi_order_days"):
        build(settings, night)
    with connect(settings.url) as connection:
        kept = [scalar(connection, f"select count(*) from warehouse.{rows}_changes") for rows in KEPT]
        for table, column in tables.items():
            connection.execute(statement(renamed.format(table, "elsewhere", column)))
    assert min(kept) > 0


def failed_after_doubling_a_line(settings: Settings) -> str:
    """The test that finds a line made in the last build in an order that was not, too, and nothing else wrong."""
    with connect(settings.url) as connection:
        (batch,) = connection.execute("select max(batch) from ops.model_builds").fetchone() or (0,)
        connection.execute(
            "create temporary table doubled on commit drop as select * from warehouse.fct_order_lines"
            " where order_id in (select order_id from warehouse.int_touched_orders) order by order_line_id limit 1"
        )
        connection.execute("update doubled set order_id = 'an order of another night'")
        connection.execute("insert into warehouse.fct_order_lines select * from doubled")
    variables = {"touched_batch": batch, "program": touched.program(settings.dbt_project_dir)}
    with ledger.step(settings.url, at(13), "warehouse", "dbt test") as step:
        select = ["key_of_fct_order_lines", "never_null_in_fct_order_lines"]
        with pytest.raises(StageError) as failed:
            dbt_runner.build(settings, at(13), "warehouse", select, step, variables)
    return str(failed.value).split(" (")[0].rsplit(" ", 1)[-1]


def test_facts_by_touched_keys_are_those_of_a_full_build(settings: Settings) -> None:
    changes = set()
    with connect(settings.url) as connection:
        brand = Brand(connection, seed=5)
        brand.fill()
        settle_cut_points(connection)
    build(settings, at(10))
    # Some of it is dated ahead of its night, nights are left out, one fails when rows are made and their sums are not,
    # and the last one is an earlier night built again.
    for day, fails in ((17, True), (17, False), (13, False)):
        with connect(settings.url) as connection:
            brand.connection = connection
            changes |= {brand.change() for _ in range(40)}
        if fails:
            fail_to_add_up(settings, at(day))
        else:
            made = build(settings, at(day))
    by_touched_keys = facts(settings)
    doubled = failed_after_doubling_a_line(settings)
    macro = settings.dbt_project_dir / "macros" / "time.sql"
    macro.write_text(macro.read_text(encoding="utf-8") + "\n{#- Another program. -#}\n", encoding="utf-8")
    made_in_full = build(settings, at(13))

    assert changes == set(CHANGES)
    assert doubled == "key_of_fct_order_lines"
    assert set(by_touched_keys) == set(BY_TOUCHED_KEYS)
    for model, found in facts(settings).items():
        assert by_touched_keys[model] == found, model
        assert made_in_full[model].rows == len(found), model
    for model in ("int_customer_moneys", "int_rfm_events", "int_cohort_events"):
        assert is_in_order(settings, model), model
    assert 0 < (made["fct_orders"].rows or 0) < (made_in_full["fct_orders"].rows or 0) / 2


def test_versions_of_marts_are_what_a_look_at_everything_finds(settings: Settings) -> None:
    another = "\n{#- Another program. -#}\n"
    macro = settings.dbt_project_dir / "macros" / "time.sql"
    with connect(settings.url) as connection:
        brand = Brand(connection, seed=7)
        brand.fill()
        make_dear(connection)
    build(settings, at(10))
    build_versions(settings, at(10), 1)
    first = versions(settings, 1)
    for batch_id, day in ((2, 17), (3, 13)):
        with connect(settings.url) as connection:
            brand.connection = connection
            for _ in range(8):
                brand.change()
        build(settings, at(day))
        build_versions(settings, at(day), batch_id)
    by_touched_keys = versions(settings, 3)
    begun = {
        mart: rows(settings.url, f"select customer_id from {STORE}.{mart} where batch_id = 3") for mart in VERSIONS
    }
    macro.write_text(macro.read_text(encoding="utf-8") + another, encoding="utf-8")

    build_versions(settings, at(13), 4)

    assert any(begun.values())
    for mart in VERSIONS:
        assert len(begun[mart]) < len(by_touched_keys[mart]), mart
        made = f"select count(*) from {STORE}.{mart} where batch_id = 4 or until_batch = 4"
        assert rows(settings.url, made) == [(0,)], mart
    assert versions(settings, 4) == by_touched_keys
    assert versions(settings, 1) == first != by_touched_keys


def test_copies_become_versions_and_a_column_that_is_new_is_filled_in_every_row(settings: Settings) -> None:
    macro = settings.dbt_project_dir / "macros" / "time.sql"
    with connect(settings.url) as connection:
        Brand(connection, seed=9).fill()
        make_dear(connection)
    build(settings)
    build_versions(settings, NIGHT, 1)
    first = versions(settings, 1)
    with connect(settings.url) as connection:  # as a program left it that kept copies, and knew a column less
        for mart, column in NEW_COLUMNS.items():
            connection.execute(statement(f"alter table {STORE}.{mart} drop column {UNTIL}, drop column {column}"))
    macro.write_text(macro.read_text(encoding="utf-8") + "\n{#- Another program. -#}\n", encoding="utf-8")
    with connect(settings.url) as connection:
        contracts.make_room(connection, list(VERSIONS.values()))

    build_versions(settings, NIGHT, 2)

    assert set(NEW_COLUMNS) == set(VERSIONS)
    assert all(first.values())
    assert versions(settings, 2) == first
    for mart, found in first.items():
        held = f"select batch_id, {UNTIL}, count(*) from {STORE}.{mart} group by 1, 2 order by 1"
        assert rows(settings.url, held) == [(1, 2, len(found)), (2, None, len(found))], mart


def test_a_mart_that_missed_a_build_of_the_warehouse_is_looked_at_as_a_whole(settings: Settings) -> None:
    with connect(settings.url) as connection:
        brand = Brand(connection, seed=8)
        brand.fill()
    build(settings)
    build_versions(settings, NIGHT, 1)
    for _ in range(2):
        with connect(settings.url) as connection:
            brand.connection = connection
            brand.add_order()
        build(settings)

    build_versions(settings, NIGHT, 2)

    changes = rows(settings.url, "select customer_id, valid_from from warehouse.int_lifecycle_changes order by 1, 2")
    shown = rows(
        settings.url,
        "select customer_id, valid_from from marts_store.customer_lifecycle_changes"
        f" where {holds_in(2, versions=True)} order by 1, 2",
    )
    assert shown == changes


def test_what_holds_of_a_whole_source_makes_its_facts_anew(settings: Settings) -> None:
    currencies = (
        "select distinct line.currency from warehouse.fct_order_lines as line join standardised.orders as bought"
        " on bought.source = line.source and bought.source_key = line.order_key"
        " where bought.source = 'shop' and bought.currency is null"
    )
    with connect(settings.url) as connection:
        Brand(connection, seed=6).fill()
    build(settings)
    before = rows(settings.url, currencies)
    with connect(settings.url) as connection:
        connection.execute("update standardised.source_trust set currency = 'HKD'")

    build(settings)

    assert (before, rows(settings.url, currencies)) == ([("TWD",)], [("HKD",)])


def test_lists_of_a_build_that_was_not_finished_are_not_what_marts_are_made_from(settings: Settings) -> None:
    with connect(settings.url) as connection:
        batch = touched.take(connection)
        begun = touched.finished(connection)
        touched.forget(connection, batch)
        ended = touched.finished(connection)
        touched.take(connection)
        begun_again = touched.finished(connection)

    assert (begun, ended, begun_again) == (None, batch, None)


def test_what_touches_much_of_a_table_or_an_unwatched_one_is_noted_as_one_row(settings: Settings) -> None:
    with connect(settings.url) as connection:
        unwatched, watched_now = touched.watch(connection), touched.watch(connection)
        touched.forget(connection, touched.take(connection))
        insert(connection, "standardised.order_lines", [line("shop", str(n), "o", "1", "1") for n in range(3)])
        few = noted(connection)
        connection.execute(
            "insert into standardised.order_lines (source, source_key, order_key, quantity, unit_price)"
            " select 'till', n::text, 'o', 1, 1 from generate_series(1, 1001) as n"
        )
        connection.execute("truncate standardised.returns")
        much = noted(connection)

    assert (set(unwatched), watched_now) == (set(touched.watched()), [])
    assert few == {("standardised.order_lines", "order_key", "o"), *line_keys(0, 1, 2)}
    assert much - few == {("standardised.order_lines", None, None), ("standardised.returns", None, None)}


def noted(connection: Connection) -> set[tuple[str, str | None, str | None]]:
    new = "select relation, key_column, key from ops.touched_keys where batch is null"
    return set(connection.execute(new).fetchall())


def line_keys(*keys: int) -> list[tuple[str, str, str]]:
    return [("standardised.order_lines", "source_key", str(key)) for key in keys]
