"""Feeds of real articles and of hostile ones: no judge finds a fault, readers get what was stored."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from validators import FAULTS, tree

from syndicator.errors import ParseError
from syndicator.model import Article, Elsewhere, Enclosure, Publish, Rule, Source, StoredArticle, Topic
from syndicator.normalise import normalise
from syndicator.parse import parse
from syndicator.publish.feed import Deletion, Feed, FeedLink, entry_id, of_site, of_topic
from syndicator.publish.formats import FEEDS
from syndicator.publish.item import as_html, iri, uri
from syndicator.settings import Site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = Site(
    title="The Desk & Co",
    base_url="https://desk.example",
    logo="https://desk.example/l.png",
    rights="All © ours",
)
TOPIC = Topic(slug="china", title="China", rule=Rule(), description="What happens")
EVERY = 1 if os.environ.get("SYNDICATOR_TEST_WHOLE_CORPUS") else 24  # of its documents; all take minutes
AT_MOST = 40  # articles of a document


def stored(article: Article, number: int, **more: Any) -> StoredArticle:
    known = {"source_title": "The Wire", "source_url": "https://wire.example/feed?a&b"} | more
    return StoredArticle(id=number, article=article, arrived_at=NOW, changed_at=NOW, **known)


def gathered(articles: list[Article]) -> Feed:
    newest = sorted(articles, key=lambda each: min(each.published_at or NOW, NOW), reverse=True)
    return of_topic(
        TOPIC, SITE, tuple(stored(each, place) for place, each in enumerate(newest)), created_at=NOW
    )


def no_faults(feed: Feed) -> dict[str, bytes]:
    """Render in every format, and let the judges look."""
    bodies = {name: kind.render(feed) for name, kind in FEEDS.items()}
    for name, body in bodies.items():
        assert FAULTS[name](body) == [], name
    return bodies


def same_as_stored(feed: Feed, bodies: dict[str, bytes]) -> None:
    """Compare what feedparser and a JSON parser read with what was stored, field by field."""
    items = json.loads(bodies["json"])["items"]
    read = {
        name: feedparser.parse(bodies[name], sanitize_html=False, resolve_relative_uris=False)
        for name in ("rss", "atom")
    }
    for name, one in read.items():
        assert not one.bozo, (name, one.get("bozo_exception"))
        assert len(one.entries) == len(feed.articles)
    for place, (each, node) in enumerate(
        zip(feed.articles, tree(bodies["rss"]).iterfind("channel/item"), strict=True)
    ):
        article = each.article
        item, rss, atom = items[place], read["rss"].entries[place], read["atom"].entries[place]
        assert item["id"] == rss.id == atom.id == entry_id(article)
        assert item["title"] == rss.title == atom.title == (article.title or item["title"])
        (link,) = [one.href for one in atom.get("links", ()) if one.rel == "alternate"] or [""]
        assert (item.get("url", ""), link) == (article.url, iri(article.url))
        assert rss.get("link", "") == uri(article.url)
        assert item.get("content_html", "") == article.content_html
        for entry in (rss, atom):
            assert not article.content_html or entry.content[0].value == article.content_html.strip()
        assert item.get("summary", "") == article.summary
        if article.summary:  # where there is none, feedparser takes the content for one
            assert (atom.summary, rss.summary) == (article.summary, as_html(article.summary).strip())
        when = min(article.published_at or NOW, NOW).replace(microsecond=0)
        assert datetime.fromisoformat(item["date_published"]) == when
        for entry in (rss, atom):
            assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == when
        creators = [one.text for one in node.iterfind("{http://purl.org/dc/elements/1.1/}creator")]
        assert creators == list(article.authors)  # feedparser takes addresses out of names
        same_parts(article, item, rss, atom)


def same_parts(article: Article, item: dict[str, Any], rss: Any, atom: Any) -> None:
    assert [one["name"] for one in item.get("authors", [])] == list(article.authors)
    assert [one.name for one in atom.authors] == list(article.authors or ("The Wire",))
    assert item["tags"] == list(dict.fromkeys((TOPIC.title, *article.tags)))
    assert [one.term for one in rss.tags] == [TOPIC.title, *article.tags]
    assert [one.term for one in atom.tags] == [TOPIC.slug, *article.tags]
    files = [file.url for file in article.enclosures]
    assert [file["url"] for file in item.get("attachments", [])] == files
    told = [link.href for link in atom.get("links", ()) if link.rel == "enclosure"]
    assert told == [iri(url) for url in files]
    media = [each["url"] for each in rss.get("media_content", [])]
    told = [link.href for link in rss.get("links", ()) if link.rel == "enclosure"] + media
    assert [uri(url) for url in files] == told[: len(files)]
    for entry, written in ((rss, uri), (atom, iri)):
        pictures = [each["url"] for each in entry.get("media_thumbnail", [])]
        assert pictures == ([written(article.image)] if article.image else [])
    assert item.get("image", "") == article.image


def test_real_feeds_are_read_back_as_they_were_stored(corpus):
    count = 0
    files = sorted(path for path in (corpus / "feeds").rglob("*") if path.is_file())
    for path in files[::EVERY]:
        try:
            parsed = parse(path.read_bytes(), url="https://wire.example/feed")
        except ParseError:
            continue
        source = Source(name="wire", url="https://wire.example/feed")
        found = normalise(parsed, source=source, now=NOW, languages=("en", "zh"))[:AT_MOST]
        if found:
            count += len(found)
            feed = gathered(list(found))
            same_as_stored(feed, no_faults(feed))
    assert count > 150


def test_fastfeedparser_reads_the_same():
    fast = pytest.importorskip("fastfeedparser")
    feed = gathered(hostile())
    for name in ("rss", "atom"):
        read = fast.parse(FEEDS[name].render(feed))
        assert [each.id for each in read.entries] == [entry_id(each.article) for each in feed.articles]
        assert [each.title for each in read.entries] == [each.article.title for each in feed.articles]
        written = uri if name == "rss" else iri
        links = [written(each.article.url) for each in feed.articles]
        assert [each.get("link") or "" for each in read.entries] == links


def hostile() -> list[Article]:
    """Articles that are as bad as anything that is stored may be."""
    long = "长" * 499 + "…"
    return [
        Article(source="wire", key="cdata", title="]]> <![CDATA[ &amp; <b>", url="https://wire.example/]]%3E?a=1&b",
                summary="]]> <!-- --> <?php", content_html="<p>]]&gt; &lt;![CDATA[ &amp;amp; <b>b</b></p>"),
        Article(source="wire", key="long", title=long, tags=("t" * 200,),
                url="https://wire.example/" + "a" * 4000),
        Article(source="wire", key="emoji", title="👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \U0010fffd", content_html="<p>👍🏽</p>", url="https://wire.example/👍"),
        Article(source="wire", key="rtl", title="مرحبا بالعالم", language="ar",
                content_html="<p dir=\"rtl\">שלום</p>", url="https://例え.jp/パス?問=答#節",
                authors=("أحمد", "O’Neil & Söhne <x@y.example>")),
        Article(source="wire", key="huge", title="Huge", url="https://wire.example/huge",
                content_html="<p>" + "word &amp; 字 " * 90_000 + "</p>"),
        Article(source="wire", key="bare", title="Bare"),
        Article(source="wire", key="old", title="Old", url="https://wire.example/old",
                published_at=datetime(1, 1, 1, tzinfo=UTC), content_html="<p>x</p>"),
        Article(source="wire", key="ahead", title="Ahead", url="https://wire.example/ahead",
                published_at=NOW + timedelta(days=9_000), content_html="<p>x</p>"),
        Article(source="wire", key="files", title="Files", url="https://wire.example/files",
                image="https://wire.example/bild-ä.png",
                enclosures=(Enclosure(url="https://wire.example/ä.mp3", type="audio/mpeg", length=7),
                            Enclosure(url="https://wire.example/b", type="picture"),
                            Enclosure(url="https://wire.example/c.mp4", type="video/mp4", length=2**40))),
    ]  # fmt: skip


def test_hostile_articles_are_read_back_as_they_were_stored():
    feed = gathered(hostile())
    same_as_stored(feed, no_faults(feed))


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1b[31m", "\ud800", "\udfff\ud800", "\ufffe", "\uffff"])
def test_what_no_format_can_hold_is_dropped_and_harms_nothing(bad):
    article = Article(
        source="wire", key="k", title=f"a{bad}b", url="https://wire.example/a", summary=f"c{bad}d",
        content_html=f"<p>e{bad}f</p>", authors=(f"g{bad}h",), tags=(f"i{bad}j",),
    )  # fmt: skip
    feed = gathered([article, Article(source="wire", key="good", title="Good", content_html="<p>x</p>")])
    bodies = {name: kind.render(feed) for name, kind in FEEDS.items()}
    for name, body in bodies.items():
        assert FAULTS[name](body) == []
        assert body.decode().count("Good") >= 1
    rest = "[31m" if "\x1b" in bad else ""
    assert feedparser.parse(bodies["rss"]).entries[0].title == f"a{rest}b"


def test_everything_at_once_has_no_fault():
    told = (
        Elsewhere(source="Post <&>", url="https://post.example/a?b&c"),
        Elsewhere(source="X", url="javascript:1"),
    )
    changed = replace(
        stored(hostile()[0], 1, also_in=told, source_home="https://wire.example/"),
        changed_at=NOW + timedelta(hours=1),
    )
    from_mail = stored(hostile()[1], 2, source_url="")
    feed = replace(
        of_topic(TOPIC, SITE, (changed, from_mail), created_at=NOW),
        deleted=(Deletion("urn:uuid:1", NOW, "Not & <true>"), Deletion("urn:uuid:2", NOW)),
        links=(
            FeedLink("hub", "https://hub.example/"),
            FeedLink(
                "prev-archive", "https://desk.example/topics/china/archive/1.atom", "application/atom+xml"
            ),
            FeedLink("next", "https://desk.example/topics/china/archive/1.json", "application/feed+json"),
        ),
    )
    for each in (
        feed,
        replace(feed, content="excerpt"),
        replace(feed, articles=()),
        replace(feed, archived=3),
    ):
        no_faults(each)
    rss = tree(FEEDS["rss"].render(feed))
    assert rss.findtext("channel/item/{http://purl.org/dc/terms/}modified") == "2026-11-24T08:00:00+00:00"
    assert [each.text for each in rss.iter("{http://purl.org/dc/elements/1.1/}source")] == ["The Wire"]
    source = tree(FEEDS["atom"].render(feed)).find("{*}entry/{*}source")
    assert [link.get("rel") for link in source.findall("{*}link")] == ["self", "alternate"]


def test_all_topics_together_name_the_topics_of_each_article():
    japan = Topic(slug="japan", title="Japan", rule=Rule(), publish=Publish(content="excerpt"))
    one, two = (
        stored(Article(source="wire", key=key, title=key, url=f"https://wire.example/{key}", summary="s",
                       content_html="<p>whole</p>"), number)
        for number, key in enumerate(("one", "two"))
    )  # fmt: skip
    feed = of_site(SITE, (one, two), {0: (TOPIC, japan), 1: (japan,)}, created_at=NOW)
    bodies = no_faults(feed)
    items = json.loads(bodies["json"])["items"]
    assert [item["tags"] for item in items] == [["China", "Japan"], ["Japan"]]
    assert [item.get("content_html") for item in items] == ["<p>whole</p>", None], (
        "only where a topic shows it"
    )
    read = feedparser.parse(bodies["atom"])
    assert [(tag.term, tag.scheme) for tag in read.entries[0].tags] == [
        ("china", "https://desk.example/topics"), ("japan", "https://desk.example/topics"),
    ]  # fmt: skip
    assert read.feed.links[0].href == "https://desk.example/all.atom"
