"""Pure: what our hub answers, asks and sends, and the life of a follower, as transitions of a `Follower`.

    request ─read→ wish ─stored→ intent ─callback confirms→ follower … ─lease over, 410, silence→ gone
                                   └ refuses, or is silent three times→ gone

A follower is never told of a change: it has a `version`, and where that is not the document's, it is due.
So what changes ten times while a follower is away is sent once, as it is then. (W3C WebSub 5 to 7.)
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from syndicator.hosts import host_group
from syndicator.model.followers import Wish
from syndicator.publish.feed import FeedLink
from syndicator.publish.formats import FEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syndicator.model.followers import Follower, Intent

LEASE: Final = timedelta(days=10)
"""What is given to who asks for nothing; WebSub 8.2 calls it a good default."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
"""What is given at least and at most, whatever was asked for."""

MAX_ADDRESS, MAX_SECRET = 2048, 199
"""Characters of a callback and of a topic; bytes of a secret (WebSub 5.1: less than 200)."""

MOST, PER_HOST, PER_NETWORK = 20_000, 1_000, 1_000
"""Followers: in all, of one callback's host, and from one network."""

PENDING, PENDING_OF_HOST, PENDING_OF_KNOWN = 2_000, 10, 200
"""Unconfirmed wishes: in all, of one host, and of a host that has confirmed one that still runs."""

PORTS: Final = frozenset({80, 443, 4443, 8000, 8008, 8443, 8888, *range(8080, 8090)})
"""Where callbacks listen. Elsewhere other protocols are spoken, which our requests must not meet."""

TRIES: Final = 3
"""Questions to a callback that does not answer."""

QUESTION_WAIT: Final = timedelta(minutes=2)
"""Until a question is repeated, four times as long after each."""

HOST_SPACING: Final = timedelta(seconds=60)
"""Between two questions to a host, or address, that has not confirmed the one before."""

AGAIN, SLOWEST = timedelta(minutes=1), timedelta(hours=6)
"""The wait after a first failed push, doubled with each in a row up to the other."""

SPACING: Final = timedelta(seconds=15)
"""Between two pushes to one follower that both went well."""

LOST: Final = timedelta(days=3)
"""How long pushes may fail until a follower is dropped."""

WORRYING: Final = timedelta(days=1)
"""How long pings of a hub may fail until an admin is told."""

