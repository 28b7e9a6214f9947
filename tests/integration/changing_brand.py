"""A brand whose tables are changed at random, in every way in which sources and stewards do."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from customer_warehouse.database import Connection, statement
from integration.dbt_warehouse import insert
from integration.small_brand import NIGHT, line, order, record, returned

SOURCES = ("shop", "till")
CHANGES = (
    *("late order", "late line", "late return", "late case", "case goes on", "late visit", "contact", "campaign"),
    *("merge", "split", "no record", "person", "forgotten"),
    *("new value", "deleted", "re-keyed", "moved", "currency rejected"),
)


class Brand:
    """A brand whose tables are changed at random, in every way in which sources and stewards do."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.random = random.Random(seed)
        self.next_key = 0

    def fill(self) -> None:
        """Fill the empty tables."""
        for number in range(1, 9):
            customer = {
                "customer_id": f"C{number}",
                "first_seen_as_of": NIGHT.as_of - timedelta(days=400),
                "records": 1,
            }
            insert(self.connection, "identity.customers", [customer])
        insert(self.connection, "standardised.source_trust", [{"source": "shop", "trust": 2, "currency": "TWD"}])
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
