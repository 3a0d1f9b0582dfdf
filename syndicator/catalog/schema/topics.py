"""The keys of config/topics/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from typing import ClassVar, Literal, TypeAlias

from syndicator.catalog.fields import (  # noqa: TC001 - pydantic reads the annotations
    Clock,
    Language,
    Line,
    MaskLine,
    Prose,
    RuleLine,
    Slug,
    Tag,
    Zone,
)
from syndicator.catalog.schema.base import Keys, key

DigestDays: TypeAlias = Literal["daily", "weekdays", "weekly"]
Format: TypeAlias = Literal["rss", "atom", "json"]


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
    stories: Literal["once", "all"] = key(
        "once",
        description="`once`: each story once, by whoever told it first, with links to the others, in feeds "
        "and mails; `all`: every article.",
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
