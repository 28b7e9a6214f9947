"""Keys: the values by which records can be found to be alike, and those that too many share to mean anything.

`keys` (row, kind, key, voice): the key values of every rule (and of every blocking key of scoring), hashed together
with their kind. `voice` is a hash of name and birth date: how many different people a key speaks of. A record without
a name is a voice of its own.
`held` (kind, key, records, voices): keys over their cap, which nothing uses.

Hashes are DuckDB's own and kept from night to night; a policy's fingerprint knows its version, so that another one
makes a full run.
"""

from __future__ import annotations

import pyarrow as pa

from customer_warehouse.identity.bypass import apply_bypass
from customer_warehouse.identity.candidates import BLOCKING, FEWER_VOICES, MOST_VOICES, add_blocking_keys
from customer_warehouse.identity.features import add_features
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import Workspace
from customer_warehouse.identity.rules import BOOK

MOST_RECORDS = BOOK.caps.records_of_a_key
"""A key of more records is not used even when all say the same: that is a till's dummy customer, not a person."""


def sql_hash(*parts: str) -> str:
    """SQL of a non-negative BIGINT made from the values of SQL expressions; null counts as empty."""
    texts = ", ".join(f"coalesce({part}, '')" for part in parts)
    return f"(hash({texts}) >> 1)::bigint"


def make_keys(work: Workspace, policy: Policy, *, for_scoring: bool = True) -> None:
    """Fill `keys` from `records`, out of which bypassed values are taken first, and `features` where there is a model.

    Without `for_scoring` the blocking keys are left out.
    """
    apply_bypass(work, policy.bypass)
    work.execute(
        f"""
        create or replace table keys (row bigint, kind varchar, key bigint, voice bigint);
        create or replace temp table voices as
        select row, if(
            name_id is null,
            {sql_hash("source", "source_key")},
            {sql_hash("full_name_key", "birth_date::varchar")}
        ) as voice
        from records left join names using (name_id)
        """
    )
    for rule in policy.rules:
        given = " and ".join(f"{column} <> ''" for column in rule.agree)
        work.execute(
            f"""
            insert into keys
            select row, '{rule.name}', {sql_hash(f"'{rule.name}'", *rule.agree)}, voice
            from records join voices using (row)
            where {given}
            """
        )
    work.execute("drop table voices")
    if policy.model is not None and for_scoring:
        add_blocking_keys(work)
    elif policy.model is not None:
        add_features(work)


CAPS = pa.schema(
    [
        ("kind", pa.string()),
        ("cap", pa.int32()),
        ("by_voice", pa.bool_()),
        ("most", pa.int32()),
        ("is_of_pairs", pa.bool_()),
    ]
)


def caps(policy: Policy) -> pa.Table:
    """Each kind of key with its `cap`, whether that counts different people (`by_voice`) or records, and `most`.

    Beyond `most` records a key is held whatever they say; without `most`, any number of records may say the same.
    What two records that share a key `is_of_pairs` are to each other is nobody else's matter.
    """
    rows = [(rule.name, rule.cap, rule.names is not None, MOST_RECORDS, False) for rule in policy.rules]
    if policy.model is not None:
        rows += [(kind, FEWER_VOICES.get(kind, MOST_VOICES), True, MOST_RECORDS, True) for kind in BLOCKING]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(CAPS)
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, CAPS, strict=True)], CAPS)


OVER_CAP = "(case when by_voice then voices else records end > cap or coalesce(records > most, false))"
"""SQL of whether a key is held, by its `records`, its `voices` and the columns of its kind in `caps`."""


def hold_keys(work: Workspace, policy: Policy, known_held: pa.Table | None = None) -> None:
    """Fill `held`: the keys over their cap among the records here, or `known_held` (columns as in `held`)."""
    if known_held is not None:
        work.register("known_held", known_held)
        work.execute("create or replace table held as select kind, key, records, voices from known_held")
        work.unregister("known_held")
        return
    work.register("caps", caps(policy))
    # Few keys have more records than the least cap: only of these voices are counted.
    work.execute(
        f"""
        create or replace table held as
        select kind, key, records::integer as records, voices::integer as voices
        from (
            select kind, key, count(*) as records, count(distinct voice) as voices
            from keys
            semi join (
                select key from keys group by key having count(*) > (select min(cap) from caps)
            ) using (key)
            group by all
        )
        join caps using (kind)
        where {OVER_CAP}
        """
    )
    work.unregister("caps")
