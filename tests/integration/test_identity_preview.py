"""Looking ahead: a preview says what the night then does, and writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from customer_warehouse.identity import stage
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.preview import Move, preview
from customer_warehouse.identity.rules import FILE, RULES
from customer_warehouse.settings import Settings
from integration.stewards import LIN, OF, execute, refused, told
from integration.test_identity import CHEN, NIGHTS, WANG, WANG_BOTH, Resolve, put_records, resolve, rows

__all__ = ["resolve"]

ANY_NAME = {"names": None, "names_if_weak": None, "not_different": (), "years_apart": None}
LOOSE = replace(Policy(), rules=tuple(replace(r, **ANY_NAME) if r.agree == ("phone",) else r for r in RULES))
"""Everybody with one phone is one person."""


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, with the transaction that wrote it."""
    tables = rows(
        url,
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') order by 1",
    )
    return {table: sorted(rows(url, f"select xmin, ctid::text, t::text from {table} as t")) for (table,) in tables}


def test_a_preview_says_what_the_night_then_does_and_writes_nothing(resolve: Resolve, warehouse_url: str) -> None:
    records = {
        "wang": WANG,
        "again": WANG_BOTH,
        "wife": {"name": "林淑芬", "phone": "0912555101"},
        "chen": CHEN,
        "shop": CHEN | {"name": "李大華"},
        "mary": {"name": "Mary Smith", "email": "mary@gmail.com"},
    }
    before = resolve(NIGHTS[0], records)
    written = everything(warehouse_url)

    found = preview(Settings(url=warehouse_url), LOOSE)

    assert everything(warehouse_url) == written
    stage.run(Settings(url=warehouse_url), NIGHTS[1], policy=LOOSE)
    after = dict(rows(warehouse_url, "select source_key, customer_id from identity.customer_records"))
    moves = Counter((before[key], after[key]) for key in records)
    touched = {pair for pair in moves if pair[0] != pair[1]}
    assert found.moves == sorted(
        Move(*pair, count) for pair, count in moves.items() if pair in touched or pair[1] in {t[1] for t in touched}
    )
    assert (found.customers_before, found.customers_after) == (5, 3)
    assert (found.records_moved, found.changed(), len(found.merged()), found.split()) == (2, 4, 2, [])
    assert found.effects is None


def test_a_preview_needs_no_right_to_write(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"wang": WANG, "wife": {"name": "陳美玲", "phone": "0912555101"}})
    execute(
        warehouse_url,
        "drop role if exists only_reads; create role only_reads login;"
        "grant usage on schema identity, standardised, marts to only_reads;"
        "grant select on all tables in schema identity, standardised to only_reads",
    )
    try:
        reader = Settings(url=warehouse_url.replace("//warehouse@", "//only_reads@"))
        assert preview(reader, LOOSE).customers_after == 1
        execute(warehouse_url, "revoke select on standardised.customers from only_reads")
        sentence = "This database role may not do that: permission denied for table customers"
        assert refused(reader.url, "preview").startswith(sentence)
        assert refused(reader.url, "explain", OF + "wang", OF + "wife").startswith(sentence)
        assert "permission denied" in refused(reader.url, "decide", OF + "wang", OF + "wife", "--same", *LIN)
    finally:
        execute(warehouse_url, "drop owned by only_reads; drop role only_reads")


def test_with_the_same_rules_nothing_would_change_but_what_was_decided_since(
    resolve: Resolve, warehouse_url: str
) -> None:
    resolve(NIGHTS[0], {"till": WANG, "mail": WANG_BOTH, "chen": CHEN})
    assert preview(Settings(url=warehouse_url), Policy()).moves == []

    told(warehouse_url, "decide", OF + "till", OF + "mail", "--not-same", *LIN)
    seen = json.loads(told(warehouse_url, "preview", "--json"))

    assert seen["customers"] == {"before": 2, "after": 3, "merged": 0, "merged_into": 0, "split": 1, "changed": 1}
    assert len(seen["examples"]["split"][0]["after"]) == 2
    assert "小明" not in json.dumps(seen, ensure_ascii=False)
    assert "1 would be split" in told(warehouse_url, "preview")


def test_records_that_came_since_are_not_taken_for_an_effect_of_the_rules(resolve: Resolve, warehouse_url: str) -> None:
    resolve(NIGHTS[0], {"wang": WANG})
    put_records(warehouse_url, {"wang": WANG, "again": WANG, "chen": CHEN})

    found = preview(Settings(url=warehouse_url), Policy())

    assert (found.new_records, found.moves) == (2, [])


def test_a_rules_file_and_thresholds_are_tried(resolve: Resolve, warehouse_url: str, tmp_path: Path) -> None:
    resolve(NIGHTS[0], {"wang": WANG, "wife": {"name": "林淑芬", "phone": "0912555101"}})
    declared = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for rule in declared["rules"]:
        if rule["agree"] == ["phone"]:
            for name in ANY_NAME:
                rule.pop(name, None)
    tried = tmp_path / "tried.yml"
    tried.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")

    assert "2 customers would be merged into 1" in told(warehouse_url, "preview", "--rules", str(tried))
    assert "Every customer would keep its records." in told(warehouse_url, "preview", "--link", "0.99")


def test_a_rules_file_that_is_none_ends_with_one_sentence(resolve: Resolve, warehouse_url: str, tmp_path: Path) -> None:
    resolve(NIGHTS[0], {"wang": WANG})
    for name, text in {"torn.yml": "rules: [", "other.yml": "rules: []", "missing.yml": None}.items():
        if text is not None:
            (tmp_path / name).write_text(text)
        said = refused(warehouse_url, "preview", "--rules", str(tmp_path / name))
        assert f"{name} cannot be used: " in said
        assert "\n" not in said
    assert "must not be above" in refused(warehouse_url, "preview", "--link", "0.5", "--review", "0.6")
