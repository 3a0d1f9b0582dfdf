"""From checked keys to frozen nouns: Source, Topic and Settings. Pure."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from syndicator.catalog.fields import parse_mailbox
from syndicator.model import DigestPlan, Publish, Rule, Slot, Source, Topic
from syndicator.settings import (
    DkimKey,
    Fetch,
    Inbound,
    Mail,
    Retention,
    Returns,
    Settings,
    Signup,
    Site,
    Web,
    Webhooks,
    WebSub,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syndicator.catalog.schema import (
        DigestKeys,
        FetchKeys,
        MailKeys,
        SettingsFile,
        SignupKeys,
        SourceKeys,
        TopicFile,
    )
    from syndicator.model import Access

RULES: Final = (
    2  # goes up when the same words come to match differently, so that all topics are matched again
)
_DECIDING: Final = ("any", "all", "none", "query", "mask", "tags", "langs", "sources")


def source(keys: SourceKeys, fetch: Fetch, access: Access) -> Source:
    """Make a source; where it names no rhythm, `fetch` does. `access` has the secrets, read."""
    slowest = keys.every.max or max(fetch.max_interval, keys.every.min or fetch.max_interval)
    return Source(
        name=keys.name,
        url=keys.url,
        kind=keys.kind,
        title=keys.title or "",
        language=keys.language,
        tags=tuple(keys.tags),
        allow_private=keys.allow_private,
        min_interval=keys.every.min or min(fetch.min_interval, slowest),
        max_interval=slowest,
        full_text=keys.full_text,
        select=keys.select or "",
        articles=keys.articles,
        senders=tuple(sender.casefold().lstrip("@") for sender in keys.senders),
        access=access,
    )


def topic(slug: str, keys: TopicFile, raw: Mapping[str, Any]) -> Topic:
    """Make a topic; `raw` is the file as it was written, which its fingerprint is of."""
    parsed = rule(keys)
    return Topic(
        slug=slug,
        title=keys.title,
        description=keys.description,
        rule=parsed,
        language=keys.langs[0] if len(keys.langs) == 1 else "",
        languages=tuple(keys.langs),
        sources=tuple(keys.sources),
        min_score=keys.min_score,
        learn=keys.learn,
        publish=Publish(
            formats=tuple(keys.publish.formats),
            items=keys.publish.items,
            per_source=keys.publish.per_source,
            content=keys.publish.content,
            private=keys.publish.private,
        )
        if keys.publish.formats
        else None,
        digest=_digest(keys.digest) if keys.digest else None,
        stories=keys.publish.stories,
        fingerprint=_fingerprint(raw, keys, parsed),
        was=tuple(dict.fromkeys(keys.was)),
        audience=keys.audience,
    )


def rule(keys: TopicFile) -> Rule:
    """Make the rule of a topic's lines."""
    return Rule(
        any=tuple(keys.any),
        all=tuple(keys.all),
        none=tuple(keys.none),
        mask=tuple(term for terms in keys.mask for term in terms),
        tags=tuple(keys.tags),
        query=keys.query,
    )


def _digest(keys: DigestKeys) -> DigestPlan:
    slot = Slot(frequency=keys.days, at=keys.at, zone=keys.zone)
    return DigestPlan(
        slot=slot,
        max_items=keys.max_items,
        minimum=keys.minimum,
        per_source=keys.per_source or 0,
        images=keys.images,
        look=keys.look,
        archive=keys.archive,
    )


