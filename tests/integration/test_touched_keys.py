"""Facts that are made anew by touched keys alone are, row for row, those that are made in full."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.database import Connection, connect, quoted, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import PROJECT, Settings
from customer_warehouse.warehouse import dbt_runner, touched
from integration.dbt_warehouse import create_identity_tables, create_standard_tables, insert, rows, settings_for
from integration.small_brand import NIGHT, line, order, record, returned

pytestmark = pytest.mark.slow

SOURCES = ("shop", "till")
CHANGES = (
    *("late order", "late line", "late return", "late case", "case goes on", "late visit", "contact", "campaign"),
    *("merge", "split", "no record", "person", "forgotten"),
    *("new value", "deleted", "re-keyed", "moved", "currency rejected"),
)
BY_TOUCHED_KEYS = [
    path.stem
    for path in (PROJECT / "dbt_project" / "models").rglob("*.sql")
    if "'touched_keys':" in path.read_text("utf-8")
]
Contents = dict[str, list[str]]


class Brand:
    """A brand whose tables are changed at random, in every way in which sources and stewards do."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.random = random.Random(seed)
        self.next_key = 0

    def fill(self) -> None:
        """Fill the empty tables."""
        insert(self.connection, "standardised.source_trust", [{"source": "shop", "trust": 2, "currency": "TWD"}])
        seen = {"first_seen_as_of": NIGHT.as_of - timedelta(days=20), "records": 1}
        insert(self.connection, "identity.customers", [{"customer_id": f"C{n}", **seen} for n in range(1, 9)])
        for _ in range(12):
            self.add_record()
        for _ in range(40):
            self.add_order()
        for _ in range(15):
            self.add_return()
        for _ in range(15):
            self.add_case()
        for source in SOURCES:
            campaign = {"source": source, "source_key": "c", "starts_at": NIGHT.as_of - timedelta(days=8)}
            insert(self.connection, "standardised.campaigns", [campaign])
        for _ in range(20):
            self.add_contact()
        for _ in range(15):
            self.add_web_event()

    def key(self) -> str:
        self.next_key += 1
        return str(self.next_key)

    def any_key(self, entity: str, source: str, column: str = "source_key") -> str:
        """A key that is there, or was, or never will be."""
        known = self.connection.execute(
            statement(
                f"select {column} from standardised.{entity} where source = %s and {column} is not null order by 1"
            ),
            (source,),
        ).fetchall()
        return str(self.random.choice([*known, (self.random.randint(1, self.next_key + 2),)])[0])

    def add_record(self) -> None:
        source, customer = self.random.choice(SOURCES), f"C{self.random.randint(1, 8)}"
        key = self.random.choice([self.key(), str(self.random.randint(1, 12))])
        self.connection.execute(
            "insert into identity.customer_records values (%s, %s, %s)"
            " on conflict (source, source_key) do update set customer_id = excluded.customer_id",
            (source, key, customer),
        )
        self.say_of_person(source, key)

    def say_of_person(self, source: str, key: str) -> None:
        """A source says something else of a person than before, or for the first time."""
        self._do("delete from standardised.customers where source = %s and source_key = %s", source, key)
        number = self.random.randint(1, 5)
        email = self.random.choice([None, f"{number}@example.com"])
        said: dict[str, object] = {
            "full_name": self.random.choice([None, f"Person {number}"]),
            "email": email,
            "email_key": email,
            "email_consent": self.random.choice([None, "granted", "denied"]),
            "email_consent_at": self.random.choice([None, NIGHT.as_of - timedelta(days=self.random.randint(0, 12))]),
            "phone_raw": "?",
            "phone": self.random.choice([None, f"+88691234567{number}"]),
            "city": self.random.choice([None, "Taipei"]),
            "birth_date": self.random.choice([None, "1990-01-01"]),
            "updated_at": self.random.choice([None, NIGHT.as_of]),
        }
        insert(self.connection, "standardised.customers", [record(source, key, **said)])

    def add_order(self) -> None:
        source, key = self.random.choice(SOURCES), self.key()
        insert(
            self.connection,
            "standardised.orders",
            [
                order(
                    source,
                    key,
                    f"{self.random.choice((2024, 2026))}-{self.random.randint(10, 11)}-{self.random.randint(10, 20)}",
                    customer_key=self.random.choice([None, str(self.random.randint(1, 12))]),
                    order_number=f"#{self.random.randint(1, 30)}",
                    store_key=self.random.choice([None, "S"]) if source == "till" else None,
                    currency=self.random.choice(["TWD", None]),
                    shipping_amount=Decimal(self.random.randint(0, 60)),
                    status=self.random.choice(["paid", "cancelled"]),
                )
            ],
        )
        for _ in range(self.random.randint(0, 3)):
            self.add_line(source, key)

    def add_line(self, source: str, order_key: str) -> None:
        sku = self.random.choice(["CUP", "HAT", None])
        price = str(self.random.randint(100, 999) / 8)
        row = line(source, self.key(), order_key, str(self.random.randint(1, 3)), price, sku=sku)
        insert(self.connection, "standardised.order_lines", [row])

    def add_return(self) -> None:
        source = self.random.choice(SOURCES)
        row = returned(
            self.key(),
            "2026-11-20T02:00",
            order_key=self.random.choice([None, self.any_key("orders", source)]),
            order_line_key=self.random.choice([None, self.any_key("order_lines", source)]),
            customer_key=self.random.choice([None, str(self.random.randint(1, 12))]),
            amount=self.random.choice([None, Decimal(5)]),
            currency=self.random.choice([None, "TWD"]),
        )
        insert(self.connection, "standardised.returns", [{**row, "source": source}])

    def add_case(self) -> None:
        source, key = self.random.choice(SOURCES), self.key()
        case = {
            "source": source,
            "source_key": key,
            "customer_key": self.random.choice([None, str(self.random.randint(1, 12))]),
            "kind": "complaint",
            "status": self.random.choice(["open", "closed"]),
            "order_number": f"#{self.random.randint(1, 30)}",
            "opened_at": NIGHT.as_of,
        }
        insert(self.connection, "standardised.cases", [case])
        self.add_to_case(source, key)

    def add_web_event(self) -> None:
        event = {
            "source": self.random.choice(SOURCES),
            "source_key": self.key(),
            "anonymous_key": f"browser {self.random.randint(1, 6)}",
            "customer_key": self.random.choice([None, None, str(self.random.randint(1, 12))]),
            "kind": self.random.choice(["page_view", "order"]),
            "occurred_at": NIGHT.as_of - timedelta(minutes=20 * self.random.randint(1, 9)),
            "order_key": str(self.next_key),
        }
        insert(self.connection, "standardised.web_events", [event])

    def add_to_case(self, source: str, key: str) -> None:
        of_case = {"source": source, "source_key": self.key(), "case_key": key}
        entity, values = self.random.choice(
            [
                ("case_messages", {"direction": "outbound", "sent_at": NIGHT.as_of}),
                ("case_status_changes", {"status": "closed", "changed_at": NIGHT.as_of}),
                ("ratings", {"rating": self.random.randint(1, 10), "rated_at": NIGHT.as_of}),
            ]
        )
        insert(self.connection, f"standardised.{entity}", [{**of_case, **values}])

    def add_contact(self) -> None:
        due = NIGHT.as_of - timedelta(days=self.random.randint(1, 400))
        contact = {
            "source": self.random.choice(SOURCES),
            "source_key": self.key(),
            "campaign_key": self.random.choice(["c", "unlisted"]),
            "customer_key": self.random.choice([None, str(self.random.randint(1, 12))]),
            "is_holdout": self.random.choice([None, "true", "false"]),
            "due_at": self.random.choice([None, due]),
            "opened_at": self.random.choice([None, due]),
        }
        insert(self.connection, "standardised.campaign_contacts", [contact])

    def change(self) -> str:
        """Change something; returns what."""
        what = self.random.choice(CHANGES)
        source = self.random.choice(SOURCES)
        if what == "late order":
            self.add_order()
        elif what == "late line":
            self.add_line(source, self.any_key("orders", source))
        elif what == "late return":
            self.add_return()
        elif what == "late case":
            self.add_case()
        elif what == "late visit":
            self.add_web_event()
        elif what == "case goes on":
            self.add_to_case(source, self.any_key("cases", source))
        elif what == "merge":
            pair = self.random.sample(range(1, 9), 2)
            self._do(
                "update identity.customer_records set customer_id = %s where customer_id = %s", *(f"C{n}" for n in pair)
            )
        elif what == "split":
            self.add_record()
        elif what == "no record":
            self._do(
                "delete from identity.customer_records where source = %s and source_key = %s",
                *(source, str(self.random.randint(1, 12))),
            )
        elif what == "person":
            self.say_of_person(source, str(self.random.randint(1, 12)))
        elif what == "forgotten":
            self._do(
                "delete from standardised.customers where source = %s and source_key = %s",
                *(source, str(self.random.randint(1, 12))),
            )
        elif what == "contact":
            self.add_contact()
        elif what == "campaign":
            self._do("update standardised.campaigns set segment = %s where source = %s", self.key(), source)
        elif what == "currency rejected":
            key = self.any_key("orders", source)
            self._do("delete from standardised.orders where source = %s and source_key = %s", source, key)
            self._do("insert into standardised.rejects values (%s, 'orders', %s, 'currency', 'unknown')", source, key)
        else:
            self._change_row(what, source)
        return what

    def _change_row(self, what: str, source: str) -> None:
        entity = self.random.choice(
            ["orders", "order_lines", "returns", "cases", "case_messages", "ratings", "campaign_contacts", "web_events"]
        )
        table, which = f"standardised.{entity}", "where source = %s and source_key = %s"
        key = self.any_key(entity, source)
        values = {
            "orders": "status = 'fulfilled', shipping_amount = coalesce(shipping_amount, 0) + 1",
            "order_lines": "quantity = quantity + 1",
            "returns": "amount = coalesce(amount, 0) + 1",
            "cases": "status = 'closed', order_number = '#1'",
            "case_messages": "direction = 'outbound'",
            "ratings": "rating = 1",
            "campaign_contacts": "clicked_at = opened_at, segment = 'another'",
            "web_events": "occurred_at = occurred_at - interval '1 hour'",
        }
        parents = {
            "orders": "customer_key",
            "order_lines": "order_key",
            "returns": "order_key",
            "cases": "customer_key",
            "case_messages": "case_key",
            "ratings": "case_key",
            "campaign_contacts": "customer_key",
            "web_events": "customer_key",
        }
        parent = "orders" if parents[entity] == "order_key" else "cases"
        moved_to = self.random.randint(1, 12) if "customer" in parents[entity] else self.any_key(parent, source)
        if what == "new value":
            self._do(f"update {table} set {values[entity]} {which}", source, key)
        elif what == "deleted":
            self._do(f"delete from {table} {which}", source, key)
        elif what == "re-keyed":
            self._do(f"update {table} set source_key = %s {which}", self.key(), source, key)
        else:
            self._do(f"update {table} set {parents[entity]} = %s {which}", str(moved_to), source, key)

    def _do(self, query: str, *parameters: str) -> None:
        self.connection.execute(statement(query), parameters)


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


