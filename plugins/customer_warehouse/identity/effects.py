"""What the marts would say if records belonged to other customers: by the marts' own models, and without a write.

dbt compiles its models; those between the identity tables and the marts are put into one query, each as a CTE, in which
the identity tables are the ones that might be. So a preview follows every rule of the business without knowing one of
them, and cannot fall behind when a model changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from customer_warehouse.activation.segments import MODEL_PREFIX
from customer_warehouse.database import Connection, scalar, statement
from customer_warehouse.identity.stable_ids import RecordKey

IDENTITY = ("customer_records", "customers")
"""The tables of schema identity that say who is whom."""
CUSTOMERS, RFM = "customer_360", "customer_rfm"


class Standing(NamedTuple):
    """What the marts say about one customer."""

    net_revenue: Decimal
    """Of all time, after refunds; base currency."""
    email: str
    """Consent to e-mail: granted, denied or unknown; `granted, no address` when none of the addresses may be used."""
    sms: str
    """Consent to text messages, in the same way."""
    segments: frozenset[str]
    """Names of segments, and of the RFM segment behind `RFM `."""


Standings = dict[str, Standing]
"""Customer id → what the marts say."""


NOTHING = Standing(Decimal(0), "unknown", "unknown", frozenset())


class Move(NamedTuple):
    """Records that a customer has now and another, or the same, would have."""

    before: str
    after: str
    records: int


@dataclass
class ListChange:
    """What would become of a segment."""

    before: int = 0
    after: int = 0
    gained: int = 0
    """Customers that would be in it and of whose present customers none is."""
    lost: int = 0
    """Customers that are in it and none of whose records would be in one that is."""


@dataclass
class Effects:
    """What would become of the marts."""

    revenue_before: Decimal
    revenue_after: Decimal
    revenue_moved: Decimal
    """Net revenue that would count for another customer than now; base currency."""
    segments: dict[str, ListChange]
    consents: dict[str, dict[tuple[str, str], int]]
    """Channel → (consent now, consent then) → customers, for those whose consent would be another."""


@dataclass(frozen=True)
class Model:
    """One compiled model."""

    relation: str
    """As other models name it, quoted."""
    name: str
    schema: str
    query: str
    uses: frozenset[str]
    """Relations that it reads."""


class Marts:
    """The compiled models that depend on who is whom.

    `manifest` is dbt's, with compiled SQL (`dbt_runner.compiled`).
    """

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        found = {
            **manifest["sources"],
            **{name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"},
        }
        # Segments read the published views; here they must read the models that fill them.
        published = {node["name"]: name for name, node in found.items() if node["schema"] == "marts_store"}
        stands_for = {
            name: published[node["name"]]
            for name, node in manifest["sources"].items()
            if node["schema"] == "marts" and node["name"] in published
        }
        self._models: dict[str, Model] = {}
        self._identity = {
            node["name"]: node["relation_name"]
            for node in manifest["sources"].values()
            if node["schema"] == "identity" and node["name"] in IDENTITY
        }
        relations = {name: node["relation_name"] for name, node in found.items()}
        for node in found.values():
            if node["resource_type"] != "model":
                continue
            used = [name for name in node["depends_on"]["nodes"] if name in found]
            query = node["compiled_code"]
            for name in stands_for.keys() & set(used):
                query = query.replace(relations[name], relations[stands_for[name]])
            read = frozenset(relations[stands_for.get(name, name)] for name in used)
            self._models[node["relation_name"]] = Model(
                node["relation_name"], node["name"], node["schema"], query, read
            )
        self._affected = self._downstream(self._identity.values())
        self.segments = sorted(
            model.name
            for model in self._models.values()
            if model.name.startswith(MODEL_PREFIX) and model.schema == "activation" and model.relation in self._affected
        )

    def _downstream(self, relations: Iterable[str]) -> set[str]:
        found, waiting = set[str](), list(relations)
        while waiting:
            relation = waiting.pop()
            new = [model for name, model in self._models.items() if relation in model.uses and name not in found]
            found.update(model.relation for model in new)
            waiting.extend(model.relation for model in new)
        return found

    def missing(self, connection: Connection) -> list[str]:
        """Tables that the query would read and that nobody has built yet."""
        read = {used for model in self._needed() for used in model.uses} - {model.relation for model in self._needed()}
        return sorted(
            relation
            for relation in read - set(self._identity.values())
            if scalar(connection, "select to_regclass(%s)", (relation,)) is None
        )

    def _needed(self) -> list[Model]:
        """The models of the query, each behind those that it reads."""
        ordered: dict[str, Model] = {}

        def add(relation: str) -> None:
            if relation in self._affected and relation not in ordered:
                for used in sorted(self._models[relation].uses):
                    add(used)
                ordered[relation] = self._models[relation]

        for model in sorted(self._models.values(), key=lambda model: model.relation):
            if model.name in (CUSTOMERS, RFM, *self.segments):
                add(model.relation)
        return list(ordered.values())

    def query(self) -> str:
        """One query: a row a customer, with the columns of Standing behind the customer's id.

        Parameters are three arrays of the same length: source, source key and customer of the records that would
        belong to another customer than they do.
        """
        replaced = {relation: f'"identity {name}"' for name, relation in self._identity.items()}
        needed = self._needed()
        replaced |= {model.relation: f'"{model.schema} {model.name}"' for model in needed}
        steps = [WHO_IS_WHOM]
        for model in needed:
            query = model.query.replace("%", "%%")
            for relation, name in replaced.items():
                query = query.replace(relation, name)
            steps.append(f"{replaced[model.relation]} as materialized (\n{query}\n)")
        segments = "".join(
            f"\nunion all\nselect customer_id, '{name.removeprefix(MODEL_PREFIX)}' from \"activation {name}\""
            for name in self.segments
        )
        return f"with {', '.join(steps)} {RESULT.format(segments=segments)}"

    def standings(self, connection: Connection, changed: Sequence[tuple[RecordKey, str]] = ()) -> Standings:
        """What the marts would say of every customer if the records of `changed` belonged to the customers given."""
        arrays = (
            [record.source for record, _ in changed],
            [record.source_key for record, _ in changed],
            [customer for _, customer in changed],
        )
        # The planner knows nothing of a CTE's size; joins here are by equal keys, so hashing is never far from best.
        connection.execute("set local enable_nestloop = off")
        connection.execute("set local jit = off")
        found = connection.execute(statement(self.query()), arrays)
        return {
            customer: Standing(revenue, email, sms, frozenset(segments))
            for customer, revenue, email, sms, segments in found
        }


WHO_IS_WHOM = """
"identity customer_records" as materialized (
    select record.source, record.source_key, coalesce(changed.customer_id, record.customer_id) as customer_id
    from identity.customer_records as record
    left join unnest(%s::text[], %s::text[], %s::text[]) as changed (source, source_key, customer_id)
        on record.source = changed.source and record.source_key = changed.source_key
),
"identity customers" as materialized (
    select
        record.customer_id,
        coalesce(min(customer.first_seen_as_of), (select max(first_seen_as_of) from identity.customers))
            as first_seen_as_of,
        count(*)::integer as records
    from "identity customer_records" as record
    left join identity.customers as customer on record.customer_id = customer.customer_id
    group by record.customer_id
)"""

RESULT = """
, memberships as (
    select customer_id, 'RFM ' || rfm_segment as segment from "marts_store customer_rfm"{segments}
),
lists as (
    select customer_id, array_agg(segment) as segments from memberships group by customer_id
)
select
    customer.customer_id,
    customer.net_revenue,
    case when customer.email_consent = 'granted' and customer.email_opted_in is null then 'granted, no address'
        else customer.email_consent end,
    case when customer.sms_consent = 'granted' and customer.phone_opted_in is null then 'granted, no number'
        else customer.sms_consent end,
    coalesce(lists.segments, '{{}}')
