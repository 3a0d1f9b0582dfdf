"""Schema versions by Alembic: an older database is upgraded, a newer one is refused.

The history of the schema is the folder `migrations/versions`. Two processes that start at once are kept
apart by the database: SQLite's write lock, PostgreSQL's advisory lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from syndicator.errors import SchemaTooNew

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

FOLDER = Path(__file__).parent / "migrations"
HEAD = "0022"  # the newest of its versions, so that a database of today needs no Alembic (a quarter second)
MIGRATION_LOCK = 0x73796E6D  # any constant that is ours: PostgreSQL's advisory locks are numbers


def current(connection: Connection) -> str | None:
    """Name the revision of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def config() -> Config:
    """Make Alembic's configuration: where the history is, and nothing of a database."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def upgrade(connection: Connection, to: str = "head") -> None:
    """Upgrade a database in one transaction.

    Raises:
        SchemaTooNew: its revision is unknown to this program; nothing was touched.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    settings = config()
    known = {revision.revision for revision in ScriptDirectory.from_config(settings).walk_revisions()}
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        found = current(connection)
        if found is not None and found not in known:
            raise SchemaTooNew(
                f"database: its schema {found} is newer than this program's ({HEAD})",
                hint="start the newer syndicator again, or restore the backup made before its upgrade",
            )
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
