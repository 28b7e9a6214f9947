"""The examples of every type, `tests/fixtures/standardise/<type>.yml`, and the page that is made of them.

An example is what is given, the options if any, and the whole answer: what it leaves out is not there. Run as a program
it writes `docs/standardise.md`: `make docs`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from customer_warehouse.standardise.columns import TYPES
from customer_warehouse.standardise.value import Value

PROJECT = Path(__file__).resolve().parents[3]
FOLDER = PROJECT / "tests" / "fixtures" / "standardise"
PAGE = PROJECT / "docs" / "standardise.md"
INTRODUCTION = Path(__file__).with_name("cases_introduction.md")
WORDS = {"case", "given", "options", "value", "key", "flags", "parts", "reason"}


class Case(NamedTuple):
    """One example of a type."""

    type_name: str
    name: str
    given: str
    options: dict[str, Any]
    answer: dict[str, Any]
    """`value` (as text), `key`, `flags`, `parts` and `reason`, without those that are empty."""


def cases() -> Iterator[Case]:
    """All examples, type by type, in the order of their files. Raises ValueError for a word that is none."""
    for type_name in TYPES:
        file = FOLDER / f"{type_name}.yml"
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else []:
            if unknown := set(entry) - WORDS:
                raise ValueError(f"{file.name}, {entry.get('case')}: unknown words {sorted(unknown)}")
            expected = {word: entry[word] for word in ("value", "key", "flags", "parts", "reason") if entry.get(word)}
            if "value" in entry:
                expected["value"] = str(entry["value"])
            yield Case(type_name, entry["case"], entry["given"], entry.get("options", {}), expected)


def as_case(answer: Value) -> dict[str, Any]:
    """An answer as an example has it."""
    value = None if answer.value is None else str(answer.value)
    words = {
        "value": value,
        "key": answer.key,
        "flags": list(answer.flags),
        "parts": {name: part for name, part in (answer.parts or {}).items() if part},
        "reason": answer.reason,
    }
    return {word: content for word, content in words.items() if content}


def page() -> str:
    """The page: for every type what its function says of itself, and its examples as a table."""
    lines = [INTRODUCTION.read_text(encoding="utf-8").rstrip()]
    every = list(cases())
    for type_name, spec in TYPES.items():
        of_type = [case for case in every if case.type_name == type_name]
        if not of_type:
            continue
        lines += ["", f"## {type_name}", "", inspect.getdoc(spec.standardise) or ""]
        shown = {word for case in of_type for word in case.answer}
        columns = [word for word in ("value", "key", "parts", "flags", "reason") if word in shown]
        heads = {"value": "standard", "key": "match key"}
        lines += ["", "| | given | " + " | ".join(heads.get(word, word) for word in columns) + " |"]
        lines.append("|---" * (len(columns) + 2) + "|")
        for case in of_type:
            options = " ".join(f"{name}: {_plain(value)}" for name, value in case.options.items())
            name = case.name + (f" ({options})" if options else "")
            cells = [_cell(case.answer.get(word)) for word in columns]
            lines.append("| " + " | ".join([_escaped(name), _code(case.given), *cells]) + " |")
    return "\n".join(lines) + "\n"


def _cell(content: Any) -> str:
    if isinstance(content, dict):
        return "<br>".join(f"{name} {_code(part)}" for name, part in content.items())
    if isinstance(content, list):
        return ", ".join(content)
    return "" if content is None else _code(content)


def _code(text: str) -> str:
    """A text as code, what cannot be seen as its escape, inside a table."""
    seen = "".join(c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode() for c in text)
    shortened = seen if len(seen) <= 80 else f"{seen[:60]}… ({len(text):,} characters)"
    return f"`{_escaped(shortened)}`" if shortened.strip() else "(blank)"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "\u02cb")


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
