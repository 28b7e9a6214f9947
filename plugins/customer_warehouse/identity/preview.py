"""What other rules, thresholds, models or decisions would change, found out without changing anything.

The records are resolved by the same engine as in a night, in a workspace of its own; customers get their ids by the
same function. The warehouse is only read, in one read-only transaction, so that PostgreSQL itself refuses whatever
would write.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from yaml import YAMLError

from customer_warehouse.database import Connection, scalar
from customer_warehouse.identity.effects import Effects, Marts, Move, compare
from customer_warehouse.identity.engine import Policy, resolve
from customer_warehouse.identity.lookup import has_table, reading, require_identity
from customer_warehouse.identity.overrides import in_force, put_overrides, standing
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, Workspace, load_records, one_row, workspace
from customer_warehouse.identity.rules import load_rules
from customer_warehouse.identity.stable_ids import RecordKey, assign_ids
from customer_warehouse.identity.stage import policy_at
from customer_warehouse.identity.transfer import read_arrow
from customer_warehouse.night import Night, last_complete_night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner

BEFORE = pa.schema([("source", pa.string()), ("source_key", pa.string()), ("customer_id", pa.string())])


class Example(NamedTuple):
    """Customers that would be merged or split."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    records: int
    revenue: Decimal | None
    """Net revenue that would go to another customer; None when there are no marts."""


@dataclass
class Preview:
    """What would change."""

    as_of: datetime
    records: int
    new_records: int
    """Records that no night of identity has seen yet: they come in whatever the rules."""
    customers_before: int
    customers_after: int
    moves: list[Move] = field(repr=False)
    reviews_before: int
    reviews_after: int
    effects: Effects | None
    """None when no marts have been built yet."""
    revenue: Mapping[str, Decimal] = field(default_factory=dict, repr=False)
    """Customer → net revenue now."""

    @property
    def records_moved(self) -> int:
        """Records that would belong to another customer."""
        return sum(move.records for move in self.moves if move.before != move.after)

    def merged(self) -> list[Example]:
        """Customers that would be one, those first that move most money, then most records."""
        return self._examples({move.after for move in self.moves}, by_after=True)

    def split(self) -> list[Example]:
        """Customers that would be several, in the same order."""
        return self._examples({move.before for move in self.moves}, by_after=False)

    def _examples(self, wanted: set[str], *, by_after: bool) -> list[Example]:
        groups: defaultdict[str, list[Move]] = defaultdict(list)
        for move in self.moves:
            groups[move.after if by_after else move.before].append(move)
        found = []
        for one in wanted:
            parts = sorted(groups[one], key=lambda move: (-move.records, move))
            others = [move for move in parts if move.before != move.after]
            if len(parts) > 1:
                revenue = (
                    sum((self.revenue.get(move.before, Decimal(0)) for move in others), Decimal(0))
                    if self.effects is not None and by_after
                    else None
                )
                ends = tuple(move.before if by_after else move.after for move in parts)
                records = sum(move.records for move in parts)
                found.append(Example(ends, (one,), records, revenue) if by_after else
                             Example((one,), ends, records, revenue))  # fmt: skip
        return sorted(found, key=lambda e: (-abs(e.revenue or Decimal(0)), -e.records, e.before, e.after))

    def changed(self) -> int:
        """Customers that now exist and would not have the same records."""
        ins, outs = Counter[str](), Counter[str]()
        for move in self.moves:
            outs[move.before] += 1
            ins[move.after] += 1
        return len(
            {move.before for move in self.moves if move.before != move.after or outs[move.before] > 1}
            | {move.after for move in self.moves if ins[move.after] > 1} & outs.keys()
        )


def policy_to_try(
    connection: Connection,
    time_zone: str,
    *,
    rules: Path | None = None,
    model: Path | None = None,
    link: float | None = None,
    review: float | None = None,
) -> Policy:
    """The policy that the next night follows, with what is to be tried instead.

    `time_zone` is the IANA name of the business time zone. Raises StageError when a file cannot be used.
    """
    found = policy_at(connection, scalar(connection, "select clock_timestamp()"), time_zone)
    try:
        if rules is not None:
            found = Policy.of(load_rules(rules), found.bypass, found.model)
        if model is not None:
            found = replace(found, model=import_module("customer_warehouse.identity.model").load_model(model))
    except (OSError, ValueError, YAMLError) as error:
        file, said = model if rules is None else rules, " ".join(str(error).split())
        raise StageError(f"{file} cannot be used: {said}") from None
    found = replace(found, link_threshold=found.link_threshold if link is None else link)
    found = replace(found, review_threshold=found.review_threshold if review is None else review)
    if found.review_threshold > found.link_threshold:
        raise StageError(
            "What is linked need not be reviewed: the threshold of review must not be above that of links."
        )
    return found


def preview(settings: Settings, policy: Policy) -> Preview:
    """What the next night would change under `policy` and the decisions that stand; nothing is written.

    Raises StageError when identity has never run.
    """
    with reading(settings.url) as connection, workspace() as work:
        require_identity(connection, "overrides", "review_queue", "changes", "state")
        night = night_shown(connection, settings)
        records = load_records(work, read_arrow(connection, SELECT_RECORDS, RECORDS))
        put_overrides(work, in_force(standing(connection)))
        resolve(work, policy)
        _load_before(connection, work)
        changed = _assign(connection, work)
        found = Preview(
            as_of=night.as_of,
            records=records,
            new_records=one_row(work, "select count(*) from records anti join before using (source, source_key)")[0],
            customers_before=scalar(connection, "select count(*) from identity.customers"),
            customers_after=one_row(work, "select count(distinct customer_id) from after")[0],
            moves=_moves(work),
            reviews_before=scalar(connection, "select count(*) from identity.review_queue"),
            reviews_after=one_row(work, "select count(*) from reviews")[0],
            effects=None,
        )
        _add_effects(connection, settings, night, found, changed)
    return found


