"""RSS, Atom and JSON Feed of hostile and of ordinary articles: valid, the same bytes, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest

from syndicator.model import Article, Elsewhere, Enclosure, Rule, StoredArticle, Topic
from syndicator.publish.feed import FeedLink, entry_id, name_id, of_topic
from syndicator.publish.formats import FEEDS
from syndicator.publish.opml import opml
from syndicator.settings import Site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = Site(title="The Desk", base_url="https://desk.example")
TOPIC = Topic(slug="china", title='China & <b>"中国"</b>', rule=Rule(), description="What & why")
HOSTILE = Article(
    source="wire",
    key="k1",
    guid="1",
    url="https://wire.example/a?b=1&c=<2>",
    title='a < b & "c" ]]> 中国 🎉 \u202bعربي',
    published_at=NOW - timedelta(hours=2),
    authors=("Anna & Bo", "博"),
    tags=("China", "a&b"),
    language="ar",
    summary="1 < 2 & 3 > 2",
    content_html="<p>1 &lt; 2 &amp; <b>3</b> ]]&gt;</p>",
    text="1 < 2 & 3 ]]>",
    image="https://wire.example/i.png?a&b",
    enclosures=(Enclosure(url="https://wire.example/a.mp3?x&y", type="audio/mpeg", length=7),
                Enclosure(url="https://wire.example/b", type="", length=0)),
)  # fmt: skip
BARE = Article(source="post", key="k2", title="Bare")


def stored(article, **more):
    return StoredArticle(
        id=1, article=article, arrived_at=NOW, changed_at=NOW, source_title="The Wire & Co",
        source_url="https://wire.example/feed?a&b", **more,
    )  # fmt: skip


TOLD = (
    Elsewhere(source="Post <&>", url="https://post.example/a?b&c", title="The same"),
    Elsewhere(source="Nowhere", url="javascript:alert(1)"),
)
FEED = of_topic(TOPIC, SITE, (stored(HOSTILE), stored(BARE)), created_at=NOW)


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_xml_reads_back_as_what_was_stored(name):
    body = FEEDS[name].render(FEED)
    ElementTree.fromstring(body)
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    first, second = read.entries
    assert first.title == HOSTILE.title
    assert first.link == HOSTILE.url
    assert first.id == entry_id(HOSTILE)
    assert first.content[0].value == HOSTILE.content_html
    own = TOPIC.title if name == "rss" else TOPIC.slug
    assert [tag.term for tag in first.tags] == [own, *HOSTILE.tags]
    assert datetime(*first.published_parsed[:6], tzinfo=UTC) == HOSTILE.published_at
    assert first.source.title == "The Wire & Co"
    assert first.enclosures[0].href == HOSTILE.enclosures[0].url
    assert first.enclosures[0].type == "audio/mpeg"
    assert second.title == "Bare"
    self_links = [link.href for link in read.feed.links if link.rel == "self"]
    assert self_links == [f"https://desk.example/topics/china.{name}"]


def test_descriptions_are_html_in_rss_and_text_in_atom():
    rss = ElementTree.fromstring(FEEDS["rss"].render(FEED))
    assert rss.findtext("channel/item/description") == "1 &lt; 2 &amp; 3 &gt; 2"
    atom = ElementTree.fromstring(FEEDS["atom"].render(FEED))
    summary = atom.find("{*}entry/{*}summary")
    assert (summary.text, summary.get("type")) == (HOSTILE.summary, "text")
    assert {c.get("type") for c in atom.iter("{http://www.w3.org/2005/Atom}content")} == {"html", "text"}


def test_atom_links_have_their_rel_and_entries_their_language():
    atom = ElementTree.fromstring(FEEDS["atom"].render(FEED))
    first = atom.find("{*}entry")
    links = [(link.get("rel"), link.get("href")) for link in first.findall("{*}link")]
    assert links == [("alternate", HOSTILE.url), *(("enclosure", e.url) for e in HOSTILE.enclosures)]
    assert first.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    assert first.find("{*}source/{*}link").get("rel") == "self"
    assert first.findtext("{*}source/{*}id") == "https://wire.example/feed?a&b"


def test_every_author_is_named_and_every_atom_entry_has_one():
    rss = ElementTree.fromstring(FEEDS["rss"].render(FEED))
    creators = [e.text for e in rss.iter("{http://purl.org/dc/elements/1.1/}creator")]
    assert creators == ["Anna & Bo", "博"]
    atom = ElementTree.fromstring(FEEDS["atom"].render(FEED))
    for entry in atom.iter("{http://www.w3.org/2005/Atom}entry"):
        assert entry.find("{*}author/{*}name").text


def test_a_feed_carries_links_of_its_own():
    links = (
        FeedLink("hub", "https://hub.example/?a&b"),
        FeedLink("prev-archive", "https://desk.example/topics/china/archive/7.atom", "application/atom+xml"),
        FeedLink("next", "https://desk.example/topics/china/archive/7.json"),
    )
    linked = replace(FEED, links=links)
    for name in ("rss", "atom"):
        read = [
            (link.rel, link.href, link.get("type", ""))
            for link in feedparser.parse(FEEDS[name].render(linked)).feed.links
        ]
        for link in links:
            kind = link.media_type or "text/html"  # feedparser's own guess where there is none
            assert read.count((link.rel, link.href, kind)) == 1
    document = json.loads(FEEDS["json"].render(linked))
    assert document["hubs"] == [{"type": "WebSub", "url": "https://hub.example/?a&b"}]
    assert document["next_url"] == links[2].href
    assert not {"hubs", "next_url"} & json.loads(FEEDS["json"].render(FEED)).keys()


def test_json_feed_holds_what_the_format_knows():
    feed = json.loads(FEEDS["json"].render(FEED))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://desk.example/topics/china.json"
    first, second = feed["items"]
    assert (first["title"], first["content_html"], first["url"]) == (
        HOSTILE.title, HOSTILE.content_html, HOSTILE.url,
    )  # fmt: skip
    assert first["attachments"][0] == {
        "url": HOSTILE.enclosures[0].url, "mime_type": "audio/mpeg", "size_in_bytes": 7,
    }  # fmt: skip
    assert first["_syndicator"]["source"]["title"] == "The Wire & Co"
    assert "url" not in second
    assert second["content_text"] == "Bare"


@pytest.mark.parametrize("name", list(FEEDS))
def test_the_same_data_give_the_same_bytes(name):
    assert FEEDS[name].render(FEED) == FEEDS[name].render(replace(FEED))
    later = replace(FEED, articles=(stored(replace(HOSTILE, title="Corrected")), stored(BARE)))
    assert FEEDS[name].render(FEED) != FEEDS[name].render(later)


@pytest.mark.parametrize("name", list(FEEDS))
def test_an_excerpt_feed_holds_no_full_text(name):
    body = FEEDS[name].render(replace(FEED, content="excerpt"))
    assert b"]]&gt;&lt;/p&gt;" not in body
    assert b"<b>3</b>" not in body.replace(b"&lt;", b"<").replace(b"&gt;", b">")


@pytest.mark.parametrize("name", list(FEEDS))
def test_an_empty_topic_is_a_valid_feed(name):
    body = FEEDS[name].render(of_topic(TOPIC, SITE, (), created_at=NOW))
    if name == "json":
        assert json.loads(body)["items"] == []
    else:
        assert not feedparser.parse(body).bozo


def test_ids_depend_on_source_and_key_alone():
    assert entry_id(HOSTILE) == entry_id(replace(HOSTILE, title="x", url="y"))
    assert entry_id(HOSTILE) != entry_id(replace(HOSTILE, source="post"))
    assert entry_id(HOSTILE).startswith("urn:uuid:")


@pytest.mark.parametrize("name", list(FEEDS))
def test_a_story_keeps_its_name_whoever_speaks_for_it(name):
    spoken = replace(FEED.articles[0], entry=("post", "first"))
    body = FEEDS[name].render(replace(FEED, articles=(spoken,)))
    assert name_id("post", "first").encode() in body
    assert entry_id(HOSTILE).encode() not in body


def test_opml_lists_every_feed():
    tree = ElementTree.fromstring(opml(SITE, [TOPIC]))
    (outline,) = tree.iter("outline")
    assert outline.get("xmlUrl") == "https://desk.example/topics/china.rss"
    assert outline.get("text") == TOPIC.title


@pytest.mark.parametrize("content", ["full", "excerpt"])
@pytest.mark.parametrize("name", ["rss", "atom", "json"])
def test_feeds_say_where_else_a_story_is_told_and_nothing_else_changes(name, content):
    alone = replace(FEED, content=content, also_in="Auch in:", articles=(stored(HOSTILE),))
    told = replace(alone, articles=(stored(HOSTILE, also_in=TOLD),))
    before, after = FEEDS[name].render(alone), FEEDS[name].render(told)
    assert FEEDS[name].render(told) == after, "the same bytes again"
    text = after.decode()
    assert "javascript:" not in text
    old, new = both(name, before), both(name, after)
    assert (new["id"], new["updated"]) == (old["id"], old["updated"])
    said = '<p>Auch in: <a href="https://post.example/a?b&amp;c">Post &lt;&amp;&gt;</a>, Nowhere</p>'
    if content == "full" or name == "rss":
        assert new["body"] == old["body"] + said
    if name == "atom":
        (link,) = [link for link in feedparser.parse(after).entries[0].links if link.rel == "related"]
        assert (link.href, link.title) == ("https://post.example/a?b&c", "Post <&>")
    if name == "json":
        assert json.loads(after)["items"][0]["_syndicator"]["also_in"] == [
            {"source": "Post <&>", "title": "The same", "url": "https://post.example/a?b&c"},
            {"source": "Nowhere", "title": "", "url": ""},
        ]


def both(name: str, body: bytes) -> dict[str, str]:
    """The parts of the one entry that matter, whatever the format."""
    if name == "json":
        (item,) = json.loads(body)["items"]
        html = item.get("content_html") or item.get("content_text")
        return {"id": item["id"], "updated": item["date_modified"], "body": html}
    (entry,) = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries
    html = entry.content[0].value if "content" in entry else entry.summary
    return {"id": entry.id, "updated": entry.updated if name == "atom" else entry.published, "body": html}


def test_a_page_of_the_archive_says_so_and_bears_the_name_of_its_feed():
    page = replace(FEED, archived=7)
    for name in ("rss", "atom"):
        body = FEEDS[name].render(page)
        read = feedparser.parse(body)
        assert b"<fh:archive" in body
        assert b"<fh:archive" not in FEEDS[name].render(FEED)
        assert read.feed.link == "https://desk.example/topics/china/archive/7"
        self_links = [link.href for link in read.feed.links if link.rel == "self"]
        assert self_links == [f"https://desk.example/topics/china/archive/7.{name}"]
    tree = ElementTree.fromstring(FEEDS["atom"].render(page))
    assert tree.findtext("{http://www.w3.org/2005/Atom}id") == FEED.id == page.id
    assert json.loads(FEEDS["json"].render(page))["feed_url"].endswith("/topics/china/archive/7.json")
