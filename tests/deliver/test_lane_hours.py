"""Quiet hours and places in time, as tables: what waits, until when, in whose zone, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from syndicator.deliver.lanes.hours import due, not_before, place
from syndicator.model import Slot
from syndicator.settings import Mail, Quiet

NIGHT = Quiet(start=time(22), end=time(6))
STRICT = Quiet(start=time(22), end=time(6), strict=True)
SIESTA = Quiet(start=time(13), end=time(15, 30))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("slot", "quiet", "moment", "expected"),
    [
        ("instant@00:00@UTC", NIGHT, "2026-12-01T21:59", "2026-12-01T21:59"),
        ("instant@00:00@UTC", NIGHT, "2026-12-01T22:00", "2026-12-02T06:00"),
        ("instant@00:00@UTC", NIGHT, "2026-12-02T05:59", "2026-12-02T06:00"),
        ("instant@00:00@UTC", NIGHT, "2026-12-02T06:00", "2026-12-02T06:00"),
        ("instant@00:00@UTC", SIESTA, "2026-12-02T14:00", "2026-12-02T15:30"),
        ("instant@00:00@UTC", SIESTA, "2026-12-02T16:00", "2026-12-02T16:00"),
        ("instant@00:00@Asia/Shanghai", NIGHT, "2026-12-01T13:59", "2026-12-01T13:59"),
        ("instant@00:00@Asia/Shanghai", NIGHT, "2026-12-01T14:30", "2026-12-01T22:00"),
        ("instant@00:00@America/New_York", NIGHT, "2026-12-01T08:00", "2026-12-01T11:00"),
        ("instant@00:00@Europe/Berlin", NIGHT, "2026-10-24T21:00", "2026-10-25T05:00"),  # the clock goes back
        ("daily@07:00@UTC", NIGHT, "2026-12-01T07:00", "2026-12-01T07:00"),
        ("daily@07:00@UTC", NIGHT, "2026-12-01T23:00", "2026-12-02T06:00"),  # a late retry
        ("daily@23:00@UTC", NIGHT, "2026-12-01T23:00", "2026-12-01T23:00"),  # its hour was chosen
        ("daily@23:00@UTC", NIGHT, "2026-12-02T01:00", "2026-12-02T01:00"),
        ("daily@23:00@UTC", STRICT, "2026-12-01T23:00", "2026-12-02T06:00"),
        ("instant@00:00@UTC", None, "2026-12-01T23:00", "2026-12-01T23:00"),
    ],
)
def test_quiet_hours(slot: str, quiet: Quiet | None, moment: str, expected: str) -> None:
    at, until = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (moment, expected))
    assert not_before(at, quiet, Slot.of_key(slot)) == until


def test_a_place_is_the_same_each_time_and_places_fill_the_span() -> None:
    places = [place(reader, HOUR) for reader in range(1, 2001)]
    assert places == [place(reader, HOUR) for reader in range(1, 2001)]
    assert all(timedelta() <= each < HOUR for each in places)
    quarters = [sum(n * HOUR / 4 <= each < (n + 1) * HOUR / 4 for each in places) for n in range(4)]
    assert min(quarters) > 400
    assert place(7, timedelta()) == timedelta()


def test_a_planned_mail_is_due_in_its_place() -> None:
    now = datetime(2026, 12, 1, 7, tzinfo=UTC)
    mail = Mail(spread=HOUR)
    assert due(mail, Slot.of_key("daily@07:00@UTC"), 7, now) == now + place(7, HOUR)
    assert due(mail, Slot.of_key("instant@00:00@UTC"), 7, now) == now
    late = due(Mail(spread=HOUR, quiet=SIESTA), Slot.of_key("daily@12:30@UTC"), 7, now.replace(hour=13))
    assert late == now.replace(hour=15, minute=30)
