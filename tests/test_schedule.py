"""When slots fire: tables for the clock's oddities, laws for every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.model import Slot
from syndicator.schedule import is_too_late, last_fire, next_fire

ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def slot(at="07:00", zone="UTC", frequency="daily"):
    return Slot(frequency=frequency, at=time.fromisoformat(at), zone=zone)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_slot", "now", "at", "local_date"),
    [
        (slot(), "2026-11-24T06:59:59", "2026-11-23T07:00", "2026-11-23"),
        (slot(), "2026-11-24T07:00", "2026-11-24T07:00", "2026-11-24"),
        (slot(zone="Asia/Shanghai"), "2026-11-23T23:00", "2026-11-23T23:00", "2026-11-24"),
        (slot(frequency="weekdays"), "2026-11-22T12:00", "2026-11-20T07:00", "2026-11-20"),  # a Sunday
        (slot(frequency="weekly"), "2026-11-22T12:00", "2026-11-16T07:00", "2026-11-16"),  # the last Monday
        # Spring: 02:30 does not exist in Berlin on 29 March 2026.
        (slot("02:30", "Europe/Berlin"), "2026-03-29T12:00", "2026-03-29T01:30", "2026-03-29"),
        # Autumn: 02:30 comes twice on 25 October 2026; the first counts, in the middle and afterwards.
        (slot("02:30", "Europe/Berlin"), "2026-10-25T00:45", "2026-10-25T00:30", "2026-10-25"),
        (slot("02:30", "Europe/Berlin"), "2026-10-25T01:45", "2026-10-25T00:30", "2026-10-25"),
        (slot("02:30", "Europe/Berlin"), "2026-10-25T12:00", "2026-10-25T00:30", "2026-10-25"),
        # Half an hour of summer time on Lord Howe, a day that Samoa skipped, a zone of 45 minutes.
        (slot("02:15", "Australia/Lord_Howe"), "2026-10-04T12:00", "2026-10-03T15:45", "2026-10-04"),
        (slot("12:00", "Pacific/Apia"), "2011-12-31T00:00", "2011-12-30T22:00", "2011-12-31"),
        (slot("07:00", "Asia/Kathmandu"), "2026-11-24T01:15", "2026-11-24T01:15", "2026-11-24"),
    ],
)
def test_last_fire(given_slot, now, at, local_date):
    fire = last_fire(given_slot, utc(now))
    assert (fire.at, fire.local_date) == (utc(at), local_date)


@pytest.mark.parametrize(
    ("given_slot", "now", "at"),
    [
        (slot(), "2026-11-24T07:00", "2026-11-25T07:00"),
        (slot(frequency="weekdays"), "2026-11-20T07:00", "2026-11-23T07:00"),
        (slot("02:30", "Europe/Berlin"), "2026-10-25T00:45", "2026-10-26T01:30"),
        (slot(frequency="weekly"), "2026-11-24T07:00", "2026-11-30T07:00"),
    ],
)
def test_next_fire(given_slot, now, at):
    assert next_fire(given_slot, utc(now)).at == utc(at)


def test_instant_has_no_hour():
    assert last_fire(slot(frequency="instant"), utc("2026-11-24T07:00")) is None
    assert next_fire(slot(frequency="instant"), utc("2026-11-24T07:00")) is None


def test_too_late():
    at = utc("2026-11-24T07:00")
    assert not is_too_late(slot(), at, utc("2026-11-24T19:00"))
    assert is_too_late(slot(), at, utc("2026-11-24T19:00:01"))
    assert not is_too_late(slot(frequency="weekly"), at, utc("2026-11-27T07:00")), "the next is far"
    assert is_too_late(slot(frequency="weekly"), at, utc("2026-11-27T07:00:01"))


@settings(max_examples=30, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    at=st.times(),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    frequency=st.sampled_from(["daily", "weekdays", "weekly"]),
)
def test_cron_tells_the_same(zone, at, now, frequency):
    """APScheduler, whose second fire of a repeated hour does not count, from ten days before on."""
    days = {"daily": "*", "weekdays": "mon-fri", "weekly": "mon"}[frequency]
    cron = CronTrigger(day_of_week=days, hour=at.hour, minute=at.minute, second=0, timezone=ZoneInfo(zone))
    fires, moment = {}, now - timedelta(days=10)
    while moment < now + timedelta(days=10):
        fire = cron.get_next_fire_time(None, moment)
        fires.setdefault(fire.date().isoformat(), fire.astimezone(UTC))
        moment = fire.astimezone(UTC) + timedelta(seconds=1)
    found = last_fire(slot(f"{at:%H:%M}", zone, frequency), now)
    assert (found.local_date, found.at) == [each for each in fires.items() if each[1] <= now][-1]
    found = next_fire(slot(f"{at:%H:%M}", zone, frequency), now)
    assert (found.local_date, found.at) == next(each for each in fires.items() if each[1] > now)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    at=st.times(),
    start=st.dates(min_value=date(2024, 1, 1), max_value=date(2031, 1, 1)),
)
def test_every_local_day_fires_once_and_in_order(zone, at, start):
    """Walked by `next_fire` over three weeks: no local day twice, none left out, no gap over 49 hours."""
    daily = slot(f"{at:%H:%M}", zone)
    now = datetime(start.year, start.month, start.day, tzinfo=UTC)
    dates, previous = [], None
    for _ in range(21):
        fire = next_fire(daily, now)
        assert fire.at > now
        assert last_fire(daily, fire.at) == fire, "both directions tell of the same fires"
        assert fire.at.astimezone(ZoneInfo(zone)).date().isoformat() == fire.local_date
        if previous:
            assert timedelta(hours=22) <= fire.at - previous <= timedelta(hours=49)
        dates.append(date.fromisoformat(fire.local_date))
        now = previous = fire.at
    assert all(b - a == timedelta(days=1) for a, b in pairwise(dates))
