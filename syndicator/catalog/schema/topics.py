"""The keys of config/topics/*.yaml."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator
from pydantic.annotated_handlers import GetJsonSchemaHandler  # noqa: TC002 - pydantic reads the annotations

from syndicator.catalog.audience import Audience  # noqa: TC001 - pydantic reads the annotations
from syndicator.catalog.fields import (
    Clock,
    Language,
    Line,
    MaskLine,
    PositiveLine,
    Prose,
    Query,
    RuleLine,
    Said,
    Slug,
    Tag,
    Text,
    Zone,
    check_line,
    show,
)
from syndicator.catalog.schema.base import Keys, key
from syndicator.model import Look  # noqa: TC001 - pydantic reads the annotations

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
    private: bool = key(
        False,
        description="`true`: in no index or list; only who holds a secret address reads it.",
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
    look: Look | None = key(
        None,
        description="`magazine`, `brief` or `plain` in place of `mail.look`; a mail with several topics has"
        " it if all of them name it.",
    )
    per_source: int | None = key(
        None,
        ge=1,
        le=100,
        description="At most so many of one source in a mail; without it 4, or an equal share of `max_items` "
        "where few sources have something.",
    )
    images: bool = key(
        True,
        description="Publishers' pictures beside the first stories; `false`: none, so no publisher sees that "
        "a mail was opened.",
    )
    archive: Literal["public", "link"] = key(
        "public",
        description="`public`: past mails are listed at /topics/SLUG/editions, with a feed; `link`: they can"
        " be read by their links alone, as those of a private topic always.",
    )


class TestArticle(Keys):
    """An article that tries the rule: a headline, and what else the rule looks at."""

    __test__: ClassVar[bool] = False  # pytest takes the name for a class of tests

    title: Line = key(description="Its headline.", examples=["Police warn of phone scams"])
    text: Text = key("", description="Its body, as plain text.")
    lang: Language | None = key(None, description="Its language; without it the topic's languages admit it.")
    tags: list[Line] = key([], max_length=50, description="Its publisher's tags.")
    source: Slug | None = key(None, description="Its source; without it the first that the topic names.")


class _OrHeadline:
    """Say in the JSON Schema that a bare text is a headline."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "maxLength": 300}, handler(core)]}


def _headline(value: Any) -> Any:
    if isinstance(value, str):
        return {"title": check_line(value)}
    if not isinstance(value, dict):
        what = f"{show(value)} is neither a headline nor an article"
        raise Said(what, 'write one such as "Rain at last", or {title: …, text: …}')
    return value


TestLine: TypeAlias = Annotated[TestArticle, BeforeValidator(_headline), _OrHeadline]


class TestsKeys(Keys):
    """Articles that try the rule; an edit that fails them is not taken over, the last good rule stays."""

    __test__: ClassVar[bool] = False

    match: list[TestLine] = key(
        [], max_length=200, description="These must be in the topic: a headline, or keys of an article."
    )
    no_match: list[TestLine] = key([], max_length=200, description="These must not.")


class TopicFile(Keys):
    """config/topics/SLUG.yaml: one topic. Its address is /topics/SLUG, by the name of the file."""

    title: Line = key(description="Its name, as readers see it.", examples=["Telecom fraud"])
    description: Prose = key("", description="One sentence that says what it gathers.")
    was: list[Slug] = key(
        [],
        max_length=20,
        description="Names of files that it had before, the first one first: their addresses lead here, and"
        " readers come along.",
    )
    langs: list[Language] = key([], max_length=50, description="Only articles in these; all without it.")
    sources: list[Slug] = key([], description="Only articles of these sources; all without it.")
    tags: list[Tag] = key(
        [], description="Publishers' categories, by alias; an article that has one is in, worth 4 points."
    )
    any: list[PositiveLine] = key([], description="One of these lines must be there.")
    all: list[RuleLine] = key([], description="Each of these lines must be there.")
    none: list[PositiveLine] = key([], description="None of these lines may be there.")
    query: Query | None = key(
        None, description="One expression in place of `any`, `all` and `none`: `(this OR that) NOT other`."
    )
    mask: list[MaskLine] = key(
        [], description="Phrases that neither count nor hide: `phone-free` is no `phone`."
    )
    min_score: float = key(
        3, ge=0, le=100, description="Points an article needs: 3 as a rule, 4 strict, 1 or 2 broad."
    )
    learn: Literal["off", "rank", "filter"] = key(
        "off",
        description="What judged articles may do, where `topics learn` found that they help: `rank` changes"
        " scores and so the order of digests, `filter` also removes articles; none ever adds one.",
    )
    publish: PublishKeys = key({}, description=PublishKeys.__doc__ or "")
    digest: DigestKeys | None = key(
        None, description=f"{DigestKeys.__doc__} Without it only readers with a time of their own get mail."
    )
    audience: Audience | None = key(
        None,
        description="Which readers get its mails, by their attributes: `{plan: gold, country: [DE, AT], not:"
        " {trial: true}}`; whoever subscribes without it. Only admins can subscribe somebody then.",
        examples=["{plan: gold}"],
    )
    tests: TestsKeys = key({}, description=TestsKeys.__doc__ or "")
