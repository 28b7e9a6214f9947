"""What readers may see, by real logins; and views that change only when a night is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import yaml

from customer_warehouse.database import connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.ops import ledger
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish import contracts, roles
from customer_warehouse.publish.declared import Mart, declared_marts
from customer_warehouse.publish.show import show
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner
from integration.dbt_warehouse import copy_of_small_brand, rows
from integration.small_brand import NIGHT

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """The small brand's warehouse after its first night, with a copy of the dbt project that a test may change."""
    with copy_of_small_brand(server) as settings:
        shutil.copytree(settings.dbt_project_dir, tmp_path / "project")
        yield settings.model_copy(update={"dbt_project_dir": tmp_path / "project"})


@dataclass(frozen=True)
class Logins:
    """Addresses of three people: a reader, one who may see persons, and one who is nobody."""

    reader: str
    pii: str
    nobody: str


def as_user(url: str, name: str) -> str:
    """The same address for another login."""
    return url.replace("//warehouse@", f"//{name}@")


@contextmanager
def logins(url: str) -> Iterator[Logins]:
    names = [f"{role}_{uuid4().hex}" for role in ("reader", "pii", "nobody")]
    with connect(url) as connection:
        for name, role in zip(names, (*roles.ROLES, None), strict=True):
            connection.execute(statement(f"create role {name} login"))
            if role:
                connection.execute(statement(f"grant {role} to {name}"))
    try:
        yield Logins(*(as_user(url, name) for name in names))
    finally:
        with connect(url) as connection:
            for name in names:
                connection.execute(statement(f"drop owned by {name}"))
                connection.execute(statement(f"drop role {name}"))


def refused(url: str, query: str) -> bool:
    try:
        rows(url, query)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def marts_of(settings: Settings) -> list[Mart]:
    return declared_marts(settings.dbt_project_dir)


def publish_again(settings: Settings) -> None:
    """Publish the batch that is published, with the project as it is now."""
    batch_id = rows(settings.url, "select batch_id from ops.published")[0][0]
    with connect(settings.url) as connection:
        show(settings, connection, NIGHT, batch_id, {})


def change_twin(settings: Settings, mart: str, change: dict[str, str | None]) -> None:
    """Change a twin's columns: name to its new type, or to None to take it away. New ones come last."""
    file = settings.dbt_project_dir / "models" / "marts" / "published" / f"{mart}.yml"
    twin = yaml.safe_load(file.read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in twin["models"][0]["columns"]}
    for name, kind in change.items():
        if kind is None:
            del columns[name]
        else:
            meta = {"meta": {"personal": "none"}}
            columns.setdefault(name, {"name": name, "description": "New.", "config": meta})["data_type"] = kind
    twin["models"][0]["columns"] = list(columns.values())
    file.write_text(yaml.safe_dump(twin, sort_keys=False, allow_unicode=True), encoding="utf-8")


def view(settings: Settings, name: str) -> list[str]:
    found = rows(
        settings.url,
        "select attname::text from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 order by attnum",
        name,
    )
    return [column for (column,) in found]


def test_a_reader_reads_all_marts_and_nobodys_name(settings: Settings) -> None:
    with logins(settings.url) as people:
        for mart in marts_of(settings):
            names = [column.name for column in mart.columns if not column.is_direct]
            direct = [column.name for column in mart.columns if column.is_direct]

            everything = rows(people.reader, f"select * from marts_bi.{mart.name}")
            named = rows(people.reader, f"select {', '.join(names)} from marts.{mart.name}")

            assert sorted(everything, key=str) == sorted(named, key=str)
            assert view(settings, f"marts_bi.{mart.name}") == names
            for column in direct:
                assert refused(people.reader, f"select {column} from marts.{mart.name}"), f"{mart.name}.{column}"
            assert refused(people.reader, f"select * from marts.{mart.name}") == bool(direct)


