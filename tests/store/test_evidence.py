"""What proves that two articles are one: tables of the pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article

from syndicator.likeness import Likeness, names
from syndicator.store.evidence import MOVED, are_places, claims, is_believed, is_doubtful, is_number, is_same

if TYPE_CHECKING:
    from syndicator.model import Article

DAY = timedelta(days=1)
WORDS = ("pilots", "barges", "ferries", "lower", "lock", "guard", "hands", "tea", "trains", "dense", "fog")
NEW = Likeness(title=False, words=False, date=False)  # another article in all
SAME = [  # what it is, the kind of the shared name, the rest, whether it is one article
    ("a guid that failed before, alone", "guid", NEW, False),
    ("and a headline of every day", "guid", replace(NEW, title=True), False),
    ("and the date", "guid", replace(NEW, date=True), True),
    ("and the page", "guid", replace(NEW, path=True), True),
    ("and the words", "guid", replace(NEW, title=True, words=True), True),
    ("a page with other contents", "link", NEW, False),
    ("a column on one page", "link", replace(NEW, title=True), False),
    ("other digits in its headline", "link", replace(NEW, words=True), True),
    ("rewritten, with the same date", "link", replace(NEW, date=True, is_exact=True), True),
    ("another one of the same day", "link", replace(NEW, date=True), False),
    ("the same headline of the same day", "link", replace(NEW, title=True, date=True), True),
    ("a bulletin of the hour", "link", replace(NEW, words=True, audio=False), False),
    ("an edited episode", "link", replace(NEW, words=True, audio=True), True),
    ("its file moved", "link", replace(NEW, words=True, date=True, audio=False), True),
    ("a headline of every week", "words", replace(NEW, title=True, words=True, path=False), False),
    ("on one kind of page", "words", replace(NEW, title=True, words=True, tail=True, path=False), False),
    ("a notice without a link", "words", replace(NEW, title=True, words=True), False),
    ("an undated alert", "words", replace(NEW, title=True, words=True, date=None, path=True), False),
    ("the same second", "words", replace(NEW, title=True, words=True, date=True, is_exact=True), True),
    ("the same midnight", "words", replace(NEW, title=True, words=True, date=True, path=False), False),
    ("and the same page", "words", replace(NEW, title=True, words=True, date=True, path=True), True),
    ("the same end of the page", "title", replace(NEW, title=True, date=True, tail=True, path=False), True),
    ("a headline alone", "title", replace(NEW, title=True, date=True, is_exact=True, path=False), False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "alike", "expected"), [row[1:] for row in SAME], ids=[r[0] for r in SAME])
def test_two_that_share_a_name(kind: str, alike: Likeness, expected: bool) -> None:
    assert is_same(alike, by=kind) is expected  # type: ignore[arg-type]


DOUBTS = [
    ("all else is new", NEW, {}, True),
    ("undated, all else is new", replace(NEW, date=None), {}, True),
    ("its date is as before", replace(NEW, date=True), {}, False),
    ("its words are", replace(NEW, words=True), {}, False),
    ("its link is", NEW, {"same_link": True}, False),
    ("its text is known to be another's", replace(NEW, words=True, date=True), {"is_others": True}, True),
    ("its headline is as before", replace(NEW, title=True), {"is_others": True}, False),
]


@pytest.mark.parametrize(
    ("alike", "more", "expected"), [row[1:] for row in DOUBTS], ids=[r[0] for r in DOUBTS]
)
def test_a_guid_is_doubted(alike: Likeness, more: dict[str, bool], expected: bool) -> None:
    given = {"same_link": False, "is_others": False} | more
    assert is_doubtful(alike, **given) is expected


def test_guids_number_places_where_several_change_their_meaning() -> None:
    cases = [(0, 0), (0, 9), (1, 1), (1, 2), (2, 2), (1, 40), (2, 8), (2, 9), (10, 40)]
    assert [case for case in cases if are_places(*case)] == [(1, 1), (2, 2), (2, 8), (10, 40)]
    assert all(is_number(guid) for guid in ("1", "item-12", "post 999"))
    assert not any(is_number(guid) for guid in ("1234", "?p=4711", "tag:a,2026:7", "latest", ""))
    assert not is_believed(replace(NEW, words=True), same_link=False), "a podcast says the same each time"
    assert is_believed(replace(NEW, words=True, date=True), same_link=False)
    assert is_believed(NEW, same_link=True)


def story(number: int, **fields: object) -> Article:
    """Write story `number`: its words, its second and its page are its own."""
    own = " ".join(f"{word}{number}" for word in WORDS)
    given = {
        "title": f"Story {number} of the river",
        "text": own,
        "url": f"https://old.example/2026/11/24/story-number-{number}",
        "published_at": NOW - timedelta(hours=number, seconds=7),
    }
    return article(f"k{number}", **(given | fields))


def known(*stored: Article) -> dict[str, tuple[int, Article]]:
    return {name: (id_, each) for id_, each in enumerate(stored) for _, name in names(each)}


def named(*found: Article) -> list[tuple[Article, list[tuple[str, str]]]]:
    return [(each, list(names(each))) for each in found]


def test_one_known_article_is_claimed_once_and_never_while_it_is_shown() -> None:
    first, second = story(1), replace(story(1), key="other")
    assert claims(named(first, second), known(story(1)), ()) == {"k1": (0, "words")}
    assert claims(named(first, second), known(story(1)), {0}) == {}


OLD = "https://old.example/2026/11/24/story-number-{}"
MOVES = [  # what it is, the new link, the new date, whether it is a move
    ("dates as before", "https://old.example/stories/{}abc", None, True),
    ("another host, dates of the day", "https://new.example/{}abc", NOW + DAY, True),
    (
        "other folders, the ends as before",
        "https://old.example/stories/story-number-{}.html",
        NOW + DAY,
        True,
    ),
    ("other folders and ends", "https://old.example/stories/{}abc", NOW + DAY, False),
    ("the next day of daily columns", "https://old.example/2026/11/25/story-number-{}", NOW + DAY, False),
    ("alerts with numbers", "https://old.example/alert?id={}", NOW + DAY, False),
]


@pytest.mark.parametrize(("url", "at", "expected"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_move_is_seen_from_the_whole_document(url: str, at: object, expected: bool) -> None:
    old = [story(n, published_at=NOW - n * DAY) for n in range(MOVED)]
    new = [
        replace(each, url=url.format(n), published_at=at or each.published_at) for n, each in enumerate(old)
    ]
    assert (len(claims(named(*new), known(*old), ())) == MOVED) is expected
    assert claims(named(*new[:-1]), known(*old), ()) == {}, "two prove nothing"
    assert claims(named(*new), known(*old), set(range(50, 60))) == {}, "the others are where they were"


def test_columns_of_a_feed_of_many_hosts_do_not_move() -> None:
    """The old host is still there."""
    old = [story(n, published_at=NOW - n * DAY) for n in range(MOVED)]
    hosts = ("new", "newer", "old")
    new = [
        replace(each, url=f"https://{hosts[n]}.example/{n}abc", published_at=NOW)
        for n, each in enumerate(old)
    ]
    assert claims(named(*new), known(*old), ()) == {}


def test_a_busy_site_that_moves_shows_few_that_are_known() -> None:
    old = story(1)
    new = replace(old, url="https://new.example/stories/story-number-1.html", published_at=NOW + DAY)
    others = [story(n, url=f"https://new.example/stories/story-number-{n}.html") for n in range(2, 9)]
    assert claims(named(new, *others), known(old), ()) == {"k1": (0, "words")}
    assert claims(named(new, *others), known(old), {50}) == {}, "another is where it was"
    assert claims(named(replace(new, url="https://new.example/1abc"), *others), known(old), ()) == {}
    mixed = [*others, story(9)]
    assert claims(named(new, *mixed), known(old), ()) == {}, "the old host is still there"


def test_texts_that_several_share_do_not_move() -> None:
    """Photos of one day: their names lead to the last of them."""
    photo = {"title": "Photo", "text": "", "published_at": NOW - 7 * timedelta(hours=1)}
    old = [story(n, **photo) for n in range(MOVED)]
    new = [story(n, **photo) for n in range(10, 10 + MOVED)]
    assert claims(named(*new), known(*old), ()) == {}


def test_where_guids_number_places_and_links_are_one_the_words_name() -> None:
    home = {"url": "https://old.example/"}
    old, new = story(1, **home), story(1, published_at=NOW + DAY, **home)
    assert claims(named(new), known(old), ()) == {}
    assert claims(named(new), known(old), (), by_place=True) == {"k1": (0, "words")}
    elsewhere = replace(new, url="https://old.example/b")
    assert claims(named(elsewhere), known(old), (), by_place=True) == {}
