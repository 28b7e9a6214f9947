"""The trained model: what each agreement is worth, how frequent values are. A versioned file, not made each night."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from customer_warehouse.identity.comparisons import COMPARISONS

FOLDER = Path(__file__).with_name("models")
DEFAULT = FOLDER / "default.json"
LEAST = 0.01
"""Scores below this probability are not kept."""


@dataclass(frozen=True)
class Frequencies:
    """How frequent the values of one feature are, as shares of the records that have it."""

    others: float
    """Of a value that is not among `values`."""
    values: dict[str, float]
    """Of the values that several records share; none that fewer people have can be read from the file."""


class Shares(NamedTuple):
    """How often two records agree at one level of a comparison."""

    same: float
    """When they are one person's (m in the model of Fellegi and Sunter)."""
    household: float
    """When they are of two people of one household: as one person's where it can be shared, else hardly ever."""
    related: float
    """When they are of two people who have something else in common: a street, a surname and a town."""
    others: float
    """When they are of two people taken at random (u)."""


@dataclass(frozen=True)
class Model:
    """What scoring has learnt."""

    version: str
    """Its name, as it appears in the run ledger."""
    records: int
    """How many records it was trained on."""
    same: float
    """The probability that two of them, taken at random, are one person's."""
    household: float
    """The probability that they are of two people of one household, whose shared features agree like one person's."""
    related: float
    """The probability that they are of two people who have other things in common."""
    shares: dict[str, list[Shares]]
    """For each comparison the shares of each level by its number: 0 is different, the last is the best."""
    frequencies: dict[str, Frequencies]
    """By feature."""

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever the model would score any pair otherwise."""
        return hashlib.sha256(self._text().encode()).hexdigest()[:16]

    def for_records(self, count: int) -> Model:
        """The model for another number of records in which each has as many others of its person."""
        factor = max(1, self.records - 1) / max(1, count - 1)
        priors = {name: min(0.3, getattr(self, name) * factor) for name in ("same", "household", "related")}
        return replace(self, **priors)

    def save(self, path: Path) -> None:
        """Write the model to a file, the same model always the same bytes."""
        path.write_text(self._text(), encoding="utf-8")

    def _text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class ModelError(ValueError):
    """A model file that does not fit the comparisons."""


@cache
def load_model(path: Path = DEFAULT) -> Model:
    """The model in a file.

    Raises ModelError when the file is none or does not have the comparisons and levels of this version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        model = Model(
            version=document["version"],
            records=document["records"],
            same=document["same"],
            household=document["household"],
            related=document["related"],
            shares={name: [Shares(*shares) for shares in levels] for name, levels in document["shares"].items()},
            frequencies={name: Frequencies(**kept) for name, kept in document["frequencies"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path.name} is no model of this stage; train one with `identity train`.") from error
    expected = {comparison.name: len(comparison.levels) + 1 for comparison in COMPARISONS}
    if {name: len(levels) for name, levels in model.shares.items()} != expected:
        raise ModelError(f"{path.name} was trained with other comparisons; train it again with `identity train`.")
    return model
