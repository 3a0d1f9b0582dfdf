"""Identity and the joining of all parts, over entries as the wire gives them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.model import Article, Enclosure, Entry, ParsedFeed, Source
from syndicator.normalise import canonical, head, normalise
from syndicator.normalise.url import link

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
THEN = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = Source(name="s", url="https://s.example/feed", tags=("Ours", "China"))
HOME = "https://s.example/"


def articles(*entries: Entry, home: str = HOME, source: Source = SOURCE) -> tuple[Article, ...]:
    feed = ParsedFeed(format="rss20", url=home, language="en", entries=entries)
    return normalise(feed, source=source, now=NOW, languages=("en", "zh"))


def one(entry: Entry) -> Article:
    (article,) = articles(entry)
    return article


def entry(n: int, **more: object) -> Entry:
    return replace(
        Entry(guid=f"g{n}", url=f"https://s.example/{n}", title=f"Title {n}", published_at=THEN), **more
    )


def test_the_guid_identifies_whatever_else_changes() -> None:
    changed = entry(1, url="https://moved.example/1", title="New", published_at=NOW, content="<p>New</p>")
    assert one(entry(1)).key == one(changed).key != one(entry(2)).key


@pytest.mark.parametrize("blank", ["", "  ", "0", "null", "None", "undefined", "N/A"])
def test_a_blank_guid_gives_way_to_the_link(blank: str) -> None:
    first = one(entry(1, guid=blank))
    assert first.key == one(entry(1, guid=blank, title="New", url="http://S.example/1?utm_source=x#y")).key
    assert first.key != one(entry(1, guid=blank, url="https://s.example/2")).key


def test_without_guid_and_link_title_and_date_identify() -> None:
    bare = Entry(title="A", published_at=THEN)
    assert one(bare).key == one(replace(bare, content="<p>more</p>")).key
    assert one(bare).key != one(replace(bare, title="B")).key
    assert one(bare).key != one(replace(bare, published_at=NOW)).key


def test_one_guid_over_different_links_is_none() -> None:
    found = articles(*(entry(n, guid="same") for n in range(5)))
    assert len({article.key for article in found}) == 5
    assert found[2].key == articles(entry(2, guid="same"), entry(0, guid="same"))[0].key


def test_one_link_over_different_titles_is_none() -> None:
    found = articles(*(entry(n, guid="", url=HOME) for n in range(5)))
    assert len({article.key for article in found}) == 5


def test_the_sites_own_address_is_no_guid() -> None:
    assert one(entry(1, guid=HOME)).key == one(entry(1, guid="")).key


def test_an_entry_that_stands_twice_is_kept_once_as_it_was_changed_last() -> None:
    old, new = (entry(1, title=title, updated_at=at) for title, at in (("Old", THEN), ("New", NOW)))
    for pair in ((old, new), (new, old)):
        assert [article.title for article in articles(*pair)] == ["New"]
    assert len(articles(entry(1), entry(1))) == 1


ENTRIES = st.lists(
    st.builds(
        Entry,
        guid=st.sampled_from(["", "0", "a", "b", HOME]),
        url=st.sampled_from(["", HOME, "https://s.example/1", "https://s.example/2", "javascript:1", "/3"]),
        title=st.sampled_from(["", "A", "B"]),
        content=st.sampled_from(["", "<p>x</p>", "y"]),
        published_at=st.sampled_from([None, THEN]),
        updated_at=st.sampled_from([None, NOW]),
        base_url=st.just(HOME),
    ),
    max_size=8,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_keys_depend_on_the_entries_and_not_on_their_order(entries: list[Entry], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    keys = {article.key for article in articles(*entries)}
    assert keys == {article.key for article in articles(*shuffled)}
    links = {canonical(link(each.url, HOME)) for each in entries}
    assert len(keys) >= len(links - {""})  # what leads to different places is never one


def test_many_entries_are_cut_to_the_newest() -> None:
    entries = [entry(n, published_at=THEN + timedelta(minutes=n)) for n in range(2500)]
    found = articles(*entries)
    assert [article.title for article in found] == [f"Title {n}" for n in range(500, 2500)]


def test_tags_are_split_and_told_apart_by_case_only_once() -> None:
    assert one(entry(1, tags=("China, Fraud，#Law",))).tags == ("China", "Fraud", "Law", "Ours")
    assert one(entry(1, tags=("china", "Marsh, Ada"))).tags == ("china", "Marsh, Ada", "Ours")
    assert len(one(entry(1, tags=tuple(f"t{n}" for n in range(99)))).tags) == 50


def test_the_fingerprint_is_what_a_reader_sees() -> None:
    base = entry(
        1,
        content="<p>Text &amp; more</p>",
        tags=("a",),
        enclosures=(Enclosure(url="https://s.example/f.mp3"),),
    )
    seen = one(base).fingerprint
    for unseen in (
        {"published_at": NOW},
        {"updated_at": NOW},
        {"guid": "other"},
        {"url": "https://s.example/1?utm_campaign=x"},
        {"content": "<div><b>Text</b> &amp; more</div>"},
        {"content": "<p>Text &amp; more</p><img src=https://count.example/1.gif width=1>"},
    ):
        assert one(replace(base, **unseen)).fingerprint == seen, unseen
    for visible in (
        {"title": "Other"},
        {"url": "https://s.example/2"},
        {"content": "<p>Text &amp; less</p>"},
        {"tags": ("b",)},
        {"authors": ("Ada",)},
        {"image": "https://s.example/i.jpg"},
        {"enclosures": ()},
    ):
        assert one(replace(base, **visible)).fingerprint != seen, visible


@pytest.mark.parametrize(
    ("more", "image"),
    [
        ({"image": "/named.jpg", "content": "<img src=/in.jpg>"}, "https://s.example/named.jpg"),
        (
            {"content": "<p>x</p><img alt='a > b' src='/in.jpg?a=1&amp;b=2'>"},
            "https://s.example/in.jpg?a=1&b=2",
        ),
        (
            {"enclosures": (Enclosure(url="/e.png", type="image/png"),), "image": "/n.jpg"},
            "https://s.example/e.png",
        ),
        ({"enclosures": (Enclosure(url="/e.mp3", type="audio/mpeg"),)}, ""),
        ({"image": "javascript:alert(1)"}, ""),
        ({"image": "/images/logo.png", "content": "<img src=/in.jpg>"}, "https://s.example/in.jpg"),
        ({"content": "<img src=/smile.png width=20 height=20><img src=/in.jpg>"}, "https://s.example/in.jpg"),
        ({"content": "<img src=/strip.png height=40px>"}, ""),
        ({"content": "<img src=/half.jpg width=49%>"}, "https://s.example/half.jpg"),
        (
            {"content": "<img src=/wp/emoji/17/72x72/1f355.png><img src='/a.jpg?b=1&c=2'>"},
            "https://s.example/a.jpg?b=1&c=2",
        ),
        ({"content": "<img src=https://2.gravatar.com/avatar/ef31?s=96>"}, ""),
        ({"image": "https://avatars3.githubusercontent.com/u/8?s=60"}, ""),
        ({"image": "/favicon-192x192.png"}, ""),
        ({"image": "/favicon.ico"}, ""),
        ({"image": "https://counter.doubleclick.net/x.gif"}, ""),
        ({"image": "/the-logos-of-heraclitus.jpg"}, "https://s.example/the-logos-of-heraclitus.jpg"),
        ({"image": "/share-seven-icons.jpg"}, "https://s.example/share-seven-icons.jpg"),
    ],
)
def test_image(more: dict[str, object], image: str) -> None:
    assert one(entry(1, **more)).image == image


def test_a_microblog_gets_a_title_from_its_text() -> None:
    fog = "Fog on the river since five, and the ferries wait for the sun to come through at last."
    article = one(Entry(guid="1", content=f"<p>{fog}</p>"))
    assert article.title == "Fog on the river since five, and the ferries wait for the sun to come through…"
    assert len(article.title) <= 80
    assert one(Entry(guid="1", url="https://s.example/x")).title == "https://s.example/x"


def test_the_language_of_the_source_wins_over_the_feeds() -> None:
    french = replace(SOURCE, language="fr")
    assert articles(entry(1), source=french)[0].language == "fr"
    assert articles(entry(1, language="en"), source=french)[0].language == "fr"  # inherited from the feed
    assert articles(entry(1, language="de"), source=french)[0].language == "de"


def test_head_is_fit_to_be_shown() -> None:
    feed = ParsedFeed(
        format="rss20", title="A &amp; <b>B</b>\u202e", url="javascript:alert(1)", language="en_gb"
    )
    assert head(feed) == ("A & B", "", "en-GB")
