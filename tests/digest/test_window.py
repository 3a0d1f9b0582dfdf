"""Who shares an edition, and what a digest says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from syndicator.digest.compose import compose, is_due, view
from syndicator.digest.window import Window, audiences
from syndicator.model import (
    Article,
    DigestPlan,
    Rule,
    Slot,
    StoredArticle,
    Subscriber,
    Subscription,
    Topic,
)
from syndicator.settings import Site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SLOT = Slot(frequency="daily", at=time(7), zone="UTC")


def tie(person, topic, cursor=None, *, id_=0, language=""):
    subscriber = Subscriber(id=person, address=f"r{person}@x.example", language=language)
    return Subscription(
        id=id_ or person * 10, subscriber=subscriber, topic=topic, state="active", since_at=NOW, cursor=cursor
    )


def topic(slug, **plan):
    return Topic(slug=slug, title=slug.title(), rule=Rule(), digest=DigestPlan(slot=SLOT, **plan))


def stored(number, story=0):
    article = Article(
        source="wire", key=str(number), title=f"Title {number}", url=f"https://x.example/{number}"
    )
    return StoredArticle(id=number, article=article, arrived_at=NOW, changed_at=NOW, story=story)


def group(*ties, cutoff=50, first=None):
    return audiences(ties, first=first or {}, cutoff=cutoff, language="en")


def test_equal_readers_share_an_edition():
    (audience,) = group(tie(1, "china", 7), tie(2, "china", 7))
    assert audience.windows == (Window(topic="china", after=7, upto=50),)
    assert audience.readers == ((1, "r1@x.example"), (2, "r2@x.example"))
    assert audience.subscriptions == ((10, "china"), (20, "china"))


def test_another_topic_language_or_cursor_is_another_edition():
    found = group(
        tie(1, "china", 7),
        tie(2, "china", 7),
        tie(2, "fraud", 7, id_=21),
        tie(3, "china", 7, language="zh"),
        tie(4, "china", 8),
    )
    assert sorted(len(audience.readers) for audience in found) == [1, 1, 1, 1]
    names = {audience.edition_id("daily@07:00@UTC", "2026-11-24") for audience in found}
    assert len(names) == 4


def test_the_order_of_topics_does_not_matter():
    (audience,) = group(tie(1, "b", 7), tie(1, "a", 7, id_=11), tie(2, "a", 7), tie(2, "b", 7, id_=21))
    assert [window.topic for window in audience.windows] == ["a", "b"]


def test_an_edition_has_the_same_name_after_a_crash_and_another_on_another_day():
    (once,), (again,) = group(tie(1, "a", 7)), group(tie(1, "a", 7), tie(2, "a", 7))
    name = once.edition_id("daily@07:00@UTC", "2026-11-24")
    assert name == again.edition_id("daily@07:00@UTC", "2026-11-24")
    assert name != once.edition_id("daily@07:00@UTC", "2026-11-25")


def test_a_first_window_begins_where_it_is_told():
    (audience,) = group(tie(1, "a"), first={10: 33})
    assert audience.windows[0].after == 33


def test_an_article_is_told_once_in_the_first_of_its_topics():
    digest = compose(
        [(topic("china"), [stored(1), stored(2)], 2), (topic("fraud"), [stored(2), stored(3)], 2)],
        at=NOW, zone="UTC", language="en",
    )  # fmt: skip
    told = [[card.title for card in section.cards] for section in digest.sections]
    assert told == [["Title 1", "Title 2"], ["Title 3"]]
    assert digest.total == 3


def test_the_newest_day_comes_first_and_in_it_the_best():
    hours = [50, 3, 23, 25, -1, 1]  # before the mail, the best first
    found = [replace(stored(n), arrived_at=NOW - timedelta(hours=h)) for n, h in enumerate(hours)]
    digest = compose([(topic("china"), found, 6)], at=NOW, zone="UTC", language="en")
    assert digest.shown == (1, 2, 4, 5, 3, 0)


def test_a_section_says_how_many_more_there_are():
    digest = compose([(topic("china"), [stored(1)], 9)], at=NOW, zone="UTC", language="en")
    assert digest.sections[0].more == 8


def test_a_mail_has_one_top_story_then_leads_then_a_list():
    found = [(topic("china"), [stored(n) for n in range(1, 9)], 8), (topic("fraud"), [stored(9)], 1)]
    shown = compose(found, at=NOW, zone="UTC", language="en")
    china, fraud = view(shown, Site(title="x", base_url="https://x.example"))["sections"]
    assert china["top"].title == "Title 1"
    assert [card.title for card in china["leads"]] == [f"Title {n}" for n in range(2, 7)]
    assert [card.title for card in china["list"]] == ["Title 7", "Title 8"]
    assert (fraud["top"], [card.title for card in fraud["leads"]], fraud["list"]) == (None, ["Title 9"], [])


def test_nothing_new_says_nothing():
    assert compose([], at=NOW, zone="UTC", language="en") is None


def test_a_topic_waits_for_its_minimum():
    assert not is_due(topic("china"), 0)
    assert is_due(topic("china"), 1)
    assert not is_due(topic("china", minimum=3), 2)
    assert is_due(topic("china", minimum=3), 3)


def test_a_story_is_told_in_the_first_of_its_topics_alone():
    found = [(topic("china"), [stored(1, story=7)], 1), (topic("fraud"), [stored(2, story=7), stored(7)], 2)]
    digest = compose(found, at=NOW, zone="UTC", language="en")
    assert [[card.title for card in section.cards] for section in digest.sections] == [
        ["Title 1"],
        ["Title 7"],
    ]


def test_who_was_told_other_stories_gets_another_edition():
    ties = [tie(1, "china", 7), tie(2, "china", 7), tie(3, "china"), tie(4, "china")]
    told = {10: (5,), 20: (5,), 40: (5, 6)}
    found = audiences(ties, first={30: 7, 40: 7}, cutoff=50, language="en", told=told)
    assert [(each.windows[0].told, len(each.readers)) for each in found] == [((), 1), ((5,), 2), ((5, 6), 1)]
    assert len({each.edition_id("daily", "2026-11-24") for each in found}) == 3


def test_an_edition_says_what_it_showed():
    found = [(topic("china"), [stored(1, story=7)], 4), (topic("fraud"), [stored(2, story=7), stored(3)], 2)]
    assert compose(found, at=NOW, zone="UTC", language="en").shown == (1, 3)
