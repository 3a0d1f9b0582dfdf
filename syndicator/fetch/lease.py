"""Pure: the life of a subscription at a hub (WebSub 5, PubSubHubbub 0.4), as transitions of a `Hub`.

    wished ─ask→ asked ─verify→ verified ─ask (renewal)→ verified … ─lease over→ asked
    asked, verified ─deny, or the hub says no→ the next hub that the feed names, else refused ─later→ asked
    any ─the source left, the feed changed its hub→ leaving ─verify (unsubscribe), or given up→ gone

A renewal that comes to nothing harms no lease that still runs (WebSub 5.1), so a verified hub that is asked
again stays verified, with the same secret. Every request is presumed lost until the hub verifies it: asking
sets the time of the next attempt, and verification sets a later one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from syndicator.model.hubs import Hub

LEASE = timedelta(days=10)
"""What we ask for; WebSub 8.2 calls it a good default."""

SHORTEST, LONGEST, UNSAID = timedelta(minutes=1), timedelta(days=30), timedelta(days=1)
"""What we believe of a lease, and what we take it for when the hub does not say."""

EARLY = 0.1
"""The share of a lease before whose end it is renewed; at most a day."""

DAY = timedelta(days=1)
PATIENCE = timedelta(hours=1)
"""How long a hub may take to verify before it is asked again."""

AGAIN = timedelta(minutes=10)
"""The wait after a first failure, doubled with each in a row up to a day; renewals are no closer either."""

TRIES = 3
"""Requests without verification until the next hub gets its chance, or all of them a rest."""

REST_SILENT, REST_REFUSED = DAY, timedelta(days=7)
"""How long hubs are left alone that did not answer, or that said no."""

SPACING = timedelta(minutes=1)
"""Between two pulls that pushes cause, whatever they are."""

LOOKS = (timedelta(minutes=2), timedelta(minutes=10))
"""When to look again if a pull after a push found nothing new: caches may still hold the old feed."""

TRUSTED = timedelta(hours=6)
"""How long after a push a change may be found that counts as announced by it."""

MAX_URL, MAX_HUBS, MAX_PROBLEM, MAX_CHALLENGE = 2048, 4, 200, 2048
"""Characters of an address; hubs of a feed; characters of a problem and of a challenge."""


def usable(hub_urls: Iterable[str], topic_url: str) -> tuple[tuple[str, ...], str]:
    """Return of what a feed says the hubs that can be asked, those with TLS first, and the topic.

    Both are empty if either is: no hub without a topic, no topic without a hub.
    """
    found = dict.fromkeys(url for url in hub_urls if _is_address(url))
    hubs = sorted(found, key=lambda url: not url.lower().startswith("https:"))[:MAX_HUBS]
    return (tuple(hubs), topic_url) if hubs and _is_address(topic_url) else ((), "")


def _is_address(url: str) -> bool:
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def is_live(hub: Hub, now: datetime) -> bool:
    """Whether the hub promises to push."""
    return hub.state == "verified" and hub.lease_until is not None and hub.lease_until > now


# Asking -----------------------------------------------------------------------------------------------


def ask(hub: Hub, *, now: datetime, base_url: str) -> Hub:
    """Return `hub` as it is stored before it is asked: whatever becomes of the request, it is made again."""
    again = now + max(PATIENCE, _backoff(hub.attempts + 1))
    asked = replace(hub, attempts=hub.attempts + 1, next_at=again, asked_until=again)
    if hub.state == "leaving":  # it is the old callback that the hub is to forget
        return asked
    return replace(asked, state="verified" if is_live(hub, now) else "asked", base_url=base_url)


def form(hub: Hub) -> dict[str, str]:
    """Return the fields of the request (WebSub 5.1).

    `hub.verify` is for hubs of PubSubHubbub 0.3, which require it. The secret goes to hubs without TLS too:
    whoever listens there could forge pushes as well if there were none.
    """
    fields = {
        "hub.mode": "unsubscribe" if hub.state == "leaving" else "subscribe",
        "hub.topic": hub.topic_url,
        "hub.callback": f"{hub.base_url}/websub/{hub.token}",
        "hub.verify": "async",
    }
    if hub.state != "leaving":
        fields |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": hub.secret}
    return fields


def is_spent(hub: Hub, now: datetime) -> bool:
    """Whether it is no use to ask this hub again: it was asked often enough, and no lease of it runs."""
    if hub.state == "leaving" and (hub.lease_until is None or hub.lease_until <= now):
        return True
    return hub.attempts >= TRIES and (hub.state == "leaving" or not is_live(hub, now))


def failed(hub: Hub, *, now: datetime, problem: str, retry_after: timedelta | None) -> Hub:
    """Return `hub` after a request that failed for now. It may have arrived: verification stays welcome."""
    again = now + max(_backoff(hub.attempts), retry_after or timedelta(0))
    return replace(hub, next_at=again, asked_until=again, problem=tidy(problem))


def refused(hub: Hub, *, now: datetime, problem: str, fresh: tuple[str, str]) -> Hub:
    """Return `hub` after it said no. What it has promised already still holds."""
    told = replace(hub, problem=tidy(problem))
    if is_live(hub, now):
        return replace(told, attempts=TRIES, next_at=hub.lease_until, asked_until=None)
    return pass_over(told, now=now, rest=REST_REFUSED, fresh=fresh)


def pass_over(hub: Hub, *, now: datetime, fresh: tuple[str, str], rest: timedelta = REST_SILENT) -> Hub:
    """Return the subscription at the next hub that the feed names, due at once.

    After the last of them it begins with the first again, after a `rest`. `fresh` are a token and a secret.
    """
    token, secret = fresh
    place = hub.hub_urls.index(hub.hub_url) + 1 if hub.hub_url in hub.hub_urls else 0
    at_end = place >= len(hub.hub_urls)
    return replace(
        hub,
        hub_url=hub.hub_urls[0 if at_end else place],
        token=token,
        secret=secret,
        state="refused" if at_end else "wished",
        attempts=0,
        next_at=now + rest if at_end else now,
        asked_until=None,
        lease_until=None,
        heard_at=None,
        trusted_until=None,
        ignored=0,
    )


def _backoff(attempts: int) -> timedelta:
    return min(AGAIN * (1 << min(max(attempts - 1, 0), 30)), DAY)


# What the hub says ------------------------------------------------------------------------------------


def agrees(hub: Hub, *, mode: str, topic: str, challenge: str, now: datetime) -> bool:
    """Whether we want what the hub asks us to confirm (WebSub 5.3).

    A request of ours must be open, or a lease run: hubs may reconfirm those, and they repeat a question
    whose answer was lost. The challenge must be text of a sane length, since it is sent back.
    """
    if topic != hub.topic_url or not 0 < len(challenge) <= MAX_CHALLENGE or not challenge.isprintable():
        return False
    is_open = hub.asked_until is not None and now < hub.asked_until
    if mode == "subscribe":
        return hub.state in ("asked", "verified") and (is_open or is_live(hub, now))
    return mode == "unsubscribe" and hub.state == "leaving" and is_open


def verified(hub: Hub, *, now: datetime, seconds: str, jitter: float) -> Hub:
    """Return `hub` with its lease of that many `seconds`, a number as the hub wrote it.

    It is renewed within the last tenth of its time, within the last day at most, spread by `jitter` in
    [0, 1) so that leases that began together do not end together.
    """
    lease = duration(seconds)
    margin = min(lease * EARLY, DAY)
    return replace(
        hub,
        state="verified",
        attempts=0,
        problem="",
        lease_until=now + lease,
        next_at=now + max(lease - margin * (1 - jitter / 2), AGAIN),
    )


def duration(seconds: str) -> timedelta:
    """Return how long a lease lasts that is said to last that long, within what we believe."""
    written = seconds.strip()
    if not (written.isascii() and written.isdigit()):
        return UNSAID
    if len(written) > 9:  # beyond any lease, and a very long number is costly to convert
        return LONGEST
    return min(max(timedelta(seconds=int(written)), SHORTEST), LONGEST)


def denied(hub: Hub, *, now: datetime, reason: str, fresh: tuple[str, str]) -> Hub:
    """Return `hub` after it said that it pushes nothing, or no more (WebSub 5.2)."""
    told = replace(hub, problem=tidy(f"denied: {reason}" if reason else "denied"))
    return pass_over(told, now=now, rest=REST_REFUSED, fresh=fresh)


def tidy(problem: str) -> str:
    """Return what a stranger wrote as one short line without marks that cannot be seen."""
    line = " ".join("".join(each if each.isprintable() else " " for each in problem).split())
    return line[:MAX_PROBLEM]


# Pushes -----------------------------------------------------------------------------------------------


def heard(hub: Hub, now: datetime) -> Hub:
    """Return `hub` after a push with a good signature: its source is to be pulled, but not all the time."""
    earliest = hub.looked_at + SPACING if hub.looked_at else now
    return replace(hub, heard_at=now, trusted_until=now + TRUSTED, look_at=max(now, earliest), looks=0)


def is_waiting(hub: Hub) -> bool:
    """Whether a pull is due because of a push anyhow, so that another push could cause no other."""
    return hub.look_at is not None and hub.looks == 0


def look(
    hub: Hub, *, now: datetime, changed_at: datetime | None, paused_until: datetime | None
) -> tuple[Hub, bool]:
    """Return `hub` when a look is due, and whether its source is to be pulled now.

    `changed_at` is when the source changed last; `paused_until` is what its server has asked us to wait for.
    """
    if hub.looks and changed_at and hub.heard_at and changed_at >= hub.heard_at:
        return replace(hub, look_at=None), False
    if paused_until and paused_until > now:
        return replace(hub, look_at=paused_until), False
    again = now + LOOKS[hub.looks] if hub.looks < len(LOOKS) else None
    return replace(hub, look_at=again, looks=hub.looks + 1, looked_at=now), True
