"""config/syndicator.yaml, environment and credentials as one frozen value that is passed as an argument.

Not here: how the file is read and checked (`catalog.schema`, `catalog.load`). There is no global.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time
    from pathlib import Path

    from syndicator.model import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who publishes, and where readers reach it."""

    title: str = "syndicator"
    base_url: str = "http://127.0.0.1:8080"  # no slash at its end
    language: str = "en"
    languages: tuple[str, ...] = ("en", "zh")
    contact: str = ""  # address for readers; empty: the address of mail.sender
    search: bool = True  # whether pages offer a search; only the daemon can answer it
    rights: str = ""  # who may do what with the feeds, in words
    logo: str = ""  # address of a picture for the feeds: PNG, JPEG or GIF
    signup: bool = True  # whether pages let people subscribe: `signup.open`


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the daemon listens."""

    host: str = "127.0.0.1"
    port: int = 8080
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")  # whose X-Forwarded-For is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Signup:
    """Limits of subscribing on the pages and by the API; whether it is open stands in `Site.signup`."""

    per_hour: int = 300  # confirmation mails in all
    blocked: frozenset[str] = frozenset()  # domains, in A-labels and small letters; with all below them
    origins: tuple[str, ...] = ()  # of other sites whose pages may call the API


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Which mail providers report over HTTP what came back; what is empty is off."""

    ses_topics: tuple[str, ...] = ()  # names (ARN) of topics of SNS
    postmark_secret: str = field(default="", repr=False)  # from secret_file
    mailgun_key: str = field(default="", repr=False)  # from key_file
    sendgrid_key: str = ""  # public; base64 of its DER


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Where mail comes back: bounces, complaints, and mails that unsubscribe. Empty `address`: nowhere."""

    address: str = ""  # `bounces@news.example`; a token is put behind its local part, after a `+`
    place: str = "lmtp"  # or a mailbox: maildir:, imaps: or imap:
    username: str = ""
    password: str = field(default="", repr=False)  # from password_file
    per_day: int = 20_000  # mails that are taken, of those with a token of ours
    suppress_per_day: int = 1_000  # addresses that refusals may suppress; a broken server calls all unknown
    webhooks: Webhooks = field(default_factory=Webhooks)


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A key that signs mail, by its name in the DNS: SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    pem: str = field(repr=False)  # from key_file; RSA or Ed25519


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A mail server that takes our mail; of several each gets its share by `weight`."""

    name: str
    host: str = "localhost"
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)  # from password_file
    password_at: str = ""  # where that file is; a token of XOAUTH2 is read anew at each login
    auth: Literal["auto", "xoauth2"] = "auto"
    weight: int = 1
    connections: int = 10
    per_connection: int = 100  # messages, then it is closed
    per_minute: int = 0  # messages; 0: as many as it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """How many mails a day an address that nobody knows yet may send: by a list, then growing by a factor."""

    start: date  # nothing is sent before
    per_day: tuple[int, ...]
    growth: float = 2.0  # of each day after the list, until no limit is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What the servers behind one domain of recipients are asked to take; 0: no limit of its own."""

    connections: int = 0  # at a time, where mail goes to them directly
    per_connection: int = 0  # messages, as above
    per_minute: int = 0  # messages
    warm_up: WarmUp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours, in the reader's zone, in which no mail arrives that has no hour of its own."""

    start: time
    end: time
    strict: bool = False  # holds for mails whose hour a reader chose, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail leaves. `sender_name` and `sender` are the parts of `from`."""

    transport: Literal["maildir", "smtp"] = "maildir"
    sender_name: str = ""
    sender: str = "news@localhost"
    host: str = "localhost"
    port: int = 25
    security: Literal["none", "starttls", "tls", "offered"] = "none"  # `offered`: TLS where the server has it
    username: str = ""
    password: str = field(default="", repr=False)  # from password_file
    password_at: str = ""  # as in `Relay`
    auth: Literal["auto", "xoauth2"] = "auto"
    helo: str = ""  # the name that EHLO gives; empty: the name of this machine
    connections: int = 10
    per_connection: int = 100  # messages, then it is closed
    relays: tuple[Relay, ...] = ()  # none: the server above alone
    route: Literal["relay", "direct"] = "relay"
    allow_private: tuple[str, ...] = ()  # hosts or networks that MX records may lead to
    resolver: str = ""  # name server for MX records, ADDRESS:PORT; empty: those of the system
    domains: Mapping[str, Allowance] = field(default_factory=dict)  # by the domain of recipients
    warm_up: WarmUp | None = None  # of all mail
    quiet: Quiet | None = None
    spread: timedelta = timedelta()  # over which a large edition is sent
    uncertain: Literal["resend", "hold"] = "resend"
    timeout: timedelta = timedelta(seconds=60)  # for each step of the dialogue but the last
    give_up: timedelta = timedelta(days=4)  # RFC 5321 4.5.4.1
    max_items: int = 60  # articles in one digest, over all its topics
    returns: Returns = field(default_factory=Returns)
    look: Look = "magazine"
    dkim: tuple[DkimKey, ...] = ()  # each signs every message; none: the mail server may


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
    spacing: timedelta = timedelta(seconds=1)  # between two requests to one host group
    robots: bool = True  # obey robots.txt (RFC 9309) where pages are fetched
    pages: int = 20  # pages of articles fetched in one pull of one source, at most
    proxy: str = field(default="", repr=False)  # http://[user:password@]host:port
    websub: Literal["auto", "on", "off"] = "auto"  # auto: where base_url can be reached from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSub:
    """How others are told when a feed of ours changes. That we are told of theirs is `fetch.websub`."""

    hub: Literal["auto", "on", "off"] = "auto"  # our own; auto: where base_url can be reached from outside
    hubs: tuple[str, ...] = ()  # those of others that are pinged
    allow_private: tuple[str, ...] = ()  # hosts or networks that callbacks and hubs may be in


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Where mail for newsletter sources arrives. `lmtp` is HOST:PORT or a socket's path; empty: nowhere."""

    lmtp: str = ""
    max_bytes: int = 16 * 1024 * 1024  # of one mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept. What is purged stays known, so that it is not new again."""

    articles: timedelta = timedelta(days=400)  # since a feed last showed them


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
    signup: Signup = field(default_factory=Signup)
    fetch: Fetch = field(default_factory=Fetch)
    inbound: Inbound = field(default_factory=Inbound)
    websub: WebSub = field(default_factory=WebSub)
    retention: Retention = field(default_factory=Retention)

    @property
    def public(self) -> Path:
        """The folder that any web server may serve."""
        return self.state / "public"

    @property
    def private(self) -> Path:
        """The folder of what only the daemon may serve: documents of private topics."""
        return self.state / "private"

    @property
    def labels(self) -> Path:
        """The folder of what goes with each document for whoever serves it (`publish.label`)."""
        return self.state / "labels"

    @property
    def maildir(self) -> Path:
        """The Maildir that mail goes to when no server is configured."""
        return self.state / "mail"

    @property
    def inboxes(self) -> Path:
        """The folder with a Maildir for each newsletter source that mail arrives for by LMTP."""
        return self.state / "inbox"

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