from "marts_store customer_360" as customer
left join lists on customer.customer_id = lists.customer_id
"""


def compare(now: Standings, then: Standings, moves: list[Move]) -> Effects:
    """The difference between what the marts say and what they would say, given which customers share records."""
    touched_before, touched_after = {move.before for move in moves}, {move.after for move in moves}
    pairs = {(move.before, move.after) for move in moves}
    pairs |= {(customer, customer) for customer in now.keys() & then.keys() - touched_before - touched_after}
    segments: defaultdict[str, ListChange] = defaultdict(ListChange)
    for standings, name in ((now, "before"), (then, "after")):
        for one in standings.values():
            for segment in one.segments:
                setattr(segments[segment], name, getattr(segments[segment], name) + 1)
    were, would = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    consents: dict[str, Counter[tuple[str, str]]] = {"email": Counter(), "sms": Counter()}
    for before, after in pairs:
        one, other = now.get(before, NOTHING), then.get(after, NOTHING)
        were[after] |= one.segments
        would[before] |= other.segments
        consents["email"][one.email, other.email] += one.email != other.email
        consents["sms"][one.sms, other.sms] += one.sms != other.sms
    for before, there in would.items():
        for segment in now.get(before, NOTHING).segments - there:
            segments[segment].lost += 1
    for after, there in were.items():
        for segment in then.get(after, NOTHING).segments - there:
            segments[segment].gained += 1
    gains = [
        then.get(customer, NOTHING).net_revenue - now.get(customer, NOTHING).net_revenue
        for customer in now.keys() | then.keys()
    ]
    return Effects(
        revenue_before=sum((standing.net_revenue for standing in now.values()), Decimal(0)),
        revenue_after=sum((standing.net_revenue for standing in then.values()), Decimal(0)),
        revenue_moved=sum((gain for gain in gains if gain > 0), Decimal(0)),
        segments=dict(sorted(segments.items())),
        consents={
            channel: {change: n for change, n in sorted(counts.items()) if n} for channel, counts in consents.items()
        },
    )
