"""Every column of a published mart says whom it tells of, in what unit, from where, and what it means in Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish.declared import NUMBERS, Column, Mart, declared_marts, simplified
from customer_warehouse.settings import Settings

MARTS = declared_marts(Settings().dbt_project_dir)
HAN = re.compile(r"[\u4e00-\u9fff]")
REACHES_SOMEBODY = re.compile(
    r"(^|_)(full_name|given_name|family_name|e?mail|phone|mobile|postal_address|street|birth_date|birthday|member_number"
    r"|subject|body|comment|message|transcript|free_text|postcode)(_|$)"
)
TELLS_NO_VALUE = ("_at", "_count", "_consent", "_rate", "_days", "_hours", "_since")


def name(mart: Mart) -> str:
    return mart.name


def named(columns: list[Column]) -> list[str]:
    return [column.name for column in columns]


@pytest.mark.parametrize("mart", MARTS, ids=name)
def test_every_column_says_whether_it_names_a_person(mart: Mart) -> None:
    missing = [column for column in mart.columns if column.meta.personal is None]

    assert named(missing) == [], (
        f"Add `config: {{meta: {{personal: direct|indirect|none, …}}}}` to these columns of {mart.name}.yml; until then"
        " readers without the role bi_pii cannot see them. dbt_project/README.md says what each word means."
    )


@pytest.mark.parametrize("mart", MARTS, ids=name)
def test_every_column_has_a_meaning_in_chinese(mart: Mart) -> None:
    missing = [column for column in mart.columns if not HAN.search(column.meta.zh or "")]

    assert mart.meta.zh, f"Add `zh` (traditional Chinese) to config.meta of the model {mart.name}."
    assert named(missing) == [], f"Add `zh` (traditional Chinese) to config.meta of these columns of {mart.name}.yml."


@pytest.mark.parametrize("mart", MARTS, ids=name)
def test_every_number_has_a_unit_and_every_column_a_source(mart: Mart) -> None:
    without_unit = [column for column in mart.columns if column.data_type in NUMBERS and not column.unit]
    without_source = [column for column in mart.columns if not column.source]

    assert named(without_unit) == [], f"Add `unit` (days, orders, base currency, …) to config.meta in {mart.name}.yml."
    assert named(without_source) == [], f"Add `source` to config.meta of the model {mart.name} or of these columns."


@pytest.mark.parametrize("mart", MARTS, ids=name)
def test_a_column_that_is_called_like_an_identifier_is_one(mart: Mart) -> None:
    open_to_all = [
        column
        for column in mart.columns
        if REACHES_SOMEBODY.search(column.name)
        and column.data_type in ("text", "date")
        and not column.name.endswith(TELLS_NO_VALUE)
        and not column.is_direct
    ]

    assert named(open_to_all) == [], f"These columns of {mart.name} say who somebody is; make them `personal: direct`."


def test_what_a_column_refers_to_is_the_key_of_a_mart() -> None:
    keys = {f"{mart.name}.{mart.key[0]}" for mart in MARTS if len(mart.key) == 1}
    references = {column.meta.references for mart in MARTS for column in mart.columns if column.meta.references}

    assert "customer_360.customer_id" in references
    assert references <= keys


def test_simplified_chinese_has_the_words_of_the_mainland() -> None:
    assert simplified("最可信的電子郵件地址；簡訊，資料") == "最可信的电子邮件地址；短信，数据"


def test_a_column_that_nobody_has_classified_is_kept_from_those_who_may_not_see_persons(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "marts" / "published"
    folder.mkdir(parents=True)
    (folder / "m.yml").write_text(
        "models: [{name: m, description: One row per a., columns: [{name: a, data_type: text, description: A.}]}]"
    )

    assert declared_marts(tmp_path)[0].columns[0].is_direct


def test_a_word_of_meta_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "marts" / "published"
    folder.mkdir(parents=True)
    (folder / "m.yml").write_text(
        "models: [{name: m, description: One row per a., config: {meta: {zn: x}}, columns: []}]"
    )

    with pytest.raises(StageError, match=r"m\.yml cannot be used"):
        declared_marts(tmp_path)
