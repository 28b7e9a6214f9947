"""How well two names agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.names import LONGEST_NAME, Name, NameAgreement, compare, read_name
from customer_warehouse.standardise import person_name
from customer_warehouse.standardise.name_words import GIVEN_NAMES

PAIRS = {
    NameAgreement.EQUAL: [
        ("王小明", "王小明先生"),
        ("陳麗華", "陈丽华"),
        ("John Smith", "SMITH, John"),
        ("José García", "Jose Garcia"),
        ("Mei-Ling Chen", "Chen Mei Ling"),
        ("Sean O'Brien", "OBRIEN sean"),
        ("小明王", "王小明"),
        ("大明有限公司", "大明股份有限公司"),
    ],
    NameAgreement.PARTIAL: [
        ("J. Smith", "John Smith"),
        ("John S", "John Smith"),
        ("Bob Smith", "Robert Smith"),
        ("Bob Smith", "Rob Smith"),
        ("John Andrew Smith", "John Smith"),
        ("John", "John Smith"),
        ("Bill", "William Turner"),
        ("Wang Xiaoming", "Xiao-Ming Wang"),
        ("小明", "王小明"),
        ("凡林", "林凡"),
        ("梁詠琪 Gigi", "梁詠琪"),
        ("歐陽娜娜", "娜娜"),
        ("王小明", "Wang Xiaoming"),
        ("王曉明", "Hsiao-ming Wang"),
        ("陳大文", "Chan Tai Man"),
        ("陈大文", "Peter Chan Tai Man"),
        ("陳美玲", "Tan Mei Ling"),
        ("歐陽娜娜", "Na-na Ou-yang"),
        ("魏惠月", "Hui Yueh Wei"),
        ("楊平", "Ping Yang"),
        ("陳林美玉", "Lin Mei-yu"),
        ("Wang Hsiao-ming", "Xiaoming Wang"),
        ("Chang Man-yu", "Zhang Manyu"),
        ("王小明 Jason", "Jason Wang"),
        ("王小明 Jason", "Wang Hsiao-ming"),
        ("梁詠琪 Gigi Leung", "Gigi Leung"),
        ("王阿澤", "王平澤"),
        ("林阿怡", "林怡"),
        ("Kev Thomas", "Kevin Thomas"),
    ],
    NameAgreement.SIMILAR: [
        ("王小明", "王曉明"),
        ("王小明", "王明小"),
        ("陳美玲", "林美玲"),
        ("歐陽小明", "歐陽明"),
        ("Jon Smith", "John Smith"),
        ("Jennifer Wlaker", "Jennifer Walker"),
        ("Mary Smith", "Mary Jones"),
        ("阿明", "王小明"),
        ("小王", "王大同"),
        ("Stephanie", "Stephenie"),
        ("黃義", "黃怡"),
        ("王曉銘", "王小明"),
        ("王大明", "王小明"),
        ("王阿銘", "王志明"),
        ("陳阿明", "Chen Chih-ming"),
    ],
    NameAgreement.UNKNOWN: [
        (None, "王小明"),
        (None, None),
        ("王志明", "Jason Wang"),
        ("王志明", "Nina Wang"),
        ("王志明", "Chih-min Wang"),
        ("王先生", "Wang Xiaoming"),
        ("王先生", "王小明"),
        ("Ping-yu Lee", "Daniel Lee"),
        ("Zhang Manyu", "Cheung Man Yuk"),
        ("陳大文", "Mary Smith"),
        ("歐陽小姐", "歐陽娜娜"),
        ("Mr. Smith", "John Smith"),
        ("J", "John Smith"),
        ("Иван Петров", "Ivan Petrov"),
        ("x" * (LONGEST_NAME + 1), "John Smith"),
    ],
    NameAgreement.DIFFERENT: [
        ("陳志明", "陳志強"),
        ("王小明", "陳美玲"),
        ("王小明", "王大同"),
        ("王明", "王華"),
        ("陳先生", "王小明"),
        ("John Smith", "Mary Smith"),
        ("John Smith", "John Jones Miller"),
        ("Wang Xiaoming", "Wang Daming"),
        ("Jane Reeves", "John Reeves"),
        ("阿華", "王小明"),
        ("Ann", "Mary Walker"),
        ("大明有限公司", "王大明"),
        ("David Ltd", "David Chen"),
        ("Chen Co.", "Chen Bo"),
        ("王志明", "Chen Chih-ming"),
        ("王志明", "Jason Chen"),
        ("王小明 Jason", "Jason Chen"),
        ("王小明 Jason", "Kevin Wang"),
        ("王志明", "Wang Mei-ling"),
        ("王美玲", "王淑芬"),
        ("王淑芬", "Wong Siu Ming"),
        ("Jason Wang", "Kevin Wang"),
        ("Wang Chih-ming", "Jason Chen"),
        ("Mei-ling Smith", "John Smith"),
    ],
}


def name(raw: str | None) -> Name | None:
    value = person_name.standardise(raw)
    parts = value.parts or {}
    return read_name(value.key, value.value, parts.get("given"), parts.get("family")) if value.key else None


@pytest.mark.parametrize(
    ("grade", "one", "other"),
    [
        pytest.param(grade, one, other, id=f"{grade.name.lower()}-{number}")
        for grade, pairs in PAIRS.items()
        for number, (one, other) in enumerate(pairs, 1)
    ],
)
def test_two_names_agree_as_well_as_people_would_say(grade: NameAgreement, one: str | None, other: str | None) -> None:
    assert compare(name(one), name(other)) == grade
    assert compare(name(other), name(one)) == grade


WORDS = st.lists(
    st.sampled_from(["john", "jon", "j", "smith", "robert", "bob", "s", "wang", "xiao", "ming"]), max_size=4
)
CHARACTERS = st.text("王小明大華陈阿", max_size=4)


@st.composite
def names(draw: st.DrawFn) -> Name:
    words, characters = draw(WORDS), draw(CHARACTERS)
    cut, family = draw(st.integers(0, len(words))), draw(st.integers(0, len(characters)))
    return read_name(
        f"{characters} {' '.join(sorted(words))}",
        f"{characters} {' '.join(words)}",
        f"{characters[family:]} {' '.join(words[:cut])}",
        f"{characters[:family]} {' '.join(words[cut:])}",
    )


@given(names(), names())
def test_the_order_of_the_two_names_does_not_matter(one: Name, other: Name) -> None:
    assert compare(one, other) == compare(other, one)


@given(names(), names(), names())
def test_equality_of_names_is_transitive(one: Name, middle: Name, other: Name) -> None:
    if compare(one, middle) == compare(middle, other) == NameAgreement.EQUAL:
        assert compare(one, other) == NameAgreement.EQUAL


@given(names())
def test_a_name_equals_itself(one: Name) -> None:
    assert compare(one, one) == NameAgreement.EQUAL


def test_the_table_of_given_names_is_in_order_and_repeats_no_line() -> None:
    lines = GIVEN_NAMES.read_text(encoding="utf-8").splitlines()
    heads = [line.split(",")[0] for line in lines]
    assert heads == sorted(set(heads))
    assert all(form.isascii() and form == form.strip().lower() for line in lines for form in line.split(","))
