"""Names of people: written one way, taken apart, and folded into a key."""

from __future__ import annotations

import pytest

from customer_warehouse.standardise.person_name import compose, standardise
from unit.standardise.realistic import full_width


@pytest.mark.parametrize(
    ("raw", "name", "family", "given", "key"),
    [
        pytest.param("王大明", "王大明", "王", "大明", "王大明", id="Chinese"),
        pytest.param("王 大明", "王大明", "王", "大明", "王大明", id="space within"),
        pytest.param("　王大明　", "王大明", "王", "大明", "王大明", id="full-width spaces"),
        pytest.param("陳美玲", "陳美玲", "陳", "美玲", "陈美玲", id="traditional, key in simplified"),
        pytest.param("陈美玲", "陈美玲", "陈", "美玲", "陈美玲", id="simplified"),
        pytest.param("歐陽志明", "歐陽志明", "歐陽", "志明", "欧阳志明", id="compound surname"),
        pytest.param("司马懿", "司马懿", "司马", "懿", "司马懿", id="compound surname in simplified"),
        pytest.param("李白", "李白", "李", "白", "李白", id="two characters"),
        pytest.param("陳林美玉", "陳林美玉", "陳", "林美玉", "陈林美玉", id="four characters"),
        pytest.param("王大明先生", "王大明", "王", "大明", "王大明", id="honorific"),
        pytest.param("王小明 媽媽", "王小明", "王", "小明", "王小明", id="somebody's mother"),
        pytest.param("😀王大明🎉", "王大明", "王", "大明", "王大明", id="emoji"),
        pytest.param("王\u200b大\ufeff明", "王大明", "王", "大明", "王大明", id="invisible characters"),
        pytest.param("王大明2", "王大明", "王", "大明", "王大明", id="digit"),
        pytest.param("瓦歷斯‧諾幹", "瓦歷斯·諾幹", None, "瓦歷斯·諾幹", "瓦历斯诺干", id="dotted name"),
        pytest.param("田中さくら", "田中さくら", None, "田中さくら", "田中さくら", id="Japanese"),
        pytest.param("David Chen", "David Chen", "Chen", "David", "chen david", id="Latin"),
        pytest.param("CHEN, David", "David Chen", "Chen", "David", "chen david", id="family name first"),
        pytest.param(full_width("DAVID CHEN"), "David Chen", "Chen", "David", "chen david", id="full-width capitals"),
        pytest.param("david chen", "David Chen", "Chen", "David", "chen david", id="small letters"),
        pytest.param("Mr. David Chen", "David Chen", "Chen", "David", "chen david", id="title"),
        pytest.param("Chen, David, PhD", "David Chen", "Chen", "David", "chen david", id="degree"),
        pytest.param("David Chen, PhD", "David Chen", "Chen", "David", "chen david", id="degree, names in order"),
        pytest.param("Chen Mei-Ling", "Chen Mei-Ling", "Mei-Ling", "Chen", "chen ling mei", id="hyphen"),
        pytest.param("JOHN O\u2019BRIEN", "John O'Brien", "O'Brien", "John", "john obrien", id="apostrophe"),
        pytest.param("JANE MCDONALD", "Jane McDonald", "McDonald", "Jane", "jane mcdonald", id="Mc"),
        pytest.param("Zoë Müller", "Zoë Müller", "Müller", "Zoë", "muller zoe", id="accents"),
        pytest.param(
            "LUDWIG VAN BEETHOVEN",
            "Ludwig van Beethoven",
            "van Beethoven",
            "Ludwig",
            "beethoven ludwig van",
            id="particle",
        ),
        pytest.param("DeShawn Smith", "DeShawn Smith", "Smith", "DeShawn", "deshawn smith", id="own capitals"),
        pytest.param("J.R. Smith", "J R Smith", "Smith", "J R", "j r smith", id="initials"),
        pytest.param("David", "David", None, "David", "david", id="one word"),
        pytest.param("David 王大明", "王大明 David", "王", "大明", "王大明", id="both scripts"),
        pytest.param("王小姐 Mary", "王 Mary", "王", "Mary", "王 mary", id="Chinese surname, English name"),
        pytest.param("王先生", "王", "王", None, "王", id="surname only"),
        pytest.param("王大明/李小美", "王大明", "王", "大明", "王大明", id="two people"),
    ],
)
def test_a_name_is_written_one_way(raw: str, name: str, family: str | None, given: str | None, key: str) -> None:
    answer = standardise(raw)
    parts = answer.parts or {}
    assert (answer.value, parts.get("family"), parts.get("given"), answer.key) == (name, family, given, key)


@pytest.mark.parametrize(
    "raw",
    [
        "測試",
        "测试",
        "測試帳號",
        "測試123",
        "test",
        "Test User",
        "無名氏",
        "无名氏",
        "N/A",
        "無",
        "不提供",
        "匿名",
        "客人",
        "-",
        "先生",
    ],
)
def test_a_name_that_is_nobodys_is_a_placeholder(raw: str) -> None:
    answer = standardise(raw)
    assert (answer.value, answer.reason) == (None, "placeholder")


@pytest.mark.parametrize("raw", ["12345", "mei@pm.me", "王" * 300])
def test_what_is_no_name_is_refused(raw: str) -> None:
    assert standardise(raw).reason == "not_a_name"


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        ("王大明", ()),
        ("王大明先生", ("honorific_removed",)),
        ("王先生", ("honorific_removed", "family_name_only")),
        ("David 王大明", ("mixed_scripts",)),
        ("王大明、李小美", ("more_than_one",)),
    ],
)
def test_flags_tell_what_was_done(raw: str, flags: tuple[str, ...]) -> None:
    assert standardise(raw).flags == flags


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        pytest.param("大明", "王", "王大明", id="Chinese"),
        pytest.param("志明", "歐陽", "歐陽志明", id="compound surname"),
        pytest.param("David", "Chen", "David Chen", id="Latin"),
        pytest.param("Maria", "Garcia Lopez", "Garcia Lopez, Maria", id="family name of two words"),
        pytest.param("David", "王", "王 David", id="English given name"),
        pytest.param("王大明", None, "王大明", id="all of it in the given name"),
        pytest.param("王大明", "", "王大明", id="empty family name"),
        pytest.param("王大明", "王", "王大明", id="whole name and family name"),
        pytest.param("王", "大明", "王大明", id="fields the wrong way round"),
        pytest.param(None, None, None, id="nothing"),
    ],
)
def test_a_name_in_two_fields_becomes_one(given: str | None, family: str | None, name: str | None) -> None:
    assert compose(given, family) == name


def test_a_family_name_of_two_words_stays_one() -> None:
    answer = standardise(compose("Maria", "Garcia Lopez"))
    assert (answer.value, answer.parts) == ("Maria Garcia Lopez", {"given": "Maria", "family": "Garcia Lopez"})
