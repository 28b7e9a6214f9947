"""Stewards at the command line: ask why, decide, and see the next nights follow."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from psycopg.errors import CheckViolation

from customer_warehouse.database import connect
from customer_warehouse.identity import nobodys, stage, training
from customer_warehouse.identity.policy import Policy
from customer_warehouse.settings import PACKAGE, Settings
from integration.stewards import LIN, OF, asked, decide, execute, refused, told
from integration.test_identity import CHEN, NIGHTS, WANG, WANG_BOTH, WANG_MAILBOX, Resolve, put_records, resolve, rows

__all__ = ["resolve"]


def test_two_records_decided_to_be_one_person_are_one_customer_from_the_next_night_on(
    resolve: Resolve, warehouse_url: str
) -> None:
    records = {"wang": WANG, "chen": CHEN}
    assert len(set(resolve(NIGHTS[0], records).values())) == 2

    decide(warehouse_url, "wang", "chen", "same")

    assert len(set(resolve(NIGHTS[1], records).values())) == 1
    assert rows(warehouse_url, "select rule from identity.links") == [("steward",)]
    causes = "select distinct cause from identity.changes where kind = 'merged'"
    assert rows(warehouse_url, causes) == [("steward",)]


def test_two_records_decided_to_be_two_people_are_two_customers_whatever_the_rules_say(
    resolve: Resolve, warehouse_url: str
) -> None:
    records = {"till": WANG, "mail": WANG_BOTH}
    assert len(set(resolve(NIGHTS[0], records).values())) == 1

    decide(warehouse_url, "till", "mail", "not-same")

    assert len(set(resolve(NIGHTS[1], records).values())) == 2
    assert "Decision 1: not the same (Lin, 2026-11-01: seen both)." in told(
        warehouse_url, "explain", OF + "till", OF + "mail"
    )


def test_what_a_decision_about_others_parted_is_told(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "bridge": WANG_BOTH, "mail": WANG_MAILBOX}
    assert len(set(resolve(NIGHTS[0], records).values())) == 1

    decide(warehouse_url, "till", "mail", "not-same")
    found = resolve(NIGHTS[1], records)

    assert found["till"] != found["mail"]
    (parted,) = {"till", "mail"} - {key for key in ("till", "mail") if found[key] == found["bridge"]}
    said = told(warehouse_url, "explain", OF + parted, OF + "bridge")
    assert "A guard took away the link of same_" in said
    assert "Decision 1 says that two records of the group are not the same person." in said


def test_a_decision_survives_a_rebuild_from_nothing(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "mail": WANG_BOTH, "chen": CHEN}
    resolve(NIGHTS[0], records)
    decide(warehouse_url, "till", "mail", "not-same")
    decide(warehouse_url, "till", "chen", "same")
    before = resolve(NIGHTS[1], records)

    stage.run(Settings(url=warehouse_url), NIGHTS[1], full=True)

    assert dict(rows(warehouse_url, "select source_key, customer_id from identity.customer_records")) == before
    assert before["till"] == before["chen"] != before["mail"]


def test_a_decision_ends_when_it_is_withdrawn_or_expires(resolve: Resolve, warehouse_url: str) -> None:
    records = {"wang": WANG, "chen": CHEN, "mary": {"name": "Mary Smith"}}
    resolve(NIGHTS[0], records)
    decide(warehouse_url, "wang", "chen", "same")
    decide(warehouse_url, "wang", "mary", "same", "--expires", "2126-01-01")
    assert len(set(resolve(NIGHTS[1], records).values())) == 1

    assert "Decision 1 is withdrawn" in told(warehouse_url, "overrides", "withdraw", "1", "--by", "Ho")
    execute(warehouse_url, "update identity.overrides set withdrawn_at = '2026-11-20' where withdrawn_at is not null")
    execute(
        warehouse_url, "update identity.overrides set expires_at = '2026-11-19 16:00+00' where expires_at is not null"
    )

    assert len(set(resolve(NIGHTS[2], records).values())) == 3
    listed = told(warehouse_url, "overrides", "list", "--all")
    assert "withdrawn 2026-11-20 by Ho" in listed
    assert "expired 2026-11-19" in listed
    assert "seen both" not in told(warehouse_url, "overrides", "list")
    assert "no decision 1 that stands" in refused(warehouse_url, "overrides", "withdraw", "1", "--by", "Ho")


def test_decisions_that_contradict_each_other_are_reported_and_keep_the_pair_apart(
    resolve: Resolve, warehouse_url: str
) -> None:
    records = {"a": WANG, "b": CHEN, "c": {"name": "Mary Smith"}}
    resolve(NIGHTS[0], records)
    decide(warehouse_url, "a", "b", "same")
    decide(warehouse_url, "b", "c", "same")

    said = decide(warehouse_url, "a", "c", "not-same")

    sentence = (
        "Decision 3 says that two records are not one person, decisions 1, 2 together say that they are; withdraw"
        " what is wrong. Until then the two are kept apart."
    )
    assert sentence in said
    assert sentence in told(warehouse_url, "overrides", "list")
    assert len(set(resolve(NIGHTS[1], records).values())) == 3
    assert rows(warehouse_url, "select not_same_id, same_ids, explanation from identity.override_conflicts") == [
        (3, [1, 2], sentence)
    ]

    told(warehouse_url, "overrides", "withdraw", "3", "--by", "Lin")
    execute(warehouse_url, "update identity.overrides set withdrawn_at = '2026-11-19' where withdrawn_at is not null")
    assert len(set(resolve(NIGHTS[2], records).values())) == 1
    assert rows(warehouse_url, "select * from identity.override_conflicts") == []


@pytest.mark.parametrize("words", [("--same",), ("--same", "--by", " ", "--why", "x"), ("--by", "Lin", "--why", "x")])
def test_a_decision_needs_its_answer_its_author_and_its_reason(
    resolve: Resolve, warehouse_url: str, words: tuple[str, ...]
) -> None:
    resolve(NIGHTS[0], {"a": WANG, "b": CHEN})

    assert asked(warehouse_url, "decide", OF + "a", OF + "b", *words).exit_code == 2
    assert rows(warehouse_url, "select count(*) from identity.overrides") == [(0,)]


def test_whoever_is_not_there_is_told_in_one_sentence(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"a": WANG})

    for words in (("explain", OF + "a"), ("decide", OF + "a")):
        more = ["--same", *LIN] if words[0] == "decide" else []
        assert refused(warehouse_url, *words, OF + "b", *more).startswith("Identity knows no record shop_platform:b;")
    assert "write it as source:source_key" in refused(warehouse_url, "explain", OF + "a", "wang")
    assert refused(warehouse_url, "show", "C1") == "There is no customer C1, and none has ever had this id."
    assert "run a night of the identity stage first" not in told(warehouse_url, "review", "list")


def test_the_command_line_ends_with_one_sentence_and_exit_code_1(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"a": WANG})

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "customer_warehouse", "identity", *words],
            env=os.environ | {"WAREHOUSE_URL": warehouse_url, "PYTHONPATH": str(PACKAGE.parent)},
            capture_output=True,
            text=True,
            check=False,
        )

    unknown = run("explain", OF + "a", OF + "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("Identity knows no record shop_platform:nobody; ")
    assert len(unknown.stderr.splitlines()) == 1
    assert run("review", "list").stdout == "No pair waits for a decision.\n"


def test_before_the_first_night_everything_says_what_to_do(warehouse_url: str) -> None:
    for words in (("show", "C1"), ("explain", "a:1", "a:2"), ("review", "list"), ("overrides", "list"), ("preview",)):
        assert "run a night of the identity stage first" in refused(warehouse_url, *words)


def test_a_link_is_explained_with_its_rule_its_path_and_its_history(resolve: Resolve, warehouse_url: str) -> None:
    first = resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX})
    resolve(NIGHTS[1], {"till": WANG, "bridge": WANG_BOTH, "mail": WANG_MAILBOX})

    said = told(warehouse_url, "explain", OF + "till", OF + "mail")

    assert f"One customer: {first['mail']}." in said or f"One customer: {first['till']}." in said
    assert "How they hang together" in said
    path = [line.split()[:2] for line in said.partition("How they hang together")[2].splitlines() if "bridge" in line]
    assert [sorted(ends)[0] for ends in path[:2]] == [OF + "bridge"] * 2
    assert "What holds them apart" not in said
    assert "merged" in said.partition("History")[2]
    assert "new record" in said.partition("History")[2]


def test_values_are_masked_until_somebody_asks_for_them(resolve: Resolve, warehouse_url: str) -> None:
    customer = resolve(NIGHTS[0], {"till": WANG, "mail": WANG_BOTH})["till"]

    for words in (("explain", OF + "till", OF + "mail"), ("show", customer)):
        masked = told(warehouse_url, *words)
        assert "王小明" not in masked and "912555101" not in masked and "wang@" not in masked
        assert "字字字" in masked
        plain = told(warehouse_url, *words, "--unmasked")
        assert "王小明" in plain and "+886912555101" in plain


def test_what_keeps_a_rule_from_linking_is_told(resolve: Resolve, warehouse_url: str) -> None:
    resolve(
        NIGHTS[0],
        {
            "wang": WANG | {"birth_date": "1980-01-01"},
            "son": WANG | {"birth_date": "2005-05-05"},
            "chen": {"name": "陳美玲", "phone": "0912555101"},
            "none": {"name": "王小明"},
        },
    )

    def because(a: str, b: str) -> str:
        lines = told(warehouse_url, "explain", OF + a, OF + b).splitlines()
        return next(line.split(None, 1)[1].strip() for line in lines if line.startswith("same_phone_and_name"))

    assert because("wang", "son") == "no     same phone, but different birth date"
    assert because("wang", "chen") == "no     same phone, but the names are different"
    assert because("wang", "none") == "no     only one gives phone"


def test_a_record_that_went_since_the_last_night_is_told(resolve: Resolve, warehouse_url: str) -> None:
    customer = resolve(NIGHTS[0], {"till": WANG, "mail": WANG_BOTH})["till"]
    put_records(warehouse_url, {"till": WANG})

    said = told(warehouse_url, "explain", OF + "till", OF + "mail")

    assert said.startswith(f"One customer: {customer}.")
    assert "one of the two is no longer in the standard tables" in said
    assert told(warehouse_url, "show", customer).startswith(f"Customer {customer}: 2 records")


def test_a_key_that_too_many_share_is_told(resolve: Resolve, warehouse_url: str) -> None:
    surnames = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭"
    resolve(NIGHTS[0], {str(n): WANG | {"name": f"{name}小明"} for n, name in enumerate(surnames)} | {"again": WANG})

    said = told(warehouse_url, "explain", OF + "0", OF + "again")

    assert "same phone, but 22 records of 21 people share it: not used" in said


def test_a_customer_is_shown_also_by_an_id_that_has_ended(resolve: Resolve, warehouse_url: str) -> None:
    first = resolve(NIGHTS[0], {"till": WANG, "mail": WANG_MAILBOX})
    after = resolve(NIGHTS[1], {"till": WANG, "bridge": WANG_BOTH, "mail": WANG_MAILBOX})["till"]
    (ended,) = {*first.values()} - {after}

    said = told(warehouse_url, "show", ended)

    assert said.startswith(f"{ended} ended on 2026-11-19; its records went to {after}.\nCustomer {after}: 3 records")
    assert f"It took the records of {ended} on 2026-11-19." in said
    for part in ("Records", "Links", "History"):
        assert f"\n{part}\n" in said
    assert told(warehouse_url, "show", after).startswith(f"Customer {after}: 3 records")


def test_pairs_wait_until_somebody_decides(resolve: Resolve, warehouse_url: str) -> None:
    found = resolve(NIGHTS[0], {"a": WANG, "b": CHEN})
    execute(
        warehouse_url,
        "insert into identity.review_queue values ('shop_platform', 'a', 'shop_platform', 'b', 0.8, 2, 'score',"
        f" '2026-11-18 16:00+00', '{found['a']}', '{found['b']}')",
    )

    listed = told(warehouse_url, "review", "list")
    number = listed.splitlines()[1].split()[0]
    shown = told(warehouse_url, "review", "show", number[:5])

    assert "1 wait: score 1." in listed
    assert "The pair waits for a decision since 2026-11-18 (cause: score)." in shown
    assert number in told(warehouse_url, "show", found["a"])
    assert "No pair that waits" in refused(warehouse_url, "review", "show", "ffffffff")
    told(warehouse_url, "decide", OF + "b", OF + "a", "--not-same", *LIN)
    assert told(warehouse_url, "review", "list") == "No pair waits for a decision.\n"


def test_a_value_that_is_nobodys_is_added_and_told(resolve: Resolve, warehouse_url: str) -> None:
    records = {"till": WANG, "mail": WANG | {"name": "小明"}}
    assert len(set(resolve(NIGHTS[0], records).values())) == 1

    said = told(warehouse_url, "bypass", "add", "phone:+886912555101", "--by", "Lin", "--why", "the store's own")

    assert said.startswith("It is taken out of 2 records from the next night on")
    assert json.loads(told(warehouse_url, "preview", "--json"))["customers"]["split"] == 1
    assert "phone is on the list of values that are nobody's" in told(
        warehouse_url, "explain", OF + "till", OF + "mail"
    )
    listed = told(warehouse_url, "bypass", "list")
    assert "the store's own" in listed and "+886912555101" not in listed
    assert "+886912555101" in told(warehouse_url, "bypass", "list", "--unmasked")
    assert len(set(resolve(NIGHTS[1], records).values())) == 2


def test_a_proposed_value_is_taken_up_by_its_number(resolve: Resolve, warehouse_url: str) -> None:
    surnames = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭"
    resolve(NIGHTS[0], {str(n): WANG | {"name": f"{name}小明"} for n, name in enumerate(surnames)})

    listed = told(warehouse_url, "bypass", "propose")
    number = listed.splitlines()[1].split()[0]

    assert "+886912555101" not in listed
    assert "+886912555101" in told(warehouse_url, "bypass", "propose", "--unmasked")
    assert "21 records" in told(warehouse_url, "bypass", "add", number, "--by", "Lin", "--why", "the store's own")
    assert rows(warehouse_url, "select column_name, value, owner from identity.bypass") == [
        ("phone", "+886912555101", "Lin")
    ]
    assert told(warehouse_url, "bypass", "propose") == "Nothing is proposed.\n"
    assert "No one proposal has a number like that" in refused(
        warehouse_url, "bypass", "add", "ffff", "--by", "Lin", "--why", "x"
    )
    assert "the columns are phone" in refused(warehouse_url, "bypass", "add", "name:x", "--by", "Lin", "--why", "x")
    assert "out of 0 records" in told(warehouse_url, "bypass", "add", "national_id:A123456789", *LIN)
    with connect(warehouse_url) as connection, pytest.raises(CheckViolation, match="bypass_of_an_identifier"):
        nobodys.add(connection, "shoe_size", "42", "Lin", "x")


def test_a_table_of_an_earlier_version_refuses_other_columns_from_the_next_night_on(
    resolve: Resolve, warehouse_url: str
) -> None:
    resolve(NIGHTS[0], {"till": WANG})
    execute(warehouse_url, "alter table identity.bypass drop constraint bypass_of_an_identifier")

    resolve(NIGHTS[1], {"till": WANG})

    with connect(warehouse_url) as connection, pytest.raises(CheckViolation, match="bypass_of_an_identifier"):
        nobodys.add(connection, "shoe_size", "42", "Lin", "x")


def test_training_takes_out_what_is_nobodys(
    resolve: Resolve, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(NIGHTS[0], {"till": WANG, "mail": WANG | {"name": "小明"}})
    told(warehouse_url, "bypass", "add", "phone:+886912555101", "--by", "Lin", "--why", "the store's own")
    seen: list[Policy] = []
    monkeypatch.setattr("customer_warehouse.identity.engine.gather", lambda _, policy: seen.append(policy))
    monkeypatch.setattr(training, "train", lambda _, version: version)

    training.train_on_warehouse(Settings(url=warehouse_url), "try")

    assert "+886912555101" in {row.value for row in seen[0].bypass}
