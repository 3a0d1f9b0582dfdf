"""What stands around an article in a mail: the way to the web, out of the list, to friends; and who reads it.

Nothing of the subscriber may be published: links that leave or manage the subscription and every form of
the address are removed. What surrounds such a link goes with it where it is short.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from syndicator.parse.newsletter import phrases
from syndicator.parse.newsletter.links import is_opaque, is_web, shared, spellings, unwrapped
from syndicator.parse.newsletter.page import (
    BLOCKS,
    HEADINGS,
    block_of,
    is_inside,
    label,
    links,
    remove,
    spans,
    text,
)

if TYPE_CHECKING:
    from syndicator.parse.newsletter.facts import Facts
    from syndicator.parse.newsletter.page import Element, Span

Role: TypeAlias = Literal["online", "leave", "social", ""]

_LINE: Final = 200  # characters of a block that has nothing to say but its link
_FOOT: Final = 400  # and of one that tells about the subscription
_TAIL: Final = 1_500  # characters behind the way out that are a footer, if they are
_TAIL_SHARE: Final = 0.25  # no more than this of the whole text
_MAX_LINKS: Final = 3_000
_MAX_ELEMENTS: Final = 100  # in a block that is looked into


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses of the issue on the web, the surest first."""

    urls: tuple[str, ...]


def strip(body: Element, facts: Facts) -> Found:
    """Take the furniture out of the tree and say where the issue can be read on the web."""
    place = spans(body)
    anchors = links(body)[:_MAX_LINKS]
    roles = [(link, role_of(link, facts)) for link in anchors]
    found = Found(_issue(roles, facts))
    for link, role in roles:
        if role and is_inside(link, body):
            _remove_line(link, place, body, _FOOT if role == "leave" else _LINE, keep_text=role == "social")
    _cut_tail([place[link].end for link, role in roles if role == "leave"], place, body)
    _footers(body, place)
    _redact(body, facts.recipients)
    for link in links(body):
        target = unwrapped(link.get("href"))
        if is_web(target) or (target.lower().startswith("mailto:") and target.isprintable()):
            link.set("href", target)
        else:
            link.drop_tag()
    return found


def role_of(link: Element, facts: Facts) -> Role:
    """Say what a link is for, if not for reading on."""
    words, href = label(link), link.get("href").strip()
    if (
        href in facts.leave_urls
        or phrases.LEAVE.search(words)
        or phrases.LEAVE_URL.search(href[:500].lower())
    ):
        return "leave"
    if phrases.ONLINE.search(words):
        return "online"
    if phrases.SHARE_URL.search(href[:500].removeprefix("https://").lower()) or phrases.SOCIAL.search(words):
        # A person's page on a network is reading; a bare picture or the network's name is not.
        return "social"
    if phrases.HERE.search(words) or words.startswith(("http://", "https://", "www.")):
        return _role_by_line(text(block_of(link), _LINE + 1).lower())
    return ""


def _role_by_line(around: str) -> Role:
    """Say what a link is for that says nothing itself, by the short line that it stands in."""
    if len(around) > _LINE:
        return ""
    if phrases.LEAVE.search(around):
        return "leave"
    return "online" if phrases.ONLINE.search(around) else ""


def without_person(value: str, recipients: tuple[str, ...]) -> str:
    """Take the subscriber's address out of a text."""
    for address in recipients:
        value = re.sub(re.escape(address), "", value, flags=re.IGNORECASE)
    return value


def _issue(roles: list[tuple[Element, Role]], facts: Facts) -> tuple[str, ...]:
    online = [unwrapped(link.get("href")) for link, role in roles if role == "online"]
    title = _plain(facts.subject)
    headed = [unwrapped(link.get("href")) for link, _ in roles if title and _plain(label(link)) == title]
    candidates = [facts.archived_at, *online, _shared_by_all(roles), *headed, *_headline(roles)]
    good = [url for url in dict.fromkeys(candidates) if url and is_web(url)]
    return (*(url for url in good if not is_opaque(url)), *(url for url in good if is_opaque(url)))


