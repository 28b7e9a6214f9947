"""Who may read what: `bi_reader` the marts without what names a person, `bi_pii` all of them.

Both are roles that logins become members of (`grant bi_reader to ann`). In schema `marts` a reader of `bi_reader` may
name every column that is not `personal: direct`; in schema `marts_bi` these columns are not there at all, so a tool
that selects everything works. Rights that other people gave to other roles are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish.declared import Mart
from customer_warehouse.publish.views import FULL, SCHEMAS, WITHOUT_PERSONS

READER, PII = "bi_reader", "bi_pii"
ROLES = (READER, PII)
CLOSED = ("raw", "standardised", "identity", "warehouse", "marts_store", "activation", "ops")
"""Schemas that neither role may look into."""
FOR_THE_DBA = "; ".join(f"create role {role} nologin" for role in ROLES) + ";"

Right = tuple[str, str, str, str]
"""role, schema, relation, column (empty for the whole relation)."""


def ensure(connection: Connection) -> str | None:
    """Create the roles that are missing, if this user may; else the sentence that says what a DBA has to run."""
    missing = [role for role in ROLES if not exists(connection, role)]
    if not missing:
        return None
    if scalar(connection, "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"):
        for role in missing:
            try:
                with connection.transaction():
                    connection.execute(statement(f"create role {role} nologin"))
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                pass  # another warehouse of this server made it just now
        return None
    return (
        f"The roles {', '.join(missing)} are missing, and this user may not create roles: have a DBA run"
        f" `{FOR_THE_DBA}` and publish again. Until then nobody reads the marts by these roles."
    )


def give(connection: Connection, marts: Sequence[Mart]) -> None:
    """Bring the rights of the roles that exist to what the marts declare, and nothing more; the caller commits."""
    for role in (role for role in ROLES if exists(connection, role)):
        for schema in SCHEMAS:
            if not scalar(connection, "select has_schema_privilege(%s, %s, 'usage')", (role, schema)):
                connection.execute(statement(f"grant usage on schema {schema} to {role}"))
        wanted = {right for mart in marts for right in wanted_rights(mart) if right[0] == role}
        for right in sorted(_given(connection, role) - wanted):
            connection.execute(statement(f"revoke all {_on(right)} from {role}"))
        # Taking a right on a relation away takes those on its columns with it, so what there is is read once more.
        for right in sorted(wanted - _given(connection, role)):
            connection.execute(statement(f"grant select {_on(right)} to {role}"))


def require(connection: Connection, marts: Sequence[Mart]) -> None:
    """The gate: what the roles may really read, by whatever way, is what is declared. Raises StageError otherwise."""
    found = problems(connection, marts)
    if found:
        raise StageError(
            f"Nothing is published: {'; '.join(found[:5])}"
            + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
            + ". Take away or give the right, then publish again."
        )


def problems(connection: Connection, marts: Sequence[Mart]) -> list[str]:
    """What the roles may read and should not, or should and may not, each as a phrase."""
    if not all(exists(connection, role) for role in ROLES):
        return []
    found = []
    if scalar(connection, "select pg_has_role(%s, %s, 'member')", (READER, PII)):
        found.append(f"{READER} is a member of {PII}, so it reads what names a person (`revoke {PII} from {READER}`)")
    may = {
        (role, schema, relation, column)
        for role, schema, relation, column in connection.execute(
            """
            select role, nspname::text, relname::text, attname::text
            from unnest(cast(%s as text[])) as role
            cross join pg_attribute
            join pg_class on pg_class.oid = attrelid
            join pg_namespace on pg_namespace.oid = relnamespace
            where nspname = any(%s) and relkind = 'v' and attnum > 0 and not attisdropped
                and has_column_privilege(role, pg_class.oid, attnum, 'select')
            """,
            (list(ROLES), list(SCHEMAS)),
        ).fetchall()
    }
    for mart in marts:
        for column in mart.columns:
            reader = (READER, FULL, mart.name, column.name)
            if column.is_direct and reader in may:
                found.append(
                    f"{READER} may read {FULL}.{mart.name}.{column.name}, which names a person, by a right of PUBLIC"
                    " or of a role that it belongs to"
                )
            needed = [(PII, FULL, mart.name, column.name)]
            if not column.is_direct:
                needed += [reader, *((role, WITHOUT_PERSONS, mart.name, column.name) for role in ROLES)]
            found += [
                f"{role} may not read {schema}.{name}.{what}"
                for role, schema, name, what in needed
                if (role, schema, name, what) not in may
            ]
    opened = connection.execute(
        "select role, schema from unnest(cast(%s as text[])) as role cross join unnest(cast(%s as text[])) as schema"
        " where has_schema_privilege(role, schema, 'usage') order by role, schema",
        (list(ROLES), list(CLOSED)),
    ).fetchall()
    for role, schema in opened:
        found.append(f"{role} may look into schema {schema} (`revoke usage on schema {schema} from {role}`)")
    return found


def wanted_rights(mart: Mart) -> set[Right]:
    """The rights of both roles on a mart."""
    rights = {
        (PII, FULL, mart.name, ""),
        (PII, WITHOUT_PERSONS, mart.name, ""),
        (READER, WITHOUT_PERSONS, mart.name, ""),
    }
    if any(column.is_direct for column in mart.columns):
        return rights | {(READER, FULL, mart.name, column.name) for column in mart.columns if not column.is_direct}
    return rights | {(READER, FULL, mart.name, "")}


def _given(connection: Connection, role: str) -> set[Right]:
    """The rights that were given to the role itself on the views that readers see."""
    rows = connection.execute(
        """
        select nspname::text, relname::text, '' from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join lateral aclexplode(relacl) as given
        where nspname = any(%(schemas)s) and given.grantee = to_regrole(%(role)s)
        union
        select nspname::text, relname::text, attname::text from pg_attribute
        join pg_class on pg_class.oid = attrelid
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join lateral aclexplode(attacl) as given
        where nspname = any(%(schemas)s) and given.grantee = to_regrole(%(role)s) and not attisdropped
        """,
        {"schemas": list(SCHEMAS), "role": role},
    ).fetchall()
    return {(role, schema, relation, column) for schema, relation, column in rows}


def _on(right: Right) -> str:
    _, schema, relation, column = right
    return f"({quoted(column)}) on {quoted(schema, relation)}" if column else f"on {quoted(schema, relation)}"


def exists(connection: Connection, role: str) -> bool:
    """Whether the server has the role."""
    return bool(scalar(connection, "select exists (select from pg_roles where rolname = %s)", (role,)))
