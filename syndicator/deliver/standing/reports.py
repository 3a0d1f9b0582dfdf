"""What a mail server, a web server and this machine told of themselves, judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.deliver.standing import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.deliver.standing import Level

EXPIRES_SOON: Final = timedelta(days=14)
CLOCK_LOOK, CLOCK_WRONG = timedelta(seconds=60), timedelta(minutes=5)  # what tokens and receivers bear
MEGABYTE: Final = 1024 * 1024
DISK_LOOK, DISK_WRONG = 1024 * MEGABYTE, 256 * MEGABYTE
FULL: Final = 0.8  # of the size that a server takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What a mail server said, up to QUIT. `trouble`: how far it did not come."""

    server: str  # host:port
    is_here: bool = False  # this machine
    trouble: str = ""
    security: str = "none"  # none, starttls, tls
    offers_tls: bool = False
    tls: str = ""  # TLSv1.3
    expires_at: datetime | None = None  # its certificate
    logged_in: str = ""  # as whom
    size: int | None = None  # octets of a message; None: it does not say, 0: no limit
    date: datetime | None = None  # in its greeting, which some write there


def relay(found: Relay, *, largest: int, now: datetime) -> list[Finding]:
    """Judge the server that takes our mail; `largest` is our largest message in octets, 0 for none yet."""
    if found.trouble:
        said = f"{found.server} cannot be used: {found.trouble}"
        todo = "mend host, port, security, username or password_file of `mail`"
        return [Finding("relay", "wrong", said, todo)]
    login = f", logged in as {found.logged_in}" if found.logged_in else ""
    return [
        Finding("relay", "ok", f"{found.server} answers{login}"),
        _tls(found, now),
        _size(found, largest),
    ]


def _tls(found: Relay, now: datetime) -> Finding:
    if found.tls:
        if found.expires_at and found.expires_at - now < EXPIRES_SOON:
            said = f"the certificate of {found.server} ends on {found.expires_at:%Y-%m-%d}"
            return Finding("tls", "look", said, "see that it is renewed: no mail leaves after that day")
        return Finding("tls", "ok", f"{found.tls}, the certificate is right")
    if found.is_here:
        return Finding("tls", "ok", "no TLS, and none is needed within this machine")
    how = "starttls" if found.offers_tls else "tls, or starttls"
    todo = f"set mail.security: {how}"
    if found.logged_in:
        return Finding("tls", "wrong", f"the password goes to {found.server} without TLS", todo)
    return Finding("tls", "look", f"mail goes to {found.server} without TLS", todo)


def _size(found: Relay, largest: int) -> Finding:
    ours = f"our largest message has {largest:,} bytes" if largest else "there is no edition yet"
    if not found.size:
        return Finding("size", "ok", f"{found.server} states no limit; {ours}")
    said = f"{found.server} takes {found.size:,} bytes; {ours}"
    todo = "let topics show fewer articles in a digest, or raise the server's limit"
    if largest > found.size:
        return Finding("size", "wrong", said, todo)
    return Finding("size", "look", said, todo) if largest > FULL * found.size else Finding("size", "ok", said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How a GET was answered. `trouble`: it was not."""

    url: str
    status: int = 0
    kind: str = ""  # its content type
    body: bytes = b""  # its beginning
    trouble: str = ""
    date: datetime | None = None


def base(health: Page) -> list[Finding]:
    """Judge whether `site.base_url` leads to us, and by https."""
    todo = "start `syndicator run`, and let your web server hand requests on to it; or mend site.base_url"
    found = []
    if health.trouble:
        found.append(Finding("web", "wrong", f"{health.url}: {health.trouble}", todo))
    elif health.status != 200 or b'"status"' not in health.body:
        said = f"{health.url} answers {health.status}, and not as we do"
        found.append(Finding("web", "wrong", said, todo))
    else:
        found.append(Finding("web", "ok", f"{health.url} answers"))
    if health.url.startswith("https:"):
        found.append(Finding("https", "ok", "one-click unsubscribe is possible"))
    else:
        said = "site.base_url is not https, and RFC 8058 wants it for one-click unsubscribe"
        found.append(Finding("https", "look", said, "put a web server with TLS before it (docs/running.md)"))
    return found


def leaving(page: Page | None) -> Finding:
    """Judge the page that a mail's unsubscribe link leads to; None: no link can be made yet."""
    if page is None:
        return Finding("unsubscribe", "look", "not tried: there is no database yet", "syndicator once")
    if page.trouble:
        said = f"the link of mails is not answered: {page.trouble}"
    elif page.status != 200 or not page.kind.startswith("text/html"):
        said = f"the link of mails is answered {page.status} {page.kind}".rstrip()
    else:
        return Finding("unsubscribe", "ok", "the link of mails opens a page")
    return Finding("unsubscribe", "wrong", said, "let your web server hand /unsubscribe/ on as it is")


def clock(now: datetime, theirs: datetime, whose: str) -> Finding:
    """Compare our clock with another's, which tells seconds."""
    off = abs(now - theirs)
    said = f"{off.total_seconds():.0f} s apart from {whose}"
    if off <= CLOCK_LOOK:
        return Finding("clock", "ok", said)
    level: Level = "wrong" if off > CLOCK_WRONG else "look"
    return Finding("clock", level, said, "let a time service set this clock (timedatectl), if it is this one")


def disk(free: int, where: str) -> Finding:
    """Judge the room that state has to grow."""
    said = f"{free / MEGABYTE:,.0f} MB free in {where}"
    if free >= DISK_LOOK:
        return Finding("disk", "ok", said)
    level: Level = "wrong" if free < DISK_WRONG else "look"
    return Finding("disk", level, said, "make room, or shorten retention.articles")
