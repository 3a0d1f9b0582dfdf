"""Pure: which feeds a page may have, by its links, by what sites of its kind do, and by well-known paths.

Nothing is fetched here: what comes out are addresses worth trying, the likeliest first. No library does this
without fetching; the patterns are those that sites document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_BYTES: Final = 4 * 1024 * 1024  # of a page; what declares a feed stands near its beginning
MOST: Final = 40  # candidates of one page

How = Literal["declared", "pattern", "linked", "guess"]
_RANK: Final[Mapping[str, int]] = {"declared": 0, "pattern": 1, "linked": 2, "guess": 3}

FEED_TYPES: Final = frozenset(
    (
        "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
        "application/x-rss+xml", "application/x-atom+xml", "text/rss+xml", "text/atom+xml", "text/rss",
    )
)  # fmt: skip
_LOOSE_TYPES: Final = frozenset(
    ("application/xml", "text/xml", "application/json")
)  # if the address says feed

WELL_KNOWN: Final = (
    "/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed.json", "/feeds/posts/default",
    "/index.rdf", "/feed.atom",
)  # fmt: skip
"""Paths below the root of a site where its feed often is."""

_FEEDLIKE: Final = re.compile(
    r"\.(?:rss|atom|rdf)$|(?:^|[/._=-])(?:rss\d*|atom|feeds?|rdf)(?:[/._-]|$)|=(?:rss2?|atom)$", re.IGNORECASE
)
_COMMENTS: Final = re.compile(r"comment|replies|trackback", re.IGNORECASE)
_READERS: Final = (
    "feedly.com",
    "inoreader.com",
    "newsblur.com",
    "netvibes.com",
    "bloglines.com",
    "my.yahoo.com",
)
_YOUTUBE_CHANNEL: Final = re.compile(rb'"(?:externalId|channelId|browseId)":"(UC[A-Za-z0-9_-]{22})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address where a feed may be; `how` says why."""

    url: str
    how: How
    title: str = ""
    type: str = ""  # MIME type, as the page declares it


def candidates(body: bytes, url: str, *, charset: str = "") -> tuple[Candidate, ...]:
    """Find the feeds of a page at `url`, the likeliest first, each once; never raises.

    Feeds that the page declares come first, then what its site is known to have, then links that look like
    feeds. Feeds of comments go to the end of their kind.
    """
    found = [*_in_page(body[:MAX_BYTES], url, charset), *patterned(url, body)]
    return _ranked(found)


def patterned(url: str, body: bytes = b"") -> tuple[Candidate, ...]:
    """Name the feeds that a site is known to have for the page at `url`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    for suffix, pattern in _SITES:
        if host == suffix or host.endswith(f".{suffix}"):
            segments = [segment for segment in parts.path.split("/") if segment]
            found = pattern(url, segments, body)
            return tuple(Candidate(url=each, how="pattern") for each in found)
    return ()


def guesses(url: str) -> tuple[Candidate, ...]:
    """Name the well-known places of a feed, below the page's own path first."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return ()
    root = f"{parts.scheme}://{parts.netloc}"
    folder = parts.path if parts.path.endswith("/") else parts.path.rpartition("/")[0] + "/"
    whole = parts.path.rstrip("/")
    own = [f"{whole}/feed", f"{whole}/rss", f"{folder}index.xml"] if whole and "." not in whole else []
    return _ranked(Candidate(url=root + path, how="guess") for path in [*own, *WELL_KNOWN])


def _ranked(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    once: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda one: (_RANK[one.how], _is_about_comments(one))):
        once.setdefault(candidate.url.rstrip("/"), candidate)
    return tuple(once.values())[:MOST]


def _is_about_comments(candidate: Candidate) -> bool:
    return bool(_COMMENTS.search(candidate.title) or _COMMENTS.search(urlsplit(candidate.url).path))


def _in_page(body: bytes, url: str, charset: str) -> Iterator[Candidate]:
    try:
        parser = etree.HTMLParser(encoding=charset or None, no_network=True)
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError):
        return
    if root is None:
        return
    base = url
    for element in root.iter("base", "link", "a"):
        href = (element.get("href") or "").strip()
        if element.tag == "base":
            base = _joined(url, href) or url
        elif href and (address := _joined(base, href)):
            candidate = _of_link(element, address) if element.tag == "link" else _of_anchor(element, address)
            if candidate:
                yield candidate


