"""Hold the marts beside the files, and what every stage took beside what it gave.

Two kinds of lines come out, and each must have a difference of nothing:

- figures: what the files say (by the declaration's `controls`) and what the published marts say;
- balances: every row of the files is landed, a duplicate or isolated; every landed row standardised or rejected; and
  so on to the segments, where everyone eligible is sent or withheld.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import yaml
from psycopg.rows import dict_row

from customer_warehouse.acceptance.books import Books
from customer_warehouse.acceptance.data_set import AcceptanceError, DataSet
from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.extract.declaration import Source, raw_table
from customer_warehouse.night import Night
from customer_warehouse.pipeline import activation_night
from customer_warehouse.settings import Settings

NAMES = {"lines": "total_lines", "invoices": "documents", "buyers": "customers", "revenue": "net_revenue"}
"""Plain words for columns of marts.reconciliation_totals; a control may use a column's own name as well."""
RECORDS = "customer_records"
"""The one figure from elsewhere: a source's records of people, each of whom must be in marts.customer_360."""
CENT = Decimal("0.01")


def require_figures(settings: Settings, books: Books, night: date) -> None:
    """Raise AcceptanceError for a control that the marts have no figure for, or that cannot be computed."""
    known = set(marts_columns(settings)) | {RECORDS}
    for source in books.sources.values():
        for control in source.controls:
            if NAMES.get(control, control) not in known:
                names = ", ".join([*NAMES, RECORDS, *sorted(known - {RECORDS, *NAMES.values()})])
                raise AcceptanceError(
                    f"The marts have no figure for the control {control!r} of {source.source}.yml; they have: {names}."
                )
        if source.controls:
            books.figures(source.source, night)


def marts_columns(settings: Settings) -> list[str]:
    """The numbers in marts.reconciliation_totals, as its dbt model declares them."""
    file = settings.dbt_project_dir / "models" / "marts" / "published" / "reconciliation_totals.yml"
    (model,) = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    return [
        column["name"]
        for column in model["columns"]
        if column["data_type"] in ("bigint", "numeric") and column["name"] != "batch_id"
    ]


@dataclass(frozen=True)
class Line:
    """Two sides that must be equal."""

    about: str
    """A source, or a stage."""
    name: str
    given: Decimal
    """What the files say; of a balance, what went in."""
    found: Decimal
    """What the marts say; of a balance, what came out in one way or another."""
    parts: str = ""
    """Of a balance: the ways, in words."""

    @property
    def difference(self) -> Decimal:
        return self.found - self.given


def figures(settings: Settings, books: Books, night: Night) -> list[Line]:
    """The control figures of every source of files, from the files up to the night and from the published marts."""
    lines: list[Line] = []
    with connect(settings.url) as connection:
        for name, source in books.sources.items():
            if source.controls:
                marts = _marts_figures(connection, source, marts_columns(settings))
                for control, value in books.figures(name, night.date).items():
                    lines.append(_figure(source, control, value, marts))
    return lines


def balances(settings: Settings, data_set: DataSet, books: Books, night: Night) -> list[Line]:
    """What went into every stage up to the night and what became of it."""
    with connect(settings.url) as connection:
        lines = [
            line
            for source in data_set.sources
            for entity in source.entities
            for line in _extract(connection, books, source, entity, night)
        ]
        lines += _standardise(connection)
        lines += _identity(connection)
        lines += _facts(connection)
        lines += _activation(connection, activation_night(settings, night.date))
    return lines


def isolated(settings: Settings, night: Night) -> list[dict[str, Any]]:
    """What could not be landed by the night: source, entity, place, reason, rows."""
    with connect(settings.url) as connection:
        return _rows(
            connection,
            "select source, entity, place, reason, rows from ops.isolated where as_of <= %(as_of)s"
            " order by source, entity, place, reason",
            {"as_of": night.as_of},
        )


def rejected(settings: Settings) -> list[dict[str, Any]]:
    """What standardise could not take: source, entity, column, reason, and how many values and whole rows."""
    with connect(settings.url) as connection:
        return _rows(
            connection,
            "select source, entity, column_name as column, reason, count(*) as values,"
            " count(*) filter (where row_rejected) as rows from standardised.rejects group by 1, 2, 3, 4"
            " order by rows desc, values desc, 1, 2, 3, 4",
        )


def _figure(source: Source, control: str, value: Decimal | float, marts: dict[str, Decimal]) -> Line:
    found = marts[NAMES.get(control, control)]
    if isinstance(value, float):  # inexact SQL is held to the cent, exact SQL to the last digit
        return Line(source.source, control, Decimal(repr(value)).quantize(CENT), found.quantize(CENT))
    return Line(source.source, control, value, found)


