"""Source declarations: what is wrong with one is said in words, and the project's own are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse.extract.declaration import load_source, source_names
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import PACKAGE, PROJECT
from customer_warehouse.standardise.columns import check_options
from customer_warehouse.standardise.model import standard_model

OWN = PACKAGE / "extract" / "sources"
ENVIRONMENT = dict.fromkeys(
    ("SHOP_PLATFORM_URL", "SHOP_PLATFORM_TOKEN", "POINT_OF_SALE_URL", "SERVICE_DESK_URL", "ACCEPTANCE_DATA"), "x"
)
DECLARED = [(OWN, name) for name in source_names(OWN)] + [
    (folder, name) for folder in sorted(PROJECT.glob("acceptance/*/sources")) for name in source_names(folder)
]


def minimal() -> dict[str, Any]:
    return {
        "source": "till",
        "kind": "files",
        "description": "A till.",
        "currency": "TWD",
        "connection": {"url": "${TILL_URL:-/tmp}"},
        "entities": {"sales": {"read": {"path": "{date}.csv"}, "key": ["id"], "columns": ["id", "amount"]}},
    }


def written(folder: Path, declared: dict[str, Any]) -> Path:
    (folder / "till.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    return folder


def test_there_are_three_sources_of_three_kinds() -> None:
    kinds = {load_source(OWN, name, ENVIRONMENT).kind for name in source_names(OWN)}

    assert kinds == {"rest_api", "files", "database"}


@pytest.mark.parametrize(("folder", "name"), DECLARED, ids=[name for _, name in DECLARED])
def test_every_declared_source_maps_to_columns_of_the_standard_model(folder: Path, name: str) -> None:
    source = load_source(folder, name, ENVIRONMENT)

    for entity in source.entities.values():
        for mapping in entity.standard:
            columns = standard_model()[mapping.entity].columns
            assert set(mapping.columns) <= set(columns)
            required = {column for column, spec in columns.items() if spec.required}
            assert required <= set(mapping.columns), mapping.entity
            for column, value in mapping.columns.items():
                engine = {"negate", "otherwise"}
                options = {option: given for option, given in value.options.items() if option not in engine}
                check_options(columns[column].type, columns[column].options | options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"kind": "fax"}, "kind", id="unknown kind"),
        pytest.param({"colour": "red"}, "colour", id="unknown word"),
        pytest.param({"fresh_within": "soon"}, "fresh_within", id="no duration"),
        pytest.param({"source": "tills"}, "till.yml", id="name differs from file"),
        pytest.param({"connection": {"url": "${NOWHERE_SET}"}}, "NOWHERE_SET", id="variable not set"),
        pytest.param({"entities": {"sales": {"read": {}, "key": ["id"], "columns": ["id"]}}}, "path", id="no path"),
        pytest.param(
            {"entities": {"sales": {"read": {"path": "x"}, "key": ["no"], "columns": ["id"]}}}, "no", id="unknown key"
        ),
        pytest.param(
            {
                "entities": {
                    "sales": {"read": {"path": "x"}, "key": ["id"], "columns": ["id"], "deletes": {"at_most": 0.5}}
                }
            },
            "deletes",
            id="deletes without a way",
        ),
        pytest.param(
            {
                "entities": {
                    "sales": {
                        "read": {"path": "{date}.csv"},
                        "key": ["id"],
                        "columns": ["id"],
                        "standard": [
                            {"entity": "orders", "key": "id", "columns": {"store_key": {"template": "s{_file.store}"}}}
                        ],
                    }
                }
            },
            "no part store",
            id="a part that the path lacks",
        ),
    ],
)
def test_a_wrong_declaration_is_refused_in_words(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    folder = written(tmp_path, minimal() | change)

    with pytest.raises(StageError, match=words):
        load_source(folder, "till", {})


def test_a_missing_declaration_names_those_there_are(tmp_path: Path) -> None:
    folder = written(tmp_path, minimal())

    with pytest.raises(StageError, match="there are: till"):
        load_source(folder, "shop", {})


def test_variables_are_filled_in_and_may_have_a_default(tmp_path: Path) -> None:
    folder = written(tmp_path, minimal())

    assert load_source(folder, "till", {}).connection.url == "/tmp"
    assert load_source(folder, "till", {"TILL_URL": "sftp://till"}).connection.url == "sftp://till"
