"""Who wrote a page, by what it declares and by what it shows around its heading.

A person is believed before a house: many pages declare their publisher as the author and name the writer
above the text.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from syndicator.extract import jsonld, people
from syndicator.extract.shown import LONGEST, bare, names_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from syndicator.extract.shown import Shown

_METAS: Final = (
    "author", "article:author_name", "article:author", "og:article:author", "og:author", "parsely-author",
    "sailthru.author", "byl", "byline", "dc.creator", "dc:creator", "dcterms.creator", "dc.contributor",
    "citation_author", "vr:author", "cxenseparse:author", "authors", "author_name", "rbauthors",
    "shareaholic:article_author_name", "mediator_author",
)  # fmt: skip
_LABELS: Final = re.compile(
    r"(?:written|posted)\s+by|author|verfasst|geschrieben|autor|écrit|auteur|escrito|作者", re.IGNORECASE
)
_STRONG_NAMES: Final = (
    r"by-?lines?|authors?|autor(?:en|in|es)?|auteurs?|autore|verfasser|writers?|wrote-?by|posted-?by"
)
_STRONG: Final = re.compile(rf"(?:^|[\s_-])(?:{_STRONG_NAMES})(?=$|[\s_-])", re.IGNORECASE)
_HOOK: Final = re.compile(
    rf"""(?:^|[\s_-])(?:{_STRONG_NAMES}|author-?(?:name|link|info|title|text)s?|writtenby|redakteur|reporter
      |journalist|contributors?|poster|item-?poster|creator|credits?|username|submitted|fn|post-?meta|entry-?meta
      |article-?meta|meta-?info|document-?by-?line|profile-?name)(?=$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS: Final = re.compile(
    r"""/(?:authors?|autor(?:en|es|in)?|auteurs?|autori|writers?|reporters?|redaktion|journalists?|contributors?
      |by|staff|people|profiles?|newsteam|team|users?|member)/[^/]+/?[^/]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_LINE: Final = re.compile(
    r"""^\W{0,3}(?:
      (?:(?:written|posted|words|story|published|geschrieben|verfasst|text)\s+)?(?:by|von|par|por|door|av)\s+
        (?-i:(?=[A-ZÀ-Þ]))
      |(?:autor(?:in|en)?|author|auteur|text)\s*[:：]
      |(?:本报|本刊)?(?:作者|记者|記者|撰文|文)\s*[:：/／|丨\s])""",
    re.IGNORECASE | re.VERBOSE,
)
_CUE: Final = re.compile(
    r"^\W*(?:by|von|par|por|autor(?:in|en)?|authors?|auteur|作者|记者|記者)\s*[:：]?\s*$", re.IGNORECASE
)
_NEAR: Final = range(-8, 31)
_PERSON, _EITHER, _HOUSE = "person", "either", "house"
_NO_PERSON: Final = 2.0  # that is taken off for what is not made like a person's name
_LEAST: Final = 0.9
_HOOKS: Final = 100  # elements that are looked into
_INSIDE: Final = 40  # elements in each
_LONG: Final = 300


def declared(
    metas: Mapping[str, list[str]], told: dict[str, Any], ours: Collection[str]
) -> tuple[tuple[str, ...], bool]:
    """Give whom JSON-LD and meta elements name, and whether they are persons.

    Of lists that agree the longest is taken. `ours` has the names of the publisher, as `shown.bare` gives
    them: they are no person's.
    """
    houses: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    for texts, kind in _declarations(metas, told):
        found = people.unique(name for text in texts[: people.MAX] for name in people.names(text))
        persons = tuple(name for name in found if _is_person(name, kind, ours))
        if not writers or set(writers) < set(persons):
            writers = persons
        houses = houses or found
    return writers or houses, bool(writers)


def _is_person(name: str, kind: str, ours: Collection[str]) -> bool:
    return kind == _PERSON or (kind == _EITHER and people.is_person(name) and bare(name) not in ours)


def guessed(shown: Shown, ours: Collection[str]) -> tuple[str, ...]:
    """Give whom a page shows: elements named after authors, lines that begin with `by`, profiles."""
    best: tuple[float, tuple[str, ...]] = (_LEAST, ())
    for weight, text in _candidates(shown):
        if weight > best[0] and (found := people.names(text)):
            is_strange = not all(_is_person(name, _EITHER, ours) for name in found)
            best = max(best, (weight - _NO_PERSON * is_strange, found), key=lambda each: each[0])
    return best[1]


def chosen(said: tuple[str, ...], seen: tuple[str, ...]) -> tuple[str, ...]:
    """Choose between the houses that a page declares and whom it shows: a person, or what is declared."""
    return seen if not said or any(people.is_person(name) for name in seen) else said


def _declarations(metas: Mapping[str, list[str]], told: dict[str, Any]) -> Iterator[tuple[list[str], str]]:
    persons, others, houses = jsonld.people(told.get("author"))
    yield persons, _PERSON
    yield others, _EITHER
    for name in _METAS:
        yield metas.get(name, []), _EITHER
    for at in (1, 2):
        if any(_LABELS.search(label) for label in metas.get(f"twitter:label{at}", ())):
            yield metas.get(f"twitter:data{at}", []), _EITHER
    persons, others, makers = jsonld.people(told.get("creator"))
    yield persons, _PERSON
    yield others, _EITHER
    yield [*houses, *makers], _HOUSE


def _candidates(shown: Shown) -> Iterator[tuple[float, str]]:
    """Give what may name an author, with the weight of its signs."""
    hooked = ((weight, element) for element in shown.places if (weight := _hook(element)))
    for weight, element in islice(hooked, _HOOKS):
        yield weight + _nearness(shown, shown.places[element]), _text(element)
    if len({_text(element) for element in shown.signed}) == 1:
        yield 2.5, _text(shown.signed[0])
    is_cued = False
    for line in shown.lines:
        if _LINE.search(line.text) and len(line.text) <= 90:
            yield 0.8 + _nearness(shown, line.place), line.text
        elif is_cued and len(line.text) <= 60:
            yield 1.5 + _nearness(shown, line.place), line.text
        is_cued = _CUE.match(line.text) is not None


def _nearness(shown: Shown, place: int) -> float:
    return 2.0 - abs(place) / 20 if shown.has_heading and place in _NEAR else 0.0


def _hook(element: Any) -> float:
    said = dict(element.items())
    if not said:
        return 0.0
    if said.get("rel") == "author" or said.get("itemprop") == "author" or element.tag == "byline":
        return 3.5
    names = names_of(element)
    if names and _HOOK.search(names):
        return 3.0 if _STRONG.search(names) else 0.8
    return 0.8 if element.tag == "a" and _ADDRESS.search(said.get("href", "")[:_LONG]) else 0.0


def _text(element: Any) -> str:
    """Give an element's words, those of a profile's link in it before all; nothing where it says much."""
    for inner in islice(element.iterdescendants(), _INSIDE):
        is_link = inner.tag == "a" and _ADDRESS.search(inner.get("href", "")[:_LONG]) is not None
        if (is_link or inner.get("itemprop") == "name") and (text := _words(inner)):
            return text
    return _words(element)


def _words(element: Any) -> str:
    text = " ".join(" ".join(each[:_LONG] for each in islice(element.itertext(), _INSIDE)).split())
    return text if len(text) <= LONGEST else ""
