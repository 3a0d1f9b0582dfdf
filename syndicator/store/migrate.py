"""Schema versions by Alembic: an older database is upgraded, a newer one is refused.

The history of the schema is the folder `migrations/versions`. Two processes that start at once are kept
apart by the database: SQLite's write lock, PostgreSQL's advisory lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from syndicator.errors import SchemaTooNew

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

FOLDER = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x73796E6D  # any constant that is ours: PostgreSQL's advisory locks are numbers


def config() -> Config:
    """Make Alembic's configuration: where the history is, and nothing of a database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def current(connection: Connection) -> str | None:
    """Name the revision of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Upgrade a database in one transaction.

    Raises:
        SchemaTooNew: its revision is unknown to this program; nothing was touched.
    """
    settings = config()
    scripts = ScriptDirectory.from_config(settings)
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        found = current(connection)
        if found is not None and found not in {revision.revision for revision in scripts.walk_revisions()}:
            raise SchemaTooNew(
                f"database: its schema {found} is newer than this program's ({scripts.get_current_head()})",
                hint="start the newer syndicator again, or restore the backup made before its upgrade",
            )
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