def _of_link(element: etree._Element, url: str) -> Candidate | None:
    rel = (element.get("rel") or "").lower().split()
    type_ = (element.get("type") or "").partition(";")[0].strip().lower()
    says_feed = type_ in FEED_TYPES or (type_ in _LOOSE_TYPES and _looks_like_feed(url))
    if ("alternate" in rel and says_feed) or ("feed" in rel and (says_feed or not type_)):
        return Candidate(url=url, how="declared", title=_line(element.get("title") or ""), type=type_)
    return None


def _of_anchor(element: etree._Element, url: str) -> Candidate | None:
    type_ = (element.get("type") or "").partition(";")[0].strip().lower()
    if type_ in FEED_TYPES or _looks_like_feed(url):
        text = element.get("title") or "".join(str(part) for part in element.itertext())
        return Candidate(url=url, how="linked", title=_line(text), type=type_)
    return None


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith(_READERS):
        return False
    return bool(_FEEDLIKE.search(parts.path) or _FEEDLIKE.search(parts.query))


def _joined(base: str, href: str) -> str:
    """Resolve an address of a page; empty where it leads to nothing that can be fetched."""
    if href[:5].lower() == "feed:":  # the old scheme that opened a feed reader
        href = href[5:] if href[5:].lower().startswith(("http:", "https:")) else f"https:{href[5:]}"
    try:
        url = urljoin(base, href.replace("\n", "").replace("\r", "").replace("\t", "")).partition("#")[0]
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return url if usable and len(url) <= 2000 and " " not in url and url.isprintable() else ""


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:120]


# Sites -------------------------------------------------------------------------------------------------


def _youtube(url: str, segments: list[str], body: bytes) -> Iterator[str]:
    feed = "https://www.youtube.com/feeds/videos.xml"
    if listed := parse_qs(urlsplit(url).query).get("list"):
        yield f"{feed}?playlist_id={listed[0]}"
    if segments[:1] == ["channel"] and len(segments) > 1:
        yield f"{feed}?channel_id={segments[1]}"
    elif found := _YOUTUBE_CHANNEL.search(body):
        yield f"{feed}?channel_id={found[1].decode()}"


def _github(_url: str, segments: list[str], _body: bytes) -> Iterator[str]:
    if len(segments) == 1:
        yield f"https://github.com/{segments[0]}.atom"
    elif len(segments) > 1:
        project = f"https://github.com/{segments[0]}/{segments[1]}"
        yield from (f"{project}/{name}.atom" for name in ("releases", "tags", "commits"))


def _reddit(_url: str, segments: list[str], _body: bytes) -> Iterator[str]:
    if len(segments) > 1 and segments[0] in ("r", "user", "u"):
        yield f"https://www.reddit.com/{'/'.join(segments[:2])}/.rss"
    elif not segments:
        yield "https://www.reddit.com/.rss"


def _medium(url: str, segments: list[str], _body: bytes) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.hostname in ("medium.com", "www.medium.com"):
        yield from (f"https://medium.com/feed/{segment}" for segment in segments[:1])
    else:
        yield f"https://{parts.hostname}/feed"


def _below(path: str) -> _Site:
    def pattern(url: str, _segments: list[str], _body: bytes) -> Iterator[str]:
        yield urljoin(url, path)

    return pattern


def _bluesky(_url: str, segments: list[str], _body: bytes) -> Iterator[str]:
    if segments[:1] == ["profile"] and len(segments) > 1:
        yield f"https://bsky.app/profile/{segments[1]}/rss"


if TYPE_CHECKING:
    from collections.abc import Callable

    _Site = Callable[[str, list[str], bytes], Iterator[str]]

_SITES: Final[tuple[tuple[str, _Site], ...]] = (
    ("youtube.com", _youtube),
    ("github.com", _github),
    ("reddit.com", _reddit),
    ("medium.com", _medium),
    ("bsky.app", _bluesky),
    ("blogspot.com", _below("/feeds/posts/default")),
    ("wordpress.com", _below("/feed/")),
    ("substack.com", _below("/feed")),
    ("tumblr.com", _below("/rss")),
)
"""Sites by their host, and how each names its feeds. What a page declares goes first in any case."""
