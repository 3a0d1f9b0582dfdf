"""How alike two articles are, and whether a change is one that a reader would notice. Pure; a leaf.

What likeness proves is decided elsewhere (`store.evidence`): it depends on what else names the two.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from syndicator.text import unify

if TYPE_CHECKING:
    from syndicator.model import Article

Kind: TypeAlias = Literal["guid", "spare", "link", "words", "title"]

_ALIKE: Final = 0.5  # share of words in common
_SLIGHT: Final = 0.01  # share of words that may differ unnoticed
_LOOKED_AT: Final = 20_000  # characters of a text
_COMPARED: Final = 4_000  # of two texts that may be one article
_MINUTE: Final = timedelta(minutes=1)
_DIGITS: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_TELLING: Final = re.compile(r"\d|.{8}")  # what the end of a path must have to name one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """In what a stored article and a found one agree. None: one of them does not say.

    `date` is the publication, to a minute, `is_exact` whether it is no full hour (what many entries may share
    that only have a day). `tail` is the end of the path, where it tells a page; `form` the rest of the path
    without its numbers. `audio` is whether they enclose a common file.
    """

    title: bool
    words: bool
    date: bool | None
    is_exact: bool = False
    host: bool | None = None
    path: bool | None = None
    tail: bool = False
    form: bool | None = None
    audio: bool | None = None


def compare(stored: Article, found: Article) -> Likeness:
    """Compare two articles of one source; without text the title is all their words."""
    same_title = unify(stored.title) == unify(found.title)
    both = bool(stored.text and found.text)
    one, other = place(stored.url), place(found.url)
    has_links = bool(one.host and other.host)
    before, moment = stored.published_at, found.published_at
    files = [{_page(each.url) for each in article.enclosures} for article in (stored, found)]
    return Likeness(
        title=same_title,
        words=overlap(stored.text, found.text) >= _ALIKE if both else same_title,
        date=abs(before - moment) <= _MINUTE if before and moment else None,
        is_exact=moment is not None and bool(moment.minute or moment.second),
        host=one.host == other.host if has_links else None,
        path=one == other if has_links else None,
        tail=one.tail == other.tail != "",
        form=one.form == other.form if has_links else None,
        audio=bool(files[0] & files[1]) if all(files) else None,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link leads, its parameters apart."""

    host: str
    path: str
    form: str
    tail: str


def place(url: str) -> Place:
    """Take a link apart: `https://new.example/2026/05/fog.html` has the form `/0/0` and the tail `fog`."""
    host, path = _page(url)
    folder, _, name = path.rpartition("/")
    stem = (name.rpartition(".")[0] or name).lower()
    return Place(host, path, _DIGITS.sub("0", folder), stem if _TELLING.search(stem) else "")


def names(article: Article) -> tuple[tuple[Kind, str], ...]:
    """Name an article by its words, and by its title alone: (kind, 32 hexadecimal digits)."""
    title = unify(article.title)
    if not title:
        return ()
    words = " ".join(article.text.casefold().split())
    return ("words", _hash("words", title, words)), ("title", _hash("title", title))


def spare(article: Article) -> str:
    """Make a key for an article whose own is that of another."""
    moment = article.published_at.isoformat() if article.published_at else ""
    return _hash("spare", article.key, article.title, article.text, moment, article.url)


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


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


def overlap(one: str, other: str) -> float:
    """Share of words in common, 0 to 1; two texts without words are equal."""
    left, right = _counted(one[:_COMPARED]), _counted(other[:_COMPARED])
    either = (left | right).total()
    return (left & right).total() / either if either else 1.0


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text[:_LOOKED_AT].casefold()))


def _page(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")
