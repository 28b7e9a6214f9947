"""Standardising customer records alone, from raw rows to standard ones, without a database.

`python -m customer_warehouse.bench.values COLUMNS RECORDS PROCESSES` measures one run in a process of its own.
COLUMNS is `all` or `format`: everything but names and addresses. The last line of the output is JSON.

The records are those of the demo's loyalty members. Beyond `DISTINCT` of them they come again, in chunks that hold each
only once: what is remembered from one chunk to the next helps no more than it does with real ones.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice

import pandas as pd
import psutil

from customer_warehouse.demo.brand import SEED
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.person import draw_person
from customer_warehouse.demo.records import draw_records
from customer_warehouse.demo.till import member_lines
from customer_warehouse.extract.declaration import load_source
from customer_warehouse.night import Night, night_of
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.exchange_rates import ExchangeRates
from customer_warehouse.standardise.mapping import TEXT
from customer_warehouse.standardise.processes import Processes
from customer_warehouse.standardise.rows import StandardRows

SOURCE, ENTITY = "point_of_sale", "members"
KEYED = ("full_name", "postal_address")
"""The columns that are more than a format: names and addresses, with their keys."""
DISTINCT = 100_000


def standard_rows(columns: str, night: Night) -> StandardRows:
    """What standardises a member: every column, or with `format` all but names and addresses."""
    environment = {"POINT_OF_SALE_URL": "file:///nowhere"}
    source = load_source(Settings().sources_dir, SOURCE, environment)
    mapping = source.entities[ENTITY].standard[0]
    if columns == "format":
        kept = {name: column for name, column in mapping.columns.items() if name not in KEYED}
        mapping = mapping.model_copy(update={"columns": kept})
    return StandardRows(source, f"{ENTITY}.0.{mapping.entity}", mapping, night, ExchangeRates("TWD", "Asia/Taipei", ()))


def raw_rows(rows: StandardRows, records: int, chunk_rows: int) -> list[pd.DataFrame]:
    """`records` members of a demo brand, as the tills would have delivered them by the night, in chunks."""
    until = int(rows.night.as_of.timestamp())
    names = list(rows.source.entities[ENTITY].columns)
    frames = []
    lines = islice(_lines(records * 3, until), records)
    while chunk := list(islice(lines, chunk_rows)):
        frame = pd.DataFrame(list(csv.reader(io.StringIO("".join(chunk)))), columns=names, dtype=TEXT)
        frame = frame.mask(frame == "")
        frame["_file"] = "2026-11-21/TPE01/members.csv"
        frame["_line"] = [str(number) for number in range(len(frame))]
        frame["_unit"] = frame["member_number"]
        frames.append(frame)
    return frames


def _lines(people: int, until: int) -> Iterator[str]:
    """The newest line of every membership; its number is made unlike all others'."""
    dirt = Dirt()
    for index in range(people):
        drawn = draw_person(SEED, index, people, until, dirt)
        if drawn is None:
            continue
        person, random = drawn
        for record in draw_records(person, SEED, until, dirt, random).members:
            lines = list(member_lines(record, until))
            if lines:
                yield lines[-1].text


def main(columns: str, records: str, processes: str) -> None:
    """Standardise so many records and print what it took."""
    settings = Settings()
    rows = standard_rows(columns, night_of(pd.Timestamp("2026-11-21").date(), settings.business_time_zone))
    count = int(records)
    chunks = raw_rows(rows, min(count, DISTINCT), min(settings.chunk_rows, count // int(processes)))
    times = -(-count // sum(map(len, chunks)))
    with Processes(int(processes)) as pool:
        list(pool.over(rows, chunks[: int(processes)]))  # the imports of the processes are no part of it
        started, before = time.perf_counter(), processor_seconds()
        done = sum(table.num_rows for table, _ in pool.over(rows, islice(cycle(chunks), times * len(chunks))))
        seconds, processor = time.perf_counter() - started, processor_seconds() - before
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures = {"records": done, "seconds": seconds, "processor": processor, "peak_mib": peak / 1024}
    print(json.dumps(figures), flush=True)


def processor_seconds() -> float:
    """Processor seconds of this process and those it has started."""
    me = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (me, *me.children(recursive=True)))


if __name__ == "__main__":
    main(*sys.argv[1:])