def test_who_may_see_persons_reads_everything_and_nobody_else_anything(settings: Settings) -> None:
    with logins(settings.url) as people:
        for mart in marts_of(settings):
            mine = rows(settings.url, f"select * from marts.{mart.name}")
            assert sorted(rows(people.pii, f"select * from marts.{mart.name}"), key=str) == sorted(mine, key=str)
            assert refused(people.nobody, f"select data_as_of from marts_bi.{mart.name}")
        for person in (people.reader, people.pii):
            for table in ("marts_store.customer_360", "warehouse.dim_customers", "ops.published", "raw.anything"):
                assert refused(person, f"select count(*) from {table}")
            assert refused(person, "delete from marts.sales_summary")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param("grant select on marts.customer_360 to public", "360.full_name, which names", id="public"),
        pytest.param("grant bi_pii to bi_reader", "bi_reader is a member of bi_pii", id="member"),
        pytest.param("grant usage on schema warehouse to bi_reader", "may look into schema warehouse", id="schema"),
    ],
)
def test_a_right_that_lets_readers_see_persons_stops_publishing(settings: Settings, wrong: str, said: str) -> None:
    with connect(settings.url) as connection:
        connection.execute(statement(wrong))
    try:
        with pytest.raises(StageError, match=rf"Nothing is published: .*{said}.*then publish again"):
            publish_again(settings)
    finally:  # roles belong to the server, not to this test's database
        with connect(settings.url) as connection:
            connection.execute("revoke bi_pii from bi_reader")


def test_rights_given_by_mistake_to_the_role_itself_are_taken_away(settings: Settings) -> None:
    with connect(settings.url) as connection:
        connection.execute("grant select on marts.customer_360 to bi_reader")
        assert len(roles.problems(connection, marts_of(settings))) >= 5

    publish_again(settings)

    with connect(settings.url) as connection:
        assert roles.problems(connection, marts_of(settings)) == []
        assert connection.execute(
            "select has_column_privilege('bi_reader', 'marts.customer_360', 'email', 'select')"
        ).fetchone() == (False,)


def test_without_the_right_to_create_roles_a_dba_is_told_what_to_run(warehouse_url: str) -> None:
    name = f"owner_{uuid4().hex}"
    with connect(warehouse_url) as connection:
        connection.execute(statement(f"create role {name} login"))
        connection.execute("alter role bi_pii rename to bi_pii_elsewhere")
    try:
        with connect(as_user(warehouse_url, name)) as connection:
            said = roles.ensure(connection)
    finally:
        with connect(warehouse_url) as connection:
            connection.execute("alter role bi_pii_elsewhere rename to bi_pii")
            connection.execute(statement(f"drop role {name}"))

    assert said is not None
    assert "have a DBA run" in said
    assert "create role bi_pii nologin" in said


def test_a_new_column_reaches_the_views_when_the_night_is_published_and_not_before(settings: Settings) -> None:
    change_twin(settings, "sales_summary", {"first_sale": "date"})
    with connect(settings.url) as connection:
        connection.execute("alter table marts_store.sales_summary add column first_sale date")
    oid = rows(settings.url, "select 'marts.sales_summary'::regclass::oid")
    before = view(settings, "marts.sales_summary")

    publish_again(settings)

    assert before[-1] == "data_as_of"
    assert view(settings, "marts.sales_summary") == [*before, "first_sale"]
    assert rows(settings.url, "select 'marts.sales_summary'::regclass::oid") == oid


def test_a_column_is_taken_away_with_a_new_version_only_and_other_readers_keep_their_rights(settings: Settings) -> None:
    change_twin(settings, "sales_summary", {"units": None})
    before = view(settings, "marts.sales_summary")
    with connect(settings.url) as connection:
        connection.execute("grant select on marts.sales_summary to public")

    with pytest.raises(StageError, match=r"readers would lose marts\.sales_summary\.units.*--new-version"):
        publish_again(settings)
    assert view(settings, "marts.sales_summary") == before

    contracts.renew(settings.dbt_project_dir, marts_of(settings), "nobody counts units")
    publish_again(settings)

    assert view(settings, "marts.sales_summary") == [name for name in before if name != "units"]
    assert rows(settings.url, "select has_table_privilege('public', 'marts.sales_summary', 'select')") == [(True,)]
    assert rows(settings.url, "select version from ops.mart_contracts where mart = 'sales_summary'") == [(2,)]


