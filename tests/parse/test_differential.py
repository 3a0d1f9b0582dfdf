"""The fast reader and feedparser find the same entries: in the corpus, in our documents, in made ones.

Where they may differ is listed with its reason; a difference that is gone fails too, so the list is true.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndicator.errors import ParseError
from syndicator.model import Entry, ParsedFeed
from syndicator.parse import charset, fast, xml
from syndicator.parse.mend import without_forbidden

GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
URL = "https://base.example/feed"

# Document → the fields that differ, and why ours is right.
DELIBERATE: Final = {
    "NetNewsWire/medscape.rss": ({"image"}, "the picture within an item's image element is kept"),
    "rss_1.0_debian.xml": ({"language"}, "xml:lang of rdf:RDF holds; feedparser compares its name by case"),
    "SamRuby.xml": ({"content"}, "declarations of prefixes are no attributes of the markup (svg)"),
    "issue_217_enclosure_children.xml": ({"title"}, "the title of an enclosure is not its entry's"),
    "illegally-nested.xml": ({"entries"}, "an empty item within an item is no entry, nor the end of one"),
    "rss_1.0_DC_Sy.xml": ({"title"}, "the first title of a channel holds, also after an image"),
    "rss_1.0_DC_multi.xml": ({"title"}, "the first title of a channel holds, also after an image"),
}


def quickly(body: bytes) -> ParsedFeed | None:
    """Let the fast reader have all that it is offered; None where the document is feedparser's."""
    for candidate in xml.candidates(body, ""):
        try:
            return fast.read(candidate, URL)
        except fast.NotWellFormed:
            continue
        except (fast.Unsure, ParseError):
            return None
    return None


def thoroughly(body: bytes) -> ParsedFeed:
    return xml.thoroughly(without_forbidden(charset.decode(body)), URL)


def differences(one: ParsedFeed, other: ParsedFeed) -> set[str]:
    found = {
        name
        for name in ParsedFeed.__slots__
        if name != "entries" and getattr(one, name) != getattr(other, name)
    }
    if len(one.entries) != len(other.entries):
        return found | {"entries"}
    return found | {
        name
        for pair in zip(one.entries, other.entries, strict=True)
        for name in Entry.__slots__
        if getattr(pair[0], name) != getattr(pair[1], name)
    }


def test_over_the_corpus(corpus: Path) -> None:
    quick, met = 0, set()
    for path in sorted((corpus / "feeds").rglob("*")):
        if not path.is_file() or (body := path.read_bytes()).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] != b"<":
            continue
        if (feed := quickly(body)) is None:
            continue
        quick += 1
        found = differences(feed, thoroughly(body))
        name = next((name for name in DELIBERATE if path.as_posix().endswith(name)), "")
        if name:
            met.add(name)
        assert found == (DELIBERATE[name][0] if name else set()), path
    assert quick > 1000
    assert met == set(DELIBERATE)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
def test_over_our_documents(path: Path) -> None:
    body = path.read_bytes()
    feed = quickly(body)
    assert feed is None or not differences(feed, thoroughly(body))
    assert (feed is None) == (path.stem == "soup")


@pytest.mark.parametrize(
    "item",
    [
        "<description> <div>a</div>b</description>",
        "<title type='image/svg+xml'>a <b>b</b></title>",
        "<title mode='base64'>a <b>b</b></title>",
        "<content type='image/png'>aGk=</content>",
        "<title mode='base64'>aGk=</title>",
        "<x><title>inner</title></x>",
        "<channel>x</channel>",
        "<textinput><title>Find</title></textinput>",
        "<author>Ada <name>Bo</name></author>",
        "<guid>1<b/></guid>",
        "<item><title>inner</title></item>",
    ],
)
def test_what_the_fast_reader_is_not_sure_of(item: str) -> None:
    body = f"<rss version='2.0'><channel><title>C</title><item>{item}</item></channel></rss>".encode()
    with pytest.raises(fast.Unsure):
        fast.read(body, URL)
    assert xml.read(body, "", URL) == thoroughly(body)


def test_markup_that_an_atom_feed_does_not_declare_is_not_read_fast() -> None:
    body = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>a <b>b</b></title></entry></feed>"
    with pytest.raises(fast.Unsure):
        fast.read(body, URL)
    assert xml.read(body, "", URL) == thoroughly(body)


@pytest.mark.parametrize(
    "item",
    [
        "<title>a &amp;amp; &lt;i>x&lt;/i> <b>b &amp; c</b> d</title>",
        "<description>a <b class='x &amp; &quot;y&quot;'>b<br/></b><div>c</div> &lt;d </description>",
        "<description type='text/plain'><p>a</p></description><title><a rel='Me' href='/'>y</a></title>",
        "<fullitem>x<title>y</title></fullitem>",
        "<description>\xc2\x93a <b>b</b></description>",
    ],
)
def test_markup_in_rss_that_is_not_escaped(item: str) -> None:
    body = f"<rss version='2.0'><channel><title>C</title><item>{item}</item></channel></rss>".encode()
    feed = fast.read(body, URL)
    assert "<" in feed.entries[0].title + feed.entries[0].summary + feed.entries[0].content
    assert not differences(feed, thoroughly(body))


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "<!DOCTYPE rss SYSTEM 'x.dtd' [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>",
        "<?x y?><!-- z --><!doctype rss [",
    ],
)
def test_documents_with_entities_are_not_read_fast(head: str) -> None:
    body = f"{head}<rss version='2.0'><channel><item><title>&a;</title></item></channel></rss>".encode()
    with pytest.raises((fast.Unsure, fast.NotWellFormed)):
        fast.read(body, URL)


