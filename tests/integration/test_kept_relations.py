"""Seeds and views that would be made the same are left as they are; anything else is made anew."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import open_run, rows
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow

MACROS = ("dialect/kept_relations.sql", "dialect/state_of.sql", "generate_schema_name.sql")
TWIN = "{seeds: [{name: rates, description: %s}], models: [{name: doubled}, {name: of_tonight}]}"


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """A warehouse and a project of its macros, a seed, a view and a view that speaks of the night."""
    name, project = f"kept_{uuid4().hex}", tmp_path / "project"
    server.create_database(name, template="empty_warehouse")
    for macro in MACROS:
        (project / "macros" / macro).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Settings().dbt_project_dir / "macros" / macro, project / "macros" / macro)
    shutil.copy(Settings().dbt_project_dir / "profiles.yml", project)
    for file, text in {
        "dbt_project.yml": "{name: customer_warehouse, profile: customer_warehouse, version: 1.0.0, config-version: 2}",
        "seeds/rates.csv": "currency,rate\nTWD,1\n",
        "seeds/rates.yml": TWIN % "Rates",
        "models/doubled.sql": "select 2 as two",
        "models/of_tonight.sql": "select '{{ var('night') }}' as night",
    }.items():
        (project / file).parent.mkdir(exist_ok=True)
        (project / file).write_text(text)
    return Settings(url=server.url(name), state_dir=tmp_path, dbt_project_dir=project)


def made(settings: Settings, program: str = "one", day: str = "2026-11-21") -> set[str]:
    """Build; the names of what was made anew."""
    before = found(settings)
    variables = {"program": program, "night": day}
    with ledger.step(settings.url, NIGHT, "warehouse", "dbt build") as step:
        dbt_runner.build(settings, NIGHT, "warehouse", ["path:seeds", "path:models"], step, variables)
    after = found(settings)
    return {name for name in after if after[name] != before[name]}


def found(settings: Settings) -> dict[str, tuple[str | None, ...]]:
    """Of each relation its id and, of the seed, in which transaction its rows were written."""
    names = ("rates", "doubled", "of_tonight")
    ids = {name: rows(settings.url, "select to_regclass(%s)::oid::text", f"warehouse.{name}")[0] for name in names}
    written = rows(settings.url, "select string_agg(xmin::text, ' ') from warehouse.rates") if ids["rates"][0] else []
    return {**ids, "rates": (*ids["rates"], *(each for (each,) in written))}


def execute(settings: Settings, text: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(text))


def test_a_seed_and_a_view_are_made_anew_only_when_they_would_be_others(settings: Settings) -> None:
    open_run(settings.url, NIGHT)
    folder = settings.dbt_project_dir / "seeds"

    assert made(settings) == {"rates", "doubled", "of_tonight"}, "the first night"
    assert made(settings, day="2026-11-22") == {"of_tonight"}, "another night"

    execute(
        settings, "update warehouse.rates set rate = 3; create or replace view warehouse.doubled as select 4 as two"
    )
    assert made(settings, day="2026-11-22") == {"rates", "doubled"}, "changed in the database"
    assert rows(settings.url, "select rate, two from warehouse.rates, warehouse.doubled") == [(1, 2)]

    execute(settings, "drop table warehouse.rates; drop view warehouse.doubled")
    assert made(settings, day="2026-11-22") == {"rates", "doubled"}, "gone from the database"

    (folder / "rates.csv").write_text("currency,rate\nTWD,5\n")
    assert made(settings, day="2026-11-22") == {"rates"}, "another file"
    assert rows(settings.url, "select rate from warehouse.rates") == [(5,)]

    (folder / "rates.yml").write_text(TWIN % "Exchange")
    assert made(settings, day="2026-11-22") == {"rates"}, "another twin"
    assert made(settings, "two", day="2026-11-22") == {"rates", "doubled", "of_tonight"}, "another macro or setting"