def test_a_view_that_a_reader_holds_is_not_replaced_and_nothing_is_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customer_warehouse.publish.views.ATTEMPTS", 1)
    monkeypatch.setattr("customer_warehouse.publish.views.LOCK_SECONDS", 1)
    change_twin(settings, "sales_summary", {"first_sale": "date"})
    with connect(settings.url) as connection:
        connection.execute("alter table marts_store.sales_summary add column first_sale date")

    with psycopg.connect(settings.url) as idle:
        idle.execute("select count(*) from marts.sales_summary")
        with pytest.raises(StageError, match=r"sales_summary have changed, and readers .*process \d+ of warehouse"):
            publish_again(settings)

    assert "first_sale" not in view(settings, "marts.sales_summary")


def test_a_column_of_another_type_is_made_anew_and_readers_keep_the_old_one_until_then(settings: Settings) -> None:
    batch_id = rows(settings.url, "select batch_id from ops.published")[0][0]
    change_twin(settings, "sales_summary", {"orders": "numeric"})
    model = settings.dbt_project_dir / "models" / "marts" / "published" / "sales_summary.sql"
    counted = "coalesce(sales.orders, 0)"
    model.write_text(
        model.read_text(encoding="utf-8").replace(counted, f"cast({counted} as numeric)"), encoding="utf-8"
    )
    contracts.renew(settings.dbt_project_dir, marts_of(settings), "orders are shared between channels")
    read = "select business_date, source, channel, orders from marts.sales_summary order by 1, 2, 3"
    before = rows(settings.url, read)

    with connect(settings.url) as connection:
        aside = contracts.make_room(connection, marts_of(settings))
    still = rows(settings.url, read)
    with ledger.step(settings.url, NIGHT, "marts", "sales_summary") as step:
        dbt_runner.build(settings, NIGHT, "marts", ["sales_summary"], step, {"batch_id": batch_id + 1})
    with connect(settings.url) as connection:
        show(settings, connection, NIGHT, batch_id + 1, {})

    assert aside == ["marts.sales_summary.orders"]
    assert still == before == rows(settings.url, read)
    assert rows(settings.url, "select distinct pg_typeof(orders)::text from marts.sales_summary") == [("numeric",)]


def test_every_column_of_the_views_says_what_it_means_in_two_languages(settings: Settings) -> None:
    said = rows(
        settings.url,
        "select nspname || '.' || relname || '.' || attname, coalesce(col_description(attrelid, attnum), '')"
        " from pg_attribute join pg_class on pg_class.oid = attrelid"
        " join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname in ('marts', 'marts_bi') and relkind = 'v' and attnum > 0",
    )

    assert len(said) > 100
    assert [name for name, text in said if "Unit: " not in text or len(text.splitlines()) < 3] == []
    assert dict(said)["marts.customer_360.email"].splitlines()[-1] == "最可信的电子邮件地址；不一定可以寄送"


def test_the_dictionary_has_every_relation_and_column_that_readers_see(settings: Settings) -> None:
    told = rows(settings.url, "select relation, column_name, personal from marts.dictionary")
    seen = rows(
        settings.url, "select table_name, column_name from information_schema.columns where table_schema = 'marts'"
    )

    assert {(relation, column) for relation, column, _ in told if column != "*"} == set(seen)
    assert {relation for relation, column, _ in told if column == "*"} == {relation for relation, _ in seen}
    assert ("customer_360", "email", "direct") in told
