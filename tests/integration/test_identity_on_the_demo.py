"""The night's identity on the demo brand, against the demo's truth: floors that no change may go below."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.demo import limits
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.moments import end_of
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.identity import metrics
from integration.nights import demo, empty_warehouse, night

pytestmark = pytest.mark.slow

PEOPLE = 8_000
"""Of whom about 2,900 have come by the day."""
DAY = date(2025, 2, 15)


@dataclass
class Measured:
    """How well the night found the people, and how well anybody could."""

    pairwise: metrics.Agreement
    b_cubed: metrics.Agreement
    limits: limits.Limits


@pytest.fixture(scope="module")
def measured(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    folder = tmp_path_factory.mktemp("demo")
    with demo(server, folder, PEOPLE) as shown, empty_warehouse(server, "demo_truth", folder / "state") as settings:
        shown.show(DAY)
        pipeline.open_night(settings, night(DAY))
        for source in ("point_of_sale", "service_desk", "shop_platform"):
            pipeline.extract(settings, night(DAY), source)
        pipeline.standardise(settings, night(DAY))
        pipeline.identity(settings, night(DAY))
        with connect(settings.url) as connection:
            found = connection.execute("select source, source_key, customer_id from identity.customer_records")
            customers = {(source, key): customer for source, key, customer in found}
        with (folder / "current" / "truth" / "persons.csv").open(encoding="utf-8") as file:
            owners = {(row["source"], row["source_key"]): row["person_id"] for row in csv.DictReader(file)}
    # The staff's trials are nobody's.
    people = {key: owner for key, owner in owners.items() if not owner.startswith("trial")}
    labelled = pa.table({"cluster": [customers[key] for key in people], "entity": list(people.values())})
    with duckdb.connect() as connection:
        connection.register("labelled", labelled)
        pairwise, b_cubed = metrics.agreement(connection, "labelled")
    yield Measured(pairwise, b_cubed, limits.limits(Brand(people=PEOPLE).traces(end_of(DAY))))


def test_there_is_enough_to_measure(measured: Measured) -> None:
    assert measured.limits.records > 4_000
    assert measured.limits.with_others > 2_000


def test_hardly_anybody_gets_another_s_letters(measured: Measured) -> None:
    # What is left are parents and children of one name and address, twins, and a name the wrong way round.
    assert measured.pairwise.precision >= 0.995


def test_people_are_found_nearly_as_far_as_they_can_be(measured: Measured) -> None:
    assert measured.pairwise.recall >= 0.95
    assert measured.b_cubed.f1 >= 0.988
    assert measured.pairwise.recall <= measured.limits.pairwise_recall + 0.01