def _marts_figures(connection: Connection, source: Source, columns: list[str]) -> dict[str, Decimal]:
    """Every number that the published marts have for the source; nothing sold is nought."""
    rows = _rows(connection, "select * from marts.reconciliation_totals where source = %s", (source.source,))
    totals = {name: Decimal(rows[0][name] if rows else 0) for name in columns}
    totals[RECORDS] = Decimal(
        scalar(
            connection,
            "select count(*) from identity.customer_records join marts.customer_360 using (customer_id)"
            " where source = %s",
            (source.source,),
        )
    )
    return totals


def _extract(connection: Connection, books: Books, source: Source, entity: str, night: Night) -> list[Line]:
    batches = _row(
        connection,
        """
        select coalesce(sum(rows_read), 0) as read, coalesce(sum(rows_landed), 0) as landed,
            coalesce(sum(rows_duplicate), 0) as duplicate, coalesce(sum(rows_isolated), 0) as isolated,
            coalesce(sum(keys_deleted), 0) as deleted
        from ops.batches where source = %(source)s and entity = %(entity)s and status = 'landed' and as_of <= %(as_of)s
        """,
        {"source": source.source, "entity": entity, "as_of": night.as_of},
    )
    name = f"{source.source}.{entity}"
    given = batches["read"]
    if source.kind == "files":
        given = Decimal(books.rows(source.source, entity, night.date))
    parts = f"{batches['landed']:,} landed, {batches['duplicate']:,} duplicate, {batches['isolated']:,} isolated"
    raw = scalar(connection, f"select count(*) from {quoted(*raw_table(source.source, entity))}")
    return [
        Line("extract", name, given, batches["landed"] + batches["duplicate"] + batches["isolated"], parts),
        Line("raw", name, batches["landed"] + batches["deleted"], Decimal(raw), "in the table"),
    ]


def _standardise(connection: Connection) -> list[Line]:
    """All that stands and all that is rejected, beside what tonight's steps and those before them took."""
    rows = _rows(
        connection,
        """
        select entity, sum(rows_in) as given, sum(rows_out) as taken, sum(rows_rejected) as rejected
        from (select step as entity, rows_in, rows_out, rows_rejected from ops.steps where stage = 'standardise'
            and step <> 'check' and status in ('succeeded', 'degraded')) as steps
        group by entity having sum(rows_in) > 0 order by entity
        """,
    )
    return [
        Line(
            "standardise",
            row["entity"],
            row["given"],
            row["taken"] + row["rejected"],
            f"{row['taken']:,} standardised, {row['rejected']:,} rejected",
        )
        for row in rows
    ]


def _identity(connection: Connection) -> list[Line]:
    row = _row(
        connection,
        """
        select (select count(*) from standardised.customers) as records,
            (select count(*) from identity.customer_records) as resolved,
            (select count(*) from identity.customers) as customers,
            (select count(*) from marts.customer_360) as published
        """,
    )
    return [
        Line("identity", "records", row["records"], row["resolved"], f"records of {row['customers']:,} customers"),
        Line("marts", "customers", row["customers"], row["published"], "in customer_360"),
    ]


def _facts(connection: Connection) -> list[Line]:
    row = _row(
        connection,
        """
        select (select count(*) from standardised.orders) as orders,
            (select coalesce(sum(orders), 0) from marts.reconciliation_totals) as orders_published,
            (select count(*) from standardised.order_lines) + (select count(*) from standardised.returns) as lines,
            (select coalesce(sum(order_lines), 0) from marts.reconciliation_totals) as order_lines,
            (select coalesce(sum(return_lines), 0) from marts.reconciliation_totals) as return_lines,
            (select coalesce(sum(order_lines_without_order), 0) from marts.reconciliation_totals) as lost,
            (select coalesce(sum(net_revenue), 0) from marts.reconciliation_totals) as revenue,
            (select coalesce(sum(net_revenue), 0) from marts.sales_summary) as summary
        """,
    )
    found = row["order_lines"] + row["return_lines"] + row["lost"]
    parts = f"{row['order_lines']:,} of orders, {row['return_lines']:,} returned, {row['lost']:,} without their order"
    return [
        Line("marts", "orders", row["orders"], row["orders_published"], "in reconciliation_totals"),
        Line("marts", "lines", row["lines"], found, parts),
        Line("marts", "revenue", row["revenue"], row["summary"], "in sales_summary"),
    ]


def _activation(connection: Connection, night: Night) -> list[Line]:
    rows = _rows(
        connection,
        "select step, rows_in, rows_out, rows_rejected from ops.steps where run_id = %(run_id)s"
        " and stage = 'activation' and detail ? 'segment' order by step_id",
        {"run_id": night.run_id},
    )
    return [
        Line(
            "activation",
            row["step"],
            Decimal(row["rows_in"]),
            Decimal(row["rows_out"] + row["rows_rejected"]),
            f"{row['rows_out']:,} sent, {row['rows_rejected']:,} withheld",
        )
        for row in rows
    ]


def _row(connection: Connection, query: str, parameters: Any = None) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in _rows(connection, query, parameters)[0].items()}


def _rows(connection: Connection, query: str, parameters: Any = None) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(query), parameters).fetchall()
