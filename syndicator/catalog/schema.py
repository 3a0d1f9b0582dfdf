"""Every key of the config files, its kind, its default and what it means.

The JSON Schemas for editors and the tables of docs/configuration.md are made from this file (`document`).
Defaults stand here as an admin would write them.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from syndicator.catalog.fields import (
    Address,
    BaseUrl,
    Clock,
    Database,
    Duration,
    FeedOnly,
    Host,
    Language,
    Line,
    Mailbox,
    MaskLine,
    Prose,
    Reach,
    RuleLine,
    Said,
    Slug,
    SourceUrl,
    Tag,
    Zone,
)
from syndicator.model import Kind  # noqa: TC001 - pydantic reads the annotations

MEGABYTE = 1024 * 1024
DigestDays: TypeAlias = Literal["daily", "weekdays", "weekly"]
Format: TypeAlias = Literal["rss", "atom", "json"]


def key(default: Any = ..., *, description: str, **limits: Any) -> Any:
    """Declare one key: its default as an admin would write it, its meaning, its limits."""
    return Field(default, description=description, **limits)


class Keys(BaseModel):
    """A mapping of a config file. `not_yet` names keys of later versions: refused with a clear word."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_default=True, allow_inf_nan=False)
    not_yet: ClassVar[Mapping[str, str]] = {}


# syndicator.yaml --------------------------------------------------------------------------------------


class SiteKeys(Keys):
    """Who publishes, and where readers reach it."""

    title: Line = key("syndicator", description="Name of the publication, on every page, feed and mail.")
    base_url: BaseUrl | None = key(
        None,
        description="Address under which readers reach the pages; links in feeds and mails begin with it. "
        "Without it `http://HOST:PORT` of `web`.",
    )
    language: Language = key("en", description="Language of pages and mails where a reader chose none.")
    languages: list[Language] = key(
        ["en", "zh"], min_length=1, max_length=50, description="Languages that articles may be in."
    )
    contact: Address | None = key(
        None, description="Address for readers' questions; without it the address of `mail.from`."
    )


class WebKeys(Keys):
    """Where the daemon listens."""

    host: Host = key(
        "127.0.0.1", description="Address to listen on; put a web server with TLS before any other than this."
    )
    port: int = key(8080, ge=0, le=65535, description="TCP port; 0 takes any that is free.")


class MailKeys(Keys):
    """How digests leave."""

    not_yet: ClassVar[Mapping[str, str]] = {"dkim": "let the mail server sign, and delete the key"}

    transport: Literal["maildir", "smtp"] = key(
        "maildir", description="`maildir` writes mails to STATE/mail for you to look at; `smtp` sends them."
    )
    sender: Mailbox = key(
        "news@localhost",
        alias="from",
        description="Sender, `News <news@example.org>` or a bare address.",
    )
    host: Host = key("localhost", description="Mail server.")
    port: int = key(25, ge=1, le=65535, description="Port of the mail server: 25, 587 or 465 as a rule.")
    security: Literal["none", "starttls", "tls"] = key(
        "none",
        description="`none`, `starttls` (as a rule on port 587) or `tls` (465); certificates are verified.",
    )
    username: Line | None = key(None, description="Name to log in with; goes with `password_file`.")
    password_file: Line | None = key(
        None,
        description="File with the password alone, relative to the config folder; if it is missing, the "
        "systemd credential of the same name is read.",
    )
    connections: int = key(10, ge=1, le=100, description="Connections to the mail server at a time.")
    uncertain: Literal["resend", "hold"] = key(
        "resend",
        description="What to do when a connection broke after a message was sent and before the answer: "
        "`resend` it (the reader may have it twice) or `hold` it until you decide.",
    )
    timeout: Duration = key("60s", description="How long to wait for each answer of the server.")
    give_up: Duration = key("4d", description="How long to try a message again before giving up.")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if bool(self.username) != bool(self.password_file):
            at, lacks = ("username", "password_file") if self.username else ("password_file", "username")
            raise Said(f"needs {lacks} beside it", f"give both, or delete {at}", at=at)
        return self