def build(settings: Settings, night: Night = NIGHT) -> dict[str, dbt_runner.ModelResult]:
    """Build all that is made by touched keys and what it needs, as the warehouse stage builds it."""
    with connect(settings.url) as connection:
        touched.watch(connection)
        batch = touched.take(connection)
    variables = {"touched_batch": batch, "program": touched.program(settings.dbt_project_dir)}
    select = [f"+{model}" for model in BY_TOUCHED_KEYS]
    with ledger.step(settings.url, night, "warehouse", "dbt build") as step:
        results = dbt_runner.build(
            settings, night, "warehouse", select, step, variables, exclude=["resource_type:test"]
        )
    with connect(settings.url) as connection:
        touched.forget(connection, batch)
    return results.models


def at(day: int) -> Night:
    """The night of that day of November 2026."""
    return night_of(date(2026, 11, day), "Asia/Taipei")


def facts(settings: Settings) -> Contents:
    """Every row of every model that is made by touched keys."""
    models = [model for (model,) in rows(settings.url, "select model from ops.model_builds order by 1")]
    return {
        model: [
            row for (row,) in rows(settings.url, f"select t::text from {quoted('warehouse', model)} as t order by 1")
        ]
        for model in models
    }


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
        select = ["key_of_fct_order_lines", "key_of_int_lifecycle_changes", "never_null_in_fct_order_lines"]
        with pytest.raises(StageError) as failed:
            dbt_runner.build(settings, at(13), "warehouse", select, step, variables)
    return str(failed.value).split(" (")[0].rsplit(" ", 1)[-1]


def test_facts_by_touched_keys_are_those_of_a_full_build(settings: Settings) -> None:
    changes = set()
    with connect(settings.url) as connection:
        brand = Brand(connection, seed=5)
        brand.fill()
    build(settings, at(10))
    # Some of it is dated ahead of its night, nights are left out, and the last one is an earlier night built again.
    for day in (17, 13):
        with connect(settings.url) as connection:
            brand.connection = connection
            changes |= {brand.change() for _ in range(40)}
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
    assert 0 < (made["fct_orders"].rows or 0) < (made_in_full["fct_orders"].rows or 0) / 2


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
    return set(connection.execute("select relation, key_column, key from ops.touched_keys").fetchall())


def line_keys(*keys: int) -> list[tuple[str, str, str]]:
    return [("standardised.order_lines", "source_key", str(key)) for key in keys]
