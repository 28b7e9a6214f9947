"""What readers of a mart may rely on: its columns and their types, in `dbt_project/contracts/<mart>.yml`.

Columns may be added at any time. To take one away, to give it another type, or to change whether it names a person, a
new version has to be declared with a reason; until then the tests fail, and a night that would do it is not published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from customer_warehouse.database import Connection, quoted, statement
from customer_warehouse.ops.batches import BATCH, UNTIL
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish.declared import LOADER, Mart
from customer_warehouse.publish.views import FULL, SCHEMAS, STORE, Shapes, shapes, stored, wanted_shape

FOLDER = "contracts"
COMMAND = "python -m customer_warehouse publish contract"
HEAD = f"# What readers of this mart may rely on; written by `{COMMAND}`.\n"


class Change(BaseModel):
    """One new version: what it takes away from readers, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=2)]
    why: Annotated[str, Field(min_length=1)]
    removed: list[str] = []
    changed: dict[str, str] = {}
    """Column to what it was before."""


class Contract(BaseModel):
    """The contract of one mart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mart: str
    version: Annotated[int, Field(ge=1)] = 1
    columns: dict[str, str]
    """Column to its type; with the word `direct` where it names a person."""
    changes: list[Change] = []


def load(dbt_project_dir: Path) -> dict[str, Contract]:
    """The contracts by mart. Raises StageError when a file cannot be used."""
    contracts = {}
    for file in sorted((dbt_project_dir / FOLDER).glob("*.yml")):
        try:
            contract = Contract.model_validate(yaml.load(file.read_text(encoding="utf-8"), LOADER))
        except (yaml.YAMLError, ValidationError) as error:
            raise StageError(f"The contract {file.name} cannot be used; correct it: {error}") from error
        contracts[contract.mart] = contract
    return contracts


def columns_of(mart: Mart) -> dict[str, str]:
    """The columns of a mart as a contract has them."""
    return {column.name: column.data_type + (" direct" if column.is_direct else "") for column in mart.columns}


def broken(contract: Contract, mart: Mart | None) -> tuple[list[str], dict[str, str]]:
    """The columns that the mart has no more, and those that are something else, with what they were."""
    now = columns_of(mart) if mart else {}
    removed = [name for name in contract.columns if name not in now]
    changed = {name: was for name, was in contract.columns.items() if name in now and now[name] != was}
    return removed, changed


def problems(contracts: Mapping[str, Contract], marts: Sequence[Mart]) -> list[str]:
    """Where the marts are not what the contracts say, each as a sentence that says what to do."""
    found = []
    declared = {mart.name: mart for mart in marts}
    for name, contract in contracts.items():
        removed, changed = broken(contract, declared.get(name))
        lost = [f"{name}.{column} is gone" for column in removed]
        lost += [f"{name}.{column} was {was}" for column, was in changed.items()]
        if lost:
            found.append(
                f"{', '.join(lost)}: readers rely on that. Put it back, or declare version {contract.version + 1} with"
                f" `{COMMAND} --new-version --why …`."
            )
        if [change.version for change in contract.changes] != list(range(2, contract.version + 1)):
            found.append(
                f"The contract of {name} is of version {contract.version}, and not every change to it is told."
            )
    for mart in marts:
        known = contracts[mart.name].columns if mart.name in contracts else {}
        new = [name for name in columns_of(mart) if name not in known]
        if new:
            found.append(f"{mart.name} has columns without a contract ({', '.join(new)}); run `{COMMAND}`.")
    return found


def renew(dbt_project_dir: Path, marts: Sequence[Mart], why: str | None) -> list[str]:
    """Write the contracts of `marts`; returns the files that changed. With `why`, new versions may be declared.

    Raises StageError, and writes nothing, when columns are taken away or changed and no `why` is given.
    """
    contracts = load(dbt_project_dir)
    renewed: dict[str, Contract] = {}
    declared = {mart.name: mart for mart in marts}
    for name in sorted(contracts.keys() | declared.keys()):
        columns = columns_of(declared[name]) if name in declared else {}
        contract = contracts.get(name, Contract(mart=name, columns=columns))
        removed, changed = broken(contract, declared.get(name))
        if removed or changed:
            if why is None:
                raise StageError(" ".join(problems({name: contract}, list(marts))))
            change = Change(version=contract.version + 1, why=why, removed=removed, changed=changed)
            contract = contract.model_copy(update={"version": change.version, "changes": [*contract.changes, change]})
        renewed[name] = contract.model_copy(update={"columns": columns})
    folder = dbt_project_dir / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for name, contract in renewed.items():
        if contract != contracts.get(name):
            content = contract.model_dump(exclude_defaults=True) | {"version": contract.version}
            ordered = {key: content[key] for key in ("mart", "version", "columns", "changes") if key in content}
            text = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=110)
            (folder / f"{name}.yml").write_text(HEAD + text, encoding="utf-8")
            written.append(f"{name}.yml")
    return written


def require_versions(connection: Connection, marts: Sequence[Mart], contracts: Mapping[str, Contract]) -> None:
    """Raises StageError when publishing would take something from readers that no new version declares."""
    shown: dict[str, int] = dict(connection.execute("select mart, version from ops.mart_contracts").fetchall())
    found = shapes(connection)
    declared = {mart.name: mart for mart in marts}
    for name in sorted(shown.keys() | declared.keys()):
        contract = contracts.get(name)
        version = contract.version if contract else 1
        lost = _lost(found, name, declared.get(name))
        if lost and name in shown and version <= shown[name]:
            raise StageError(
                f"Nothing is published: readers would lose {', '.join(lost)}. Put it back, or declare version"
                f" {shown[name] + 1} of the mart with `{COMMAND} --new-version --why …`, and publish again."
            )
        if name in declared:
            connection.execute(
                "insert into ops.mart_contracts (mart, version) values (%s, %s) on conflict (mart) do update"
                " set version = excluded.version, published_at = excluded.published_at"
                " where mart_contracts.version <> excluded.version",
                (name, version),
            )
        else:
            connection.execute("delete from ops.mart_contracts where mart = %s", (name,))


def _lost(found: Shapes, name: str, mart: Mart | None) -> list[str]:
    """What readers can read of a mart now and could not after publishing, or not as it is."""
    lost = []
    for schema in SCHEMAS:
        wanted = dict(wanted_shape(found, mart, schema)) if mart else {}
        lost += [
            f"{schema}.{name}.{column}" for column, kind in found.get((schema, name), []) if wanted.get(column) != kind
        ]
    return lost


def make_room(connection: Connection, marts: Sequence[Mart]) -> list[str]:
    """Put aside stored columns that are declared with another type, so that the next build makes them anew; commits.

    Readers go on seeing the old column under its name until the night is published. Earlier nights have nothing in the
    new one. Returns what was put aside. The copies in which a mart was stored become versions of one batch each when it
    is declared so.
    """
    aside = []
    existing, found = set(stored(connection)), shapes(connection)
    for mart in marts:
        kinds = dict(found[STORE, mart.name]) if mart.name in existing else {}
        if mart.versions and kinds and UNTIL not in kinds:
            table = quoted(STORE, mart.name)
            connection.execute(statement(f"alter table {table} add column {UNTIL} bigint"))
            connection.execute(statement(f"update {table} set {UNTIL} = {BATCH} + 1"))
            connection.commit()
        for column in mart.columns:
            kind = kinds.get(column.name)
            if kind is not None and kind != _type_name(connection, column.data_type):
                count = sum(name.startswith(f"{column.name}__was_") for name in kinds)
                former = quoted(f"{column.name}__was_{count + 1}")
                table = quoted(STORE, mart.name)
                connection.execute(statement("set local lock_timeout = '60s'"))
                connection.execute(statement(f"alter table {table} rename column {quoted(column.name)} to {former}"))
                connection.commit()
                aside.append(f"{FULL}.{mart.name}.{column.name}")
    return aside


def _type_name(connection: Connection, data_type: str) -> str:
    """A type as the database itself calls it."""
    row = connection.execute("select format_type(to_regtype(%s), null)", (data_type,)).fetchone()
    return str(row[0]) if row and row[0] else data_type
