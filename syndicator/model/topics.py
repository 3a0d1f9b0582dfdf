"""Topics, their slots, and the catalog of all that admins wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model.learning import Learn
    from syndicator.model.rules import Rule
    from syndicator.model.segments import Segment
    from syndicator.model.sources import Source

Frequency: TypeAlias = Literal["instant", "daily", "weekdays", "weekly"]
Look: TypeAlias = Literal["magazine", "brief", "plain"]  # of digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """How a topic is republished."""

    formats: tuple[str, ...] = ("rss", "atom", "json")
    items: int = 50
    per_source: int = 10  # so that a busy source starves nobody
    content: Literal["full", "excerpt"] = "full"
    private: bool = False  # only who has a secret address may read it


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """Frequency × local time × zone. A ledger holds its runs, unique by local date."""

    frequency: Frequency
    at: time  # local; naive on purpose
    zone: str  # IANA

    @property
    def key(self) -> str:
        """Name it in one word, as the ledger does."""
        return f"{self.frequency}@{self.at:%H:%M}@{self.zone}"

    @classmethod
    def of_key(cls, key: str) -> Slot:
        """Read a slot from its `key`."""
        frequency, at, zone = key.split("@", 2)
        return cls(frequency=cast("Frequency", frequency), at=time.fromisoformat(at), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """When and how a topic is mailed to subscribers who chose no schedule of their own."""

    slot: Slot
    max_items: int = 20
    minimum: int = 1  # fewer articles than this wait for the next run
    look: Look | None = None  # None: the site's
    per_source: int = 0  # articles of one source; 0: as it comes out even (`digest.choice`)
    images: bool = True  # of the publishers, beside what is told with an excerpt
    archive: Literal["public", "link"] = "public"  # whether its editions are listed, or known by their links


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An admin's topic file. `slug` is the file's name without its ending."""

    slug: str
    title: str
    rule: Rule
    description: str = ""
    language: str = ""
    languages: tuple[str, ...] = ()  # only articles in these; empty: all
    sources: tuple[str, ...] = ()  # only from these; empty: all
    min_score: float = 3
    learn: Learn = "off"  # what judgements of its articles may do
    publish: Publish | None = field(default_factory=Publish)
    digest: DigestPlan | None = None
    stories: Literal["once", "all"] = "once"  # in feeds and digests: only who told it first, or everybody
    fingerprint: str = ""  # of what decides its matches
    was: tuple[str, ...] = ()  # slugs that it had before, the first one first
    audience: Segment | None = None  # which readers it is mailed to; None: whoever subscribes

    @property
    def first_slug(self) -> str:
        """The slug that it was first published under: what its feeds are identified by for ever."""
        return self.was[0] if self.was else self.slug

    @property
    def is_public(self) -> bool:
        """Whether anybody may read what is published of it; false too where nothing is."""
        return self.publish is not None and not self.publish.private

    @property
    def has_archive(self) -> bool:
        """Whether its editions are listed for everybody; a private topic's never are."""
        return self.is_public and (self.digest is None or self.digest.archive == "public")

    @property
    def is_offered(self) -> bool:
        """Whether strangers may subscribe to it: not where it is for some readers alone, or private."""
        return self.audience is None and not (self.publish and self.publish.private)

    @property
    def is_once(self) -> bool:
        """Whether each story is shown once."""
        return self.stories == "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Topic × article: how well, and because of what, in words that an admin reads."""

    topic: str
    score: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All topics and sources at one version (a hash of what the admins wrote)."""

    version: str
    sources: Mapping[str, Source]
    topics: Mapping[str, Topic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The difference of two catalogs. Names are sorted."""

    sources_added: tuple[str, ...] = ()
    sources_removed: tuple[str, ...] = ()
    sources_changed: tuple[str, ...] = ()
    topics_added: tuple[str, ...] = ()
    topics_removed: tuple[str, ...] = ()
    topics_rematch: tuple[str, ...] = ()  # their rule changed: stored articles are matched again
    topics_restyled: tuple[str, ...] = ()  # only what is published or mailed changed
