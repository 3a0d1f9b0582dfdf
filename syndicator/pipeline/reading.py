"""From what a pull brought to articles: parse, name, look up, complete, normalise; and nothing written.

Costly work is done beside the loop (`crunch`), and only on what is new: the database knows by name which
entries were read before, word for word.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from syndicator.errors import ParseError
from syndicator.extract import listing
from syndicator.model import Fetched, ParsedFeed
from syndicator.normalise import finish, head, identify
from syndicator.parse import newsletter, parse
from syndicator.parse.newsletter import Own
from syndicator.pipeline.crunch import crunch
from syndicator.pipeline.pages import WEIGHT, complete, wants_page
from syndicator.pipeline.parts import log
from syndicator.store import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.fetch.manners import HostPause
    from syndicator.model import Article, Cadence, Received, Source, SourceState
    from syndicator.normalise import Identified, Scheme, Sighting
    from syndicator.parse.newsletter import Mail
    from syndicator.pipeline.pages import Completed
    from syndicator.pipeline.parts import Parts
    from syndicator.store.names import Seen


class Note(NamedTuple):
    """Something that an admin should see: one word, one line, where to act."""

    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one pull says: the articles that are new or worded anew, and what the document says of itself.

    `seen` is what the database knew of its names. `is_partial` if some pages are still to be read, so that
    the document must be asked for again as if we had never seen it, and `tries` how often such a page was
    asked for in vain; `pauses` are those that the hosts of pages asked for. `refs` are mails to be
    acknowledged: none while articles of them wait for their pages.
    """

    identified: Identified | None = None
    articles: tuple[Article, ...] = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)
    title: str = ""
    homepage: str = ""
    cadence: Cadence | None = None
    hub_urls: tuple[str, ...] = ()
    self_url: str = ""
    is_partial: bool = False
    tries: int = 0
    pauses: tuple[HostPause, ...] = ()
    notes: tuple[Note, ...] = ()
    refs: tuple[str, ...] = ()

    def is_empty(self, now: datetime) -> bool:
        """Whether there is nothing to write but the state of the source."""
        return not (self.articles or self.notes or self.refs or names.are_fading(self.seen, now))


NOTHING = Reading()

LETTER = 4  # times as much as a feed of its size a mail may cost
PER_LETTER = 10.0  # seconds; 50 such letters end well within the lease of their source


class Drawn(NamedTuple):
    """A document with its entries named."""

    feed: ParsedFeed
    identified: Identified
    notes: tuple[Note, ...] = ()


async def read(parts: Parts, source: Source, state: SourceState, result: Fetched | Received) -> Reading:
    """Read what came for `source`. Raises ParseError where it is none of what the source should bring."""
    if isinstance(result, Fetched):
        size = len(result.body) * (WEIGHT if source.kind == "page" else 1)
        drawn = await crunch(_of_document, source, state.identity, result, size=size)
        url = result.url
    else:
        drawn = await _of_letters(parts, source, state, result)
        url = ""
    async with parts.store.read() as conn:
        seen = await names.known(conn, source.name, drawn.identified.keys)
    fresh = [each for each in drawn.identified.sightings if _is_fresh(each, seen)]
    fresh, done = await _with_pages(parts, source, state, fresh)
    publisher, is_partial = head(drawn.feed, url), bool(done and done.waiting)
    return Reading(
        identified=drawn.identified,
        articles=await _finished(parts, source, drawn.feed, fresh),
        seen=seen,
        title=publisher.title,
        homepage=publisher.url,
        cadence=drawn.feed.cadence,
        hub_urls=_first(result, "hub_urls") or drawn.feed.hub_urls,
        self_url=_first(result, "self_url") or drawn.feed.self_url or url,
        is_partial=is_partial,
        tries=done.tries if done else 0,
        pauses=done.pauses if done else (),
        notes=drawn.notes,
        refs=() if isinstance(result, Fetched) or is_partial else tuple(each.ref for each in result.letters),
    )


def _first(result: Fetched | Received, name: str) -> Any:
    """Read what the header of an answer says (WebSub 4: it comes before what the document says)."""
    return getattr(result, name) if isinstance(result, Fetched) else None


