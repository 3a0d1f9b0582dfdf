"""Whether two articles are one, and whether a change is one that a reader would notice. Pure; a leaf.

The store finds candidates by names (`store.names`); whether a candidate is the same article is decided here,
with both texts at hand. In doubt two articles stay two: an article that is lost is worse than one told twice.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from syndicator.text import unify

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from syndicator.model import Article

Kind: TypeAlias = Literal["guid", "link", "words", "title"]

KINDS: Final[tuple[Kind, ...]] = ("guid", "link", "words", "title")  # the strongest evidence first
MOVED: Final = 3  # so many known texts under new names, and little else, are a site that moved
_ALIKE: Final = 0.5  # share of words in common
_SLIGHT: Final = 0.01  # share of words that may differ unnoticed
_LOOKED_AT: Final = 20_000  # characters of a text
_COMPARED: Final = 4_000  # of two texts that may be one article
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(hours=20)
_DIGITS: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_TELLING: Final = re.compile(r"\d|.{8}")  # what the end of a path must have to name one page


def names(article: Article) -> tuple[tuple[Kind, str], ...]:
    """Name an article by its words, and by its title alone: (kind, 32 hexadecimal digits)."""
    title = unify(article.title)
    if not title:
        return ()
    words = " ".join(article.text.casefold().split())
    return ("words", _hash("words", title, words)), ("title", _hash("title", title))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def claims(
    strangers: Sequence[tuple[Article, Sequence[tuple[str, str]]]],
    known: Mapping[str, tuple[int, Article]],
    present: Collection[int],
) -> dict[str, tuple[int, Kind]]:
    """Find the stored articles that `strangers` are, by key: (the article's id, the kind of name it was).

    Each stranger comes with its names, `known` says whose a name is. Articles that the document still shows
    under their own keys (`present`) are nobody else's, and each is claimed once: two entries of one document
    are two articles.
    """
    taken, found = set(present), dict[str, tuple[int, Kind]]()
    by_words = [name for _, listed in strangers for kind, name in listed if kind == "words" and name in known]
    moved = len([name for name in by_words if known[name][0] not in taken])
    is_move = moved >= MOVED and moved * 2 >= len(strangers) + len(taken)
    for kind in KINDS:
        for article, listed in strangers:
            name = next((name for each, name in listed if each == kind), "")
            if article.key in found or name not in known:
                continue
            id_, stored = known[name]
            if id_ not in taken and is_same(stored, article, by=kind, is_move=is_move):
                found[article.key] = (id_, kind)
                taken.add(id_)
    return found


def is_same(stored: Article, found: Article, *, by: Kind, is_move: bool = False) -> bool:
    """Whether two articles of one source that share a name are one.

    `is_move`: most of a document came back under new names at once, so links and dates prove nothing.
    """
    same_title = unify(stored.title) == unify(found.title)
    has_text = bool(stored.text or found.text)
    overlap = _overlap(stored.text, found.text) if has_text else float(same_title)
    same_date = _gap(stored, found) <= _MINUTE
    same_page = stored.url == found.url != "" or _tail(stored.url) == _tail(found.url) != ""
    if by == "guid":
        return same_title or overlap >= _ALIKE or same_page
    if by == "link":
        if same_title:  # the same headline day by day, on one page, with other words, is a column
            return overlap >= _ALIKE or _gap(stored, found) < _DAY
        same_numbers = _DIGITS.findall(stored.title) == _DIGITS.findall(found.title)
        return same_numbers and max(overlap, _overlap(stored.title, found.title)) >= _ALIKE
    no_links = not stored.url and not found.url
    if overlap >= _ALIKE and (is_move or same_page or same_date or no_links):
        return True
    return same_page and same_date


def is_noticed(before: Article, after: Article) -> bool:
    """Whether a reader would notice what changed: not a counter, a picture, a link's parameters, a comma."""
    return (
        unify(before.title) != unify(after.title)
        or set(before.authors) != set(after.authors)
        or set(before.tags) != set(after.tags)
        or _page(before.url) != _page(after.url)
        or {_page(each.url) for each in before.enclosures} != {_page(each.url) for each in after.enclosures}
        or not _is_slight(before.text, after.text)
        or not _is_slight(before.summary, after.summary)
    )


def _is_slight(before: str, after: str) -> bool:
    if before == after or _DIGITS.sub("0", before) == _DIGITS.sub("0", after):
        return True
    if max(len(before), len(after)) > _LOOKED_AT and before[:_LOOKED_AT] == after[:_LOOKED_AT]:
        return abs(len(before) - len(after)) <= _SLIGHT * len(before)
    left, right = _counted(before), _counted(after)
    differing = (left - right).total() + (right - left).total()
    return differing <= _SLIGHT * (left.total() + right.total())


def _overlap(one: str, other: str) -> float:
    """Share of words in common, 0 to 1; two texts without words are equal."""
    left, right = _counted(one[:_COMPARED]), _counted(other[:_COMPARED])
    either = (left | right).total()
    return (left & right).total() / either if either else 1.0


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text[:_LOOKED_AT].casefold()))


def _gap(one: Article, other: Article) -> timedelta:
    """Time between two publications; for ever if one is not dated, or both."""
    if one.published_at is None or other.published_at is None:
        return timedelta.max
    return abs(one.published_at - other.published_at)


def _page(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")


def _tail(url: str) -> str:
    """Give the end of a path, which moves with its page (`/2026/05/fog-on-the-river.html`); or nothing."""
    end = urlsplit(url).path.rstrip("/").rpartition("/")[2].rpartition(".")
    stem = (end[0] or end[2]).lower()
    return stem if _TELLING.search(stem) else ""
