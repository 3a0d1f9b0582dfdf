"""Article pages: the text that a list page or a cut feed leaves out, asked for politely, one after the other.

Which entries need their page is decided here by what the source says (`kind`, `full_text`); whether an entry
is cut, what of a page is its text, and which of two texts wins, is decided in `extract`.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syndicator.errors import ParseError
from syndicator.extract import extract
from syndicator.extract.fulltext import fill, is_truncated
from syndicator.fetch.manners import PAUSED, HostPause, due_host_pause
from syndicator.hosts import host_group
from syndicator.model import Fetched, FetchFailed
from syndicator.pipeline.crunch import crunch
from syndicator.pipeline.parts import log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.extract import Page
    from syndicator.model import Entry, Source, SourceState
    from syndicator.pipeline.parts import Parts

IN_ALL = 240.0  # seconds for all pages of one pull, well within its lease
TRIES = 3  # pulls that an entry waits for its page before it is taken as it stands
REMEMBERED = 10_000  # entries whose tries are counted, in all
PASSING = frozenset({PAUSED, "timeout", "dns", "connect", "tls", "proxy"})  # kinds of failure that may pass
TOO_LONG = timedelta(days=1)  # that a host wants to be left alone: news without its page is better than none

WEIGHT = 8  # a page of that size costs as much as a feed that is so many times larger

UNREAD = "pages unread, tried in vain: "
"""What stands before a number in the `body_hash` of a source whose last pull left pages to the next one.

It is the hash of no document, so that the next one is read whatever it holds; and a program that runs once
and ends (`once`, by cron) finds the number of tries there.
"""


class Completed(NamedTuple):
    """Entries by their places, and the places of those that wait for their page until the next pull.

    `tries` is how often a page that is waited for was asked for in vain, the most there is; `pauses` are
    those that hosts of pages asked for.
    """

    entries: tuple[Entry, ...]
    waiting: frozenset[int]
    tries: int
    pauses: tuple[HostPause, ...]


def wants_page(source: Source, entry: Entry) -> bool:
    """Whether the page of an entry is to be read."""
    if not entry.url.startswith(("http://", "https://")):
        return False
    return (
        source.kind == "page"
        or source.full_text == "always"
        or (source.full_text == "truncated" and is_truncated(entry))
    )


async def complete(parts: Parts, source: Source, state: SourceState, entries: Sequence[Entry]) -> Completed:
    """Fill those of the new `entries` whose page is wanted; never more pages than `fetch.pages`.

    What cannot be had for a reason that may pass is left for the next pull, a few times; else the entry is
    taken as the feed or the list says it.
    """
    made, waiting, vain, pauses = list(entries), set(), [0], []
    within, later = _portion(source, entries, parts.settings.fetch.pages)
    waiting |= set(later)
    tries = Tries(parts.page_tries, source.name, tried(state))
    try:
        async with asyncio.timeout(IN_ALL):
            for place in within:
                got = await parts.fetcher.page(entries[place].url, source)
                if pause := _pause(got, parts.clock()):
                    pauses.append(pause)
                if isinstance(got, FetchFailed) and (count := tries.again(entries[place], got)) is not None:
                    waiting.add(place)
                    vain.append(count)
                else:
                    made[place] = await _filled(source, entries[place], got)
                within = within[1:]
    except TimeoutError:
        waiting |= set(within)
    return Completed(tuple(made), frozenset(waiting), max(vain), tuple(pauses))


def _portion(source: Source, entries: Sequence[Entry], pages: int) -> tuple[list[int], list[int]]:
    """Choose, by places, whose pages are read now and whose at the next pull; the others have to do without.

    Feeds begin with the newest, so the last are read first: they are the next to leave the feed. Where one
    brings more than we may read, the newest wait and those between are taken as the feed says them. A list
    page says too little for that, and a mail waits for as long as we like.
    """
    wanted = [place for place, entry in enumerate(entries) if wants_page(source, entry)][::-1]
    now, rest = wanted[:pages], wanted[pages:]
    return now, rest[-pages:] if source.kind == "feed" else rest


def _pause(got: Fetched | FetchFailed, now: datetime) -> HostPause | None:
    """Return the pause of a page's host: what it has asked for just now, or what is left of an older one.

    A host of pages alone has no source that could remember it: who waits for the page does.
    """
    if isinstance(got, FetchFailed) and got.kind == PAUSED and got.retry_after:
        return HostPause(host=host_group(got.url), until=now + got.retry_after)
    return due_host_pause(got, now)


def tried(state: SourceState) -> int:
    """Tell how often pages were asked for in vain that the last pull has left to the next one."""
    number = state.body_hash.removeprefix(UNREAD)
    return int(number) if number != state.body_hash else 0


async def _filled(source: Source, entry: Entry, got: Fetched | FetchFailed) -> Entry:
    """Return the entry with its page's text; as it is if there is none to be had."""
    if isinstance(got, FetchFailed):
        log.info("cannot read a page", source=source.name, url=entry.url, error=got.message)
        return entry
    try:
        page = await crunch(_extract, got, entry, size=WEIGHT * len(got.body))
    except ParseError as error:
        log.info("no article there", source=source.name, url=entry.url, error=error.message)
        return entry
    return fill(entry, page)


def _extract(got: Fetched, entry: Entry) -> Page:
    return extract(got.body, url=got.url, content_type=got.content_type, hint=entry)


class Tries:
    """Counts how often pages of a source were asked for in vain.

    `counts` lives as long as the program. Of what it does not know, because the program has just started, it
    is taken that it was tried `before` times.
    """

    def __init__(self, counts: dict[tuple[str, str], int], source: str, before: int) -> None:
        self._counts, self._source = counts, source
        self._before = 0 if before == 0 or any(name == source for name, _ in counts) else before

    def again(self, entry: Entry, got: FetchFailed) -> int | None:
        """Return how often its page was asked for in vain, if it is worth another try; else None.

        A host that has asked for a pause was not asked, and that is no try.
        """
        page = (self._source, entry.url)
        count = self._counts.pop(page, self._before) + (got.kind != PAUSED)
        may_pass = got.kind in PASSING or got.status >= 500 or got.status == 429
        if not may_pass or count >= TRIES or (got.retry_after or TOO_LONG) > TOO_LONG:
            return None
        self._counts[page] = count
        if len(self._counts) > REMEMBERED:
            del self._counts[next(iter(self._counts))]
        return count
