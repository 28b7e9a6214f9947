"""The service desk's database: a helpdesk's tables in a PostgreSQL of its own, filled from a prepared world."""

from __future__ import annotations

from pathlib import Path

from customer_warehouse.database import connect, quoted, scalar, statement
from customer_warehouse.demo.desk import TABLES
from customer_warehouse.demo.world import current

SCHEMA = """
create table if not exists contacts (
    id bigint primary key,
    external_customer_id text,
    full_name text,
    email text,
    phone text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
);
create table if not exists agents (
    id bigint primary key,
    name text not null,
    team text not null,
    active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create table if not exists cases (
    id bigint primary key,
    contact_id bigint not null,
    type text not null,
    status text not null,
    channel text,
    subject text,
    order_reference text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    closed_at timestamptz,
    priority text,
    category text,
    cause text,
    agent_id bigint,
    product_sku text,
    carrier text,
    batch text,
    sla_policy text,
    outcome text
);
create table if not exists case_status_history (
    id bigint primary key,
    case_id bigint not null,
    status text not null,
    changed_at timestamptz not null
);
create table if not exists messages (
    id bigint primary key,
    case_id bigint not null,
    author_type text not null,
    body text,
    sent_at timestamptz not null
);
create table if not exists satisfaction_ratings (
    id bigint primary key,
    case_id bigint not null,
    score integer not null,
    comment text,
    rated_at timestamptz not null
);
create table if not exists surveys (
    id bigint primary key,
    kind text not null,
    case_id bigint,
    contact_id bigint,
    channel text,
    score integer,
    sent_at timestamptz not null,
    answered_at timestamptz,
    updated_at timestamptz not null
);
create table if not exists return_requests (
    id bigint primary key,
    case_id bigint,
    order_reference text,
    product_sku text,
    batch text,
    carrier text,
    reason text,
    requested_by text,
    requested_at timestamptz not null,
    decided_at timestamptz,
    decision text,
    updated_at timestamptz not null
);
create table if not exists leads (
    id bigint primary key,
    full_name text,
    email text,
    phone text,
    origin text,
    interest text,
    status text not null,
    lost_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create table if not exists lead_stage_history (
    id bigint primary key,
    lead_id bigint not null,
    status text not null,
    changed_at timestamptz not null,
    recorded_at timestamptz not null
);
create table if not exists product_registrations (
    id bigint primary key,
    order_reference text,
    product_sku text,
    purchased_on date,
    registered_at timestamptz not null,
    guaranteed_until date,
    updated_at timestamptz not null
);
create index if not exists contacts_by_update on contacts (updated_at);
create index if not exists cases_by_update on cases (updated_at);
create index if not exists case_status_history_by_time on case_status_history (changed_at);
create index if not exists messages_by_time on messages (sent_at);
create index if not exists satisfaction_ratings_by_time on satisfaction_ratings (rated_at);
create index if not exists surveys_by_update on surveys (updated_at);
create index if not exists return_requests_by_update on return_requests (updated_at);
create index if not exists leads_by_update on leads (updated_at);
create index if not exists lead_stage_history_by_time on lead_stage_history (recorded_at);
create index if not exists product_registrations_by_update on product_registrations (updated_at)
"""


def load(folder: Path, database_url: str) -> dict[str, int]:
    """Make the database show the current world of the folder, in one transaction; returns the rows of each table.

    Does nothing when it shows that world already. Raises WorldError when no world is prepared.
    """
    world = current(folder)
    with connect(database_url) as connection:
        shown = scalar(connection, "select obj_description(to_regclass('contacts'), 'pg_class')")
        if shown != world.fingerprint:
            # Made anew: another version of the desk may have left tables with other columns.
            connection.execute(statement(f"drop table if exists {', '.join(map(quoted, TABLES))}"))
            connection.execute(SCHEMA)
            for table in TABLES:
                command = statement(f"copy {quoted(table)} from stdin with (format csv)")
                with (
                    (world.service_desk / f"{table}.csv").open("rb") as file,
                    connection.cursor().copy(command) as copy,
                ):
                    while block := file.read(1 << 20):
                        copy.write(block)
            connection.execute(statement(f"comment on table contacts is '{world.fingerprint}'"))
        return {table: int(scalar(connection, f"select count(*) from {quoted(table)}")) for table in TABLES}
