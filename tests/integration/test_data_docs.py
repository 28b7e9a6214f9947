"""The library's own pages about the checks: what they say, and what they must not hold or load."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse import pipeline
from customer_warehouse.database import connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.embedded.report import render
from customer_warehouse.embedded.summary import summarise
from customer_warehouse.ops import ledger
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings
from integration.dbt_warehouse import fill, rows
from integration.small_brand import CUSTOMERS, ENTITIES, NIGHT

WHY = "A page must say what is wrong without showing it."
REMEDY = "Look at the table itself."
CHECKS = [
    {"name": "nobody_is_there", "sql": ["select * from {table}"]},
    {"name": "it_quotes_a_row", "sql": ["select cast(email as integer) from {table} where email is not null"]},
    {
        "name": "one_address_for_all",
        "expectation": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "email", "value_set": ["nobody"]},
    },
    {
        "name": "names_are_unique",
        "expectation": "expect_column_values_to_be_unique",
        "kwargs": {"column": "full_name"},
    },
    {"name": "keys_are_there", "sql": ["select 1 from {table} where source_key is null"]},
]


@pytest.fixture(scope="module")
def settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The small brand's people, checked by what finds every one of them, and the pages about it."""
    name, folder = f"pages_{uuid4().hex}", tmp_path_factory.mktemp("pages")
    server.create_database(name, template="empty_warehouse")
    settings = Settings(
        url=server.url(name), state_dir=folder, expectations_dir=folder / "expectations", sources_dir=folder / "sources"
    )
    fill(settings.url, ENTITIES, CUSTOMERS)
    declared = [{**item, "severity": "critical", "why": WHY, "what_to_do": REMEDY} for item in CHECKS]
    file = settings.expectations_dir / "standardised" / "customers.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"table": "standardised.customers", "why": WHY, "checks": declared}))
    ledger.open_run(settings.url, NIGHT)
    with suppress(ledger.StageError):
        check(settings, NIGHT, "standardise")
    pipeline.close(settings, NIGHT.run_id, failed=True)
    yield settings
    server.drop_database(name)


def pages(settings: Settings) -> dict[Path, str]:
    folder = settings.state_dir / "reports" / "checks" / NIGHT.run_id
    return {file: file.read_text(encoding="utf-8") for file in folder.rglob("*.html")}


def test_every_check_is_there_with_its_reason(settings: Settings) -> None:
    text = "".join(pages(settings).values())

    assert len(pages(settings)) == 2
    assert [item["name"] for item in CHECKS if f"{item['name']} (critical): {WHY}" not in text] == []
    assert REMEDY in text


def test_no_value_of_anybody_is_in_them(settings: Settings) -> None:
    with connect(settings.url) as connection:
        people = connection.execute("select row_to_json(c) from standardised.customers as c").fetchall()
    values = {str(value) for (person,) in people for value in person.values() if value and len(str(value)) > 4}
    personal = values - {"account", "member", "contact", "granted", "denied"}
    written = [file for file in settings.state_dir.rglob("*") if file.is_file() and file.suffix != ".json"]
    texts = {file: file.read_bytes() for file in written}

    assert len(personal) > 20
    assert len(texts) > 10
    assert [value for value in personal if any(value.encode() in text for text in texts.values())] == []


def test_they_load_nothing_from_elsewhere(settings: Settings) -> None:
    loaded = r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//"

    assert [file for file, text in pages(settings).items() if re.search(loaded, text)] == []
    assert all("default-src 'self'" in text for text in pages(settings).values())


def test_the_report_leads_to_them(settings: Settings) -> None:
    page = render(summarise(settings, NIGHT, {}, {}))

    (link,) = re.findall(r'href="([^"]+)"', page)
    assert (settings.state_dir / "reports" / link).is_file()


def test_pages_that_cannot_be_built_do_not_make_a_night_bad(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")

    status = pipeline.close(settings.model_copy(update={"state_dir": tmp_path}), NIGHT.run_id, failed=False)

    assert rows(settings.url, "select status from ops.runs") == [(status,)]
