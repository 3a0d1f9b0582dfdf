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
    Reach,
    Said,
)
from syndicator.catalog.places import (  # noqa: TC001 - pydantic reads the annotations
    HubUrl,
    Network,
    Picture,
    ProxyUrl,
)
from syndicator.catalog.schema.base import Keys, key
from syndicator.catalog.schema.mail import MailKeys
from syndicator.catalog.schema.signup import SignupKeys

MEGABYTE = 1024 * 1024


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
    proxies: list[Network] = key(
        ["127.0.0.1", "::1"],
        max_length=100,
        description="Addresses or networks of web servers before the daemon: what these say in "
        "`X-Forwarded-For` is believed, and limits count by it.",
    )


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
    signup: SignupKeys = key({}, description=SignupKeys.__doc__ or "")
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
