"""`A-IM: feed` (RFC 3229): a client that lives on deltas has what one has that reads all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.model import Article, Rule, StoredArticle, Topic
from syndicator.publish import label
from syndicator.publish.delta import KEPT, History, asks, cut, follow, spans
from syndicator.publish.feed import FeedLink, of_topic
from syndicator.publish.formats import FEEDS
from syndicator.publish.label import Label
from syndicator.settings import Site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = Site(title="The Desk", base_url="https://desk.example")
TOPIC = Topic(slug="ships", title="Ships", rule=Rule())
TRAPS = (
    "plain",
    "</item></entry><item><entry>",
    "<![CDATA[ <item> ]]> <!-- <entry> -->",
    '"items": [ {"items": [1, 2]} ] \\" \\\\',
    "中国 🎉 ] } , \u2028",
)


def article(number: int, edit: int = 0) -> StoredArticle:
    trap = TRAPS[number % len(TRAPS)]
    told = Article(
        source="wire", key=f"k{number}", title=f"{number}.{edit} {trap}", url=f"https://wire.example/{number}",
        summary=trap, content_html=f"<p>{trap} {edit}</p>",
    )  # fmt: skip
    return StoredArticle(id=number, article=told, arrived_at=NOW, changed_at=NOW + timedelta(hours=edit))


def render(name: str, *articles: StoredArticle) -> bytes:
    return FEEDS[name].render(of_topic(TOPIC, SITE, articles, created_at=NOW))


def versions(name: str, *bodies: bytes) -> History:
    history = History()
    for body in bodies:
        history = follow(history, sha256(body).hexdigest(), name, body)
    return history


def held(name: str, body: bytes) -> dict[str, tuple[str, str]]:
    """What a reader takes from a document: id → title and content."""
    if name == "json":
        return {each["id"]: (each["title"], each["content_html"]) for each in json.loads(body)["items"]}
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    assert read.feed.title == "Ships"
    return {each.id: (each.title, each.content[0].value) for each in read.entries}


@pytest.mark.parametrize("name", FEEDS)
def test_the_places_of_entries(name):
    for count in (0, 1, len(TRAPS)):
        body = render(name, *map(article, range(count)))
        found = spans(name, body)
        assert len(found) == len(held(name, body)) == count
        if name == "json":
            assert [json.loads(body[a:b]) for a, b in found] == json.loads(body)["items"]
    assert spans("html", b"<item></item>") == []


@pytest.mark.parametrize("name", FEEDS)
def test_what_is_new_what_changed_and_nothing_else(name):
    first = render(name, article(1), article(2), article(3))
    second = render(name, article(4), article(1), article(2, edit=1), article(3))
    third = render(name, article(5), article(4), article(1), article(2, edit=1))  # 3 is pushed out
    history = versions(name, first, second, third)
    assert [history.known(sha256(body).hexdigest()) for body in (first, second, third)] == [1, 2, 3]
    assert history.known("0" * 64) is None
    whole = held(name, third)
    by_title = lambda body: [title.partition(" ")[0] for title, _ in held(name, body).values()]  # noqa: E731
    assert by_title(cut(history, third, 1)) == ["5.0", "4.0", "2.1"]
    assert by_title(cut(history, third, 2)) == ["5.0"]
    assert by_title(cut(history, third, 3)) == []
    assert all(whole[key] == value for key, value in held(name, cut(history, third, 1)).items())


@pytest.mark.parametrize("name", FEEDS)
def test_no_delta_where_all_is_new(name):
    first, second = render(name, article(1)), render(name, article(2))
    history = versions(name, first, second)
    assert cut(history, second, 1) is None
    assert cut(versions(name, first, render(name)), render(name), 1) is None


def test_what_is_no_entry_stays():
    """RFC 6721: a tombstone stands between entries, and is for everybody."""
    feed = b"<feed>%s<at:deleted-entry ref='2'/><entry>1</entry>\n<at:deleted-entry ref='0'/></feed>"
    first, second = feed % b"", feed % b"<entry>3</entry>"
    history = versions("atom", first, second)
    assert cut(history, second, 1) == (
        b"<feed><entry>3</entry><at:deleted-entry ref='2'/>\n<at:deleted-entry ref='0'/></feed>"
    )


def test_the_memory_is_bounded_and_the_same_version_adds_nothing():
    bodies = [render("rss", *map(article, range(number))) for number in range(1, KEPT + 12)]
    history = versions("rss", *bodies, bodies[-1], bodies[-1])
    assert len(history.versions) == KEPT
    assert history.number == len(bodies)
    assert history.known(sha256(bodies[10]).hexdigest()) is None
    assert history.known(sha256(bodies[11]).hexdigest()) == 12


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(list(FEEDS)), data=st.data())
def test_whoever_lives_on_deltas_misses_nothing(name, data):
    """Over random edits, arrivals and removals, and with polls left out, both kinds of client agree."""
    edits: dict[int, int] = {}
    history, mine, had = History(), {}, None
    for _ in range(data.draw(st.integers(2, 8))):
        for number in data.draw(st.sets(st.integers(0, 7), max_size=3)):
            edits[number] = edits.get(number, -1) + 1
        shown = data.draw(st.sets(st.sampled_from(sorted(edits) or [0])) if edits else st.just(set()))
        body = render(name, *(article(number, edits[number]) for number in sorted(shown)))
        digest = sha256(body).hexdigest()
        history = follow(history, digest, name, body)
        history = label.read(label.write(Label(digest=digest, history=history))).history  # as by a restart
        if data.draw(st.booleans()):
            since = history.known(had) if had else None
            part = cut(history, body, since) if since is not None else None
            mine |= held(name, part if part is not None else body)
            had = digest
            now = held(name, body)
            assert {key: mine[key] for key in now} == now


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("feed", True), ("FEED", True), ("vcdiff, feed;q=0.5", True), ("feed ; q=1", True),
        ("feed;q=0", False), ("feed; q=0.00", False), ("", False), ("feeds", False), ("gzip", False),
    ],
)  # fmt: skip
def test_who_takes_it(header, wanted):
    assert asks(header) is wanted
    assert asks(header, "newsboat/2.21.0 (Linux x86_64)") is wanted
    assert not asks(header, "rss2email/3.13.1 (https://github.com/rss2email/rss2email)")
    assert not asks(header, "feedparser/6.0.10 +https://github.com/kurtmckee/feedparser/")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"digest": 1}', "[" * 100_000, b"\xff"])
def test_a_label_that_is_none(text):
    assert label.read(text) is None


def test_the_link_header():
    links = [
        FeedLink("self", "https://desk.example/topics/a.rss", "application/rss+xml"),
        FeedLink("hub", "https://hub.example/?a=b&c"),
        FeedLink("hub", 'https://hub.example/>; rel="x"'),
        FeedLink("hub", "https://hub.example/\r\nSet-Cookie: a=b"),
        FeedLink("hub", "https://hüb.example/"),
    ]
    assert label.link_header(links) == (
        '<https://desk.example/topics/a.rss>; rel="self"; type="application/rss+xml", '
        '<https://hub.example/?a=b&c>; rel="hub"'
    )
    assert replace(Label(digest="a"), link="").link == label.link_header([])
