"""The schema: its history leads to what the code says, newer ones are refused, errors are plain."""

from __future__ import annotations

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from syndicator.errors import SchemaTooNew, StoreError
from syndicator.store import Store, migrate, schema


async def test_the_history_leads_to_the_schema(store):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), schema.metadata)

    async with store.read() as conn:
        assert await conn.run_sync(differences) == []


def test_the_head_that_is_named_is_the_head():
    assert ScriptDirectory.from_config(migrate.config()).get_current_head() == migrate.HEAD


async def test_upgrading_again_does_nothing(store):
    await store.upgrade()
    await store.upgrade()


async def test_a_newer_schema_is_refused_and_left_alone(store):
    async with store.write() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999 is newer than this program's") as caught:
        await store.upgrade()
    assert "backup" in caught.value.hint
    async with store.read() as conn:
        assert await conn.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


async def test_every_sqlite_table_is_strict(tmp_path):
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    await store.upgrade()
    async with store.read() as conn:
        rows = await conn.execute(text("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"))
        loose = {row.name for row in rows if not row.strict}
    await store.close()
    assert {name for name in loose if not name.startswith("sqlite_")} == {"alembic_version"}


async def test_a_locked_database_is_said_in_plain_words(tmp_path, monkeypatch):
    monkeypatch.setattr("syndicator.store.dialect.SQLITE_PRAGMAS", ("PRAGMA busy_timeout=50",))
    path = tmp_path / "a.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("BEGIN IMMEDIATE")
    store = Store(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(StoreError, match="another program holds the database"):
        await store.upgrade()
    holder.execute("ROLLBACK")
    holder.close()
    await store.upgrade()
    await store.close()


async def test_a_file_that_is_no_database_is_said_in_plain_words(tmp_path):
    (tmp_path / "a.db").write_bytes(b"not a database at all " * 100)
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(StoreError, match="is not a database"):
        await store.upgrade()
    await store.close()


async def test_a_server_that_is_not_there_is_said_in_plain_words():
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="does not answer"):
        await store.upgrade()
    await store.close()


@pytest.mark.parametrize("address", ["localhost:notaport/x", "localhost/x?bogus=SECRET"])
async def test_an_address_that_makes_no_sense_shows_no_password(address):
    with pytest.raises(StoreError, match="its address") as caught:
        await Store(f"postgresql+psycopg://u:SECRET@{address}").upgrade()
    assert "SECRET" not in caught.value.message + caught.value.hint


async def test_readers_cannot_write(tmp_path):
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    await store.upgrade()
    with pytest.raises(StoreError):
        async with store.read() as conn:
            await conn.execute(text("DELETE FROM articles"))
    await store.close()


async def test_the_database_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "state" / "syndicator.db"

    async def modes():
        made = Store(f"sqlite+aiosqlite:///{path}")
        await made.upgrade()
        async with made.write() as conn:
            await conn.execute(text("CREATE TABLE IF NOT EXISTS written (n INTEGER) STRICT"))
            found = {each.name: oct(each.stat().st_mode & 0o777) for each in path.parent.iterdir()}
        await made.close()
        return found

    private = dict.fromkeys(("syndicator.db", "syndicator.db-wal", "syndicator.db-shm"), "0o600")
    assert await modes() == private
    path.chmod(0o644)  # as earlier versions made it
    assert await modes() == private
    path.chmod(0o640)  # a group that an admin lets in
    assert (await modes())["syndicator.db"] == "0o640"
