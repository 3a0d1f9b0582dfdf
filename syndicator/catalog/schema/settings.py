"""The keys of config/syndicator.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from syndicator.catalog.fields import (
    Address,
    BaseUrl,
    Database,
    Duration,
    Host,
    Language,
    Line,
    Listen,
    Mailbox,
    Reach,
    Said,
)
from syndicator.catalog.places import (  # noqa: TC001 - pydantic reads the annotations
    HubUrl,
    KeyName,
    Picture,
    ProxyUrl,
    ReturnsPlace,
)
from syndicator.catalog.schema.base import Keys, key
from syndicator.catalog.schema.webhooks import WebhooksKeys

MEGABYTE = 1024 * 1024
MAX_LOCAL = 32  # characters before a + and a token of 31 (RFC 5321 4.5.3.1.1: 64 in all)


def _check_login(username: str | None, password_file: str | None) -> None:
    if bool(username) != bool(password_file):
        at, lacks = ("username", "password_file") if username else ("password_file", "username")
        raise Said(f"needs {lacks} beside it", f"give both, or delete {at}", at=at)


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
    search: bool = key(
        True,
        description="Whether pages offer a search. Say no where only files are served, without the daemon.",
    )
    rights: Line | None = key(
        None, description="Who may do what with the feeds, in words: `rights` in Atom, `copyright` in RSS."
    )
    logo: Picture | None = key(
        None,
        description="Address of a picture that readers show beside the feeds: PNG, JPEG or GIF, at most 144 "
        "pixels wide.",
    )


class WebKeys(Keys):
    """Where the daemon listens."""

    host: Host = key(
        "127.0.0.1", description="Address to listen on; put a web server with TLS before any other than this."
    )
    port: int = key(8080, ge=0, le=65535, description="TCP port; 0 takes any that is free.")


class ReturnsKeys(Keys):
    """Where bounces, complaints and mails that unsubscribe come back to; see docs/returns.md."""

    address: Address | None = key(
        None,
        description="Address that bounces come to. Each mail gets one of its own, `bounces+TOKEN@…`: your "
        "mail server must take those too.",
    )
    place: ReturnsPlace = key(
        "lmtp",
        alias="from",
        description="`lmtp` (your mail server hands them to `inbound.lmtp`), or a mailbox of their own: "
        "`maildir:PATH` or `imaps://HOST/FOLDER`.",
    )
    username: Line | None = key(None, description="Name to log in with by IMAP; goes with `password_file`.")
    password_file: Line | None = key(
        None, description="File with that password alone, as `mail.password_file`."
    )
    per_day: int = key(20_000, ge=1, le=10_000_000, description="Mails with a token taken in a day.")
    suppress_per_day: int = key(
        1_000,
        ge=0,
        le=10_000_000,
        description="Addresses that mails may suppress in a day; beyond it you are told instead.",
    )
    webhooks: WebhooksKeys = key({}, description=WebhooksKeys.__doc__ or "")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        _check_login(self.username, self.password_file)
        if self.address and len(self.address.rpartition("@")[0]) > MAX_LOCAL:
            raise Said(
                f"more than {MAX_LOCAL} characters before the @, and a token comes behind them",
                "take a shorter name, such as bounces@…",
                at="address",
            )
        return self


class SecondKeyKeys(Keys):
    """A second key under the same domain: Ed25519 beside RSA, which not all servers can verify yet."""

    selector: KeyName = key(description="Its name in the DNS, before `._domainkey`.", examples=["ed2026"])
    key_file: Line = key(description="File with the private key, as in `dkim`.", examples=["dkim-ed.pem"])


class DkimKeys(Keys):
    """Signing of mail by DKIM (RFC 6376); `syndicator dkim new` makes a key and tells the DNS record."""

    domain: Host | None = key(
        None, description="Domain that signs; without it that of `from`, which is what receivers compare."
    )
    selector: KeyName = key(
        description="Name of the key in the DNS, before `._domainkey`.", examples=["s2026"]
    )
    key_file: Line = key(
        description="File with the private key in PEM (RSA or Ed25519), relative to the config folder; if it "
        "is missing, the systemd credential of the same name is read.",
        examples=["dkim.pem"],
    )
    also: SecondKeyKeys | None = key(None, description=SecondKeyKeys.__doc__ or "")


class MailKeys(Keys):
    """How digests leave."""

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
    per_connection: int = key(
        100,
        ge=1,
        le=100_000,
        description="Messages over one connection; some servers allow no more than so many.",
    )
    uncertain: Literal["resend", "hold"] = key(
        "resend",
        description="What to do when a connection broke after a message was sent and before the answer: "
        "`resend` it (the reader may have it twice) or `hold` it until you decide.",
    )
    timeout: Duration = key("60s", description="How long to wait for each answer of the server.")
    give_up: Duration = key("4d", description="How long to try a message again before giving up.")
    returns: ReturnsKeys = key({}, description=ReturnsKeys.__doc__ or "")
    dkim: DkimKeys | None = key(
        None, description=f"{DkimKeys.__doc__} Without it nothing is signed here; your mail server may sign."
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        _check_login(self.username, self.password_file)
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
    spacing: Duration = key("1s", description="Pause between two requests to one host.")
    robots: bool = key(
        True,
        description="Whether robots.txt (RFC 9309) is obeyed where pages are read; feeds are meant for us.",
    )
    pages: int = key(20, ge=1, le=500, description="Pages of articles read in one pull of a source, at most.")
    proxy: ProxyUrl | None = key(None, description="Proxy for all pulls over HTTP, `http://HOST:PORT`.")
    proxy_file: Line | None = key(
        None,
        description="File with the proxy's address, where that holds a password; relative to the config "
        "folder, or a systemd credential.",
    )
    websub: Literal["auto", "on", "off"] = key(
        "auto",
        description="Whether hubs (WebSub) are asked to tell us what is new: `auto` if `site.base_url` can "
        "be reached from outside, `on`, `off`.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.proxy and self.proxy_file:
            raise Said("stands beside proxy", "keep one of them", at="proxy_file")
        if self.min_interval > self.max_interval:
            raise Said(
                "longer than max_interval", "make it shorter, or max_interval longer", at="min_interval"
            )
        return self


class InboundKeys(Keys):
    """Where mail for newsletter sources arrives, from a mail server of yours."""

    lmtp: Listen | None = key(
        None,
        description="`HOST:PORT` or path of a socket for mail by LMTP (RFC 2033); none without it.",
    )
    max_bytes: int = key(
        16 * MEGABYTE, ge=10_000, le=256 * MEGABYTE, description="A mail may have this many bytes."
    )


class WebSubKeys(Keys):
    """How other programs are told at once when a feed of ours changes (WebSub)."""

    hub: Literal["auto", "on", "off"] = key(
        "auto",
        description="Whether this daemon is a hub for its own feeds, at `BASE_URL/hub`: `auto` if "
        "`site.base_url` can be reached from outside, `on`, `off`.",
    )
    hubs: list[HubUrl] = key(
        [], max_length=4, description="Hubs of others that are told too, such as `https://hub.example.org/`."
    )
    allow_private: list[Reach] = key(
        [],
        description="Hosts or networks inside your own network that may subscribe at the hub, or be one of "
        "`hubs`; none without this.",
    )


class RetentionKeys(Keys):
    """How long things are kept. What is deleted stays known, so that it is not new again."""

    articles: Duration = key("400d", description="Articles, counted from when their source last showed them.")


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
    inbound: InboundKeys = key({}, description=InboundKeys.__doc__ or "")
    websub: WebSubKeys = key({}, description=WebSubKeys.__doc__ or "")
    retention: RetentionKeys = key({}, description=RetentionKeys.__doc__ or "")

    @model_validator(mode="after")
    def _has_a_way_back(self) -> Self:
        returns = self.mail.returns
        if returns.address and returns.place == "lmtp" and not self.inbound.lmtp:
            raise Said(
                "mail.returns waits for mail by LMTP, and nobody listens",
                "set inbound.lmtp, or mail.returns.from to a mailbox",
                at="mail",
            )
        return self
