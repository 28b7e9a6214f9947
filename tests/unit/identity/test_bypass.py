"""Values that say nothing: taken out before anything is compared, proposed when too many people share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest

from customer_warehouse.identity.bypass import Bypass, active, propose
from customer_warehouse.identity.engine import Policy, resolve
from customer_warehouse.identity.records import RECORDS, Workspace, load_records, workspace
from customer_warehouse.night import night_of
from fixtures.identity.resolving import standard_record

RULES_ALONE = Policy(model=None)
STORE = Bypass("phone", "+886227123450", "store 1", "the store's own")


def resolved(work: Workspace, records: Iterable[Mapping[str, Any]], policy: Policy) -> int:
    """How many customers the records are."""
    rows = [standard_record(str(number), raw) for number, raw in enumerate(records)]
    load_records(work, pa.Table.from_pylist(rows, schema=RECORDS).to_batches())
    resolve(work, policy)
    ((customers,),) = work.sql("select count(distinct cluster) from components").fetchall()
    return int(customers)


@pytest.mark.parametrize(
    ("bypass", "customers"),
    [
        ((), 1),
        ((STORE,), 2),
        ((replace(STORE, value="+88622712*"),), 2),
        ((replace(STORE, value="+886912*"),), 1),
        ((replace(STORE, value="+8862271234[56]0*"),), 1),
    ],
    ids=["none", "exact", "pattern", "another pattern", "brackets are no pattern"],
)
def test_a_bypassed_phone_links_nobody(bypass: tuple[Bypass, ...], customers: int) -> None:
    records = [{"name": "王小明", "phone": "02-2712-3450"}] * 2

    with workspace() as work:
        assert resolved(work, records, replace(RULES_ALONE, bypass=bypass)) == customers
        left = {value for row in work.sql("select phone, phone_text from records").fetchall() for value in row}

    assert (left == {None}) == (customers == 2)


def test_the_shipped_rows_bypass_mailboxes_of_offices() -> None:
    records = [{"name": "Mary Miller", "email": "info@miller.com"}] * 2

    with workspace() as work:
        assert resolved(work, records, RULES_ALONE) == 2


def test_a_row_holds_until_its_last_day_whatever_the_order() -> None:
    rows = [
        replace(STORE, expires=date(2026, 11, 20)),
        replace(STORE, value="+886222222222"),
        replace(STORE, value="1"),
    ]

    assert active(rows, datetime(2026, 11, 20, 15, tzinfo=UTC), "UTC") == active(
        rows[::-1], datetime(2026, 11, 20, tzinfo=UTC), "UTC"
    )
    assert [row.value for row in active(rows, datetime(2026, 11, 22, tzinfo=UTC), "UTC")] == ["+886222222222", "1"]


@pytest.mark.parametrize("time_zone", ["Asia/Taipei", "UTC", "America/New_York"])
def test_the_last_day_is_one_of_the_business_east_and_west(time_zone: str) -> None:
    last = date(2026, 11, 20)
    row = replace(STORE, expires=last)

    assert active([row], night_of(last, time_zone).as_of, time_zone) == (row,)
    assert active([row], night_of(last + timedelta(days=1), time_zone).as_of, time_zone) == ()


def test_a_value_that_too_many_people_share_is_proposed_and_not_shown() -> None:
    records = [
        {"name": f"{family}小明", "phone": "02-2712-3450"} for family in "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭"
    ]

    with workspace() as work:
        resolved(work, [*records, records[0]], RULES_ALONE)
        propose(work, RULES_ALONE)
        found = work.sql("from bypass_proposals").fetchall()

    ((column, _, digest, masked, count, names),) = found
    assert (column, digest) == ("phone", sha256(b"+886227123450").hexdigest())
    assert (masked, count, names) == ("+8…50 (13)", 22, 21)
