"""Which links of a list page are its articles, when no selector says so.

An article's link leads to the same host, below its front page, says several words, and stands neither in a
menu nor in a foot. Where a page has groups of links of one make (same elements and classes), the group whose
titles say most wins, and those that say nearly as much come along.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from math import sqrt
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from syndicator.extract import dates
from syndicator.extract.address import host_of, joined
from syndicator.extract.furniture import is_furniture
from syndicator.model import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

_MAX_LINKS: Final = 5_000
_LOOKED_AT: Final = 50  # elements of a block: lists of thousands may lie in one
_LONGEST: Final = 300
_NO_ARTICLE: Final = re.compile(
    r"""
      /(?:tags?|topics?|categor(?:y|ies)|authors?|users?|search|login|register|sign-?(?:in|up)|account|about
      |contact|privacy|terms|
      imprint|impressum|datenschutz|newsletter|subscribe|rss|feeds?|page|sitemap|advertise|jobs|careers|help
      |faq)(?:/|$|\.)
      |\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|css|js)$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LIKE_ARTICLE: Final = re.compile(
    r"/(?:19|20)\d{2}[/-]?\d{1,2}|\d{5,}|[a-z0-9]+(?:-[a-z0-9]+){3,}|\.s?html?$", re.IGNORECASE
)
_ENOUGH: Final = 0.5  # of the best group's score


def articles(body: HtmlElement, base: str) -> list[Entry]:
    """Give the entries of a list page in its order; the same address may come more than once."""
    groups: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
    order: dict[int, int] = {}
    for number, link in enumerate(_links(body)):
        address = joined(link.get("href", ""), base)
        title = words_of(link)
        if not _may_be_article(address, title, base):
            continue
        entry = Entry(url=address, title=title, published_at=date_in(block_around(link)), base_url=base)
        order[id(entry)] = number
        groups[_make(link)].append(entry)
    scores = {make: _score(entries) for make, entries in groups.items()}
    least = _ENOUGH * max(scores.values(), default=0.0)
    kept = [entry for make, entries in groups.items() if scores[make] >= least for entry in entries]
    return sorted(kept, key=lambda entry: order[id(entry)])


def words_of(element: HtmlElement) -> str:
    """Give an element's text as one line."""
    heading = next(element.iter("h1", "h2", "h3", "h4", "h5", "h6"), None)
    return line(" ".join((element if heading is None else heading).itertext()))


def line(text: str) -> str:
    """Give a text as one line of at most 300 characters."""
    return " ".join(text[: 4 * _LONGEST].split())[:_LONGEST]


def block_around(link: HtmlElement) -> Any:
    """Give the block that a link heads: the widest element around it without another article's link."""
    block = link
    for parent in link.iterancestors(
        "li", "article", "div", "section", "tr", "td", "dd", "p", "h1", "h2", "h3", "h4"
    ):
        links = list(islice(parent.iter("a"), _LOOKED_AT))
        addresses = {each.get("href") for each in links if each.get("href")}
        if len(addresses) > 3 or len(links) == _LOOKED_AT or parent.tag == "body":
            break
        block = parent
    return block


def date_in(block: Any) -> datetime | None:
    """Give the date that a block's `<time>` says, or its only short text that is one."""
    for element in islice(block.iter("time"), _LOOKED_AT):
        if moment := dates.from_text(element.get("datetime") or line("".join(element.itertext()))):
            return moment
    for element in islice(block.iter("span", "em", "small", "i", "p", "div", "td"), 4 * _LOOKED_AT):
        if (
            len(element) == 0
            and element.text
            and len(element.text) < 40
            and (moment := dates.from_text(element.text))
        ):
            return moment
    return None


def _links(body: HtmlElement) -> Iterator[HtmlElement]:
    """Give the links that stand in no menu, margin or foot."""
    furniture = {each for element in body.iter() if is_furniture(element) for each in element.iter("a")}
    links = [link for link in body.iter("a") if link.get("href")]
    outside = [link for link in links if link not in furniture]
    # A page that calls everything a widget is better read whole than not at all.
    yield from (outside if len(outside) >= 5 or len(links) < 10 else links)[:_MAX_LINKS]


def _may_be_article(address: str, title: str, base: str) -> bool:
    if not address or _says(title) < 3 or host_of(address) != host_of(base):
        return False
    path = urlsplit(address).path
    return len(path.strip("/")) > 2 and address != base and not _NO_ARTICLE.search(path)


def _says(title: str) -> float:
    """Measure a title in words; two Han letters count as one."""
    wide = sum(character > "\u2e7f" for character in title)
    return len(title.split()) if not wide else max(len(title.split()), wide / 2)


def _make(link: HtmlElement) -> tuple[str, ...]:
    """Tell how a link is made: the elements around it and their first class."""
    path = []
    for element in (link, *link.iterancestors()):
        first = (element.get("class") or "").split()[:1]
        path.append(f"{element.tag}.{first[0] if first else ''}")
        if len(path) == 4:
            break
    return tuple(path)


def _score(entries: list[Entry]) -> float:
    """Weigh a group: many different links, long titles, addresses that look like articles."""
    by_url = {entry.url: max(_says(entry.title), 0) for entry in entries}
    likely = sum(1 for url in by_url if _LIKE_ARTICLE.search(urlsplit(url).path))
    words = sum(min(said, 20) for said in by_url.values()) / len(by_url)
    return sqrt(min(len(by_url), 30)) * words * (0.5 + likely / len(by_url))
