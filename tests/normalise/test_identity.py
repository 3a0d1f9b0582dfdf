"""What names an article: schemes and when they change, wires, further names, floods."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.model import Enclosure, Entry, ParsedFeed, Source
from syndicator.normalise import Habit, Identified, canonical, finish, held_back, identify, normalise
from syndicator.normalise.flood import FEW, FIRST, MANY

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCE = Source(name="s", url="https://s.example/feed")
HOME = "https://s.example/"


def entry(n: int, **more: object) -> Entry:
    made = Entry(guid=f"g{n}", url=f"{HOME}{n}", title=f"Title {n}", published_at=NOW - n * DAY)
    return replace(made, **more)  # type: ignore[arg-type]


def seen(*entries: Entry, scheme: str = "guid", source: Source = SOURCE) -> Identified:
    feed = ParsedFeed(format="rss20", url=HOME, entries=entries)
    return identify(feed, source=source, scheme=scheme)  # type: ignore[arg-type]


def listed(count: int, bad: int = 0, **fields: object) -> list[Entry]:
    return [entry(n, **(fields if n < bad else {})) for n in range(count)]


@pytest.mark.parametrize(
    ("before", "entries", "after"),
    [
        ("guid", listed(20), "guid"),
        ("guid", listed(20, bad=1, guid=""), "guid"),
        ("guid", listed(20, bad=2, guid=""), "link"),
        ("guid", listed(20, bad=2, guid="same"), "link"),
        ("link", listed(20), "link"),  # what works is kept
        ("link", listed(20, bad=2, url=HOME), "guid"),
        ("guid", listed(20, bad=2, guid="", url=HOME), "guid"),  # both lack a little: no reason to change
        ("link", listed(20, bad=2, guid="", url=HOME), "link"),
        ("guid", listed(20, bad=20, guid="", url=HOME), "hash"),
        ("hash", listed(20), "guid"),
        ("hash", listed(20, bad=9, guid="", url=HOME), "hash"),
        ("link", [], "link"),
    ],
)
def test_a_scheme_is_left_only_when_it_fails(before: str, entries: list[Entry], after: str) -> None:
    assert seen(*entries, scheme=before).scheme == after


def test_guids_that_change_under_known_articles_are_given_up() -> None:
    by_guid = seen(*listed(20))
    assert by_guid.scheme_after(renamed=1) == "guid"
    assert by_guid.scheme_after(renamed=2) == "link"
    assert seen(*listed(5)).scheme_after(renamed=1) == "guid", "one was revised"
    assert seen(*listed(20), scheme="link").scheme_after(renamed=9) == "link"
    assert seen(*listed(20, bad=9, url=HOME)).scheme_after(renamed=9) == "guid", "its links name nothing"


def test_the_names_of_one_scheme_are_the_keys_of_the_other() -> None:
    by_guid, by_link = (seen(*listed(5), scheme=scheme) for scheme in ("guid", "link"))
    for one, other in zip(by_guid.sightings, by_link.sightings, strict=True):
        assert one.names == other.names == (("guid", one.key), ("link", other.key))


def test_by_words_two_of_one_headline_are_told_apart_by_their_links() -> None:
    twins = [entry(n, guid="", title="Daily briefing", published_at=NOW) for n in range(2)]
    blank = [entry(n, guid="", url=HOME) for n in range(2, 9)]
    found = seen(*twins, *blank, scheme="hash")
    assert found.scheme == "hash"
    assert len(set(found.keys)) == 9


def test_the_wire_covers_what_is_kept_and_nothing_else() -> None:
    base = entry(1, content="<p>Text</p>", tags=("a", "b"), authors=("x",))

    def wire(each: Entry = base, source: Source = SOURCE) -> str:
        return seen(each, source=source).sightings[0].wire

    unread = ({"published_at": NOW}, {"updated_at": NOW}, {"url": "http://s.example/1?utm_source=x"})
    for fields in unread:
        assert wire(replace(base, **fields)) == wire(), fields
    read = (
        {"title": "Other"}, {"title_is_html": True}, {"url": f"{HOME}2"}, {"content": "<p>text</p>"},
        {"summary": "x"}, {"tags": ("ab",)}, {"authors": ("x", "a"), "tags": ("b",)}, {"image": "/i.jpg"},
        {"language": "fr"}, {"enclosures": (Enclosure(url="/a.mp3"),)}, {"base_url": "https://t.example/"},
    )  # fmt: skip
    for fields in read:
        assert wire(replace(base, **fields)) != wire(), fields
    assert wire(source=replace(SOURCE, tags=("Ours",))) != wire(), "an admin's edit reads all again"


def test_only_what_is_asked_for_is_finished() -> None:
    feed = ParsedFeed(format="rss20", url=HOME, entries=tuple(listed(3)))
    sightings = identify(feed, source=SOURCE).sightings
    given = {"feed": feed, "source": SOURCE, "now": NOW, "languages": ("en",)}
    (article,) = finish(sightings[1:2], **given)  # type: ignore[arg-type]
    assert (article.key, article.wire) == (sightings[1].key, sightings[1].wire)
    assert article == normalise(feed, source=SOURCE, now=NOW, languages=("en",))[1]


URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.sampled_from(["s.example", "S.example", "a.s.example:80", "s.example.", "localhost", "u@s.example"]),
    st.text(st.sampled_from("/ab.~%2F-:?=&#é'(,;@!$*+"), max_size=12),
)


@given(URLS)
def test_the_quick_way_to_a_canonical_address_gives_what_the_long_way_does(url: str) -> None:
    found = canonical(url)
    assert found == canonical(f"{url}#x" if "#" not in url else url), "a fragment takes the long way"
    assert canonical(found) == found


# The flood guard -----------------------------------------------------------------------------------------

OLD, NEW = NOW - 40 * DAY, NOW - timedelta(hours=1)
KNOWN = Habit(busiest=5, daily=4, since=NOW - timedelta(hours=6), is_settled=True)
FLOODS = [  # what it is, dates of the new articles, habit, how many are held back
    ("a quiet day", [NEW] * 5, KNOWN, 0),
    ("some come late", [OLD] * FEW, KNOWN, 0),
    ("a window grew", [NEW] * 3 + [OLD] * 40, replace(KNOWN, busiest=20), 40),
    ("an archive dated today", [NEW] * 100, KNOWN, 100),
    ("an archive without dates", [None] * 100, KNOWN, 100),
    ("a busy day of a quiet source", [NEW] * MANY, Habit(since=NOW - DAY, is_settled=True), 0),
    ("a busy source", [NEW] * 100, replace(KNOWN, busiest=40), 0),
    ("after ten days without", [NOW - 5 * DAY] * 90, replace(KNOWN, since=NOW - 10 * DAY), 0),
    ("an archive after ten days without", [OLD] * 90, replace(KNOWN, since=NOW - 10 * DAY), 90),
    ("a journal's issue", [NEW] * 45, Habit(since=NOW - 7 * DAY, is_settled=True), 0),
    ("an issue dated by its day", [NOW - 2 * DAY] * 45, Habit(since=NOW - DAY, is_settled=True), 0),
    ("an issue and an archive", [NEW] * 45 + [OLD] * 200, replace(KNOWN, busiest=45), 200),
    ("a large issue of a large journal", [NEW] * 200, replace(KNOWN, busiest=150), 0),
    ("an issue and some that come late", [NEW] * 45 + [OLD] * FEW, KNOWN, 0),
    ("an issue and some without dates", [NEW] * 45 + [None] * 10, KNOWN, 0),
    ("a new source", [OLD] * FIRST, Habit(is_settled=True), 0),
    ("a new source with its life", [NEW] * 10 + [OLD] * 90, Habit(is_settled=True), 50),
    ("a new source, busy today", [NEW] * 90, Habit(is_settled=True), 0),
    ("a new installation", [OLD] * 500, Habit(), 0),
    ("nothing", [], KNOWN, 0),
]  # fmt: skip


def test_an_archive_dated_today_is_known_by_its_words() -> None:
    """And what recurs day by day is not one."""
    echoing, few = [NEW] * (MANY + 5), set(range(MANY))
    assert held_back(echoing, KNOWN, now=NOW, echoes=few) == frozenset()
    assert held_back(echoing, KNOWN, now=NOW, echoes={*few, MANY}) == {*few, MANY}
    assert not held_back(echoing, replace(KNOWN, busiest=MANY), now=NOW, echoes={*few, MANY})


@pytest.mark.parametrize(
    ("dates", "habit", "expected"), [row[1:] for row in FLOODS], ids=[r[0] for r in FLOODS]
)
def test_floods(dates: list[datetime | None], habit: Habit, expected: int) -> None:
    found = held_back(dates, habit, now=NOW)
    assert len(found) == expected
    if expected < len(dates):
        assert all(dates[at] == OLD for at in found), "news is never held back with an archive"
