"""No model by touched keys reads a table whose changes do not reach its keys."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest

from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.settings import PROJECT
from customer_warehouse.warehouse import touched

SQL = {path.stem: path.read_text("utf-8") for path in (PROJECT / "dbt_project" / "models").rglob("*.sql")}
BY_KEYS = sorted(name for name, text in SQL.items() if "'touched_keys':" in text)
VERSIONS = {mart.name: str(mart.meta.touched_keys) for mart in declared_marts(PROJECT / "dbt_project") if mart.versions}
"""Marts that keep versions, with the model that lists what they look at again."""


LOOKED_AT_AGAIN = {
    "int_customer_moneys": "int_touched_buyers lists who has an order or return dated ahead of the last night",
    "int_known_customers": "and who has a record made ahead of it",
    "int_customer_products": "and whose order has left the window since",
    "int_customer_windows": "int_touched_standings lists who has an order or return that left one of the windows",
    "int_membership_changes": "and whose level began or ended",
    "int_customer_tiers": "and whose next purchase is overdue since",
    "int_consent_statements": "int_touched_consents lists whose consent is dated ahead of the last night",
    "int_rfm_changes": "of an order the evening before counts; who has one dated ahead is listed",
}
"""Models that know the night although others are made from them by touched keys, and why they may."""
OF_NO_ACCOUNT = {
    "identity.customers": "a customer is there as long as a record is, and when it was first seen never changes",
    "standardised.return_requests": "says why a return came, nothing of its customer, day or money",
    "standardised.cases": "only leads from such a request to its return",
}
"""Tables before models by customers whose changes need not reach them, and why."""


def before(model: str, but: Collection[str] = ()) -> set[str]:
    """The model and all models that it is made from, near and far; not by way of those of `but`."""
    found, waiting = {model}, [model]
    while waiting:
        for name in re.findall(r"ref\('(\w+)'\)", SQL[waiting.pop()]):
            if name in SQL and name not in found and name not in but:
                found.add(name)
                waiting.append(name)
    return found


def listing(keys: str) -> set[str]:
    """The models that say which keys were touched, with those of the facts that pass their customers on."""
    found = before(keys)
    return found.union(*(listing(settings_of(model)[0]) for model in found & set(BY_KEYS)))


def tables_of(models: set[str]) -> set[str]:
    return {".".join(names) for model in models for names in re.findall(r"source\('(\w+)', '(\w+)'\)", SQL[model])}


def noted_for(models: set[str]) -> set[str]:
    """The tables whose touched keys the models take."""
    return {table for model in models for table in re.findall(r"touched\('([\w.]+)', '\w+'\)", SQL[model])}


def settings_of(model: str) -> tuple[str, list[str]]:
    """The model that lists the keys, and those of which any change makes everything anew."""
    if model in VERSIONS:
        return VERSIONS[model], []
    (keys,) = re.findall(r"'touched_keys': '(\w+)'", SQL[model])
    found = re.search(r"'rebuilt_with': \[([^\]]*)\]", SQL[model])
    return keys, re.findall(r"'(\w+)'", found[1]) if found else []


def test_there_are_models_by_touched_keys() -> None:
    assert {"fct_orders", "fct_order_lines", "customer_cells"} <= set(BY_KEYS)


@pytest.mark.parametrize("model", [*BY_KEYS, *VERSIONS])
def test_every_table_that_a_model_is_made_from_leads_to_its_keys(model: str) -> None:
    keys, _ = settings_of(model)
    models = before(model)
    # What makes a model before this one anew in full makes this one anew in full, too.
    in_full = {name for other in models & set(BY_KEYS) for name in settings_of(other)[1]}
    looked_at = noted_for(listing(keys)) | {table for name in in_full for table in tables_of(before(name))}

    assert tables_of(models) - {"ops.touched_keys"} - set(OF_NO_ACCOUNT) - looked_at == set()


def test_marts_that_keep_versions_look_at_rows_by_keys() -> None:
    assert VERSIONS
    assert {model for model in VERSIONS if "is_touched('" not in SQL[model]} == set()


@pytest.mark.parametrize("model", BY_KEYS)
def test_a_model_by_touched_keys_knows_no_night(model: str) -> None:
    night = re.compile(r"\b(as_of|night|days_since|days_before_night|months_before_night)\(")

    # What makes a model before this one anew in full makes this one anew in full, too.
    in_full = {name for other in before(model) & set(BY_KEYS) for name in settings_of(other)[1]}
    assert [name for name in before(model, in_full) - set(LOOKED_AT_AGAIN) if night.search(SQL[name])] == []


def test_changes_are_kept_for_one_model_that_adds_them_up() -> None:
    kept = sorted(name for name, text in SQL.items() if "'keeps_changes': [" in text)
    added_up = sorted(name for text in SQL.values() for name in re.findall(r"'sums_of': '(\w+)'", text))

    assert kept == added_up != []


def test_every_table_whose_keys_are_taken_is_watched() -> None:
    taken = {pair for text in SQL.values() for pair in re.findall(r"touched\('([\w.]+)', '(\w+)'\)", text)}
    noted = {
        f"warehouse.{model}": re.findall(r"'(\w+)'", listed)
        for model, text in SQL.items()
        for listed in re.findall(r"'notes': \[([^\]]*)\]", text)
    }
    watched = touched.watched() | noted

    assert taken
    assert {pair for pair in taken if pair[1] not in watched.get(pair[0], [])} == set()


def test_every_condition_names_the_keys_of_its_model() -> None:
    wrong = [
        (model, named)
        for model, text in SQL.items()
        for named in re.findall(r"is_touched\('(\w+)'", text)
        if model not in (*BY_KEYS, *VERSIONS) or named != settings_of(model)[0]
    ]

    assert wrong == []
