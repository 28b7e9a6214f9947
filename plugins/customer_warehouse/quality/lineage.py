"""Which column comes of which: derived from the SQL that dbt has compiled, because dbt-core itself knows only models.

A column depends on the columns in its expression, and on whatever decides which rows there are: the columns of
`where`, `group by`, `having` and inner joins. What decides the rows of a left-joined table only touches the columns
taken from it. Where in doubt, a column counts as dependent; where a query cannot be read, `LineageError` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

ROWS = "*"
"""The pseudo-column of a table that stands for which rows it has."""


class LineageError(Exception):
    """A query that cannot be traced; the message names the model."""


class Column(NamedTuple):
    """A column of a table or view, or its `ROWS`."""

    table: str
    """`schema.name`."""
    name: str


@dataclass
class Flow:
    """What a query's result comes of."""

    columns: dict[str, set[Column]] = field(default_factory=dict)
    rows: set[Column] = field(default_factory=set)

    def of(self, column: str) -> set[Column]:
        return self.columns[column]

    @property
    def all(self) -> set[Column]:
        return self.rows.union(*self.columns.values())


class Table(Flow):
    """A table that is there already: each column comes of itself."""

    def __init__(self, name: str) -> None:
        super().__init__({}, {Column(name, ROWS)})
        self.name = name

    def of(self, column: str) -> set[Column]:
        return {Column(self.name, column)}


class Taken(NamedTuple):
    """What a `from` or a join brings in."""

    flow: Flow
    beside: set[Column]
    """What each of its columns comes of as well: of a left join, all that decides whether there is a row."""

    def of(self, column: str) -> set[Column]:
        return self.flow.of(column) | self.beside


class Lineage:
    """All columns of a dbt project and what each comes of."""

    def __init__(self) -> None:
        self._uses: dict[Column, set[Column]] = {}

    def add(self, column: Column, comes_of: Iterable[Column]) -> None:
        """Say that `column` is made from the others."""
        for origin in comes_of:
            self._uses.setdefault(origin, set()).add(column)

    def downstream(self, column: Column) -> set[Column]:
        """Everything that depends on the column, with itself."""
        found, waiting = {column}, [column]
        while waiting:
            for dependent in self._uses.get(waiting.pop(), ()):
                if dependent not in found:
                    found.add(dependent)
                    waiting.append(dependent)
        return found


def trace(models: Mapping[str, str], columns: Mapping[str, Iterable[str]]) -> Lineage:
    """The lineage of `models` (`schema.name` to its SQL), given the columns of every table and model that they name.

    Raises LineageError when the SQL of a model cannot be read or names a column that is nowhere.
    """
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table, names in columns.items():
        owner, _, name = table.partition(".")
        schema.setdefault(owner, {})[name] = dict.fromkeys(names, "text")
    lineage = Lineage()
    for model, query in models.items():
        try:
            flow = _flow_of_query(query, schema)
        except (SqlglotError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise LineageError(f"{model} cannot be traced ({type(error).__name__})") from error
        for name, origins in flow.columns.items():
            lineage.add(Column(model, name), origins)
        lineage.add(Column(model, ROWS), flow.rows)
        # Another set of rows is another column, whichever it is.
        for name in flow.columns:
            lineage.add(Column(model, name), [Column(model, ROWS)])
    return lineage


def _flow_of_query(query: str, schema: dict[str, Any]) -> Flow:
    # No database name: dbt quotes it before every table, and all tables are of one database.
    tree = parse_one(query, dialect="postgres")
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
    scope = build_scope(qualify(tree, schema=schema, dialect="postgres", quote_identifiers=False))
    if scope is None:
        raise ValueError("no query")
    return _flow(scope, {})


def _flow(scope: Scope, known: dict[int | str, Flow]) -> Flow:
    if id(scope) not in known:
        made = _of_union(scope, known) if isinstance(scope.expression, exp.SetOperation) else _of_select(scope, known)
        known[id(scope)] = made
    return known[id(scope)]


def _of_union(scope: Scope, known: dict[int | str, Flow]) -> Flow:
    first, second = scope.set_operation_scopes
    left = _flow(first, known)
    cte = scope.expression.parent
    if not isinstance(cte, exp.CTE):
        return _united(scope, left, _flow(second, known))
    # The second part may read the result itself: what that comes of grows until it stays.
    flow = left
    while True:
        # Its own notes: what was found with less in the result does not hold any more.
        found = _united(scope, left, _flow(second, {**known, cte.alias: flow}))
        if found == flow:
            return flow
        flow = found


def _united(scope: Scope, left: Flow, right: Flow) -> Flow:
    pairs = zip(left.columns.items(), right.columns.values(), strict=True)
    flow = Flow({name: mine | theirs for (name, mine), theirs in pairs}, left.rows | right.rows)
    if scope.expression.args.get("distinct") or not isinstance(scope.expression, exp.Union):
        flow.rows = flow.all
    return flow


def _of_select(scope: Scope, known: dict[int | str, Flow]) -> Flow:
    select = scope.expression
    if not isinstance(select, exp.Select):
        raise ValueError(f"a {type(select).__name__} where a select belongs")
    taken: dict[str, Taken] = {}
    rows: set[Column] = set()
    start = select.args.get("from_") or select.args.get("from")
    if start is not None:
        first = _read(start.this, scope, known)
        taken[start.this.alias_or_name] = Taken(first, set())
        rows |= first.rows
    for join in select.args.get("joins") or []:
        name = join.this.alias_or_name
        joined = _read(join.this, scope, known)
        taken[name] = Taken(joined, set())
        beside = joined.rows | _used(join.args.get("on"), scope, taken, known)
        if (join.args.get("side") or "").upper() == "LEFT":
            taken[name] = Taken(joined, beside)
        else:
            rows |= beside
    for part in ("where", "group", "having", "qualify", "distinct", "limit", "offset"):
        rows |= _used(select.args.get(part), scope, taken, known)
    columns = {item.alias_or_name: _used(item, scope, taken, known) for item in select.selects}
    if select.args.get("distinct"):
        rows = rows.union(*columns.values())
    return Flow(columns, rows)


def _read(table: exp.Expr, scope: Scope, known: dict[int | str, Flow]) -> Flow:
    """What a `from` or a join reads; a recursive query reads itself by its name."""
    if isinstance(table, exp.Table) and not table.db and table.name in known:
        return known[table.name]
    source = scope.sources[table.alias_or_name]
    return _flow(source, known) if isinstance(source, Scope) else Table(f"{source.db}.{source.name}")


def _used(part: exp.Expr | None, scope: Scope, taken: Mapping[str, Taken], known: dict[int | str, Flow]) -> set[Column]:
    """What an expression is made from, with the queries inside it."""
    if part is None:
        return set()
    used: set[Column] = set()
    for column in part.find_all(exp.Column):
        if column.table in taken:
            used |= taken[column.table].of(column.name)
        elif not column.table:
            raise ValueError("a column of no table")
    for inner in _inside(part, scope):
        used |= _flow(inner, known).all
    return used


def _inside(part: exp.Expr, scope: Scope) -> Iterator[Scope]:
    expressions = {id(node) for node in part.walk()}
    return (inner for inner in scope.subquery_scopes if id(inner.expression) in expressions)
