"""The contract of one source entity: what its declaration promises, what earlier nights delivered, what came tonight.

Drift is a delivery that differs from what its declaration says of a column or, where the declaration says nothing, from
what earlier nights brought. There are eight kinds, and each has an action: accept the rows, reject those concerned,
stop the entity or stop the night. All of it is reported.

Whole columns are looked at, in Arrow. What a column usually holds is kept as counts by type (`ops.profiles`), from at
most `SAMPLE` rows of each batch; no value is kept.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.extract import value_types
from customer_warehouse.extract.declaration import Column, DriftAction, DriftKind, Source
from customer_warehouse.extract.readers import Header, SourceError
from customer_warehouse.extract.value_types import ValueType
from customer_warehouse.standardise.characters import HAN

SAMPLE = 1_000
ENOUGH = 100
"""Rows of earlier nights from which their habits can be told."""
EXPECTED = 14
"""When this many values are expected and none comes, that is no chance: e^-14 is less than one in a million."""
NAME = re.compile(rf"[A-Za-z_][\w .-]{{0,40}}|[{HAN}]{{1,6}}")
"""What a source calls its columns; anything else may be a value in the header's place."""
MOST_DIGITS = 3
"""A name with more may hold a phone number or a date."""
DEFAULTS: dict[DriftKind, DriftAction] = {
    "added": "accept",
    "dropped": "stop_entity",
    "renamed": "stop_entity",
    "widened": "accept",
    "narrowed": "accept",
    "newly_null": "accept",
    "new_enum_value": "accept",
    "newly_nested": "accept",
}


@dataclass(frozen=True)
class Drift:
    """One drift of one column. Names columns and numbers, never a value."""

    column: str
    kind: DriftKind
    action: DriftAction
    rows: int
    detail: str

    def __str__(self) -> str:
        return f"column {self.column}: {self.kind.replace('_', ' ')}, {self.detail}"


@dataclass
class Seen:
    """What was delivered of one column: rows, how many of them without a value, and a sample's values by type."""

    rows: int = 0
    nulls: int = 0
    types: Counter[ValueType] = field(default_factory=Counter)

    @property
    def given(self) -> int:
        return self.rows - self.nulls

    @property
    def type(self) -> ValueType | None:
        """The type that takes in all values seen; None while they are too few to say."""
        return value_types.widest(self.types) if self.types.total() >= ENOUGH else None


class ContractError(SourceError):
    """A drift whose action is to stop; carries all drift found so far, as the read itself is taken back."""

    def __init__(self, entity: str, drift: list[Drift], stopping: list[Drift]) -> None:
        super().__init__(f"{entity}: {'; '.join(map(str, stopping))}")
        self.drift = drift
        self.stops_night = any(item.action == "stop_night" for item in stopping)


