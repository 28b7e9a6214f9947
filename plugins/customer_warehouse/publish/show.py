"""Show a batch to readers: views, rights and the pointer in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from customer_warehouse.database import Connection
from customer_warehouse.night import Night
from customer_warehouse.publish import contracts, pointer, roles, views
from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.settings import Settings


@dataclass(frozen=True)
class Shown:
    """What had to be done beside moving the pointer."""

    views: list[str]
    """Views that were made or replaced."""
    roles: str | None
    """What a DBA has to do before the roles of readers are there."""


def show(settings: Settings, connection: Connection, night: Night, batch_id: int, held: Mapping[str, str]) -> Shown:
    """Move readers of all marts to `batch_id`; the caller commits, and nothing is changed for readers before.

    `held` are the segments that may not be built from it, each with the reason. Raises StageError when readers would
    lose a column that no contract gives up, could read what they may not, or hold a view that has to be replaced.
    """
    marts = declared_marts(settings.dbt_project_dir)
    contracts.require_versions(connection, marts, contracts.load(settings.dbt_project_dir))
    changed = views.bring(connection, marts)
    missing = roles.ensure(connection)
    roles.give(connection, marts)
    roles.require(connection, marts)
    pointer.move_pointer(connection, night, batch_id, held)
    return Shown(changed, missing)
