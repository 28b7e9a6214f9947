"""The rules by which records are taken to be one person, as `rules.yml` declares them.

A rule looks at the records that agree on one identifier, its *key*. It links two of them when their names agree well
enough for it and nothing that it must not contradict does. To change what the stage believes, change `rules.yml`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import yaml
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from customer_warehouse.identity.candidates import BLOCKING
from customer_warehouse.identity.names import NameAgreement
from customer_warehouse.identity.records import NAME_COLUMNS, RECORDS

FILE = Path(__file__).with_name("rules.yml")


class Strength(StrEnum):
    """What kind of identifier a rule stands on, and how sure it is that an identifier is the record's own person's."""

    STRONG = "strong"
    """Issued to one person (an account, a loyalty number); given at a login or a counter."""
    WEAK = "weak"
    """A way to reach somebody, which people share, lend and pass on; typed at a checkout."""


def _grade(name: object) -> object:
    return NameAgreement[name.upper()] if isinstance(name, str) and name.upper() in NameAgreement.__members__ else name


def _column(name: str) -> str:
    if name not in RECORDS.names:
        raise ValueError(f"{name} is no column of a record")
    return name


def _compared(name: str) -> str:
    if _column(name) in (*NAME_COLUMNS, *ABOUT_THE_RECORD):
        raise ValueError(
            f"{name} cannot be compared by a rule: names have their own field, and the rest is no person's"
        )
    return name


def _identifier(name: str) -> str:
    if not pa.types.is_string(RECORDS.field(_compared(name)).type):
        raise ValueError(f"{name} is no identifier: only a column of text can be one")
    return name


ABOUT_THE_RECORD = ("source", "source_key", "kind", "created_at", "updated_at")
"""Columns that say where a record comes from and nothing of a person."""
OTHER_LINKS = (*BLOCKING, "steward", "scored")
"""What keys and links are called that come from no rule."""

Grade = Annotated[NameAgreement, BeforeValidator(_grade)]
Compared = Annotated[str, BeforeValidator(_compared)]
Identifier = Annotated[str, BeforeValidator(_identifier)]


STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=STRICT)
class Rule:
    """One reason to take two records for the same person."""

    name: Annotated[str, Field(pattern="^[a-z][a-z_]*$")]
    """As it appears in `identity.links` and in the run ledger."""
    why: str
    """The reason in one sentence, for whoever asks why two records were merged."""
    strength: Strength
    agree: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """The columns that must be given and equal: the rule's key."""
    names: frozenset[Grade] | None = None
    """How the two names may agree; None when names are not looked at."""
    names_if_weak: frozenset[Grade] | None = None
    """The same where neither record holds the key strongly; None: as `names`."""
    not_different: tuple[Compared, ...] = ()
    """Columns that keep two records apart when both have a value and the values differ."""
    years_apart: Annotated[float, Field(gt=0)] | None = None
    """Records seen with the key further apart are one person by equal names only; None: however far."""
    cap: Annotated[int, Field(ge=2)] = 20
    """A key shared by more than this says nothing about anybody (a store's own phone) and is not used.

    Counted are records, or, for a rule that looks at names, different names and birth dates: one customer's forty
    guest orders are one.
    """

    @model_validator(mode="after")
    def _says_what_it_looks_at(self) -> Rule:
        if self.names is None and (self.names_if_weak or self.not_different or self.years_apart):
            raise ValueError(f"{self.name}: only a rule that looks at names can look at anything else")
        if NameAgreement.DIFFERENT in (self.names or ()) or not (self.names_if_weak or set()) <= (self.names or set()):
            raise ValueError(f"{self.name}: no rule links different names, or more where an identifier is weak")
        return self


@dataclass(frozen=True, config=STRICT)
class Thresholds:
    """From which probability on a scored pair is linked, and from which it is put to people."""

    link: Annotated[float, Field(gt=0, lt=1)]
    review: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        if self.review > self.link:
            raise ValueError("what is linked need not be reviewed: review must not be above link")
        return self


@dataclass(frozen=True, config=STRICT)
class Caps:
    """Beyond these sizes nothing is believed."""

    records_of_a_key: Annotated[int, Field(ge=2)]
    forms_of_a_customer: Annotated[int, Field(ge=2)]


@dataclass(frozen=True, config=STRICT)
class RuleBook:
    """Everything that `rules.yml` declares."""

    rules: tuple[Rule, ...]
    strong: dict[Identifier, tuple[str, ...]]
    """Column → the kinds of record that hold it strongly."""
    sources: dict[str, dict[Identifier, Strength]]
    """Source → column → its strength there, whatever the kind."""
    unique: tuple[Identifier, ...]
    """Identifiers of which one person has one."""
    thresholds: Thresholds
    caps: Caps

    @model_validator(mode="after")
    def _in_order(self) -> RuleBook:
        strengths = [rule.strength for rule in self.rules]
        if strengths != sorted(strengths, key=list(Strength).index):
            raise ValueError("rules go from strong to weak")
        if len({rule.name for rule in self.rules}) != len(self.rules):
            raise ValueError("two rules have one name")
        if taken := [rule.name for rule in self.rules if rule.name in OTHER_LINKS]:
            raise ValueError(f"{taken[0]} is the name of something else than a rule: give the rule another")
        return self


def load_rules(file: Path = FILE) -> RuleBook:
    """The rules declared in a file. Raises pydantic's ValidationError, with the place of the fault."""
    return TypeAdapter(RuleBook).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))


BOOK = load_rules()
"""What is shipped."""
RULES = BOOK.rules
