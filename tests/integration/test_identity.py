"""The identity stage on a real server: nights that follow each other, nights again, nights rebuilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from customer_warehouse.database import connect, statement
from customer_warehouse.identity import stage
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.overrides import decide
from customer_warehouse.identity.rules import RULES
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from fixtures.identity.standardised import Records, customers_table, put_records
from integration.identity_tables import EARLIER_VERSION, TABLES, contents, rows

NIGHTS = [night_of(date(2026, 11, day), "Asia/Taipei") for day in (18, 19, 20, 21)]

WANG = {"name": "王小明", "phone": "0912555101"}
WANG_MAILBOX = {"name": "王小明", "email": "wang@gmail.com"}
WANG_BOTH = WANG | WANG_MAILBOX
CHEN = {"name": "陳美玲", "phone": "0912555102"}

Resolve = Callable[[Night, Records], dict[str, str]]


@pytest.fixture
def resolve(warehouse_url: str) -> Resolve:
    """Run the stage for a night on exactly these records; returns the customer of each."""
    with connect(warehouse_url) as connection:
        connection.execute(statement(customers_table()))

    def run(night: Night, records: Records) -> dict[str, str]:
        put_records(warehouse_url, records)
        stage.run(Settings(url=warehouse_url), night)
        with connect(warehouse_url) as connection:
            return dict(connection.execute("select source_key, customer_id from identity.customer_records").fetchall())

    return run


def test_the_same_night_again_rewrites_no_row(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX, "gone tomorrow": CHEN})
    records = {"till": WANG, "mail": WANG_MAILBOX, "bridge": WANG_BOTH, "new": {"name": "Mary Smith"}}
    resolve(NIGHTS[1], records)
    before = contents(warehouse_url)

    resolve(NIGHTS[1], dict(reversed(records.items())))

    assert contents(warehouse_url) == before
    assert all(before[table] for table in TABLES if table not in ("held", "splits", "households"))


def test_three_nights_keep_every_id_that_should_be_kept(resolve: Resolve) -> None:
    first = resolve(NIGHTS[0], {"wang": WANG, "chen": CHEN, "leaving": {"name": "Mary Smith"}})
    moved = CHEN | {"phone": "0933555103", "name": "陳美麗"}
    second = resolve(NIGHTS[1], {"wang": WANG, "chen": moved, "wang again": WANG, "leaving": {"name": "Mary Smith"}})
    third = resolve(NIGHTS[2], {"wang again": WANG, "chen": moved, "newcomer": {"name": "John Miller"}})

    assert second["wang"] == second["wang again"] == first["wang"]
    assert second["chen"] == first["chen"]
    assert third["wang again"] == first["wang"]
    assert third["chen"] == first["chen"]
    assert third["newcomer"] not in {*first.values(), *second.values()}


def test_a_record_that_went_has_no_customer_from_then_on(resolve: Resolve, warehouse_url: str) -> None:
    customer = resolve(NIGHTS[0], {"wang": WANG, "chen": CHEN})["chen"]
    resolve(NIGHTS[1], {"wang": WANG})
    resolve(NIGHTS[2], {"wang": WANG})

    history = "select customer_id, since, kind, cause from identity.changes where source_key = 'chen' order by since"
    assert rows(warehouse_url, history) == [
        (customer, NIGHTS[0].as_of, "new", "new_record"),
        (None, NIGHTS[1].as_of, "gone", "deleted_record"),
    ]
    assert rows(warehouse_url, "select count(*) from identity.customers") == [(1,)]


def test_a_record_that_comes_back_gets_its_customer_back(resolve: Resolve) -> None:
    first = resolve(NIGHTS[0], {"wang": WANG, "chen": CHEN})
    resolve(NIGHTS[1], {"wang": WANG})

    assert resolve(NIGHTS[2], {"wang": WANG, "chen": CHEN}) == first


def test_a_record_that_comes_back_does_not_take_its_customer_from_the_records_that_stayed(resolve: Resolve) -> None:
    first = resolve(NIGHTS[0], {"wang": WANG, "wang again": WANG})
    resolve(NIGHTS[1], {"wang again": WANG})
    third = resolve(NIGHTS[2], {"wang": CHEN, "wang again": WANG})

    assert third["wang again"] == first["wang again"]
    assert third["wang"] != first["wang"]


def test_a_merge_leaves_an_alias_that_leads_to_the_living_customer_in_one_hop(
    resolve: Resolve, warehouse_url: str
) -> None:
    account = {"account_id": "1", "name": "王小明"}
    first = resolve(
        NIGHTS[0],
        {
            "till": WANG,
            "till again": WANG,
            "mail": WANG_MAILBOX,
            "a1": account,
            "a2": account,
            "a3": account,
            "a4": account,
            "a5": account,
        },
    )
    resolve(
        NIGHTS[1],
        {"till": WANG, "till again": WANG, "mail": WANG_BOTH, **dict.fromkeys(["a1", "a2", "a3", "a4", "a5"], account)},
    )
    third = resolve(
        NIGHTS[2],
        {
            "till": WANG | {"account_id": "1"},
            "till again": WANG,
            "mail": WANG_BOTH,
            **dict.fromkeys(["a1", "a2", "a3", "a4", "a5"], account),
        },
    )

    assert set(third.values()) == {first["a1"]}
    assert sorted(rows(warehouse_url, "select customer_id, survivor_id, since from identity.aliases")) == sorted(
        [(first["mail"], first["a1"], NIGHTS[1].as_of), (first["till"], first["a1"], NIGHTS[2].as_of)]
    )


def test_a_split_gives_the_smaller_part_a_new_id(resolve: Resolve, warehouse_url: str) -> None:
    together = {"till": WANG, "bridge": WANG_BOTH, "mail": WANG_MAILBOX}
    first = resolve(NIGHTS[0], together)
    second = resolve(NIGHTS[1], together | {"bridge": WANG})

    assert len(set(first.values())) == 1
    assert second["till"] == second["bridge"] == first["till"]
    assert second["mail"] != first["mail"]
    assert rows(warehouse_url, "select * from identity.aliases") == []


def test_an_unmerged_customer_that_is_merged_again_keeps_the_surviving_id(resolve: Resolve) -> None:
    together = {"till": WANG, "bridge": WANG_BOTH, "mail": WANG_MAILBOX}
    first = resolve(NIGHTS[0], together)
    resolve(NIGHTS[1], together | {"bridge": WANG})

    assert resolve(NIGHTS[2], together) == first


def test_a_night_rebuilt_after_later_ones_is_as_it_was(resolve: Resolve, warehouse_url: str) -> None:
    nights = [
        {"till": WANG, "mail": WANG_MAILBOX},
        {"till": WANG, "mail": WANG_BOTH, "chen": CHEN},
        {"mail": WANG_MAILBOX, "chen": CHEN},
    ]
    results = [
        (resolve(night, records), history(warehouse_url)) for night, records in zip(NIGHTS, nights, strict=False)
    ]

    for number in (1, 0, 2):
        customers = resolve(NIGHTS[number], nights[number])
        assert customers == results[number][0]
        assert history(warehouse_url) == results[-1][1]
        assert len(rows(warehouse_url, "select * from identity.aliases")) == (number > 0)


def test_a_night_again_after_a_correction_forgets_what_it_got_wrong(resolve: Resolve, warehouse_url: str) -> None:
    first = resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX})
    resolve(NIGHTS[1], {"till": WANG, "mail": WANG_BOTH})

    assert resolve(NIGHTS[1], {"till": WANG, "mail": WANG_MAILBOX}) == first
    assert rows(warehouse_url, "select * from identity.aliases") == []
    assert rows(warehouse_url, "select distinct since from identity.changes") == [(NIGHTS[0].as_of,)]


def history(url: str) -> list[tuple[Any, ...]]:
    return rows(url, "select * from identity.changes order by 1, 2, 3") + rows(url, "select * from identity.merges")


def test_an_older_night_run_for_the_first_time_gives_the_ids_of_the_later_one(
    resolve: Resolve, warehouse_url: str
) -> None:
    records = {"till": WANG, "bridge": WANG_BOTH | {"created_at": NIGHTS[1].as_of}, "chen": CHEN}
    later = resolve(NIGHTS[2], records)

    older = resolve(NIGHTS[0], {"till": WANG, "chen": CHEN})
    later_again = resolve(NIGHTS[2], records)

    assert older == {"till": later["till"], "chen": later["chen"]}
    assert later_again == later
    assert set(rows(warehouse_url, "select distinct first_seen_as_of from identity.customers")) == {(NIGHTS[0].as_of,)}


def test_a_link_can_be_explained(resolve: Resolve, warehouse_url: str) -> None:
    resolve(
        NIGHTS[0],
        {"1": {"name": "Robert Smith", "phone": "0912555101"}, "2": {"name": "Bob Smith", "phone": "0912555101"}},
    )

    assert rows(warehouse_url, "select * from identity.links") == [
        ("shop_platform", "1", "shop_platform", "2", "same_phone_and_name", "weak", "partial", None, None)
    ]


def test_a_key_over_the_cap_is_held_without_its_value(resolve: Resolve, warehouse_url: str) -> None:
    surnames = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭"
    resolve(NIGHTS[0], {str(n): WANG | {"name": f"{name}小明"} for n, name in enumerate(surnames)})

    ((kind, key, records, voices),) = rows(warehouse_url, "select * from identity.held")
    assert (kind, records, voices) == ("same_phone_and_name", 21, 21)
    assert "912555101" not in str(key)
    assert rows(warehouse_url, "select count(*) from identity.customers") == [(21,)]


def test_the_ledger_tells_what_happened(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX, "chen": CHEN})
    resolve(NIGHTS[1], {"till": WANG, "mail": WANG_BOTH, "new": {"name": "Mary Smith"}})

    with connect(warehouse_url) as connection:
        *counts, detail = (
            connection.execute(
                "select stage, step, status, rows_in, rows_out, detail from ops.steps order by step_id desc limit 1"
            ).fetchone()
            or ()
        )
    assert counts == ["identity", "resolve", "succeeded", 3, 2]
    assert detail == {
        "records": 3,
        "customers": 2,
        "duplicates_merged": 1,
        "reviews": 0,
        "links": {rule.name: int(rule.name == "same_phone_and_name") for rule in RULES},
        "held_keys": 0,
        "new_records": 1,
        "gone_records": 1,
        "changed_ids": 1,
        "merged_ids": 1,
        "split_ids": 0,
        "causes": {"changed_record": 1, "deleted_record": 1, "new_record": 1},
        "full": None,
        "changed_records": 3,
        "reached_records": 3,
        "households": 0,
    }
    assert "小明" not in json.dumps(detail, ensure_ascii=False)


def test_a_night_without_records_ends_well(resolve: Resolve) -> None:
    assert resolve(NIGHTS[0], {}) == {}


def test_without_the_standardised_table_the_night_stops_and_says_what_to_do(warehouse_url: str) -> None:
    with pytest.raises(StageError, match="run the standardise stage first"):
        stage.run(Settings(url=warehouse_url), NIGHTS[0])


def test_a_failure_half_way_leaves_the_tables_as_they_were(
    resolve: Resolve, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX})
    before = contents(warehouse_url)

    def fail(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(stage.state, "leave_state", fail)
    with pytest.raises(OSError):
        resolve(NIGHTS[1], {"till": WANG, "mail": WANG_BOTH, "chen": CHEN})

    assert contents(warehouse_url) == before


def test_awkward_texts_pass_through_unchanged(resolve: Resolve) -> None:
    keys = ["a,b", 'a"b', "a\nb", "a\\b", "\\N", "null", " ", "王", "😀", "\u202eabc"]

    assert set(resolve(NIGHTS[0], {key: {"name": "王小明"} for key in keys})) == set(keys)


def test_what_was_believed_on_a_day_is_one_query(resolve: Resolve, warehouse_url: str) -> None:
    nights = [{"till": WANG, "mail": WANG_MAILBOX}, {"till": WANG, "mail": WANG_BOTH, "chen": CHEN}, {"chen": CHEN}]
    believed = [resolve(night, records) for night, records in zip(NIGHTS, nights, strict=False)]

    for night, customers in zip(NIGHTS, believed, strict=False):
        asked = f"select source_key, customer_id from identity.believed_at('{night.as_of.isoformat()}')"
        assert dict(rows(warehouse_url, asked)) == customers
    assert rows(warehouse_url, f"select * from identity.believed_at('{NIGHTS[0].start.isoformat()}')") == []


def test_every_change_says_what_it_is_and_why(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "till again": WANG, "mail": WANG_MAILBOX, "chen": CHEN, "chen again": CHEN}
    first = resolve(NIGHTS[0], records)
    resolve(NIGHTS[1], records | {"bridge": WANG_BOTH})
    third = resolve(NIGHTS[2], records | {"bridge": CHEN})
    resolve(NIGHTS[3], {key: record for key, record in records.items() if key != "chen"})

    wang, mail, chen, new = first["till"], first["mail"], first["chen"], third["mail"]
    changes = (
        "select source_key, kind, cause, customer_id, previous_customer_id from identity.changes where since = '{}'"
    )
    assert sorted(rows(warehouse_url, changes.format(NIGHTS[1].as_of))) == [
        ("bridge", "new", "new_record", wang, None),
        ("mail", "merged", "new_record", wang, mail),
    ]
    assert sorted(rows(warehouse_url, changes.format(NIGHTS[2].as_of))) == [
        ("bridge", "moved", "changed_record", chen, wang),
        ("mail", "split", "erased_evidence", new, wang),
    ]
    assert sorted(rows(warehouse_url, changes.format(NIGHTS[3].as_of))) == [
        ("bridge", "gone", "deleted_record", None, chen),
        ("chen", "gone", "deleted_record", None, chen),
    ]
    previous = "select previous_customer_id from identity.customers where customer_id = '{}'"
    assert rows(warehouse_url, previous.format(new)) == [(wang,)]


def test_other_rules_and_stewards_are_causes(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "till again": WANG, "mail": WANG_MAILBOX}
    resolve(NIGHTS[0], records)
    with connect(warehouse_url) as connection:
        pair = (RecordKey("shop_platform", "mail"), RecordKey("shop_platform", "till"))
        number = decide(connection, pair, "same", by="anna", why="she showed her card")
        set_time = "update identity.overrides set decided_at = %s where override_id = %s"
        connection.execute(set_time, (NIGHTS[0].as_of, number))
    resolve(NIGHTS[1], records)
    stage.run(Settings(url=warehouse_url), NIGHTS[2], policy=Policy(rules=(), model=None))

    changes = "select source_key, kind, cause from identity.changes where since = '{}' order by 1"
    assert rows(warehouse_url, changes.format(NIGHTS[1].as_of)) == [("mail", "merged", "steward")]
    assert rows(warehouse_url, changes.format(NIGHTS[2].as_of)) == [("till again", "split", "new_rule_version")]


def test_two_decisions_about_one_pair_are_one_link(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "mail": WANG_MAILBOX}
    resolve(NIGHTS[0], records)
    with connect(warehouse_url) as connection:
        for steward in ("anna", "bert"):
            pair = (RecordKey("shop_platform", "mail"), RecordKey("shop_platform", "till"))
            number = decide(connection, pair, "same", by=steward, why="they called")
            set_time = "update identity.overrides set decided_at = %s where override_id = %s"
            connection.execute(set_time, (NIGHTS[0].as_of, number))

    assert len(set(resolve(NIGHTS[1], records).values())) == 1
    assert rows(warehouse_url, "select count(*) from identity.links where rule = 'steward'") == [(1,)]


def test_decisions_and_aliases_survive_a_full_run(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "till again": WANG, "mail": WANG_MAILBOX, "chen": CHEN}
    resolve(NIGHTS[0], records)
    with connect(warehouse_url) as connection:
        for key, decision in (("mail", "same"), ("till again", "not_same")):
            pair = (RecordKey("shop_platform", key), RecordKey("shop_platform", "till"))
            number = decide(connection, pair, decision, by="anna", why="they called")
            set_time = "update identity.overrides set decided_at = %s where override_id = %s"
            connection.execute(set_time, (NIGHTS[0].as_of, number))
    resolve(NIGHTS[1], records)
    before = contents(warehouse_url)

    stage.run(Settings(url=warehouse_url), NIGHTS[2], full=True)

    assert contents(warehouse_url) == before
    assert before["aliases"]
    assert rows(warehouse_url, "select count(*) from identity.links where rule = 'steward'") == [(1,)]


def test_a_warehouse_of_an_earlier_version_keeps_its_history(resolve: Resolve, warehouse_url: str) -> None:
    first, second = (night.as_of.isoformat() for night in NIGHTS[:2])
    with connect(warehouse_url) as connection:
        connection.execute(statement(EARLIER_VERSION.format(first=first, second=second)))
    customers = resolve(NIGHTS[2], {"till": WANG, "mail": WANG_BOTH, "chen": CHEN})
    again = resolve(NIGHTS[3], {"till": WANG, "mail": WANG_BOTH, "chen": CHEN})

    assert customers == again
    assert customers["till"] == customers["mail"] == "CTILL"
    history = (
        "select source_key, kind, cause, customer_id, previous_customer_id from identity.changes order by 1, since"
    )
    assert rows(warehouse_url, history) == [
        ("chen", "new", "new_record", customers["chen"], None),
        ("gone", "new", "not_recorded", "CGONE", None),
        ("gone", "gone", "not_recorded", None, "CGONE"),
        ("mail", "new", "not_recorded", "CMAIL", None),
        ("mail", "merged", "not_recorded", "CTILL", "CMAIL"),
        ("till", "new", "not_recorded", "CTILL", None),
    ]
    assert rows(warehouse_url, "select customer_id, survivor_id from identity.aliases") == [("CMAIL", "CTILL")]
    assert rows(warehouse_url, "select to_regclass('identity.memberships')") == [(None,)]
