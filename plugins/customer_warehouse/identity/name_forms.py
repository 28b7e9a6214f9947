"""The forms of a name that scoring compares in SQL: what is written, how it sounds, which name a nickname is of.

Forms are made once for each distinct name. Every form that says nothing is null, so that it is neither for nor against
two names being one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from customer_warehouse.identity.romanisation import (
    cantonese,
    cantonese_of_characters,
    mandarin,
    mandarin_of_characters,
    usual_surname,
)
from customer_warehouse.standardise.characters import HAN, KANA_AND_HANGUL, simplified, unaccented
from customer_warehouse.standardise.chinese_names import family_length
from customer_warehouse.standardise.company_names import KEY_MARK
from customer_warehouse.standardise.name_words import chinese_words, given_names, latin_words

if TYPE_CHECKING:
    import duckdb

LONGEST_NAME = 200
"""Characters. What is longer is no name of a person; it has no forms."""
REMEMBERED = 100_000
"""Given names and family names whose forms are kept."""
BATCH = 50_000
"""Names that are made forms of at a time."""

CHARACTERS = re.compile(f"[{HAN}{KANA_AND_HANGUL}]")
_WORD = re.compile(r"[^\W\d_]+")


class NameForms(NamedTuple):
    """The forms of one name; all but `is_company` null where they say nothing."""

    given: str | None = None
    """The given name: simplified characters, or words in lower case without accents. The syllables of a Chinese name
    are one word (`xiaoming`), English names are apart (`john andrew`). Of both kinds in one name the Chinese one."""
    family: str | None = None
    """The family name, folded likewise; its words run together (`vanderberg`, `auyeung`). Of two the first."""
    family_alt: str | None = None
    """The second of two family names: 林 of 陳林美玉, `jones` of `Smith-Jones`."""
    given_kind: str | None = None
    """`characters`, `romanised` (a Chinese name in letters) or `words`: two given names of one kind can be compared by
    `given`; characters and a romanised name only by sound; words say nothing about the other two."""
    given_sound: str | None = None
    """The Mandarin code of a Chinese given name; see romanisation.py. Null for an English one."""
    family_sound: str | None = None
    """The Mandarin code of a Chinese surname; for Wong, Lam and Lim that of the most usual one written so."""
    given_cantonese: str | None = None
    """The Cantonese code of a Chinese given name. Names sound alike when this or `given_sound` is equal."""
    family_cantonese: str | None = None
    """The Cantonese code of a Chinese surname."""
    given_base: str | None = None
    """`given`, but the name that a nickname is short for: `robert` for Bob. Of several the first of the alphabet."""
    given_code: str | None = None
    """For blocking: the sound of a Chinese given name, Soundex of the first word of another."""
    family_code: str | None = None
    """For blocking: the sound of a Chinese surname, Soundex of another."""
    english_given: str | None = None
    """The English given name of somebody with a Chinese surname: `jason` of Jason Wang and of 王小明 Jason."""
    is_company: bool = False


class _Family(NamedTuple):
    written: str
    second: str | None
    sound: str | None
    cantonese: str | None
    is_chinese: bool


class _Given(NamedTuple):
    written: str
    kind: str
    sound: str | None
    cantonese: str | None
    base: str
    english: str | None
    second_surname: str | None = None


NOTHING = NameForms()
COMPANY = NameForms(is_company=True)
SCHEMA = pa.schema(
    [("name_id", pa.int64()), *((form, pa.string()) for form in NameForms._fields[:-1]), ("is_company", pa.bool_())]
)
NAME_COLUMNS = ("full_name_key", "full_name", "full_name_given", "full_name_family")


def name_forms(
    key: str | None, written: str | None = None, given: str | None = None, family: str | None = None
) -> NameForms:
    """The forms of a name: its match key, the name as written, and the parts that it divides into.

    Without parts, the name is taken for a given name. Pure; never fails.
    """
    if not key:
        return NOTHING
    if key.startswith(KEY_MARK):
        return COMPANY
    written = written or key
    if max(len(key), len(written), len(given or ""), len(family or "")) > LONGEST_NAME:
        return NOTHING
    if not given and not family:
        given = written
    last = _family_of(family) if family else None
    first = _given_of(given, last is not None and last.is_chinese) if given else None
    english = first.english if first else None
    if english is None and not written.isascii() and CHARACTERS.search(written):
        english = _beside_characters(written)
    return NameForms(
        first.written if first else None,
        last.written if last else None,
        (last.second if last else None) or (first.second_surname if first else None),
        first.kind if first else None,
        first.sound if first else None,
        last.sound if last else None,
        first.cantonese if first else None,
        last.cantonese if last else None,
        first.base if first else None,
        (first.sound or first.cantonese or soundex(first.written)) if first else None,
        (last.sound or last.cantonese or soundex(last.written)) if last else None,
        english,
    )


def forms_of_names(names: pa.RecordBatch) -> pa.RecordBatch:
    """The forms (columns as in SCHEMA) of distinct names: `name_id` and NAME_COLUMNS; in the same order."""
    forms = [name_forms(*row) for row in zip(*(names[column].to_pylist() for column in NAME_COLUMNS), strict=True)]
    columns = zip(*forms, strict=True) if forms else ([] for _ in NameForms._fields)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, list(SCHEMA)[1:], strict=True)]
    return pa.record_batch([names["name_id"].cast(pa.int64()), *arrays], schema=SCHEMA)


def make_name_forms(work: duckdb.DuckDBPyConnection) -> None:
    """Fill the table `name_forms` (name_id and the columns of NameForms) from the table `names`."""
    names = work.sql(f"select name_id, {', '.join(NAME_COLUMNS)} from names").to_arrow_table()
    made = pa.Table.from_batches(map(forms_of_names, names.to_batches(BATCH)), SCHEMA)
    work.register("made_forms", made)
    work.execute("create or replace table name_forms as select * from made_forms")
    work.unregister("made_forms")


@lru_cache(maxsize=REMEMBERED)
def _family_of(family: str) -> _Family | None:
    characters = simplified("".join(CHARACTERS.findall(family)))
    if characters:
        return _Family(
            characters,
            None,
            mandarin_of_characters(characters, is_surname=True),
            cantonese_of_characters(characters, is_surname=True),
            is_chinese=True,
        )
    words = _folded(family)
    if not words:
        return None
    joined = "".join(words)
    known = latin_words().romanised
    if joined not in known and len(words) == 2 and not latin_words().particles & {*words}:
        first = _family_of(words[0])
        return first and first._replace(second=words[1])
    if joined not in known:
        return _Family(joined, None, None, None, is_chinese=False)
    return _Family(joined, None, usual_surname(joined), cantonese(family), is_chinese=True)


@lru_cache(maxsize=REMEMBERED)
def _given_of(given: str, has_chinese_surname: bool) -> _Given | None:
    characters = simplified("".join(CHARACTERS.findall(given)))
    if characters:
        return _of_characters(characters, has_chinese_surname)
    words = _folded(given)
    if not words:
        return None
    beside, others = _english_and_others(words) if has_chinese_surname else ((), words)
    second, syllables = _without_second_surname(others) if has_chinese_surname else (None, others)
    if syllables and (has_chinese_surname or len(syllables) == 2):
        written = _with_apostrophes(given, syllables)
        spoken, sung = mandarin(written), cantonese(written)
        if spoken or sung:
            joined = "".join(syllables)
            return _Given(joined, "romanised", spoken, sung, joined, " ".join(beside) or None, second)
    whole = " ".join(words)
    return _Given(whole, "words", None, None, base_name(words), whole if has_chinese_surname else None)


def _of_characters(characters: str, has_surname: bool) -> _Given:
    second = None
    if (
        has_surname
        and len(characters) == 3
        and family_length(characters) == 1
        and characters[0] in chinese_words().usual
    ):
        second, characters = characters[0], characters[1:]
    return _Given(
        characters,
        "characters",
        mandarin_of_characters(characters),
        cantonese_of_characters(characters),
        characters,
        None,
        second,
    )


def _english_and_others(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The English given names beside a Chinese surname, and the other words.

    What can be both is a syllable where that makes two of them: Kit is 傑 in `Kit Ting`, and in `Peter Kit Ting`.
    """
    english = tuple(word for word in words if word in latin_words().given)
    others = tuple(word for word in words if word not in english)
    last = words[-2:]
    if len(others) == 1 and 2 <= len(words) <= 3 and others[0] in last and _are_syllables(last):
        return words[:-2], last
    return english, others