class FetchKeys(Keys):
    """Limits and manners of pulling."""

    min_interval: Duration = key("15m", description="A source is pulled no more often than this.")
    max_interval: Duration = key("24h", description="And no less often than this, however quiet it is.")
    concurrency: int = key(64, ge=1, le=1000, description="Pulls at a time.")
    per_host: int = key(2, ge=1, le=50, description="Pulls at a time from one host.")
    timeout: Duration = key("60s", description="A pull may take this long in all, redirects included.")
    max_bytes: int = key(
        16 * MEGABYTE, ge=10_000, le=1024 * MEGABYTE, description="A feed may have this many bytes, unpacked."
    )
    allow_private: list[Reach] = key(
        [],
        description="Hosts or networks inside your own network that may be pulled from; none without this.",
    )
    user_agent: Line | None = key(None, description="How pulls introduce themselves, instead of our name.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_interval > self.max_interval:
            raise Said(
                "longer than max_interval", "make it shorter, or max_interval longer", at="min_interval"
            )
        return self


class SettingsFile(Keys):
    """config/syndicator.yaml: the installation."""

    site: SiteKeys = key({}, description=SiteKeys.__doc__ or "")
    state: Line = key(
        "var",
        description="Folder for the database, `public/` and `mail/`, relative to the folder above config/.",
    )
    database: Database = key(
        "sqlite", description="`sqlite` (a file in STATE), or an address such as `postgresql://HOST/NAME`."
    )
    web: WebKeys = key({}, description=WebKeys.__doc__ or "")
    mail: MailKeys = key({}, description=MailKeys.__doc__ or "")
    fetch: FetchKeys = key({}, description=FetchKeys.__doc__ or "")


# sources/*.yaml ---------------------------------------------------------------------------------------


class EveryKeys(Keys):
    """How often this source is pulled, in place of `fetch.min_interval` and `fetch.max_interval`."""

    min: Duration | None = key(None, description="No more often than this.")
    max: Duration | None = key(None, description="No less often than this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min and self.max and self.min > self.max:
            raise Said("longer than max", "make it shorter, or max longer", at="min")
        return self


class SourceKeys(Keys):
    """One place to pull from."""

    name: Slug = key(description="Its name, unique: small letters, digits, hyphens.", examples=["bbc-world"])
    url: SourceUrl = key(
        description="Address of the feed: `https:`, `http:`, or `file:` relative to the config folder.",
        examples=["https://example.org/feed.xml"],
    )
    kind: Annotated[Kind, FeedOnly] = key("feed", description="What is there: `feed` (RSS, Atom, JSON Feed).")
    language: Language | None = key(
        None, description="Language of its articles, where the feed does not say it or says it wrongly."
    )
    tags: list[Line] = key([], max_length=50, description="Tags that each of its articles gets.")
    allow_private: bool = key(False, description="It may lie inside your own network.")
    every: EveryKeys = key({}, description=EveryKeys.__doc__ or "")


class SourcesFile(Keys):
    """config/sources/*.yaml: places to pull from, in as many files as you like."""

    sources: list[SourceKeys] = key(
        description="The sources, a list.", examples=["[{name: example, url: https://example.org/feed.xml}]"]
    )


# topics/*.yaml ----------------------------------------------------------------------------------------


class PublishKeys(Keys):
    """How the topic's feeds look."""

    formats: list[Format] = key(
        ["rss", "atom", "json"],
        description="Formats: `rss`, `atom`, `json`; an empty list publishes nothing.",
    )
    items: int = key(50, ge=1, le=500, description="Articles in a feed.")
    per_source: int = key(
        10, ge=1, le=500, description="At most so many of one source, so that a busy one starves nobody."
    )
    content: Literal["full", "excerpt"] = key(
        "full", description="`full`: whole articles; `excerpt`: their beginnings."
    )


class DigestKeys(Keys):
    """When and how the topic is mailed to subscribers who chose no time of their own."""

    at: Clock = key("07:00", description="Time of day in `zone`.")
    zone: Zone = key("UTC", description="Time zone by its IANA name; summer time is taken care of.")
    days: DigestDays = key(
        "daily", description="`daily`, `weekdays` (Monday to Friday) or `weekly` (Monday)."
    )
    max_items: int = key(20, ge=1, le=100, description="Articles in one mail; the rest is on the web.")
    minimum: int = key(1, ge=1, le=100, description="Fewer articles than this wait for the next mail.")


class TestsKeys(Keys):
    """Headlines that try the rule whenever it is loaded; a topic that fails its own tests is refused."""

    __test__: ClassVar[bool] = False  # pytest takes the name for a class of tests

    match: list[Line] = key([], max_length=200, description="These must be in the topic.")
    no_match: list[Line] = key([], max_length=200, description="These must not.")


class TopicFile(Keys):
    """config/topics/SLUG.yaml: one topic. Its address is /topics/SLUG, by the name of the file."""

    not_yet: ClassVar[Mapping[str, str]] = {
        "query": "write lines of `any`, `all` and `none`",
        "audience": "delete the key; every topic is public",
    }

    title: Line = key(description="Its name, as readers see it.", examples=["Telecom fraud"])
    description: Prose = key("", description="One sentence that says what it gathers.")
    langs: list[Language] = key([], max_length=50, description="Only articles in these; all without it.")
    sources: list[Slug] = key([], description="Only articles of these sources; all without it.")
    tags: list[Tag] = key(
        [], description="Publishers' categories; an article that has one is in, worth 4 points."
    )
    any: list[RuleLine] = key([], description="One of these lines must be there.")
    all: list[RuleLine] = key([], description="Each of these lines must be there.")
    none: list[RuleLine] = key([], description="None of these lines may be there.")
    mask: list[MaskLine] = key(
        [], description="Phrases that neither count nor hide: `phone-free` is no `phone`."
    )
    min_score: float = key(
        3, ge=0, le=100, description="Points an article needs: 3 as a rule, 4 strict, 1 or 2 broad."
    )
    publish: PublishKeys = key({}, description=PublishKeys.__doc__ or "")
    digest: DigestKeys | None = key(
        None, description=f"{DigestKeys.__doc__} Without it only readers with a time of their own get mail."
    )
    tests: TestsKeys = key({}, description=TestsKeys.__doc__ or "")


FILES: Mapping[str, type[Keys]] = {"settings": SettingsFile, "sources": SourcesFile, "topic": TopicFile}
"""The kinds of file by the words that `syndicator schema` takes."""