def test_a_doctype_without_entities_is_read_fast() -> None:
    head = '<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "x">'
    body = f'{head}<rss version="0.91"><channel><item><title>a&nbsp;b</title></item></channel></rss>'
    feed = quickly(body.encode())
    assert feed is not None
    assert (feed.format, feed.entries[0].title) == ("rss091n", "a\xa0b")
    assert not differences(feed, thoroughly(body.encode()))


# Made documents ------------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.sampled_from([
        "", " ", "plain", "R&D & more", "<p>one</p><p>two</p>", "a &amp; b", "1 < 2 > 0", "x&nbsp;y",
        "é à « »", "\xc3\xa9 twice", "\x93quoted\x94", "汉字", "https://c.example/a?x=1&y=2", "/relative",
        "mailto:a@b.example", "a@b.example (Ada)", "Ada <a@b.example>", "tag:c.example,2026:1",
        "http:////c.example/x", "a, b, ,c", "Fri, 22 Sep 2023 10:24:00 +0200", "2026-01-02T03:04:05Z",
        "2 Mar 26 24:00 EST", "soon", "12", "24", "Monday",
    ]),
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=20),
)  # fmt: skip
PLAIN = [
    "title", "link", "description", "guid", "pubDate", "author", "category", "comments", "dc:creator",
    "dc:date", "dc:subject", "dc:description", "dc:language", "dcterms:modified", "content:encoded",
    "itunes:author", "itunes:summary", "itunes:title", "itunes:keywords", "media:title",
    "media:description", "media:keywords", "slash:comments", "updated", "published", "summary",
    "feedburner:origLink", "podcast:person", "georss:point", "unknown", "PubDate", "sy:updatePeriod",
]  # fmt: skip
ATTRIBUTED = {
    "link": ["href", "rel", "type"],
    "enclosure": ["url", "type", "length"],
    "media:content": ["url", "type", "medium", "fileSize"],
    "media:thumbnail": ["url"],
    "itunes:image": ["href"],
    "category": ["term", "scheme", "label", "domain"],
    "guid": ["isPermaLink"],
    "title": ["type", "xml:lang", "xml:base"],
    "summary": ["type", "xml:lang", "xml:base"],
    "content": ["type", "xml:lang", "xml:base"],
}
VALUES = {
    "rel": st.sampled_from(["alternate", "self", "enclosure", "hub", "replies", "Alternate"]),
    "type": st.sampled_from(["text", "html", "text/html", "text/plain", "image/png", "audio/mpeg"]),
    "isPermaLink": st.sampled_from(["true", "false", "no"]),
    "medium": st.sampled_from(["image", "video", "document"]),
    "xml:lang": st.sampled_from(["en", "de_AT", ""]),
    "xml:base": st.sampled_from(["https://x.example/y/", "/z/", "w", ""]),
    "length": st.sampled_from(["", "12", "x"]),
}
TYPED = {"title", "summary", "content"}
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "georss": "http://www.georss.org/georss",
}


@st.composite
def elements(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(PLAIN + list(ATTRIBUTED)))
    text = escape(draw(TEXTS))
    if draw(st.booleans()) and "]]>" not in text:
        text = f"<![CDATA[{text}]]>"
    said = ""
    if name in ATTRIBUTED:
        for key in draw(st.lists(st.sampled_from(ATTRIBUTED[name]), unique=True)):
            value = draw(VALUES.get(key, TEXTS))
            if name in TYPED and key == "type" and "/" in value and not value.startswith("text/"):
                continue  # base64, which is feedparser's
            said += f" {key}={quoteattr(value)}"
    return f"<{name}{said}>{text}</{name}>"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())
    entries = draw(st.lists(st.lists(elements(), max_size=8), max_size=3))
    ttl = f"<ttl>{escape(draw(TEXTS))}</ttl><sy:updatePeriod>daily</sy:updatePeriod>"
    skip = f"<skipHours><hour>{escape(draw(TEXTS))}</hour></skipHours>"
    if draw(st.booleans()):
        items = "".join(f"<item>{''.join(each)}</item>" for each in entries)
        head = "<title>C</title><link>https://c.example/</link>"
        return f'<rss version="2.0"{declared}><channel>{head}{ttl}{skip}{items}</channel></rss>'.encode()
    base = draw(st.sampled_from(["", ' xml:base="https://f.example/"', ' xml:lang="fr"']))
    items = "".join(f"<entry>{''.join(each)}</entry>" for each in entries)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{base}{declared}><title>C</title>'
        f'<link href="https://c.example/"/><link rel="hub" href="/hub"/><author><name>All</name></author>'
        f"{items}</feed>"
    ).encode()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_over_made_documents(body: bytes) -> None:
    feed = fast.read(body, URL)
    assert not differences(feed, thoroughly(body))
