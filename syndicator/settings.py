"""config/syndicator.yaml, environment and credentials as one frozen value that is passed as an argument.

Not here: how the file is read and checked (`catalog.schema`, `catalog.load`). There is no global.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who publishes, and where readers reach it."""

    title: str = "syndicator"
    base_url: str = "http://127.0.0.1:8080"  # no slash at its end
    language: str = "en"
    languages: tuple[str, ...] = ("en", "zh")
    contact: str = ""  # address for readers; empty: the address of mail.sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the daemon listens."""

    host: str = "127.0.0.1"
    port: int = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail leaves. `sender_name` and `sender` are the parts of `from`."""

    transport: Literal["maildir", "smtp"] = "maildir"
    sender_name: str = ""
    sender: str = "news@localhost"
    host: str = "localhost"
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)  # from password_file
    connections: int = 10
    uncertain: Literal["resend", "hold"] = "resend"
    timeout: timedelta = timedelta(seconds=60)  # for each step of the dialogue but the last
    give_up: timedelta = timedelta(days=4)  # RFC 5321 4.5.4.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Limits and manners of pulling."""

    min_interval: timedelta = timedelta(minutes=15)
    max_interval: timedelta = timedelta(hours=24)
    concurrency: int = 64
    per_host: int = 2
    timeout: timedelta = timedelta(seconds=60)  # in all, redirects included
    max_bytes: int = 16 * 1024 * 1024  # decoded
    allow_private: tuple[str, ...] = ()  # hosts or networks
    user_agent: str = ""  # empty: syndicator/VERSION (+base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an installation decides, with all paths absolute."""

    config: Path  # the config folder
    root: Path  # the folder above it; `state` is relative to this
    state: Path  # database, public/, mail/
    database: str = "sqlite"  # or a postgresql:// address
    site: Site = field(default_factory=Site)
    web: Web = field(default_factory=Web)
    mail: Mail = field(default_factory=Mail)
    fetch: Fetch = field(default_factory=Fetch)

    @property
    def public(self) -> Path:
        """The folder that any web server may serve."""
        return self.state / "public"

    @property
    def maildir(self) -> Path:
        """The Maildir that mail goes to when no server is configured."""
        return self.state / "mail"

    @property
    def database_url(self) -> str:
        """SQLAlchemy's address of the database, with the async driver named."""
        if self.database == "sqlite":
            return f"sqlite+aiosqlite:///{self.state / 'syndicator.db'}"
        scheme, _, rest = self.database.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else self.database

    @property
    def is_embedded(self) -> bool:
        """Whether this is one process on SQLite."""
        return self.database == "sqlite"
