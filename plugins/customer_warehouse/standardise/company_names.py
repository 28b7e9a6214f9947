"""Names of companies, shops and offices, told from names of people."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from customer_warehouse.standardise.characters import HAN, simplified, unaccented
from customer_warehouse.standardise.name_words import chinese_words
from customer_warehouse.standardise.reference import words

KEY_MARK = "#"
"""What a company's match key begins with, and no person's does."""

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(f"[{HAN}]")
_BESIDE_HAN = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
_BRACKETS = re.compile(r"\([^()]*\)")


class _Words(NamedTuple):
    chinese_forms: re.Pattern[str]
    chinese_endings: re.Pattern[str]
    latin_forms: frozenset[str]
    marked_forms: re.Pattern[str]
    latin_endings: frozenset[str]


def company(text: str) -> str | None:
    """The cleaned name as a company writes it, without spaces between Chinese characters; None when it is no company's.

    A company has a legal form in its name (有限公司, Ltd), or ends like one (商行, 工作室, Studio). What stands in
    brackets behind a person's name says nothing about the name.
    """
    name = _BESIDE_HAN.sub("", text)
    bare = _BRACKETS.sub(" ", name).strip() or name
    return name if _has_legal_form(bare) or _ends_like_one(bare) else None


def key_of(name: str) -> str:
    """The match key of a company, behind `#`: its name without legal forms, brackets, case, accents and punctuation.

    Of a name in both scripts it is the Chinese part.
    """
    folded = _words().chinese_forms.sub(" ", simplified(unaccented(_BRACKETS.sub(" ", name))))
    rest = [word for word in _WORD.findall(folded) if word not in _forms()]
    chinese = [word for word in rest if _HAN.search(word)]
    return KEY_MARK + ("".join(chinese) or " ".join(rest) or unaccented(name))


def _has_legal_form(name: str) -> bool:
    known = _words()
    if _HAN.search(name) and known.chinese_forms.search(simplified(name)):
        return True
    found = [word.casefold() for word in _WORD.findall(name)]
    return not known.latin_forms.isdisjoint(found[1:]) or bool(known.marked_forms.search(name))


def _ends_like_one(name: str) -> bool:
    known = _words()
    if _HAN.search(name):
        folded = simplified(name)
        ending = known.chinese_endings.search(folded)
        own = folded[: ending.start()] if ending else ""
        return len(own) > 1 and own not in chinese_words().compound
    found = [word.casefold() for word in _WORD.findall(name)]
    return len(found) > 1 and found[-1] in known.latin_endings


@lru_cache(maxsize=1)
def _words() -> _Words:
    forms, endings = ("names", "companies", "legal_forms"), ("names", "companies", "endings")
    marked = "|".join(sorted(words(*forms, "latin_behind_a_mark")))
    return _Words(
        re.compile(alternatives(words(*forms, "chinese"))),
        re.compile(f"{alternatives(words(*endings, 'chinese'))}$"),
        words(*forms, "latin"),
        re.compile(rf"\S\s+(?:{marked})\.(?:\W|$)|(?:&|\band)\s*(?:{marked})\b", re.IGNORECASE),
        words(*endings, "latin"),
    )


@lru_cache(maxsize=1)
def _forms() -> frozenset[str]:
    forms = ("names", "companies", "legal_forms")
    return words(*forms, "latin") | words(*forms, "latin_behind_a_mark") | {"and"}


def alternatives(listed: frozenset[str]) -> str:
    """A regular expression for any of the words, the longest first."""
    return f"(?:{'|'.join(map(re.escape, sorted(listed, key=lambda word: (-len(word), word))))})"
