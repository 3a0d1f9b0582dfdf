"""Whether an entry was cut short by its feed, and what the entry's page adds to it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from syndicator.extract.page import Page
    from syndicator.model import Entry

_TAG: Final = re.compile(r"<[^<>]*+>?")
_UNSEEN: Final = re.compile(r"<(script|style)\b[^<]*+(?:<(?!/\1)[^<]*+)*+", re.IGNORECASE)
_SEEN_AT_END: Final = 400  # characters of the end that are looked at
# What stands at the end of a text that goes on elsewhere.
_CUT: Final = re.compile(
    r"""(?:\[\s*(?:…|\.{3}|&hellip;)\s*\]|…|(?<!\.)\.{3}|⋯|&hellip;)\W*$
      | (?:(?:read|see|view|find\ out)\s+(?:the\s+)?(?:more|full|rest|whole|entire|complete
      |original)\b.{0,80}|continue\s+(?:reading|to)\b.{0,100}|(?:full|read\s+(?:the\s+)?)\s*(?:story|article
      |post)\b.{0,60}|keep\s+reading.{0,40}|click\s+here\s+(?:to|for)\b.{0,60}|more\s*(?:»|›|>|→|…)
        |weiterlesen.{0,60}|mehr\s+(?:lesen|dazu)|lire\s+(?:la\s+suite|plus).{0,60}|le(?:er|a|ggi)\s+(?:más
        |tutto|di\s+più|mais|também).{0,60}|lees\s+(?:verder|meer).{0,40}|läs\s+(?:mer|hela).{0,40}
        |читать\s+(?:далее|полностью).{0,40}
        |(?:阅读|閱讀|查看|点击|點擊|继续阅读|展开)(?:全文|更多|原文|余下|詳情|详情|完整).{0,20}|全文(?:阅读|閱讀)?|更多|続きを読む.{0,20}|더\s*보기
        |자세히\s*보기)\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_APPEARED: Final = re.compile(
    r"\s*The post .{1,300} (?:appeared first|first appeared) on .{1,100}$", re.IGNORECASE
)
_SHORT: Final = 400  # characters of a text that may be a teaser
_WHOLE: Final = 1_500  # a summary of this length, without a mark, is the article
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_BEGINNING: Final = 60  # letters of a feed's text that the page must have
_STEP: Final = 25
_FEW: Final = 8  # letters of a link that may be no title: "More", "here", "Details"


def is_truncated(entry: Entry) -> bool:
    """Whether an entry shows less than its article: cut off, a read-more at its end, little text.

    An entry without a link is never cut short: there is nothing to fetch. Nor is one with sound or film: it
    tells little because it is to be heard.
    """
    if not entry.url:
        return False
    text = _text(entry.content)
    said = _APPEARED.sub("", text) or _APPEARED.sub("", _text(entry.summary))
    if _CUT.search(said[-_SEEN_AT_END:]):
        return True
    if any(each.type.startswith(("audio/", "video/")) for each in entry.enclosures):
        return False
    weight = _weight(said)
    return weight < _SHORT or (not text and weight < _WHOLE)


def fill(entry: Entry, page: Page) -> Entry:
    """Give an entry its page's text where that is the same article and more of it; else the entry as it was.

    The feed's title, date, authors, language and image win where there are any; tags are those of both. Where
    a list page gave but a title, the page is believed, and names itself if it does not know that title. A
    page that is a log-in, a consent form or an error gives nothing.
    """
    if page.obstacle or not page.text.strip():
        return entry
    is_listed = not _text(entry.content) and not _text(entry.summary)  # a list page says a title, at most
    wins = is_listed or (_weight(page.text) > _weight(_text(entry.content)) and _agrees(entry, page))
    if not wins:
        return entry
    is_renamed = bool(page.title) and (not entry.title or (is_listed and not _is_told(entry.title, page)))
    known = {tag.casefold() for tag in entry.tags}
    return replace(
        entry,
        content=page.html
        or "".join(f"<p>{escape(line, quote=False)}</p>" for line in page.text.splitlines()),
        base_url=page.url or entry.base_url,
        title=page.title if is_renamed else entry.title,
        title_is_html=entry.title_is_html and not is_renamed,
        published_at=entry.published_at or page.published_at,
        authors=entry.authors or page.authors,
        tags=(*entry.tags, *(tag for tag in page.tags if tag.casefold() not in known)),
        language=entry.language or page.language,
        image=entry.image or page.image,
    )


def _is_told(title: str, page: Page) -> bool:
    """Whether the page knows the title that a list gave it: links may say no more than "Read more"."""
    said = _bare(_text(title))
    return len(said) > _FEW and said in _bare(f"{page.title} {page.text}")


def _agrees(entry: Entry, page: Page) -> bool:
    """Whether the page tells what the feed tells: the feed's beginning stands there, or most pieces of it.

    A summary that an editor wrote stands nowhere in the article: then its title must be the page's, or the
    feed said too little to contradict.
    """
    whole = _bare(f"{page.title} {page.text}")
    content, summary = (
        _bare(_APPEARED.sub("", _CUT.sub("", _text(each)))) for each in (entry.content, entry.summary)
    )
    for said in filter(None, (content, summary)):
        if said[:_BEGINNING] in whole:
            return True
        pieces = [said[at : at + _STEP] for at in range(0, min(len(said), 1_000), _STEP)]
        if 2 * sum(piece in whole for piece in pieces) >= len(pieces):
            return True
    if _weight(_text(entry.content)) >= _WHOLE:  # much was said, and the page has none of it
        return False
    title = _bare(_text(entry.title))
    return not title or not _bare(page.title) or title in whole or _bare(page.title) in title


def _text(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", _UNSEEN.sub(" ", html))).split())


def _weight(text: str) -> int:
    """Measure a text in characters; one Han letter says as much as two and a half."""
    wide = sum("\u2e80" <= character <= "\uffdc" for character in text)
    return len(text) + 3 * wide // 2


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", text).casefold()
