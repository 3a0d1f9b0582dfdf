"""Which stored article an article of a document is: by its key where that is believed, or by other names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syndicator import likeness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.model import Article
    from syndicator.store.names import Seen

    Names = Sequence[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Homes:
    """The outcome, by the key that the document gave: ids of stored articles, and the articles to be made.

    `renamed` is the number that changed their guids, or whose guids are those of others.
    """

    known: dict[str, int] = field(default_factory=dict)
    new: dict[str, Article] = field(default_factory=dict)
    renamed: int = 0


def find(
    ordered: Sequence[Article],
    named: Mapping[str, Names],
    held: Mapping[str, Seen],
    before: Mapping[int, Article],
    seen: Mapping[str, Seen],
) -> Homes:
    """Find homes for articles with their names, where `held` says whose a name is (`before`: by id).

    `seen` are the keys of the whole document: what stands in it under its own key is nobody else's. What was
    purged gets no home and is not new.
    """
    homes = Homes()
    strangers: list[Article] = []
    misnamed: set[str] = set()
    for article in ordered:
        id_ = held[article.key].article_id if article.key in held else None
        if id_ is None:
            strangers += [] if _is_buried(article, named[article.key], held) else [article]
        elif _is_misnamed(article, named[article.key], id_, held, before[id_]):
            misnamed.add(article.key)
            strangers.append(article)
        else:
            homes.known[article.key] = id_
    present = {
        each.article_id for key, each in seen.items() if each.article_id is not None and key not in misnamed
    }
    holders = {
        name: (each.article_id, before[each.article_id])
        for name, each in held.items()
        if each.article_id is not None
    }
    claimed = likeness.claims(
        [(article, named[article.key]) for article in strangers], holders, present | {*homes.known.values()}
    )
    homes.known |= {key: id_ for key, (id_, _) in claimed.items()}
    homes.renamed = sum(kind != "guid" for _, kind in claimed.values())
    for article in strangers:
        if article.key not in homes.known:
            _settle_new(article, named[article.key], held, homes, is_misnamed=article.key in misnamed)
    return homes


def _is_buried(article: Article, listed: Names, held: Mapping[str, Seen]) -> bool:
    """Whether it was purged: its key says so, or its guid unless it stands on a page never seen.

    Guids may number the places of a feed. A page may have got new words, words a new page: that is news.
    """
    if article.key in held:
        return True
    links = [name for kind, name in listed if kind == "link"]
    guids = [name for kind, name in listed if kind == "guid"]
    is_known_page = all(name in held for name in links)
    return is_known_page and any(name in held and held[name].article_id is None for name in guids)


def _is_misnamed(
    article: Article, listed: Names, id_: int, held: Mapping[str, Seen], stored: Article
) -> bool:
    """Whether its key is that of a quite different article: guids that number the places of a feed."""
    link = next((name for kind, name in listed if kind == "link"), None)
    if link is None or (link in held and held[link].article_id == id_):
        return False
    return not likeness.is_same(stored, article, by="guid")


def _settle_new(
    article: Article, listed: Names, held: Mapping[str, Seen], homes: Homes, *, is_misnamed: bool
) -> None:
    """Note what is new; a misnamed one needs a key of its own. Where none is free its key is believed."""
    if not is_misnamed:
        homes.new[article.key] = article
        return
    free = [name for kind, name in listed if kind in ("link", "words") and name not in held]
    if free:
        homes.new[article.key] = replace(article, key=free[0])
        homes.renamed += 1
    elif (id_ := held[article.key].article_id) is not None and id_ not in homes.known.values():
        homes.known[article.key] = id_
