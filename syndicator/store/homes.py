"""Which stored article an article of a document is: by its key where that is believed, or by other names.

What proves what is said in `store.evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from syndicator import likeness
from syndicator.store import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.likeness import Likeness
    from syndicator.model import Article
    from syndicator.store.names import Seen

    Names = Sequence[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Homes:
    """The outcome, by the key that the document gave: ids of stored articles, and the articles to be made.

    `named` are all their names. `renamed` is the number that changed their guids under one link, or whose
    guids are those of others.
    """

    known: dict[str, int] = field(default_factory=dict)
    new: dict[str, Article] = field(default_factory=dict)
    named: dict[str, Names] = field(default_factory=dict)
    renamed: int = 0


class _Held(NamedTuple):
    """An entry whose key is that of a stored article."""

    article: Article
    id_: int
    alike: Likeness
    names: Names
    same_link: bool
    is_doubtful: bool


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
    homes = Homes(named=dict(named))
    strangers: list[Article] = []
    keyed: list[_Held] = []
    for article in ordered:
        id_ = held[article.key].article_id if article.key in held else None
        if id_ is not None:
            keyed.append(_weighed(article, id_, named[article.key], held, before[id_]))
        elif not _is_buried(article, named[article.key], held):
            strangers.append(article)
    total = len({*seen, *named})
    by_place = evidence.are_places(sum(each.is_doubtful for each in keyed), total)
    misnamed = {each.article.key for each in keyed if _is_misnamed(each, held, by_place=by_place)}
    for each in keyed:
        key = each.article.key
        if key in misnamed:
            spare = likeness.spare(each.article)
            homes.named[key] = [*named[key], *([("spare", spare)] if spare in held else [])]
            strangers.append(each.article)
        else:
            homes.known[key] = each.id_
    _settle(strangers, homes, held, before, seen, misnamed, by_place=by_place)
    return homes


def _settle(
    strangers: Sequence[Article],
    homes: Homes,
    held: Mapping[str, Seen],
    before: Mapping[int, Article],
    seen: Mapping[str, Seen],
    misnamed: set[str],
    *,
    by_place: bool,
) -> None:
    """Find who the strangers are, and note those that are new; what is misnamed gets a key of its own."""
    shown = {each.article_id for key, each in seen.items() if key not in misnamed}
    present = {id_ for id_ in (*shown, *homes.known.values()) if id_ is not None}
    ids = {name: each.article_id for name, each in held.items() if each.article_id is not None}
    known = {name: (id_, before[id_]) for name, id_ in ids.items()}
    listed = [(article, homes.named[article.key]) for article in strangers]
    claimed = evidence.claims(listed, known, present, by_place=by_place)
    homes.known |= {key: claim.article_id for key, claim in claimed.items()}
    homes.renamed = sum(claim.kind == "link" or key in misnamed for key, claim in claimed.items())
    for article in strangers:
        if article.key in claimed:
            continue
        spare = likeness.spare(article)
        if article.key not in misnamed:
            homes.new[article.key] = article
        elif spare not in held:
            homes.new[article.key] = replace(article, key=spare)
            homes.named[article.key] = [*homes.named[article.key], ("spare", spare)]
            homes.renamed += 1


def _weighed(article: Article, id_: int, listed: Names, held: Mapping[str, Seen], stored: Article) -> _Held:
    alike = likeness.compare(stored, article)
    owners = [(kind, held[name].article_id) for kind, name in listed if name in held]
    same_link = ("link", id_) in owners
    others = [kind for kind, owner in owners if owner not in (id_, None) and kind in ("link", "words")]
    by_guid = ("guid", article.key) in listed
    doubtful = by_guid and evidence.is_doubtful(alike, same_link=same_link, is_others=bool(others))
    return _Held(article, id_, alike, listed, same_link, doubtful)


def _is_misnamed(each: _Held, held: Mapping[str, Seen], *, by_place: bool) -> bool:
    """Whether its key is that of another article: guids that number places, pages that get new contents."""
    kinds = {kind: name for kind, name in each.names if kind in ("guid", "link")}
    if kinds.get("guid") == each.article.key:
        if by_place:
            return not evidence.is_believed(each.alike, same_link=each.same_link)
        return each.is_doubtful and evidence.is_number(each.article.guid)
    if kinds.get("link") == each.article.key and "guid" in kinds:
        owner = held.get(kinds["guid"])
        is_its_guid = owner is not None and owner.article_id == each.id_
        return not is_its_guid and not evidence.is_same(each.alike, by="link")
    return False


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