def night_shown(connection: Connection, settings: Settings) -> Night:
    """The night that the tables of identity show. Raises StageError when there is none."""
    as_of = scalar(connection, "select as_of from identity.state")
    if as_of is None:
        raise StageError("Identity has resolved no records yet; run a night of it first.")
    return last_complete_night(as_of, settings.business_time_zone)


def _load_before(connection: Connection, work: Workspace) -> None:
    """Bring what is believed now into the workspace: `before` (source, source_key, customer_id)."""
    work.register("nothing", pa.Table.from_batches([], BEFORE))
    work.execute("create or replace table before as select * from nothing")
    work.unregister("nothing")
    query = "select source, source_key, customer_id from identity.customer_records"
    for batch in read_arrow(connection, query, BEFORE):
        work.register("batch", batch)
        work.execute("insert into before select * from batch")
        work.unregister("batch")


def _assign(connection: Connection, work: Workspace) -> list[tuple[RecordKey, str]]:
    """Make `after` (row, customer_id), and give the records known now that would belong to another customer."""
    rows = work.sql(
        """
        select cluster, source, source_key, customer_id
        from components
        join records using (row)
        left join before using (source, source_key)
        order by row
        """
    ).fetchall()
    keys = [RecordKey(source, key) for _, source, key, _ in rows]
    clusters = [cluster for cluster, *_ in rows]
    claimed = [customer for *_, customer in rows]
    ever = "select customer_id, min(since) from identity.changes where customer_id is not null group by customer_id"
    first_seen: dict[str, datetime] = dict(connection.execute(ever).fetchall())
    ids = assign_ids(clusters, claimed, first_seen, lambda row: keys[row]).ids
    after = [ids[cluster] for cluster in clusters]
    work.register(
        "assigned",
        pa.table({"row": pa.array(range(len(after)), pa.int64()), "customer_id": pa.array(after, pa.string())}),
    )
    work.execute("create or replace table after as select * from assigned")
    work.unregister("assigned")
    return [
        (key, then)
        for key, now, then in zip(keys, claimed, after, strict=True)
        if now is not None and now != then
    ]  # fmt: skip


def _moves(work: Workspace) -> list[Move]:
    """What each customer's records would become, for those that would not simply stay together."""
    query = """
        with moves as (
            select before.customer_id as one, after.customer_id as other, count(*) as records
            from records join after using (row) join before using (source, source_key)
            group by all
        )
        select one, other, records from moves
        qualify one <> other or count(*) over (partition by one) > 1 or count(*) over (partition by other) > 1
        order by all
    """
    return [Move(*row) for row in work.sql(query).fetchall()]


def _add_effects(
    connection: Connection, settings: Settings, night: Night, found: Preview, changed: list[tuple[RecordKey, str]]
) -> None:
    """Add what would become of the marts, when there are any."""
    if not has_table(connection, "marts.customer_360"):
        return
    marts = Marts(dbt_runner.compiled(settings, night))
    if marts.missing(connection):
        return
    now = marts.standings(connection)
    then = marts.standings(connection, changed) if changed else now
    found.effects = compare(now, then, found.moves)
    found.revenue = {customer: standing.net_revenue for customer, standing in now.items()}


def as_json(found: Preview, examples: int) -> dict[str, Any]:
    """The preview for machines: counts, amounts as text with every digit, and the first `examples` by id."""
    merged, split = found.merged(), found.split()
    told: dict[str, Any] = {
        "as_of": found.as_of.isoformat(),
        "records": found.records,
        "new_records": found.new_records,
        "records_moved": found.records_moved,
        "customers": {
            "before": found.customers_before,
            "after": found.customers_after,
            "merged": sum(len(group.before) for group in merged),
            "merged_into": len(merged),
            "split": len(split),
            "changed": found.changed(),
        },
        "reviews": {"before": found.reviews_before, "after": found.reviews_after},
        "examples": {
            name: [
                {
                    "before": example.before,
                    "after": example.after,
                    "records": example.records,
                    "revenue": None if example.revenue is None else format(example.revenue, "f"),
                }
                for example in group[:examples]
            ]
            for name, group in (("merged", merged), ("split", split))
        },
        "revenue": None,
        "segments": None,
        "consents": None,
    }
    if found.effects is not None:
        of = found.effects
        told["revenue"] = {
            "before": format(of.revenue_before, "f"),
            "after": format(of.revenue_after, "f"),
            "moved": format(of.revenue_moved, "f"),
        }
        told["segments"] = {
            name: {"before": c.before, "after": c.after, "gained": c.gained, "lost": c.lost}
            for name, c in of.segments.items()
        }
        told["consents"] = {
            channel: [{"before": now, "after": then, "customers": n} for (now, then), n in changes.items()]
            for channel, changes in of.consents.items()
        }
    return told
