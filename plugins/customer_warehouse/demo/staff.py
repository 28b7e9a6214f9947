"""The brand's staff try every system out once a day: a record is made, changed a day later, deleted after three.

So that every night has new, changed and deleted rows in every system, however small the brand is. These records belong
to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from customer_warehouse.demo import keys
from customer_warehouse.demo.csv_text import csv_line
from customer_warehouse.demo.moments import DAY, EPOCH, HOUR, iso_text
from customer_warehouse.demo.names import Written
from customer_warehouse.demo.records import Consent, Record, State, Version
from customer_warehouse.demo.stores import is_closed

STORE = "TPE01"
NUMBERS = keys.MOST // keys.RECORDS - 1
"""Staff records take the last keys, counting down."""


def staff_records(until: int) -> Iterator[tuple[int, Record]]:
    """One record for each day before `until`, with that day: made at ten, changed a day later, deleted after three."""
    for day in range((until - EPOCH) // DAY):
        made, changed = _open(day), _open(day + 1)
        versions = [Version(made, _state(0), STORE)]
        if made < changed < until:
            versions.append(Version(changed, _state(1), STORE))
        if made < until:
            yield day, Record("", versions, _open(day + 3) + HOUR, STORE)


def _open(day: int) -> int:
    """Ten to twelve in the morning of the day, or of the first day after it on which stores are open."""
    while is_closed(day):
        day += 1
    return EPOCH + day * DAY + 11 * HOUR


def _state(step: int) -> State:
    phone = "0900000000" if step == 0 else "無"
    nobody = Consent("", 0)
    return State(
        Written("", "測試", "測試"),
        "test@test.com",
        phone,
        None,
        "TW",
        "",
        "1990-01-01",
        nobody,
        nobody,
        "",
        "",
        "",
        "",
    )


def shop_record(day: int, record: Record) -> Record:
    return replace(record, key=str(keys.customer_id(NUMBERS - day, 0)))


def till_record(day: int, record: Record) -> Record:
    return replace(record, key=keys.member_number(NUMBERS - day, 0))


def contact_line(day: int, record: Record, until: int) -> str:
    """The trial as a line of the service desk's contacts."""
    gone = record.deleted if record.deleted is not None and record.deleted < until else None
    last = record.versions[-1]
    moments = (record.created, gone or last.at)
    return csv_line(
        (
            str(keys.contact_id(NUMBERS - day, 0)),
            "",
            last.state.written.full,
            last.state.email,
            last.state.phone,
            *map(iso_text, moments),
            iso_text(gone) if gone else "",
        )
    )