class Contract:
    """Judges the rows of one read of one entity; `before` is what earlier nights delivered, by column."""

    def __init__(self, source: Source, name: str, before: dict[str, Seen]) -> None:
        self.name = name
        self.entity = source.entities[name]
        self.before = before
        self.firm = source.kind != "rest_api"
        """Files and tables have a header; an API may leave out a member that is null."""
        self.in_files = source.kind == "files"
        self.seen: dict[str, Seen] = {column: Seen() for column in self.entity.columns}
        self._found: dict[tuple[str, DriftKind], Drift] = {}
        self._identifying = {*self.entity.key, self.entity.cursor}
        """Rows without these are isolated anyway."""

    @property
    def drift(self) -> list[Drift]:
        """All that was found, by column and kind."""
        return [self._found[key] for key in sorted(self._found)]

    def judge_header(self, header: Header, rows: pa.Table) -> str | None:
        """Judge which columns `rows` came with; returns why all of them are to be rejected, or None.

        Raises ContractError when a drift is to stop.
        """
        reasons: list[str] = []
        stopping: list[Drift] = []
        gone = [name for name in self.entity.columns if name in header.absent and self._was_there(name, rows.num_rows)]
        new = set(header.added)
        for name in gone:
            replacement = self._replacement(name, new, rows)
            kind: DriftKind = "renamed" if replacement else "dropped"
            detail = "it does not come any more"
            if replacement:
                new.discard(replacement)
                detail = f"suspected: {self._called(replacement, header)!r} came in its place"
            elif not self._promised(name):
                detail = "it never came"
            action = self._action(name, kind) if self._promised(name) else "accept"
            self._note(Drift(name, kind, action, rows.num_rows, detail), reasons, stopping)
        for name in sorted({self._called(name, header) for name in new}):
            count = rows.num_rows
            self._note(Drift(name, "added", self._action(name, "added"), count, "not declared"), reasons, stopping)
        for name, other in header.came_as:
            self._note(Drift(name, "renamed", "accept", rows.num_rows, f"{other!r} is read as it"), reasons, stopping)
        if stopping:
            raise ContractError(self.name, self.drift, stopping)
        return reasons[0] if reasons else None

    def judge_rows(self, rows: pa.Table, absent: Iterable[str] = ()) -> list[tuple[str, pa.Array]]:
        """Judge the values of `rows`, which came without the columns `absent`, and remember what came.

        Returns why to reject which rows, as masks of which no two overlap. Raises ContractError when a drift is to
        stop.
        """
        sample = rows
        if rows.num_rows > SAMPLE:
            step = rows.num_rows / SAMPLE
            sample = rows.take(pa.array([int(n * step) for n in range(SAMPLE)], pa.int64()))
        rejected: list[tuple[str, pa.Array]] = []
        taken: pa.Array | None = None
        stopping: list[Drift] = []
        for name, column in self.entity.columns.items():
            if name in absent:
                continue
            values = _whole(rows.column(name))
            for kind, mask, detail in self._judged(name, column, values, _whole(sample.column(name))):
                concerned = pc.sum(mask).as_py()
                drift = Drift(name, kind, self._action(name, kind), concerned, detail)
                reasons: list[str] = []
                self._note(drift, reasons, stopping)
                for reason in reasons:
                    rejected.append((reason, mask if taken is None else pc.and_not(mask, taken)))
                    taken = mask if taken is None else pc.or_(taken, mask)
        if stopping:
            raise ContractError(self.name, self.drift, stopping)
        return rejected

    def _judged(
        self, name: str, column: Column, values: pa.Array, sample: pa.Array
    ) -> Iterator[tuple[DriftKind, pa.Array, str]]:
        """Every drift of one column, with the mask of the rows concerned."""
        before = self.before.get(name, Seen())
        empty = pc.is_null(values)
        if not self.in_files:  # a file's empty field is null already
            empty = pc.or_(empty, pc.fill_null(pc.equal(values, ""), False))
        missing = pc.sum(empty).as_py() or 0
        given = len(values) - missing
        types = value_types.counted(sample.filter(pc.fill_null(pc.not_equal(sample, ""), False)))
        seen = self.seen[name]
        seen.rows += len(values)
        seen.nulls += missing
        seen.types.update(types)

        if missing and name not in self._identifying:
            if column.required:
                yield "newly_null", empty, "a value is promised"
            elif before.rows >= ENOUGH and not before.nulls:
                yield "newly_null", empty, "it never came without a value"
            elif not given and before.given * missing > EXPECTED * before.rows:
                yield "newly_null", empty, "no row has a value any more"
        expected = column.type or before.type
        is_nested = value_types.nested(values) if expected != "json" and (expected or column.enum) else None
        if is_nested is not None and not (column.type is None and before.types["json"]):
            yield "newly_nested", is_nested, f"a list or object instead of {expected or 'one of its values'}"
        if expected:
            unfit = value_types.unfit(values, expected)
            if unfit is not None and is_nested is not None:
                unfit = pc.and_(unfit, pc.invert(is_nested))
            if unfit is not None and pc.any(unfit).as_py():
                found = value_types.counted(values.filter(pc.fill_null(unfit, False)).slice(0, SAMPLE))
                yield "widened", unfit, f"{expected} to {value_types.widest([*found, expected])}"
        if column.enum is not None:
            unknown = pc.invert(pc.or_(pc.is_in(values, pa.array(column.enum, pa.string())), empty))
            if pc.any(unknown).as_py():
                different = pc.count_distinct(values.filter(unknown)).as_py()
                yield (
                    "new_enum_value",
                    unknown,
                    f"{different} values beside the {len(column.enum)} declared",
                )
        elif (narrow := self._narrowed(before, types)) is not None:
            yield "narrowed", pc.invert(empty), f"{before.type} to {narrow}"

    def _narrowed(self, before: Seen, types: dict[ValueType, int]) -> ValueType | None:
        """The narrower type that all values are of, when wider ones were to be expected."""
        usual, now = before.type, value_types.widest(types)
        if usual is None or now is None or not value_types.narrower(now, usual):
            return None
        narrow = sum(count for kind, count in before.types.items() if kind == now or value_types.narrower(kind, now))
        share = 1 - narrow / before.types.total()
        return now if share * sum(types.values()) > EXPECTED else None

    def _called(self, name: str, header: Header) -> str:
        """An undeclared column's name, when it looks like one beside declared columns; else its place in the file.

        A file without its header line has the cells of its first row there, and those are some person's.
        """
        is_header = len(header.absent) < len(self.entity.columns)
        if is_header and NAME.fullmatch(name) and sum(map(str.isdigit, name)) <= MOST_DIGITS:
            return name
        return f"column {header.order.index(name) + 1}" if name in header.order else "column without a usual name"

    def _promised(self, name: str) -> bool:
        """Whether the column is to come: the contract says so, or earlier nights brought it."""
        column = self.entity.columns[name]
        return column.required or name in self._identifying or bool(self.before.get(name, Seen()).given)

    def _was_there(self, name: str, rows: int) -> bool:
        """Whether its absence from `rows` rows says anything."""
        before = self.before.get(name)
        if self.firm or self.entity.columns[name].required or before is None:
            return True
        return before.given * rows > EXPECTED * before.rows

    def _replacement(self, name: str, candidates: set[str], rows: pa.Table) -> str | None:
        """Of the columns that came instead, the one of a fitting type whose name is most like this one's."""
        if not candidates or not self._promised(name):
            return None
        before = self.before.get(name, Seen())
        expected = self.entity.columns[name].type or before.type
        sample = rows.column("_extra").slice(0, SAMPLE).drop_null().to_pylist()
        extras = [json.loads(text) for text in sample]
        fitting = []
        for other in sorted(candidates):
            texts = [_text(row[other]) for row in extras if row.get(other) is not None]
            kind = value_types.widest(value_types.counted(pa.array(texts, pa.string())))
            if value_types.compatible(expected, kind):
                fitting.append(other)
        return max(fitting, key=lambda other: difflib.SequenceMatcher(None, name, other).ratio(), default=None)

    def _action(self, name: str, kind: DriftKind) -> DriftAction:
        """What the declaration says of this column, of the entity, or else what is sensible."""
        column = self.entity.columns.get(name, Column())
        declared = column.drift.get(kind) or self.entity.drift.get(kind)
        if declared:
            return declared
        if kind == "newly_null" and column.required:
            return "reject_rows"
        if self.in_files and kind in ("dropped", "renamed"):
            return "reject_rows"
        return DEFAULTS[kind]

    def _note(self, drift: Drift, reasons: list[str], stopping: list[Drift]) -> None:
        known = self._found.get((drift.column, drift.kind))
        rows = drift.rows + (known.rows if known else 0)
        self._found[drift.column, drift.kind] = Drift(drift.column, drift.kind, drift.action, rows, drift.detail)
        if drift.action == "reject_rows":
            reasons.append(f"{drift.kind}: {drift.column}")
        elif drift.action != "accept":
            stopping.append(drift)


def _whole(values: pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.chunked_array(whole).combine_chunks()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
