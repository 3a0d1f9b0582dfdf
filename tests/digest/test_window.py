"""Who shares an edition, and which windows are mailed."""

from __future__ import annotations

from datetime import UTC, datetime, time

from syndicator.digest.compose import is_due
from syndicator.digest.window import Window, audiences
from syndicator.model import (
    DigestPlan,
    Rule,
    Slot,
    Subscriber,
    Subscription,
    Topic,
)

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SLOT = Slot(frequency="daily", at=time(7), zone="UTC")


def tie(person, topic, cursor=None, *, id_=0, language=""):
    subscriber = Subscriber(id=person, address=f"r{person}@x.example", language=language)
    return Subscription(
        id=id_ or person * 10, subscriber=subscriber, topic=topic, state="active", since_at=NOW, cursor=cursor
    )


def topic(slug, **plan):
    return Topic(slug=slug, title=slug.title(), rule=Rule(), digest=DigestPlan(slot=SLOT, **plan))


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


def test_a_topic_waits_for_its_minimum():
    assert not is_due(topic("china"), 0)
    assert is_due(topic("china"), 1)
    assert not is_due(topic("china", minimum=3), 2)
    assert is_due(topic("china", minimum=3), 3)


def test_who_was_told_other_stories_gets_another_edition():
    ties = [tie(1, "china", 7), tie(2, "china", 7), tie(3, "china"), tie(4, "china")]
    told = {10: (5,), 20: (5,), 40: (5, 6)}
    found = audiences(ties, first={30: 7, 40: 7}, cutoff=50, language="en", told=told)
    assert [(each.windows[0].told, len(each.readers)) for each in found] == [((), 1), ((5,), 2), ((5, 6), 1)]
    assert len({each.edition_id("daily", "2026-11-24") for each in found}) == 3
