"""Migrations make exactly the tables of the models, once, on any server we support."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

import gis.store.tables  # noqa: F401 - fills the metadata
from gis.errors import BadInput, Conflict, Misconfigured, Unavailable
from gis.store.copying import copy_into
from gis.store.engine import CityEngine, Transaction, open_engine, transaction
from gis.store.journal import append
from gis.store.migrate import current_revision, head_revision, list_cities, migrate
from gis.store.tables.base import Base
from tests.small_city import publish_small_city


@pytest.fixture(params=["cluster_url", "external_server_url"])
def server_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


async def test_the_migrations_make_the_tables_of_the_models(tx: Transaction) -> None:
    def differences(connection: Connection) -> list[object]:
        def ours(_: object, name: str | None, *__: object) -> bool:
            return name != "spatial_ref_sys"

        context = MigrationContext.configure(connection, opts={"include_object": ours})
        return list(compare_metadata(context, Base.metadata))

    assert await tx.run_sync(differences) == []


async def test_the_tests_of_the_store_meet_the_server_they_ask_for(
    tx: Transaction, migrated_url: str, external_server_url: str
) -> None:
    port = (await tx.execute(text("SELECT inet_server_port()"))).scalar_one()
    is_external = port == make_url(external_server_url).port
    assert is_external == (migrated_url == external_server_url)


async def test_a_second_migration_changes_nothing(server_url: str) -> None:
    assert await migrate(server_url, "twice")
    assert not await migrate(server_url, "twice")
    assert await current_revision(server_url, "twice") == head_revision()


async def test_a_city_that_is_not_there_has_no_revision(server_url: str) -> None:
    assert await current_revision(server_url, "nowhere") is None


async def test_four_processes_migrating_one_city_at_once_agree(server_url: str) -> None:
    changed = await asyncio.gather(*(migrate(server_url, "race") for _ in range(4)))
    assert sorted(changed) == [False, False, False, True]


async def test_cities_are_listed_by_code(server_url: str) -> None:
    for code in ("list_b", "list_a"):
        await migrate(server_url, code)
    cities = await list_cities(server_url)
    assert [code for code in cities if code.startswith("list_")] == ["list_a", "list_b"]


async def test_two_cities_on_one_server_see_only_themselves(server_url: str) -> None:
    for code in ("east", "west"):
        await migrate(server_url, code)
    east, west = open_engine(server_url, "east"), open_engine(server_url, "west")
    async with transaction(east) as tx:
        await tx.execute(text("INSERT INTO cities (code, name) VALUES ('east', 'East')"))
    async with transaction(west) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM cities"))).scalar_one() == 0
    await east.dispose()
    await west.dispose()


async def test_a_transaction_that_fails_leaves_nothing(server_url: str) -> None:
    await migrate(server_url, "undone")
    engine = open_engine(server_url, "undone")

    async def fail_after_writing() -> None:
        async with transaction(engine) as tx:
            await tx.execute(text("INSERT INTO cities (code, name) VALUES ('undone', 'x')"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_after_writing()
    async with transaction(engine) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM cities"))).scalar_one() == 0
    await engine.dispose()


@pytest.mark.parametrize("code", ["", "Yuyao", "a-b", "x; drop", "余姚", "a" * 44])
async def test_a_city_code_that_is_no_schema_name_is_refused(code: str) -> None:
    with pytest.raises(BadInput, match="City code") as refusal:
        open_engine("postgresql:///x", code)
    assert refusal.value.code == "city_code_invalid"


@pytest.mark.parametrize(
    "change",
    ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"],
)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("boundary_versions", "published_by"),
        ("township_versions", "name"),
        ("community_versions", "name"),
        ("grid_versions", "name"),
        ("journal", "actor"),
    ],
)
async def test_what_is_published_or_journalled_cannot_be_altered(
    tx: Transaction, table: str, column: str, change: str
) -> None:
    await publish_small_city(tx)
    await append(tx, actor="test", kind="version.published", subject="version/1")
    assert (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() > 0
    # TRUNCATE CASCADE reaches tables that refer to this one: a refusal of theirs is not enough.
    with pytest.raises(IntegrityError, match=f"{table} rows are never altered"):
        await tx.execute(text(change.format(table=table, column=column)))


async def test_a_missing_extension_names_the_command_for_a_superuser(
    external_server_url: str,
) -> None:
    bare = external_server_url.rsplit("/", 1)[0] + "/postgres"
    with pytest.raises(Misconfigured, match="CREATE EXTENSION postgis"):
        await migrate(bare, "bare")


async def test_an_error_of_the_callers_own_file_is_not_the_databases(engine: CityEngine) -> None:
    async def break_a_pipe() -> None:
        async with transaction(engine):
            raise BrokenPipeError("of the caller")

    with pytest.raises(BrokenPipeError, match="of the caller"):
        await break_a_pipe()


async def test_a_copy_that_breaks_a_rule_is_told_in_our_words(engine: CityEngine) -> None:
    async def twice() -> None:
        async with transaction(engine) as tx:
            await copy_into(
                tx, "categories", {name: ["a", "a"] for name in ("code", "name_zh", "name_en")}
            )

    with pytest.raises(Conflict) as refusal:
        await twice()
    assert refusal.value.where["constraint"] == "pk_categories"


async def test_a_connection_cut_in_the_middle_is_a_database_away(engine: CityEngine) -> None:
    async def cut() -> None:
        async with transaction(engine) as tx:
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable) as refusal:
        await cut()
    assert refusal.value.code == "database_away"
    async with transaction(engine) as tx:  # the pool has made a new one
        assert (await tx.execute(text("SELECT 1"))).scalar_one() == 1


async def test_check_constraints_are_named_as_the_models_name_them(tx: Transaction) -> None:
    # Comparing metadata leaves check constraints out.
    rows = await tx.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
            " AND connamespace = current_schema()::regnamespace"
        )
    )
    expected = {
        (table.name, str(constraint.name))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert {(table, name) for table, name in rows} == expected