_ADDRESS = re.compile(r"https?://[!$%&'()*+,/:;=?@\[\]_.~0-9A-Za-z-]+", re.ASCII | re.IGNORECASE)
_DOCUMENT = re.compile(rf"/(?:topics/([a-z0-9][a-z0-9-]{{0,63}})|all)\.({'|'.join(FEEDS)})", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request cannot be granted, in words for who made it."""

    status: int
    why: str
    wait: int = 0  # seconds until it is worth to ask again; 0: it is not


# Requests ---------------------------------------------------------------------------------------------


def read_request(form: Mapping[str, str], base_url: str) -> Wish | Refusal:
    """Read the fields of a request (WebSub 5.1). The callback's own query stays as it is."""
    mode, callback, topic_url = (form.get(f"hub.{name}", "") for name in ("mode", "callback", "topic"))
    secret = form.get("hub.secret", "")
    if mode not in ("subscribe", "unsubscribe"):
        return Refusal(
            400, "hub.mode must be subscribe or unsubscribe; only our own feeds are published here"
        )
    if not is_callback(callback):
        return Refusal(400, "hub.callback must be an http or https address, without user and fragment")
    if len(secret.encode("utf-8", "replace")) > MAX_SECRET or not secret.isprintable():
        return Refusal(400, "hub.secret must be printable and shorter than 200 bytes")
    found = document_of(topic_url, base_url)
    if found is None:
        return Refusal(404, "hub.topic is none of our feeds; ask for the address in rel=self")
    return Wish(
        mode="subscribe" if mode == "subscribe" else "unsubscribe",
        callback=callback,
        topic=found[0],
        format=found[1],
        topic_url=topic_url,
        secret=secret,
        lease=lease(form.get("hub.lease_seconds", "")),
        host=host_group(callback),
    )


def is_callback(url: str) -> bool:
    """Whether a text is an address that can be called back."""
    parts = _split(url)
    return parts is not None and "@" not in parts.netloc and bool(host_group(url))


def port_of(url: str) -> int:
    """Return the port that an address leads to."""
    parts = urlsplit(url)
    return parts.port or _DEFAULT_PORTS[parts.scheme]


def lease(seconds: str) -> timedelta:
    """Return how long a subscription lasts that was asked for with these `seconds`, within our bounds."""
    written = seconds.strip()
    if not (written.isascii() and written.isdigit()):
        return LEASE
    if len(written) > 9:  # beyond any lease, and a very long number is costly to convert
        return LONGEST
    return min(max(timedelta(seconds=int(written)), SHORTEST), LONGEST)


def document_of(url: str, base_url: str) -> tuple[str, str] | None:
    """Return slug and format of the feed that an address names, however spelled; None if it is not ours.

    Whether there is such a feed is not known here.
    """
    parts, base = _split(url), urlsplit(base_url)
    if parts is None or parts.query or "@" in parts.netloc or _origin(parts) != _origin(base):
        return None
    try:
        path, above = unquote(parts.path, errors="strict"), unquote(base.path)
    except UnicodeError:
        return None
    found = _DOCUMENT.fullmatch(path.removeprefix(above)) if path.startswith(above) else None
    return (found[1] or "", found[2]) if found else None


def address_of(base_url: str, topic: str, format_: str) -> str:
    """Return the address of a feed: the inverse of `document_of`."""
    return f"{base_url}/topics/{topic}.{format_}" if topic else f"{base_url}/all.{format_}"


def _split(url: str) -> SplitResult | None:
    if len(url) > MAX_ADDRESS or not _ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS.get(scheme)


def network(address: str) -> str:
    """Return the network that an address is counted in: 256 addresses of IPv4, a site's of IPv6 (/48).

    Empty for an address of this machine, and for none: behind a proxy that does not say for whom it asks,
    nobody can be told from anybody.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


# Questions --------------------------------------------------------------------------------------------


def question(intent: Intent, challenge: str) -> str:
    """Return the address that asks a callback whether it is meant, or tells of a denial (WebSub 5.2, 5.3)."""
    asks = {"hub.mode": intent.mode, "hub.topic": intent.topic_url}
    if intent.mode == "denied":
        asks["hub.reason"] = intent.reason
    else:
        asks["hub.challenge"] = challenge
    if intent.mode == "subscribe":
        asks["hub.lease_seconds"] = str(int(intent.lease.total_seconds()))
    url = intent.callback
    joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
    return f"{url}{joint}{urlencode(asks)}"


def asked(intent: Intent, now: datetime) -> Intent:
    """Return an intent as it is stored before its callback is asked: whatever comes, it is asked again."""
    wait: timedelta = QUESTION_WAIT * 4**intent.attempts
    return replace(intent, attempts=intent.attempts + 1, ask_at=now + wait)


# Pushes -----------------------------------------------------------------------------------------------


def feed_links(hubs: Iterable[str]) -> tuple[FeedLink, ...]:
    """Return the links by which a feed names its hubs (WebSub 4)."""
    return tuple(FeedLink("hub", url) for url in hubs)


def link_field(hubs: Iterable[str], self_url: str) -> str:
    """Return the Link header field (RFC 8288) of a feed: its hubs, and its own address."""
    return ", ".join([*(f'<{url}>; rel="hub"' for url in hubs), f'<{self_url}>; rel="self"'])


def push_fields(follower: Follower, body: bytes, hubs: Iterable[str]) -> dict[str, str]:
    """Return the header fields of a push (WebSub 7): what it is, whose it is, and who says so."""
    fields = {
        "Content-Type": f"{FEEDS[follower.format].media_type}; charset=utf-8",
        "Link": link_field(hubs, follower.topic_url),
    }
    if follower.secret:
        fields["X-Hub-Signature"] = f"sha256={hmac.new(follower.secret.encode(), body, 'sha256').hexdigest()}"
    return fields


def ping(follower: Follower) -> dict[str, str]:
    """Return the form that tells a hub of others of a change: `hub.url` is for most, `hub.topic` for some."""
    return {"hub.mode": "publish", "hub.url": follower.topic_url, "hub.topic": follower.topic_url}


def told(follower: Follower, *, version: str, now: datetime) -> Follower:
    """Return a follower that has taken a version of the document."""
    return replace(
        follower,
        version=version,
        delivered_at=now,
        due_at=now + SPACING,
        attempts=0,
        failing_since=None,
        problem="",
    )


def failed(
    follower: Follower, *, now: datetime, problem: str, retry_after: timedelta | None, jitter: float
) -> Follower:
    """Return a follower after a push that failed; the wait is spread by `jitter` in [0, 1).

    It is heard what the follower asks for (Retry-After), up to a day.
    """
    wait = min(AGAIN * (1 << min(follower.attempts, 20)), SLOWEST) * (0.75 + jitter / 2)
    wait = max(wait, min(retry_after or wait, timedelta(days=1)))
    return replace(
        follower,
        attempts=follower.attempts + 1,
        failing_since=follower.failing_since or now,
        problem=problem,
        due_at=now + wait,
    )


def is_lost(follower: Follower, now: datetime) -> bool:
    """Whether a callback has failed for so long that it is dropped. Hubs are for admins to drop."""
    return follower.kind == "callback" and _fails_for(follower, now) >= LOST


def is_worrying(follower: Follower, now: datetime) -> bool:
    """Whether an admin is to know that a hub in the settings takes no pings."""
    return follower.kind == "hub" and _fails_for(follower, now) >= WORRYING


def _fails_for(follower: Follower, now: datetime) -> timedelta:
    return now - follower.failing_since if follower.failing_since else timedelta(0)