def _fingerprint(raw: Mapping[str, Any], keys: TopicFile, parsed: Rule) -> str:
    """Hash what decides the matches, as it was written: cheaper than the parsed rule, and as telling.

    Only where aliases stand in it does the rest of it lie elsewhere.
    """
    told = repr([RULES, keys.min_score, *(raw.get(key, []) for key in _DECIDING)])
    if keys.learn != "off":
        told += keys.learn
    if "@" in told or "＠" in told:
        told += repr(parsed)
    elif parsed.tags:
        told += repr([tag.spellings for tag in parsed.tags])
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def settings(
    keys: SettingsFile,
    config: Path,
    *,
    password: str,
    returns_password: str,
    proxy: str,
    dkim: tuple[DkimKey, ...],
    webhooks: Webhooks,
    blocked: frozenset[str],
    more: Mapping[str, Any],
) -> Settings:
    """Make the settings; `config` is absolute, all but `keys` and it are from files of their own.

    `more` are fields of `Mail` (see `relays`).
    """
    return Settings(
        config=config,
        root=config.parent,
        state=config.parent / keys.state,
        database=keys.database,
        site=_site(keys),
        web=Web(host=keys.web.host, port=keys.web.port, proxies=tuple(keys.web.proxies)),
        signup=_signup(keys.signup, blocked),
        mail=replace(_mail(keys.mail, password, returns_password, dkim, webhooks), **more),
        fetch=fetch(keys.fetch, proxy),
        inbound=Inbound(lmtp=keys.inbound.lmtp or "", max_bytes=keys.inbound.max_bytes),
        websub=WebSub(
            hub=keys.websub.hub,
            hubs=tuple(dict.fromkeys(keys.websub.hubs)),
            allow_private=tuple(keys.websub.allow_private),
        ),
        retention=Retention(articles=keys.retention.articles),
    )


def _site(keys: SettingsFile) -> Site:
    return Site(
        title=keys.site.title,
        base_url=keys.site.base_url or _own_address(keys),
        language=keys.site.language,
        languages=tuple(keys.site.languages),
        contact=keys.site.contact or "",
        search=keys.site.search,
        rights=keys.site.rights or "",
        logo=keys.site.logo or "",
        signup=keys.signup.open,
    )


def _signup(keys: SignupKeys, blocked: frozenset[str]) -> Signup:
    return Signup(
        per_hour=keys.per_hour,
        blocked=blocked,
        origins=tuple(keys.origins),
    )


def _own_address(keys: SettingsFile) -> str:
    """Where the daemon itself answers; a wildcard host is reached on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(keys.web.host, keys.web.host)  # noqa: S104
    return f"http://[{host}]:{keys.web.port}" if ":" in host else f"http://{host}:{keys.web.port}"


def _mail(
    keys: MailKeys, password: str, returns_password: str, dkim: tuple[DkimKey, ...], webhooks: Webhooks
) -> Mail:
    name, address = parse_mailbox(keys.sender)
    return Mail(
        transport=keys.transport,
        sender_name=name,
        sender=address,
        host=keys.host,
        port=keys.port,
        security=keys.security,
        username=keys.username or "",
        password=password,
        connections=keys.connections,
        per_connection=keys.per_connection,
        uncertain=keys.uncertain,
        timeout=keys.timeout,
        give_up=keys.give_up,
        max_items=keys.max_items,
        returns=Returns(
            address=keys.returns.address or "",
            place=keys.returns.place,
            username=keys.returns.username or "",
            password=returns_password,
            per_day=keys.returns.per_day,
            suppress_per_day=keys.returns.suppress_per_day,
            webhooks=webhooks,
        ),
        look=keys.look,
        dkim=dkim,
    )


def fetch(keys: FetchKeys, proxy: str = "") -> Fetch:
    """Make the limits of pulling; `proxy` is from its file."""
    return Fetch(
        min_interval=keys.min_interval,
        max_interval=keys.max_interval,
        concurrency=keys.concurrency,
        per_host=keys.per_host,
        timeout=keys.timeout,
        max_bytes=keys.max_bytes,
        allow_private=tuple(keys.allow_private),
        user_agent=keys.user_agent or "",
        spacing=keys.spacing,
        robots=keys.robots,
        pages=keys.pages,
        proxy=proxy or keys.proxy or "",
        websub=keys.websub,
    )
