"""What modules and formats carry, read alike by both readers: rhythm, hubs, podcasts, media, texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.errors import ParseError
from syndicator.model import Cadence, Enclosure, Entry, ParsedFeed
from syndicator.parse import cadence, fast, parse, xml

SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)
URL = "https://base.example/feed"


@pytest.fixture(params=["fast", "feedparser"])
def read(request: pytest.FixtureRequest) -> object:
    """Read a document by one of the two readers, whatever the ladder would choose."""
    if request.param == "fast":
        return lambda text: fast.read(text.encode(), URL)
    return lambda text: xml.thoroughly(text, URL)


def rss(inside: str) -> str:
    return f'<rss version="2.0" {SPACES}><channel><title>C</title>{inside}</channel></rss>'


def atom(inside: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">{inside}</feed>'


# Rhythm --------------------------------------------------------------------------------------------------


def test_rhythm_of_a_feed(read) -> None:  # type: ignore[no-untyped-def]
    feed: ParsedFeed = read(
        rss(
            "<ttl>90</ttl><skipHours><hour>24</hour><hour>3</hour><hour>25</hour><hour>x</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>monday</day><day>Caturday</day></skipDays>"
            "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency><item/>"
        )
    )
    assert feed.cadence == Cadence(
        ttl=timedelta(minutes=90), update_every=timedelta(hours=6), skip_hours=(0, 3), skip_days=(0, 6)
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({}, Cadence()),
        ({"ttl": "0"}, Cadence()),
        ({"ttl": "9" * 15}, Cadence(ttl=timedelta(days=30))),
        ({"ttl": "9" * 5000}, Cadence()),
        ({"ttl": "-5"}, Cadence()),
        ({"ttl": "٣"}, Cadence()),
        ({"period": "hourly"}, Cadence(update_every=timedelta(hours=1))),
        ({"period": "HOURLY", "frequency": "0"}, Cadence(update_every=timedelta(hours=1))),
        ({"period": "hourly", "frequency": "9999999"}, Cadence(update_every=timedelta(minutes=1))),
        ({"period": "yearly"}, Cadence(update_every=timedelta(days=30))),
        ({"period": "fortnightly", "frequency": "2"}, Cadence()),
        ({"frequency": "2"}, Cadence()),
        ({"skip_hours": [str(hour) for hour in range(1, 25)]}, Cadence()),  # all: it would never be read
        ({"skip_hours": [str(hour) for hour in range(23)]}, Cadence(skip_hours=tuple(range(23)))),
        (
            {"skip_days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]},
            Cadence(),
        ),
    ],
)
def test_bounds_of_rhythm(said: dict[str, object], meant: Cadence) -> None:
    assert cadence.read(**said) == meant  # type: ignore[arg-type]


# Hubs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [rss, atom])
def test_hubs_and_the_own_address(read, form) -> None:  # type: ignore[no-untyped-def]
    prefix = "atom:" if form is rss else ""
    links = "".join(
        f'<{prefix}link rel="{rel}" href="{href}"/>'
        for rel, href in [
            ("hub", "https://hub.example/"), ("hub", "https://hub.example/"), ("hub", "/own-hub"),
            ("hub", "javascript:alert(1)"), ("self", "/feed.xml"), ("self", "https://other.example/"),
        ]
    )  # fmt: skip
    feed = read(form(links))
    assert feed.hub_urls == ("https://hub.example/", "https://base.example/own-hub")
    assert feed.self_url == "https://base.example/feed.xml"


def test_hubs_of_a_json_feed() -> None:
    feed = parse(
        json.dumps({
            "version": "https://jsonfeed.org/version/1.1", "feed_url": "https://j.example/feed.json",
            "items": [],
            "hubs": [{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud", "url": "https://c"}],
        }).encode()
    )  # fmt: skip
    assert feed.hub_urls == ("https://hub.example/",)
    assert feed.self_url == "https://j.example/feed.json"


# Entries -------------------------------------------------------------------------------------------------


def only(feed: ParsedFeed) -> Entry:
    (entry,) = feed.entries
    return entry


def test_a_podcast(read) -> None:  # type: ignore[no-untyped-def]
    entry = only(
        read(
            rss(
                "<item><itunes:title>Nine</itunes:title><itunes:summary>Long words</itunes:summary>"
                "<podcast:person role='host'>Ada</podcast:person><podcast:person>Bo</podcast:person>"
                "<itunes:keywords>sea, ships</itunes:keywords><itunes:image href='https://p.example/9.jpg'/>"
                "<enclosure url='https://p.example/9.mp3' type='audio/mpeg' length='77'/></item>"
            )
        )
    )
    assert (entry.title, entry.summary, entry.authors, entry.tags) == (
        "Nine", "Long words", ("Ada", "Bo"), ("sea", "ships"),
    )  # fmt: skip
    assert entry.image == "https://p.example/9.jpg"
    assert entry.enclosures == (Enclosure(url="https://p.example/9.mp3", type="audio/mpeg", length=77),)


def test_media_in_groups(read) -> None:  # type: ignore[no-untyped-def]
    entry = only(
        read(
            atom(
                "<entry><title>Film</title><media:group><media:title>Other</media:title>"
                "<media:content url='https://v.example/1.mp4' type='video/mp4' fileSize='9'>"
                "<media:thumbnail url='https://v.example/1.jpg'/></media:content>"
                "<media:description>What is seen</media:description>"
                "<media:keywords>a,b</media:keywords></media:group></entry>"
            )
        )
    )
    assert (entry.title, entry.summary, entry.image) == ("Film", "What is seen", "https://v.example/1.jpg")
    assert entry.enclosures == (Enclosure(url="https://v.example/1.mp4", type="video/mp4", length=9),)
    assert entry.tags == ("a", "b")


@pytest.mark.parametrize(
    ("texts", "summary", "content"),
    [
        ("<description>s</description><content:encoded>c</content:encoded>", "s", "c"),
        ("<content:encoded>c</content:encoded><description>s</description>", "s", "c"),
        ("<content:encoded>c</content:encoded>", "", "c"),
        (
            "<description>short</description><itunes:summary>much longer</itunes:summary>",
            "short",
            "much longer",
        ),
        (
            "<description>the longer one</description><itunes:summary>short</itunes:summary>",
            "the longer one",
            "",
        ),
        (
            "<description>s</description><dc:description>ii</dc:description><content:encoded>ccc</content:encoded>",
            "s",
            "ccc",
        ),
        ("<media:description>m</media:description>", "m", ""),
        ("<dc:description>d</dc:description><description>s</description>", "s", ""),
    ],
)
def test_texts_do_not_overwrite_each_other(read, texts: str, summary: str, content: str) -> None:  # type: ignore[no-untyped-def]
    entry = only(read(rss(f"<item>{texts}</item>")))
    assert (entry.summary, entry.content) == (summary, content)


def test_dublin_core_dates_an_entry_unless_a_better_date_is_there(read) -> None:  # type: ignore[no-untyped-def]
    feed = read(
        rss(
            "<item><dc:date>2026-03-01</dc:date></item>"
            "<item><dc:date>2026-03-01</dc:date><pubDate>Mon, 02 Mar 2026 00:00:00 GMT</pubDate></item>"
        )
    )
    assert [entry.published_at for entry in feed.entries] == [
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 2, tzinfo=UTC),
    ]
    assert [entry.updated_at for entry in feed.entries] == [None, None]


def test_base_and_language_reach_as_far_as_their_elements(read) -> None:  # type: ignore[no-untyped-def]
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de_AT">'
        '<entry xml:base="https://one.example/a/"><title>1</title><link href="x"/></entry>'
        '<entry xml:lang="en"><title>2</title><link href="x"/></entry></feed>'
    )
    assert feed.language == "de-AT"
    assert [(entry.url, entry.base_url, entry.language) for entry in feed.entries] == [
        ("https://one.example/a/x", "https://one.example/a/", "de-AT"),
        ("https://base.example/x", "https://base.example/x", "en"),
    ]


def test_xhtml_is_written_as_html(read) -> None:  # type: ignore[no-untyped-def]
    entry = only(
        read(
            atom(
                '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b> &lt; c</div>'
                '</title><content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml">'
                '<x:p CLASS="k">one<x:br/>two</x:p>'
                "<x:details><x:summary>More</x:summary></x:details></x:div></content></entry>"
            )
        )
    )
    assert entry.title == "A <b>b</b> &lt; c"
    assert entry.title_is_html
    assert entry.content == '<p class="k">one<br>two</p><details><summary>More</summary></details>'


def test_titles_of_atom_are_plain_unless_they_say_otherwise(read) -> None:  # type: ignore[no-untyped-def]
    feed = read(
        atom(
            "<entry><title>a &lt;b&gt;</title></entry><entry><title type='html'>a</title></entry>"
            "<entry><media:title>m</media:title></entry>"
        )
    )
    assert [entry.title_is_html for entry in feed.entries] == [False, True, False]


def test_what_merged_feeds_say_of_the_origin_is_not_the_entrys(read) -> None:  # type: ignore[no-untyped-def]
    entry = only(
        read(
            atom(
                "<entry><id>e</id><source><id>s</id><title>Origin</title><link href='https://s.example/'/>"
                "<author><name>S</name></author><updated>2026-01-01T00:00:00Z</updated></source>"
                "<title>E</title><author><email>a@e.example</email></author></entry>"
            )
        )
    )
    assert (entry.guid, entry.title, entry.url, entry.authors) == ("e", "E", "", ("a@e.example",))
    assert entry.updated_at is None


def test_text_that_was_encoded_twice_is_read(read) -> None:  # type: ignore[no-untyped-def]
    feed = read(rss("<item><title>caf\xc3\xa9</title></item><item><title>&#147;q&#148;</title></item>"))
    assert [entry.title for entry in feed.entries] == ["café", "“q”"]


# Limits --------------------------------------------------------------------------------------------------


def test_a_tag_with_many_attributes_is_no_trouble_where_xml_is_well_formed() -> None:
    body = rss("<item><x " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/><title>t</title></item>")
    assert only(parse(body.encode())).title == "t"


@pytest.mark.parametrize("deep", ["<a>" * 2_000 + "</a>" * 2_000, "<a>" * 100_000])
def test_depth_is_refused_by_whoever_reads(deep: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(rss(f"<item>{deep}</item>").encode())
    assert caught.value.kind == "too-deep"


def test_json_feeds_have_the_same_limit_of_entries() -> None:
    with pytest.raises(ParseError) as caught:
        parse(json.dumps({"items": [{"id": "1"}] * 20_001}).encode())
    assert caught.value.kind == "too-big"


@pytest.mark.parametrize("written", [b'{"items":[{"title":"a\nb"}]}', b'{"items":[{"title":"\\ud800"}]}'])
def test_json_that_is_not_quite_json(written: bytes) -> None:
    assert len(parse(written).entries) == 1


def test_ascii_that_says_it_is_utf16_is_ascii() -> None:
    body = f'<?xml version="1.0" encoding="utf-16"?>{rss("<item><title>plain</title></item>")}'
    assert only(parse(body.encode(), content_type="text/xml; charset=utf-16")).title == "plain"


def test_encodings_that_look_like_ascii_are_decoded() -> None:
    document = '<?xml version="1.0" encoding="iso-2022-jp"?>' + rss(
        "<item><title>日本語の見出し</title></item>"
    )
    assert only(parse(document.encode("iso-2022-jp"))).title == "日本語の見出し"


def test_a_large_broken_feed_is_read_in_linear_time() -> None:
    item = f"<item><title>t</title><description>{'&amp;lt;b&amp;gt; ' * 400}</description></item>"
    body = rss(item * 400).replace("</channel>", "</oops>").encode()
    assert len(body) > xml.LARGE
    assert len(parse(body).entries) == 400
