"""What a reader sees of one article in a list, the same on pages, in mails and nowhere else decided.

Pure: `card` reads a `StoredArticle` and settles what templates should not have to think about: a title where
the publisher gave none, a name for the source, the direction of the writing, and links that are safe to
print (`http` and `https` only: escaping alone does not stop `javascript:`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Elsewhere, StoredArticle

# Languages written from right to left (ISO 639), and the scripts (ISO 15924) that make any language so.
_RTL_TAG = re.compile(
    r"(?:ar|arc|ckb|dv|fa|he|iw|ks|ku|lrc|mzn|nqo|pnb|ps|sd|syr|ug|ur|yi)(?:-|$)"
    r"|.*-(?:adlm|arab|hebr|mand|nkoo|rohg|samr|syrc|thaa)(?:-|$)",
    re.IGNORECASE,
)

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")  # Kana and Han
_WORDS_A_MINUTE = 230
_DENSE_A_MINUTE = 450
_TITLE_FROM_EXCERPT = 90  # characters
_ALT = re.compile(r'\salt="([^"]*)"')
_LONGEST_ALT = 250  # characters; more is no alternative
_FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|avif)|:\w+:|[\W\d_]*|(?:IMG|DSC|Screenshot)[\W\d_]+", re.IGNORECASE
)


class Reason(NamedTuple):
    """One reason for a rank, for templates to put into words.

    `kind` is one of `sources` (figure: how many tell it), `score` (points of the match), `hours` (its age)
    and `minutes` (its length; 0: a note).
    """

    kind: str
    figure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One article in a list. Texts are plain, links are absolute http(s) or empty, `at` is UTC."""

    id: int = 0  # of the article; 0: none that is stored
    title: str
    url: str
    source: str  # the publisher's title
    source_url: str
    at: datetime
    language: str = ""  # BCP 47 or empty
    dir: Literal["ltr", "rtl"] = "ltr"
    excerpt: str = ""
    image: str = ""
    image_alt: str = ""  # the publisher's words for it; "" where the headline beside it says enough
    because: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    also_in: tuple[Elsewhere, ...] = ()  # other sources that tell the same story, links as above
    reading_minutes: int = 0  # 0: less than one, or only an excerpt is known
    why: tuple[Reason, ...] = ()  # why it stands where it does in a mail, what weighed most first


def card(stored: StoredArticle, *, base_url: str = "") -> Card:
    """Show `stored` as readers see it; `base_url` is what a relative link is relative to.

    Without a title (microblogs) the excerpt's beginning stands in for it, without either the link does.
    """
    article = stored.article
    url = safe(article.url, base_url)
    title, excerpt = article.title, article.summary
    if not title:
        title = _beginning(excerpt) or url
    if title == excerpt:  # the beginning of a text without a title is one
        excerpt = ""
    image = safe(article.image, base_url)
    return Card(
        id=stored.id,
        title=title,
        url=url,
        source=stored.source_title or _host(url) or article.source,
        source_url=safe(stored.source_url),
        at=stored.sorted_at,
        language=article.language,
        dir=direction(article.language, title),
        excerpt=excerpt,
        image=image,
        image_alt=_words_of(article.image, article.content_html, title) if image else "",
        because=stored.because,
        tags=article.tags,
        also_in=tuple(replace(each, url=safe(each.url)) for each in stored.also_in),
        reading_minutes=reading_minutes(article.text),
    )


def _words_of(address: str, html: str, title: str) -> str:
    """Find what the publisher says of a picture where the content shows it; a file's name says nothing."""
    place = html.find(f'src="{escape(address, quote=False)}"')
    if place < 0:
        return ""
    tag = html[html.rfind("<", 0, place) : html.find(">", place)]
    said = _ALT.search(tag)
    words = " ".join(unescape(said[1]).split()) if said else ""
    if words == title or len(words) > _LONGEST_ALT or _FILE_NAME.fullmatch(words):
        return ""
    return words


def reading_minutes(text: str) -> int:
    """Estimate the whole minutes that `text` takes, words and Han or Kana characters each at their pace."""
    dense = len(_DENSE.findall(text))
    words = len(_DENSE.sub(" ", text).split())
    return round(words / _WORDS_A_MINUTE + dense / _DENSE_A_MINUTE)


def direction(language: str, text: str) -> Literal["ltr", "rtl"]:
    """Tell which way `text` runs: as its language says, if it holds such letters at all, else as it begins.

    HTML's `dir=auto` looks at the first strong character only and turns an Arabic headline around that
    begins with a Latin brand name; the language alone turns an English headline in an Arabic feed around.
    """
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")]
    if all(kind == "L" for kind in strong):
        return "ltr"
    return "rtl" if strong[0] != "L" or _RTL_TAG.match(language) else "ltr"


def _beginning(excerpt: str) -> str:
    if len(excerpt) <= _TITLE_FROM_EXCERPT:
        return excerpt
    head = excerpt[:_TITLE_FROM_EXCERPT]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > len(head) // 2 else head).rstrip() + "…"


def safe(url: str, base_url: str = "") -> str:
    """Give an absolute link that is safe to print, or nothing."""
    try:
        absolute = urljoin(base_url, url.strip()) if url.strip() else ""
        parts = urlsplit(absolute)
    except ValueError:  # an unfinished IPv6 host
        return ""
    return absolute if parts.scheme in ("http", "https") and parts.hostname else ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
