"""What fuzzing needs: seeds, mutations, and what must hold of whatever comes out.

Shared by the tests here, which run for a minute, and by bench/fuzz.py, which runs for as long as it is told.
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import lxml.html
from budget import cpu_budget

from syndicator.errors import ParseError
from syndicator.model import Article, Entry, ParsedFeed, Source
from syndicator.normalise import clean, head, normalise, to_text
from syndicator.normalise.html import MAX_LENGTH
from syndicator.parse import newsletter, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

TESTS = Path(__file__).parents[1]
NOW = datetime(2026, 3, 10, tzinfo=UTC)
SOURCE = Source(name="s", url="https://s.example/feed")
SITE = ("en", "zh")
MAX_SEED = 200_000
URL = "https://s.example/2026/story"

HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
ADDRESSES = {"href", "src", "poster", "cite"}
LANGUAGE = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)?")


# Seeds ------------------------------------------------------------------------------------------------------


def seeds(kind: str) -> list[bytes]:
    """Give documents of our own writing: feeds, pages, fragments or mails."""
    folder = TESTS / "golden" / "parse" if kind == "feed" else TESTS / "fuzz" / "seeds"
    wanted = {"page": ".html", "html": ".html", "mail": ".eml"}.get(kind, "")
    return [
        path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name.endswith(wanted) and not path.name.endswith(".expected.json")
    ]


def corpus_seeds(kind: str, corpus: Path) -> list[bytes]:
    """Give real documents of at most 200 kB each, unpacked."""
    folder = corpus / {"feed": "feeds", "mail": "newsletters"}.get(kind, "articles")
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = path.read_bytes()
        body = gzip.decompress(body) if path.suffix == ".gz" else body
        if 0 < len(body) <= MAX_SEED:
            found.append(body)
    return found


# Mutations --------------------------------------------------------------------------------------------------

TOKENS = tuple(
    token.encode()
    for token in (
        "&#1;", "{x}=1 ",
        "<![CDATA[", "]]>", "<!--", "-->", "<item>", "</item>", "<entry>", "<", ">", "&", "&#0;",
        "&#xD800;", "&#8238;", "&amp;amp;", "&nbsp;", "&lrm;", '"', "'", "\\ud800", "{", "}", "[", "]",
        ",", ":", "null", "1e999", "-1", "\0", "\ufeff", "\u202e", "\u2028", "\x85",
        "<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE x [", "<!ENTITY a 'b'>", "&a;",
        "xmlns:x='y'", "xml:base='//['", "xml:base='javascript:x'", "<script>", "</script>", "<style>",
        "<svg>", "<math>", "<mtext>", "<table>", "<td>", "<p>", "<pre>\n\n", "<a href='x'>", "<b>",
        "<select>", "<template>", "<noscript>", "<iframe src=//f.example>", "<img data-src=x>",
        "<picture><source srcset='x 2x'>", "<h1>", "<object><embed src=x>", "<video><source src=x>",
        "<br><br><br>", "<frameset>", "<plaintext>", "http://[::1", "javascript:alert(1)",
        "data:text/html,x", "//evil.example", "=?utf-8?q?=0A?=", "=0D=0A", "charset=gbk", "2026-02-30",
        "24:00:00", "Content-Type: multipart/mixed; boundary=b1\n\n--b1\n", "0000-00-00T00:00:00Z",
    )
)  # fmt: skip


def mutated(body: bytes, other: bytes, random: Random) -> bytes:
    """Change `body` at one to six places: bits, tokens, what is repeated, moved, cut or taken."""
    found = bytearray(body)
    for _ in range(random.randint(1, 6)):
        at, wide = random.randint(0, len(found)), random.randint(0, 60)
        part = bytes(found[at : at + wide])
        match random.randint(0, 7):
            case 0:
                found[at : at + 1] = bytes([random.randint(0, 255)])
            case 1 | 2:
                found[at : at + random.choice((0, 0, wide))] = random.choice(TOKENS)
            case 3:
                found[at:at] = part * random.choice((1, 3, 400))
            case 4:
                del found[at : at + random.choice((wide, 20 * wide))]
            case 5:
                start = random.randint(0, len(other))
                found[at:at] = other[start : start + 40 * wide]
            case 6:
                found[at:at] = random.choice(TOKENS) * random.choice((2, 30, 2000))
            case _:
                del found[at : at + wide]
                place = random.randint(0, len(found))
                found[place:place] = part
    return bytes(found)


# Targets ----------------------------------------------------------------------------------------------------


def feed(body: bytes) -> None:
    """Read a feed and make articles of it, as a pull does."""
    try:
        parsed = parse(body, url=SOURCE.url)
    except ParseError:
        return
    check_feed(parsed)


def check_feed(parsed: ParsedFeed) -> None:
    """Check what a document says about itself, and all articles of it."""
    told = head(parsed, SOURCE.url)
    check_line(told.title, 500)
    check_link(told.url)
    articles = normalise(parsed, source=SOURCE, now=NOW, languages=SITE)
    assert len({article.key for article in articles}) == len(articles)
    for article in articles:
        check_article(article)


def check_article(article: Article) -> None:
    """Check all that is stored of one article."""
    check_line(article.title, 4096 if article.title == article.url else 500)  # the last resort
    check_line(article.guid, 1000)
    check_line(article.summary, 300)
    for name in (*article.authors, *article.tags):
        check_line(name, 200)
    assert len(article.authors) <= 20
    assert len(article.tags) <= 50
    assert LANGUAGE.fullmatch(article.language)
    for url in (article.url, article.image, *(enclosure.url for enclosure in article.enclosures)):
        check_link(url)
    check_text(article.text)
    check_html(article.content_html)
    json.dumps([article.title, article.text, article.content_html], ensure_ascii=False).encode()


def page(body: bytes) -> None:
    """Extract the article of a page, and store it as a pull does."""
    extract = importlib.import_module("syndicator.extract").extract
    try:
        found = extract(body, url=URL)
    except ParseError:
        return
    for text in (found.title, found.language, *found.authors, *found.tags):
        check_line(text, 2000)
    check_text(found.text)
    for url in (found.url, found.canonical_url, found.image):
        assert url == "" or url.startswith(("http://", "https://")), url
        assert not HARMFUL.search(url), url
    entry = Entry(
        url=found.canonical_url or found.url, title=found.title, content=found.html, authors=found.authors,
        tags=found.tags, language=found.language, image=found.image, base_url=found.url,
    )  # fmt: skip
    check_feed(ParsedFeed(format="page", entries=(entry,)))


def html(body: bytes) -> None:
    """Clean a fragment in all three policies."""
    raw = body.decode("utf-8", "surrogateescape")
    stored = clean(raw, URL)
    check_html(stored)
    check_text(to_text(stored))
    for policy in ("web", "mail"):
        shown = clean(stored, policy=policy)
        check_html(shown, policy)


def mail(body: bytes) -> None:
    """Read a newsletter both ways, and make articles of it."""
    for articles in ("mail", "links"):
        found = newsletter.read(body, articles=articles, arrived_at=NOW)
        for text in (found.subject, found.title, found.note):
            check_line(text, 2000)
        check_link(found.confirm_url)
        check_feed(ParsedFeed(format="mail", title=found.title, url=found.homepage, entries=found.entries))


TARGETS: Mapping[str, Callable[[bytes], None]] = {"feed": feed, "html": html, "page": page, "mail": mail}


def check_line(text: str, limit: int) -> None:
    """One line, of bounded length, without what breaks or turns lines around."""
    assert not HARMFUL.search(text), text
    assert "\n" not in text
    assert len(text) <= limit


def check_text(text: str) -> None:
    """Plain text of bounded size without control characters."""
    assert not HARMFUL.search(text), HARMFUL.findall(text)
    assert len(text) <= MAX_LENGTH


def check_link(url: str) -> None:
    """An address that may be followed, or none."""
    assert url == "" or url.startswith(("http://", "https://")), url
    assert not HARMFUL.search(url), url
    assert not set(url) & set(' "<>\n'), url
    assert len(url) <= 4096


def check_html(found: str, policy: Any = "feed") -> None:
    """Clean HTML: a fixed point, of bounded size, that leads nowhere but to web and mail."""
    assert not HARMFUL.search(found)
    assert len(found) <= MAX_LENGTH
    assert clean(found, policy=policy) == found
    for element in lxml.html.fragment_fromstring(found, create_parent=True).iter():
        for name in ADDRESSES & set(element.attrib):
            assert element.get(name).startswith(("http://", "https://", "mailto:")), element.get(name)


# Cases ------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """One input and where it goes."""

    target: str
    body: bytes

    def run(self) -> None:
        """Run it; AssertionError or anything else that comes out is a finding."""
        with cpu_budget(len(self.body)):
            TARGETS[self.target](self.body)


def available() -> list[str]:
    """Name the targets that are there."""
    found = []
    for name in TARGETS:
        with suppress(ImportError, AttributeError):
            if name == "page":
                _ = importlib.import_module("syndicator.extract").extract
            found.append(name)
    return found
