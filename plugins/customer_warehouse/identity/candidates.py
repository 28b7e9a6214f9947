"""Which pairs of records are worth comparing: those that share a blocking key.

A blocking key is a combination of features that two records of one person are likely to share even when the rest was
mistyped. A key that more different records share than MOST_VOICES is not used: the pairs it would give grow with the
square of their number and are hardly ever one person, and whoever is one person usually shares a rarer key as well.
This keeps the number of candidates close to a fixed number a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from customer_warehouse.identity.features import add_features
from customer_warehouse.identity.records import Workspace, one_row

if TYPE_CHECKING:
    from customer_warehouse.identity.rules import Rule

MOST_VOICES = 30
"""A blocking key that more different records than this share is held: not used."""
FEWER_VOICES = dict.fromkeys(("given_street", "family_street", "given_city", "family_city", "birth"), 8)
"""The same of kinds whose large groups are people of one name in one town, or of one birthday: half of all pairs were
of these groups, and next to none of them one person's."""
BLOCKING: dict[str, str] = {
    "national": "national",
    "member": "member",
    "phone": "phone",
    "phone_end": "right(phone, 8)",
    "email": "email",
    "mailbox": "if(length(mailbox) > 4, mailbox, null)",
    "names": "least(given, family) || '|' || greatest(given, family)",
    "sounds": "given_sound || '|' || family_sound || '|' || coalesce(city, district)",
    "given_birth": "given_code || '|' || birth",
    "family_birth": "family_code || '|' || birth",
    "given_digits": "given_code || '|' || birth_digits",
    "family_digits": "family_code || '|' || birth_digits",
    "codes_place": "given_code || '|' || family_code || '|' || coalesce(postcode, city, district, region)",
    "codes_year": "given_code || '|' || family_code || '|' || left(birth, 4)",
    "given_street": "given_code || '|' || street",
    "family_street": "family_code || '|' || street",
    "family_house": "family_code || '|' || house || '|' || coalesce(postcode, city)",
    "given_house": "given_code || '|' || house || '|' || coalesce(postcode, city)",
    "given_city": "given || '|' || city",
    "family_city": "family || '|' || city",
    "address": "street || '|' || house || '|' || coalesce(door, '')",
    "birth_city": "birth || '|' || city",
    "birth_postcode": "birth || '|' || postcode",
    "birth_house": "birth || '|' || house",
    "birth": "birth",
    "other_city": "other_1 || '|' || city",
}
"""Each blocking key as an expression over `features` and `birth_digits`; null, and not used, if a part is missing."""
BIRTH_DIGITS = "array_to_string(list_sort(string_split(birth, '')), '')"
"""The digits of the birth date, whatever their order."""


HELD_FEATURES: dict[tuple[str, ...], tuple[str, ...]] = {("phone",): ("phone",), ("email_key",): ("email", "mailbox")}
"""The features that hold what a rule with this key looks at."""


def add_blocking_keys(work: Workspace) -> None:
    """Make `features` and add the blocking keys of all records to `keys` (row, kind, key, voice)."""
    add_features(work)
    # One statement for all kinds, because DuckDB works on the parts of a union at the same time.
    kinds = " union all ".join(
        f"select row, '{kind}', (hash('{kind}', {expression}) >> 1)::bigint, like_hash"
        f" from told where {expression} <> ''"
        for kind, expression in BLOCKING.items()
    )
    work.execute(
        f"""
        create or replace temp table told as select *, {BIRTH_DIGITS} as birth_digits from features;
        insert into keys {kinds};
        drop table told
        """
    )


def empty_held_features(work: Workspace, rules: Iterable[Rule]) -> None:
    """A phone or mailbox that too many share for the rules is no evidence for a score either: it leaves `features`."""
    for rule in rules:
        emptied = ", ".join(f"{column} = null" for column in HELD_FEATURES.get(rule.agree, ()))
        if not emptied:
            continue
        work.execute(
            f"""
            update features set {emptied}
            where row in (select row from keys join held using (kind, key) where kind = '{rule.name}')
            """
        )


def find_candidates(work: Workspace, *, only_fresh: bool = False) -> int:
    """Fill `candidates` (a, b), a before b, with the pairs worth comparing; returns how many there are.

    Records that say the same are one here: their oldest stands for them, and each of them is compared with it alone.
    Pairs that a rule has linked are left out. With `only_fresh`, only pairs with a row of table `fresh` are wanted, and
    pairs of rows of table `around`.
    """
    kinds = ", ".join(f"'{kind}'" for kind in BLOCKING)
    wanted = "true"
    if only_fresh:
        wanted = (
            "(a in (select row from fresh) or b in (select row from fresh)"
            " or a in (select row from around) and b in (select row from around))"
        )
    work.execute(
        f"""
        create or replace temp table usable as
        select key, row from keys anti join held using (kind, key) where kind in ({kinds});
        create or replace temp table blocks as
        select key, row
        from usable semi join features on usable.row = features.like_row
        qualify count(*) over (partition by key) > 1;
        create or replace table candidates as
        select a, b from (
            select one.row as a, other.row as b
            from blocks as one join blocks as other on one.key = other.key and one.row < other.row
            where {wanted}
            union
            select like_row as a, row as b from features semi join usable using (row)
            where like_row <> row and {wanted}
        )
        anti join links using (a, b);
        drop table blocks;
        drop table usable
        """
    )
    return int(one_row(work, "select count(*) from candidates")[0])
