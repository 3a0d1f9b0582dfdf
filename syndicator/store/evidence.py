"""What proves that an article of a document is one that is stored. Pure.

| evidence    | its strength                                                                                 |
|-------------|----------------------------------------------------------------------------------------------|
| guid        | identifies, whatever becomes of words, link and date, unless it numbers a place (below)      |
| link        | under a new guid: with the same date or half of the words (of a podcast: and its file)       |
| words,title | under a new guid and a new link nothing, but with the same date (and page, at a full hour)   |
| a document  | a move: most of it is known by its words, each of them once, and their dates are as before,  |
|             | or the old host is gone, or the old form of path is gone and the ends of paths are as before |

So a new guid, a new link and another date are a new article, whatever it says: columns, alerts and podcasts
say the same each day. A guid numbers a place where it means something else in title, words, date and link (or
what it shows is known to be another article): if that happens to several of a document at once, or to a
small number. Then guids prove nothing, and what neither link nor date names goes by its very words.

In doubt two articles stay two: an article that is lost is worse than one told twice.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.likeness import compare, place

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from syndicator.likeness import Kind, Likeness
    from syndicator.model import Article

FIRM: Final[tuple[Kind, ...]] = ("guid", "spare", "link")  # the strongest first
LOOSE: Final[tuple[Kind, ...]] = ("words", "title")
MOVED: Final = 3  # so many known texts under new names, and little else, are a site that moved
SEVERAL: Final = 2  # guids that change their meaning at once, and a quarter of a document, number places
_NUMBER: Final = re.compile(r"\D{0,12}\d{1,3}")  # a guid that may be one


class Claim(NamedTuple):
    """The stored article that one of a document is, and the kind of name it was found by."""

    article_id: int
    kind: Kind


def claims(
    strangers: Sequence[tuple[Article, Sequence[tuple[str, str]]]],
    known: Mapping[str, tuple[int, Article]],
    present: Collection[int],
    *,
    by_place: bool = False,
) -> dict[str, Claim]:
    """Find the stored articles that `strangers` are, by key.

    Each stranger comes with its names, `known` says whose a name is. Articles that the document still shows
    under their own keys (`present`) are nobody else's, and each is claimed once: two entries of one document
    are two articles. `by_place`: its guids number places.
    """
    taken, found = set(present), dict[str, Claim]()

    def claim(kind: Kind, article: Article, id_: int) -> None:
        found[article.key] = Claim(id_, kind)
        taken.add(id_)

    for kind in FIRM:
        for article, id_, stored in _candidates(kind, strangers, known, found, taken):
            if id_ not in taken and is_same(compare(stored, article), by=kind):
                claim(kind, article, id_)
    moved = _moved([each for each in strangers if each[0].key not in found], known, taken)
    for kind in LOOSE:
        for article, id_, stored in _candidates(kind, strangers, known, found, taken):
            alike = compare(stored, article)
            is_nameless = by_place and kind == "words" and (not article.url or stored.url == article.url)
            if id_ not in taken and (is_nameless or (article.key, id_) in moved or is_same(alike, by=kind)):
                claim(kind, article, id_)
    return found


def _candidates(
    kind: Kind,
    strangers: Sequence[tuple[Article, Sequence[tuple[str, str]]]],
    known: Mapping[str, tuple[int, Article]],
    found: Collection[str],
    taken: Collection[int],
) -> list[tuple[Article, int, Article]]:
    """List who may be whom by one kind of name; not by a key, which nobody has or nobody believes."""
    return [
        (article, *known[name])
        for article, listed in strangers
        for each, name in listed
        if each == kind and name in known and name != article.key
        if article.key not in found and known[name][0] not in taken
    ]


def is_same(alike: Likeness, *, by: Kind) -> bool:
    """Whether two articles that share a name are one; that is all that is known of them."""
    if by == "spare":
        return True
    if by == "guid":  # where it is no key: guids of this source have failed before
        return bool(alike.date or alike.path or (alike.title and alike.words))
    if by == "link":
        is_same_hour = alike.date and (alike.is_exact or alike.title)
        return bool(is_same_hour) or (alike.words and (bool(alike.date) or alike.audio is not False))
    if not alike.date:
        return False
    return alike.tail or (alike.words and (alike.is_exact or alike.path is not False))


def _moved(
    strangers: Sequence[tuple[Article, Sequence[tuple[str, str]]]],
    known: Mapping[str, tuple[int, Article]],
    taken: Collection[int],
) -> set[tuple[str, int]]:
    """Find the pairs (key, id) that moved, where most of a document did: one alone proves nothing.

    Few are enough where nothing of the document is where it was, and their pages have other hosts and the
    same ends: a busy site that moves shows few that are known.
    """
    pairs: dict[str, tuple[Article, int, Article]] = {}
    for kind in LOOSE:
        for article, id_, stored in _candidates(kind, strangers, known, pairs, taken):
            pairs[article.key] = (article, id_, stored)
    claimants = Counter(id_ for _, id_, _ in pairs.values())
    places = [place(article.url) for article, _ in strangers]
    hosts, forms = {each.host for each in places}, {each.form for each in places}
    pages = Counter((each.host, each.path) for each in places)
    moved, surely = set(), set()
    for article, id_, stored in pairs.values():
        alike, old, new = compare(stored, article), place(stored.url), place(article.url)
        if claimants[id_] == 1 and (
            (alike.date and (alike.words or alike.title))
            or (alike.host is False and old.host not in hosts and alike.words)
            or (alike.form is False and old.form not in forms and alike.tail)
            or (alike.date is None and alike.path and pages[new.host, new.path] == 1 and alike.words)
        ):
            moved.add((article.key, id_))
            if alike.host is False and old.host not in hosts and alike.words and alike.tail and not taken:
                surely.add((article.key, id_))
    is_move = len(moved) >= MOVED and len(moved) * 2 >= len(strangers) + len(taken)
    return moved if is_move else surely


def is_doubtful(alike: Likeness, *, same_link: bool, is_others: bool) -> bool:
    """Whether a guid means something else than before; `is_others`: another article has this link or text."""
    return not same_link and not alike.title and (is_others or not (alike.date or alike.words))


def are_places(doubtful: int, total: int) -> bool:
    """Whether the guids of a document number its places: so many of its entries are doubtful."""
    return doubtful >= min(SEVERAL, total) and doubtful * 4 >= total > 0


def is_believed(alike: Likeness, *, same_link: bool) -> bool:
    """Whether an entry is the article of its guid though guids number places."""
    return same_link or sum((alike.title, alike.words, bool(alike.date))) >= 2


def is_number(guid: str) -> bool:
    """Whether a guid may be a place or a counter: it has at most three digits, and a word before them."""
    return _NUMBER.fullmatch(guid) is not None
