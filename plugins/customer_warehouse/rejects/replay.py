"""Replay: what was mended comes in at once, without a whole night.

A mended declaration, code map or rule changes its mappings, and those are made anew from `raw`; a file that is
delivered again, corrected, is read and replaces its rows, whatever its age, when it holds a reject that stands or
something that could not be landed. Both as of the night that the standard tables show, so that afterwards they are what
they would be if nothing had been wrong. Identity, warehouse and marts follow with the next
run of that night, or with the next night.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from customer_warehouse.database import connect, quoted, scalar, statement
from customer_warehouse.extract import stage as extract
from customer_warehouse.extract.declaration import Source, load_sources, raw_table
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.rejects.worklist import night_shown
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import stage as standardise
from customer_warehouse.standardise.raw_rows import RawRows
from customer_warehouse.standardise.stage import mappings_of

ISOLATED = """
    select source, entity, file, rows, as_of from (
        select *, regexp_replace(place, ' row [0-9]+$', '') as file,
            batch_id = max(batch_id) over (partition by source, entity, place) as is_last
        from ops.isolated where source = any(%(sources)s) and as_of <= %(as_of)s
    ) as i
    where is_last and not exists (
        select from ops.files as f
        where f.source = i.source and f.entity = i.entity and f.file = i.file
            and f.status = 'landed' and f.batch_id > i.batch_id
    )
"""
"""What could not be landed up to a night, as each place was last read, and has not come in since."""


@dataclass(frozen=True)
class Replayed:
    """What a replay did to the rejects of its sources, and to what could not be landed."""

    rejects_before: int
    rejects_gone: int
    """Of those before: what was mended."""
    rejects_new: int
    rows_before: int
    rows_still_lost: int
    isolated_before: int
    isolated_now: int
    read_again: list[str]

    @property
    def rejects_now(self) -> int:
        """Rejects that still stand."""
        return self.rejects_before - self.rejects_gone + self.rejects_new


def replay(settings: Settings, night: Night, source: str | None = None) -> Replayed:
    """Bring in what was mended, of one source or of all.

    The work is a run of its own in the ledger. Raises StageError when the tables show another night, when a nightly is
    at work, when there is no such source, and whatever extract and standardise raise.
    """
    sources = load_sources(settings.sources_dir)
    names = [declared.source for declared in sources]
    if source is not None and source not in names:
        raise StageError(f"There is no source {source!r}; there are {', '.join(names)}.")
    chosen = [declared for declared in sources if source in (None, declared.source)]
    ledger.prepare(settings.url)
    with connect(settings.url) as connection:
        shown = night_shown(connection)
    if shown != night.as_of:
        raise StageError(
            f"The standard tables show the night that ended at {shown:%Y-%m-%d %H:%M} UTC, not {night.date}: leave"
            " --night out, or run that night first."
        )
    run = replace(night, run_id=f"replay__{night.date.isoformat()}")
    ledger.open_run(settings.url, run, ledger.REPLAY)
    failed = True
    try:
        before, lost, isolated = _standing(settings, chosen, night)
        again = [declared.source for declared in chosen if _is_worth_reading(declared, before, isolated)]
        for declared in chosen:
            if declared.source in again:
                extract.run(settings, run, declared.source, _files_in_question(settings, declared, night))
        standardise.run(settings, run, source)
        after, still_lost, still_isolated = _standing(settings, chosen, night)
        failed = False
    finally:
        ledger.close_run(settings.url, run.run_id, failed=failed)
    mine, now = set(before), set(after)
    return Replayed(
        rejects_before=len(mine),
        rejects_gone=len(mine - now),
        rejects_new=len(now - mine),
        rows_before=lost,
        rows_still_lost=still_lost,
        isolated_before=sum(isolated.values()),
        isolated_now=sum(still_isolated.values()),
        read_again=again,
    )


def _standing(settings: Settings, sources: list[Source], night: Night) -> tuple[dict[str, str], int, dict[str, int]]:
    """Of the sources: the rejects with their source, how many of them cost a row, and the rows isolated by source.

    Of files all that was isolated in any night and has not come in since; of other sources, what was in this night.
    """
    files = [declared.source for declared in sources if declared.kind == "files"]
    names = [declared.source for declared in sources]
    with connect(settings.url) as connection:
        rejects = connection.execute(
            "select cast(reject_id as text), source, row_rejected from standardised.rejects where source = any(%s)",
            (names,),
        ).fetchall()
        isolated = connection.execute(
            statement(
                f"""
                select source, cast(sum(rows) as bigint) from ({ISOLATED}) as isolated
                where source = any(%(files)s) or as_of = %(as_of)s
                group by source
                """
            ),
            {"sources": names, "files": files, "as_of": night.as_of},
        ).fetchall()
    return {key: source for key, source, _ in rejects}, sum(lost for *_, lost in rejects), dict(isolated)


def _files_in_question(settings: Settings, source: Source, night: Night) -> dict[str, frozenset[str]]:
    """By entity the files that brought a row with a reject that stands, or of which something could not be landed."""
    if source.kind != "files":
        return {}
    found: dict[str, set[str]] = {name: set() for name in source.entities}
    with connect(settings.url) as connection:
        for origin, name, mapping in mappings_of(source):
            if scalar(connection, "select to_regclass(%s)", (quoted(*raw_table(source.source, name)),)) is None:
                continue
            rows = connection.execute(
                statement(
                    f"""
                    select distinct _file from ({RawRows(connection, night, source, name, mapping).latest(False)}) as r
                    where _unit in (
                        select unit from standardised.rejects where source = %(source)s and origin = %(origin)s
                    )
                    """
                ),
                {"source": source.source, "origin": origin, "as_of": night.as_of},
            )
            found[name] |= {file for (file,) in rows if file}
        isolated = connection.execute(
            statement(f"select distinct entity, file from ({ISOLATED}) as isolated"),
            {"sources": [source.source], "as_of": night.as_of},
        )
        for name, file in isolated:
            found.setdefault(name, set()).add(file)
    return {name: frozenset(files) for name, files in found.items()}


def _is_worth_reading(source: Source, rejects: dict[str, str], isolated: dict[str, int]) -> bool:
    """Files are delivered anew for a night that is over; the rows of other sources change in a night to come."""
    return source.source in isolated or (source.kind == "files" and source.source in rejects.values())
