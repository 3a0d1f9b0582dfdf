"""How many letters a lane may take now: by the minute, and by the day while an address is new. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from syndicator.model import Used

if TYPE_CHECKING:
    from syndicator.settings import WarmUp

MINUTE: Final = timedelta(minutes=1)
BURST: Final = 6  # the part of a minute's letters that may go at once: a sixth
PLENTY: Final = 10_000_000  # letters a day: a warm-up that came so far is over


def a_day(warm_up: WarmUp | None, day: date) -> int | None:
    """Say how many letters may go out on a day; None for any number, which a schedule comes to in the end."""
    if warm_up is None:
        return None
    passed = (day - warm_up.start).days
    if passed < 0:
        return 0
    if passed < len(warm_up.per_day):
        return warm_up.per_day[passed]
    days = min(passed - len(warm_up.per_day) + 1, 200)  # ten to the 200th is still a number
    most = warm_up.per_day[-1] * warm_up.growth**days
    return int(most) if most < PLENTY else None


def take(
    used: Used | None, want: int, now: datetime, *, per_minute: int, warm_up: WarmUp | None
) -> tuple[int, Used]:
    """Grant up to `want` letters; how many, and what is used up then. `per_minute` 0 is without limit."""
    today = now.astimezone(UTC).date()
    burst = -(-per_minute // BURST)
    used = used or Used(tokens=burst, at=now, day=today)
    tokens, at = burst, now
    if per_minute:
        fresh = int(max(now - used.at, timedelta()) * per_minute / MINUTE)
        tokens = min(burst, used.tokens + fresh)
        at = now if tokens == burst else min(used.at, now) + MINUTE * fresh / per_minute
        want = min(want, max(tokens, 0))
    sent = used.today if used.day == today else 0
    if (most := a_day(warm_up, today)) is not None:
        want = min(want, max(most - sent, 0))
    return want, Used(tokens=tokens - want, at=at, day=today, today=sent + want)


def give_back(used: Used, unused: int) -> Used:
    """Take back what was granted and not sent."""
    return Used(tokens=used.tokens + unused, at=used.at, day=used.day, today=max(used.today - unused, 0))


def tomorrow(now: datetime) -> datetime:
    """Say when a new day's letters may go: midnight in UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def is_full(most: int) -> str:
    """Say why no more letters go today."""
    return f"its warm-up lets {most:,} go today"
