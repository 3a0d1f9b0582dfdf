"""What a reader sees around a page's heading: the short lines in which dates and names stand.

One pass over the body. What stands in menus, margins, comments and lists of other articles is left out, but
never what holds the heading itself: layouts have names like `with-sidebar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST: Final = 140  # characters of a line
_MOST: Final = 3_000  # lines that are looked at
_TRIED: Final = 60  # headings
_SIGNED: Final = 20
_BARE: Final = re.compile(r"[\W_]+")
_HEADINGS: Final = ("h1", "h2", "h3")
_ELSEWHERE_TAGS: Final = frozenset(("nav", "aside", "footer", "form", "menu", "blockquote"))
# Names of a class or id begin with the first or end with the second; in the middle a word is a modifier.
_BEGIN: Final = re.compile(
    r"""(?:(?:js|c|m|o|l|u|site|page|main|global|wp|block|module)[_-]+)*(?:
      comments?(?!-?(?:count|link|meta))|respond|disqus|replies|reader-?comments|related|recommend|recirc|similar
      |most-?(?:read|popular|viewed)|popular|trending|also-?(?:read|like)|read-?(?:next|also|more)|up-?next
      |more-?(?:stories|articles|news|posts)|prev(?:ious)?-?(?:post|article)|next-?(?:post|article)|side-?bar
      |widgets?|newsletter|cookie|gdpr|consent|breadcrumbs?|paginat|pager|calendar|archives?|footer
      |teasers?-?(?:list|box|grid)|teasers|latest|ticker|sponsor|promo|advert|nav(?:bar|igation)?(?![a-z])|menu
      |share|social|copyright|imprint|weather|events?-?list|footnotes?|references|reference-?(?:list|item)|citations?
      |clock|uhr|today|profile-?joined|wm-)""",
    re.IGNORECASE | re.VERBOSE,
)
_END: Final = re.compile(
    r"""[_-](?:comments|comment-?list|disqus|related|related-?(?:posts|articles|content)|recommendations|popular|trending
      |side-?bar|newsletter|breadcrumbs?|pagination|pager|calendar|archives?|(?:site|page|main|global)-?footer
      |teasers|ticker|promo|nav|navbar|navigation|menu|share|social|copyright|imprint|footnotes|references)$""",
    re.IGNORECASE | re.VERBOSE,
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BODILY: Final = frozenset(("html", "body", "main", "article"))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One string of an element."""

    element: Any
    text: str
    place: int  # how many lines it stands below the heading; negative above it


@dataclass(slots=True)
class Shown:
    """The short lines of a page in their order, and the elements that the pass went through."""

    lines: list[Line] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)  # of each element that stands in no margin
    signed: list[Any] = field(default_factory=list)  # what is marked as an author, wherever it stands
    has_heading: bool = False


def read(body: HtmlElement, title: str) -> Shown:
    """Read a body from which scripts and the like are gone."""
    heading = _heading(body, title)
    around = {heading, *heading.iterancestors()} if heading is not None else {body}
    shown = Shown(has_heading=heading is not None)
    elsewhere: set[Any] = set()
    found: list[tuple[Any, str, int]] = []
    count = zero = 0
    for element in body.iter():
        parent = element.getparent()
        if element is heading:
            zero = count
        tail = element.tail
        if tail and parent not in elsewhere and (tail := tail.strip()):
            count += 1
            if len(tail) <= LONGEST:
                found.append((parent, tail, count))
        if parent in elsewhere or (element not in around and _is_elsewhere(element)):
            elsewhere.add(element)
            continue
        shown.places[element] = count
        text = element.text
        if text and (text := text.strip()):
            count += 1
            if len(text) <= LONGEST:
                found.append((element, text, count))
        if count > _MOST:
            break
    for element in shown.places:
        shown.places[element] -= zero
    shown.signed = body.xpath(".//*[@rel='author' or @itemprop='author']")[:_SIGNED]
    shown.lines = [Line(element, text, place - zero) for element, text, place in found]
    return shown


def bare(text: str) -> str:
    """Give a text's letters and digits alone."""
    return _BARE.sub("", text).casefold()


def names_of(element: Any) -> str:
    """Give what an element is called: class, id, itemprop, with words apart."""
    said = [element.get("class"), element.get("id"), element.get("itemprop"), element.get("property")]
    return _apart(" ".join(each[:100] for each in said if each))


def _heading(body: HtmlElement, title: str) -> Any:
    """Find the heading that says the title, or the first of the highest rank."""
    wanted = bare(title)
    first = None
    for element in islice(body.iter(*_HEADINGS), _TRIED):
        said = bare("".join(each[:500] for each in islice(element.itertext(), 20))[:500])
        if not said:
            continue
        if wanted and (said == wanted or (len(said) > 12 and (said in wanted or wanted in said))):
            return element
        if element.tag == "h1" and first is None:
            first = element
    return first


def _is_elsewhere(element: Any) -> bool:
    tag = element.tag
    if tag in _ELSEWHERE_TAGS:
        return tag != "footer" or next(element.iterancestors("article"), None) is None
    if tag in _BODILY:
        return False
    name, key = element.get("class"), element.get("id")
    return bool((name and _says_elsewhere(name[:200])) or (key and _says_elsewhere(key[:200])))


@lru_cache(maxsize=8192)  # pages of one source use the same few hundred names
def _says_elsewhere(name: str) -> bool:
    return any(_BEGIN.match(word) or _END.search(word) for word in _apart(name).split())


@lru_cache(maxsize=8192)
def _apart(name: str) -> str:
    return _CAMEL.sub("-", name)