def _headline(roles: list[tuple[Element, Role]]) -> list[str]:
    """Give where the first heading of the highest rank leads, if all of it is a link."""
    for link, role in roles:
        above = next(link.iterancestors("h1"), None)
        if above is not None:
            return [unwrapped(link.get("href"))] if not role and text(above, 500) == text(link, 500) else []
    return []


def _shared_by_all(roles: list[tuple[Element, Role]]) -> str:
    """Give the address that links for sharing agree on: one, or one that the others begin with."""
    targets = {shared(link.get("href")) for link, role in roles if role == "social"} - {""}
    if not targets:
        return ""
    shortest = min(sorted(targets), key=lambda url: len(_stem(url)))
    stem = _stem(shortest)
    return (
        stem_url(shortest)
        if all(_stem(url).startswith(stem) for url in targets) and stem.count("/") > 2
        else ""
    )


def stem_url(url: str) -> str:
    """Drop the campaign's parameters of an address that was made for sharing."""
    before, mark, query = url.partition("?")
    kept = [pair for pair in query.split("&") if pair and not pair.lower().startswith("utm_")]
    return before + (mark + "&".join(kept) if kept else "")


def _stem(url: str) -> str:
    path = stem_url(url)
    return path.rpartition(".")[0] if "." in path.rpartition("/")[2] else path


def _plain(words: str) -> str:
    return re.sub(r"\W+", " ", words.lower()).strip()


def _remove_line(
    link: Element, place: dict[Element, Span], body: Element, limit: int, *, keep_text: bool
) -> None:
    """Remove the largest block around a link that says little more than the link."""
    if keep_text:
        # Text beside a link for sharing may be the article's: go up only as long as nothing else is said.
        limit = min(limit, place[link].size + 20)
    chosen = link
    for above in link.iterancestors():
        if above is body or place[above].size > min(limit, place[body].size // 2):
            break
        if place[above].elements > _MAX_ELEMENTS:
            break
        if any(child.tag in HEADINGS or (child.tag == "img" and _is_large(child)) for child in above.iter()):
            break
        if above.tag in BLOCKS:
            chosen = above
    remove(chosen)


def _is_large(image: Element) -> bool:
    width = image.get("width", "").strip().removesuffix("px")
    return width.isdigit() and int(width) > 150


def _cut_tail(ends: list[int], place: dict[Element, Span], body: Element) -> None:
    """Remove what stands behind the last way out, if it is short enough to be a footer."""
    whole = place[body].end
    if not ends or whole - max(ends) > min(_TAIL, _TAIL_SHARE * whole):
        return
    cut = max(ends)
    for element in list(body.iter()):
        if element is not body and place[element].begin >= cut:
            remove(element)


def _footers(body: Element, place: dict[Element, Span]) -> None:
    for element in list(body.iter()):
        here = place[element]
        if element is body or element.tag not in BLOCKS or here.size > _FOOT or here.elements > _MAX_ELEMENTS:
            continue
        if phrases.FOOTER.search(text(element, _FOOT).lower()):
            remove(element)


def _redact(body: Element, recipients: tuple[str, ...]) -> None:
    """Remove the subscriber's address from text and links, and links that carry it in any form."""
    forms = spellings(recipients)
    for link in links(body):
        href = link.get("href").lower()
        if any(form in href for form in forms):
            link.drop_tag()
    for image in list(body.iter("img")):
        source = image.get("src", "").lower()
        if any(form in source for form in forms):
            remove(image)
    for element in body.iter():
        if element.text and "@" in element.text:
            element.text = without_person(element.text, recipients)
        if element.tail and "@" in element.tail:
            element.tail = without_person(element.tail, recipients)
        for name in ("alt", "title"):
            if "@" in element.get(name, ""):
                element.set(name, without_person(element.get(name), recipients))


def same_words(one: str, other: str) -> bool:
    """Whether two titles are the same but for case, white space and marks."""
    return bool(_plain(one)) and _plain(one) == _plain(other)


def is_online(words: str) -> bool:
    """Whether the words lead to the issue on the web."""
    return bool(phrases.ONLINE.search(words.lower()))