def _of_document(source: Source, scheme: Scheme, result: Fetched) -> Drawn:
    """Read a feed or a list page; costly, and done beside the loop."""
    if source.kind == "page":
        feed = listing.read(
            result.body, url=result.url, content_type=result.content_type, select=source.select
        )
    else:
        feed = parse(result.body, content_type=result.content_type, url=result.url)
    return Drawn(feed, identify(feed, source=source, scheme=scheme))


async def _of_letters(parts: Parts, source: Source, state: SourceState, result: Received) -> Drawn:
    """Read mails, one by one: one that is built to cost must not hold up those behind it for ever."""
    mails: list[Mail] = []
    spoilt: list[Note] = []
    own, now = _own(parts), parts.clock()
    for letter in result.letters:
        is_first = state.last_change_at is None and not any(mail.kind == "issue" for mail in mails)
        asked = (letter.raw, own, source.articles, now, is_first)
        try:
            mails.append(await crunch(_of_letter, *asked, size=LETTER * len(letter.raw), patience=PER_LETTER))
        except ParseError as error:
            log.warning("cannot read a mail", source=source.name, ref=letter.ref, error=error.message)
            spoilt.append(Note("other", f"a mail was not read and not published: {error.message}"))
        except Exception:  # noqa: BLE001  a fault of ours; the mail stays in its box, marked as read
            log.exception("a fault of ours", source=source.name, ref=letter.ref)
            spoilt.append(Note("other", "a mail was not read, by a fault of ours; the log says more"))
    return await asyncio.to_thread(_of_mails, source, mails, tuple(spoilt))


def _of_letter(
    raw: bytes, own: Own, articles: Literal["mail", "links"], now: datetime, is_first: bool
) -> Mail:
    return newsletter.read(raw, own=own, articles=articles, arrived_at=now, is_first=is_first)


def _of_mails(source: Source, mails: Sequence[Mail], spoilt: tuple[Note, ...]) -> Drawn:
    """Make one feed of mails: issues become entries, all else is for an admin to know."""
    issues = [mail for mail in mails if mail.kind == "issue"]
    last = issues[-1] if issues else None
    feed = ParsedFeed(
        format="mail",
        title=last.title if last else "",
        url=last.homepage if last else "",
        language=last.language if last else "",
        entries=tuple(entry for mail in issues for entry in mail.entries),
    )
    notes = tuple(Note(mail.kind, mail.note, mail.confirm_url) for mail in mails if mail.note)
    return Drawn(feed, identify(feed, source=source), (*notes, *spoilt))


def _own(parts: Parts) -> Own:
    """Tell by what our own mail is known, so that no digest becomes an article."""
    settings = parts.settings
    return Own(addresses=(settings.mail.sender,), base_url=settings.site.base_url)


def _is_fresh(sighting: Sighting, seen: Mapping[str, Seen]) -> bool:
    """Whether an entry was never read, or not in these words."""
    known = seen.get(sighting.key)
    return known is None or known.wire != sighting.wire


async def _with_pages(
    parts: Parts, source: Source, state: SourceState, fresh: list[Sighting]
) -> tuple[list[Sighting], Completed | None]:
    """Fill entries from their pages where that is wanted; leave out, and tell of, those that must wait."""
    if not any(wants_page(source, each.entry) for each in fresh):
        return fresh, None
    done = await complete(parts, source, state, [each.entry for each in fresh])
    filled = [
        replace(each, entry=entry)
        for place, (each, entry) in enumerate(zip(fresh, done.entries, strict=True))
        if place not in done.waiting
    ]
    return filled, done


async def _finished(
    parts: Parts, source: Source, feed: ParsedFeed, fresh: Sequence[Sighting]
) -> tuple[Article, ...]:
    if not fresh:
        return ()
    size = sum(len(each.entry.content) + len(each.entry.summary) for each in fresh)
    bare = replace(feed, entries=())  # not sent to another process a second time
    languages = parts.settings.site.languages
    return await crunch(_finish, tuple(fresh), bare, source, parts.clock(), languages, size=size)


def _finish(
    fresh: tuple[Sighting, ...], feed: ParsedFeed, source: Source, now: datetime, languages: tuple[str, ...]
) -> tuple[Article, ...]:
    return finish(fresh, feed=feed, source=source, now=now, languages=languages)