def _are_syllables(words: tuple[str, ...]) -> bool:
    return all(len(word) > 1 for word in words) and bool(mandarin(" ".join(words)) or cantonese(" ".join(words)))


def _without_second_surname(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The second surname in front of two syllables, and the rest: `Chan Wong Mei Ling` is Mrs Chan, born Wong."""
    if len(words) == 3 and latin_words().romanised.get(words[0], 0) > 1:
        return words[0], words[1:]
    return None, words


def _beside_characters(written: str) -> str | None:
    """The English given name that stands beside characters."""
    words = [word for word in _folded(CHARACTERS.sub(" ", written)) if word in latin_words().given]
    return " ".join(words) or None


def _with_apostrophes(given: str, words: tuple[str, ...]) -> str:
    """Folded words of a given name as they are written there, for the apostrophe in Jing'an divides its syllables."""
    written = re.split(r"[\s.-]+", unaccented(given))
    return " ".join(next((one for one in written if one.replace("'", "") == word), word) for word in words)


def _folded(text: str) -> tuple[str, ...]:
    """The words of a text, case and accents folded, apostrophes dropped."""
    return tuple(_WORD.findall(unaccented(text).replace("'", "")))


def base_name(words: tuple[str, ...]) -> str:
    """The given name whose nickname the first of the words is; that word itself when it is none."""
    return _bases().get(words[0], words[0])


@cache
def _bases() -> dict[str, str]:
    heads = [line[0] for line in given_names()]
    bases = {head: head for head in heads}
    for line in given_names():
        for form in line:
            bases.setdefault(form, line[0])
    return bases


_DIGITS = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in letters
}


@lru_cache(maxsize=REMEMBERED)
def soundex(words: str) -> str | None:
    """American Soundex of the first of the words: `robert` and `rupert` give `r163`; None without letters a to z.

    The rules are those of the U.S. National Archives: letters of one digit that stand together count once, also with
    `h` or `w` between them.
    """
    letters = [letter for letter in words.partition(" ")[0] if "a" <= letter <= "z"]
    if not letters:
        return None
    code, last = letters[0], _DIGITS.get(letters[0])
    for letter in letters[1:]:
        digit = _DIGITS.get(letter)
        if digit and digit != last:
            code += digit
        if letter not in "hw":
            last = digit
    return code[:4].ljust(4, "0")
