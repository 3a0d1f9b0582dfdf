"""What the verbs work with: built and joined by `daemon` or a command, passed as one argument."""

from __future__ import annotations

import asyncio
from collections.abc import Callable  # noqa: TC003  a field's type
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog

from syndicator.learn import heeded
from syndicator.pipeline.grouping import Recent
from syndicator.store.catalogs import Stamp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator, Mapping

    from syndicator.deliver.lanes.board import Board
    from syndicator.deliver.transport import Transport
    from syndicator.digest.dkim import Signer
    from syndicator.digest.tokens import Tokens
    from syndicator.errors import TemplateError
    from syndicator.fetch import Fetcher
    from syndicator.match.index import Index
    from syndicator.model import Article, Catalog, Delivery, Learned, Match
    from syndicator.settings import Settings
    from syndicator.store import Store
    from syndicator.templates import Templates

log = structlog.get_logger("syndicator")
Held = TypeVar("Held")

OWED_FOR = timedelta(seconds=10)  # until work that the database could not take is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The catalog in force, its topics' index, and what was learned of them; swapped whole at a reload.

    `stamp` says which of the rows in the database it was made of.
    """

    catalog: Catalog
    index: Index
    learned: Mapping[str, Learned] = field(default_factory=dict)
    stamp: Stamp = field(default_factory=Stamp)

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the topics that `article` belongs to, by rule and, where heeded, by what was learned."""
        found = self.index.match(article)
        if not self.learned:
            return found
        return heeded(found, article, self.catalog.topics, self.learned)


@dataclass(slots=True, kw_only=True)
class Parts:
    """The parts of a running program. A reload replaces `current`, `templates` and `tokens`, nothing else.

    `owed_sources` (by name) and `owed_deliveries` are leases that could not be given back because the
    database was away, each with the time to give it back at. Lost in a crash they run out as any lease.
    `page_tries` counts, by source and address, how often the page of an article was asked for in vain;
    that count survives a restart in the state of the source. `matched` are the rules that this process has
    seen the whole archive obey, `unreadable` is the number of a catalog that this program cannot read.
    """

    settings: Settings
    store: Store
    fetcher: Fetcher
    templates: Templates
    broken_templates: tuple[TemplateError, ...] = ()  # what is wrong with an admin's files that were left out
    transport: Transport
    tokens: Tokens
    mark_key: bytes  # makes the marks in editions unguessable
    lanes: Board  # what destinations of mail ask of us
    signers: tuple[Signer, ...] = ()  # each signs every message
    clock: Callable[[], datetime]
    jitter: Callable[[], float]  # in [0, 1)
    current: Current
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # set: begin nothing new
    owed_sources: dict[str, datetime] = field(default_factory=dict)
    owed_deliveries: dict[Delivery, datetime] = field(default_factory=dict)
    page_tries: dict[tuple[str, str], int] = field(default_factory=dict)
    read_from: int | None = None  # the id that `read` goes on below; None: from the newest
    read_on: bool = True  # whether it is to go on to the end without a pause
    taking_over: asyncio.Lock = field(default_factory=asyncio.Lock)  # held by who replaces `current`
    matched: Stamp | None = None
    unreadable: int = 0
    unpublished: dict[str, str] = field(default_factory=dict)  # topic → why its documents are not written
    mirrored: dict[str, int] = field(default_factory=dict)  # topic → the publication that our files are of
    swept: dict[str, tuple[str, ...]] = field(default_factory=dict)  # topics: formats whose files are there
    recent: Recent = field(default_factory=Recent)  # what new articles are compared with


@dataclass(slots=True, kw_only=True)
class Summary:
    """What happened, in counts."""

    pulled: int = 0
    unchanged: int = 0
    failed: int = 0
    articles: int = 0
    matched: int = 0
    documents: int = 0
    editions: int = 0
    planned: int = 0
    sent: int = 0
    deferred: int = 0
    refused: int = 0
    uncertain: int = 0
    pushed: int = 0
    notes: int = 0  # mails to one person that were accepted

    def add(self, other: Summary) -> bool:
        """Add another's counts; whether there was anything to add."""
        any_ = False
        for name in (each.name for each in fields(self)):
            more = getattr(other, name)
            any_ = any_ or bool(more)
            setattr(self, name, getattr(self, name) + more)
        return any_


@contextmanager
def giving_back(owed: dict[Held, datetime], now: datetime) -> Iterator[list[Held]]:
    """Tell what is to be given back by now; it is owed no more if that went well."""
    ripe = [held for held, at in owed.items() if at <= now]
    yield ripe
    for held in ripe:
        owed.pop(held, None)


async def together(works: Iterable[Awaitable[Summary]]) -> Summary:
    """Do works side by side and add them up. A fault of ours in one is logged and harms no other."""
    total = Summary()
    for done in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(done, Summary):
            total.add(done)
        elif isinstance(done, Exception):
            log.error("a fault of ours", exc_info=done)
        else:
            raise done
    return total
