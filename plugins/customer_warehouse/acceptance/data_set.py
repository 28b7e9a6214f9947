"""A data set to be accepted: a folder of real files, and the declarations that say how to read them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from customer_warehouse.extract.declaration import Source, load_sources
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import PROJECT

VARIABLE = "ACCEPTANCE_DATA"
"""The environment variable by which a declaration finds the folder: `url: ${ACCEPTANCE_DATA}`."""
DECLARED_HERE = PROJECT / "acceptance"
"""Declarations of data sets that come without: `acceptance/<name of the folder>/sources`."""


class AcceptanceError(StageError):
    """The acceptance cannot be run as asked; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class DataSet:
    """The folder, its declarations, and what they agree on."""

    name: str
    folder: Path
    sources_dir: Path
    sources: tuple[Source, ...]
    time_zone: str
    currency: str

    @property
    def file_sources(self) -> tuple[Source, ...]:
        return tuple(source for source in self.sources if source.kind == "files")

    @property
    def environment(self) -> dict[str, str]:
        """What the declarations need besides what is set already."""
        return {VARIABLE: str(self.folder)}


def read_data_set(folder: Path, sources_dir: Path | None = None) -> DataSet:
    """Read the declarations for `folder`: those of `sources_dir`, else of its own `sources`, else of this project.

    Raises AcceptanceError when there is nothing to run, or when the declarations count in different currencies or
    time zones; StageError when one of them is wrong.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise AcceptanceError(f"There is no folder {folder}; name the one that holds the files with DATA=… (--data).")
    sources_dir = _sources_dir(folder, sources_dir)
    sources = tuple(load_sources(sources_dir, {**os.environ, VARIABLE: str(folder)}))
    return DataSet(
        name=folder.name,
        folder=folder,
        sources_dir=sources_dir,
        sources=sources,
        time_zone=_agreed({source.source: source.time_zone for source in sources}, "time_zone"),
        currency=_agreed({source.source: source.currency for source in sources}, "currency"),
    )


def _sources_dir(folder: Path, given: Path | None) -> Path:
    if given is not None:
        chosen = given.expanduser().resolve()
        if not chosen.is_dir():
            raise AcceptanceError(f"There is no folder {chosen}; name the one with the declarations with SOURCES=….")
        return chosen
    for candidate in (folder / "sources", DECLARED_HERE / folder.name / "sources"):
        if candidate.is_dir():
            return candidate
    raise AcceptanceError(
        f"Nothing says how to read {folder}: put declarations (*.yml) into {folder / 'sources'}, or name their folder"
        f" with SOURCES=… (--sources)."
    )


def _agreed(values: Mapping[str, str], word: str) -> str:
    """The value that all sources declare: one warehouse has one business day and one currency."""
    if len(set(values.values())) > 1:
        said = ", ".join(f"{source} {value}" for source, value in sorted(values.items()))
        raise AcceptanceError(
            f"The declarations disagree about {word} ({said}); one warehouse has one, so run them one by one with a"
            " folder of declarations each."
        )
    return next(iter(values.values()))
