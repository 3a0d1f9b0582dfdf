"""Pulls of IMAP folders (RFC 3501): `imaps://HOST[:PORT]/FOLDER`, and `imap:` inside an own network.

The folder is opened read-only and mails are peeked at, so nothing changes on the server: no flag is set, and
people may read the same folder. What was read up to is the cursor `UIDVALIDITY:UID`, which is stored with
the articles in one transaction (`Received.etag`); there is nothing to acknowledge.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiohttp

from syndicator.fetch.guard import AddressRefused, GuardedResolver, check_literal
from syndicator.fetch.imap_line import Line, TooMuch
from syndicator.fetch.maildrop import MAX_LETTERS, MAX_TOGETHER
from syndicator.model import FetchFailed, Letter, Received
from syndicator.networks import Allowed, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from syndicator.fetch.means import Means, Pull
    from syndicator.model import Access, FetchResult, Source, SourceState

AT_ONCE = 4
"""Folders that are read at a time: each holds a thread."""

_PORTS = {"imaps": 993, "imap": 143}
_CURSOR = re.compile(r"(\d{1,20}):(\d{1,20})")
_TALK = 8 * 1024 * 1024  # bytes that the server may say beside the mails
# The first row that fits decides: kind, and words behind the host. What imaplib raises where a server does
# not keep to the protocol is any of the last ones.
_TROUBLES: tuple[tuple[type[Exception], str, str], ...] = (
    (TimeoutError, "timeout", "did not bring its mails in time"),
    (ssl.SSLCertVerificationError, "tls", "shows a certificate that is not to be trusted"),
    (ssl.SSLError, "tls", "makes no secure connection"),
    (OSError, "connect", "cannot be reached, or closed the connection"),
    (TooMuch, "too-big", "says more than its mails can be"),
    *(
        (kind, "imap", "does not speak IMAP as we know it")
        for kind in (imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError)
    ),
)
_WORLDLY = tuple(row[0] for row in _TROUBLES)


class _Refused(Exception):
    """The pull cannot go on: kind and one line for an admin."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder on a server."""

    host: str
    port: int
    folder: str
    is_tls: bool


@asynccontextmanager
async def from_imap(means: Means) -> AsyncIterator[Pull]:
    """Give the pull for `imaps:` and `imap:` sources; each pull is one connection."""
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="imap")
    try:
        yield _Imap(means, threads).pull
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class _Imap:
    def __init__(self, means: Means, threads: ThreadPoolExecutor) -> None:
        self._means = means
        self._threads = threads
        self._allowed = Allowed.of(means.settings.allow_private)
        self._resolver = means.resolver or aiohttp.ThreadedResolver()

    async def pull(self, source: Source, state: SourceState) -> FetchResult:
        """Bring the mails behind the cursor."""
        cursor = state.etag if state.url == source.url else ""
        seconds = self._means.settings.timeout.total_seconds()
        line: Line | None = None
        try:
            place = _place(source)
            async with asyncio.timeout(seconds):
                line = Line(
                    place.host, await self._addresses(source, place), place.port, self._tls(source, place)
                )
                loop = asyncio.get_running_loop()
                limit = self._means.inbound.max_bytes
                return await loop.run_in_executor(
                    self._threads, _collect, line, place, source.access, cursor, limit
                )
        except _Refused as error:
            return _failed(source, error.kind, str(error))
        except AddressRefused as error:
            return _failed(source, "forbidden", f"cannot be used: {error}; allow_private can allow it")
        except _WORLDLY as error:
            kind, said = next(row[1:] for row in _TROUBLES if isinstance(error, row[0]))
            return _failed(source, kind, said)
        finally:
            if line is not None:
                line.abort()

    async def _addresses(self, source: Source, place: _Place) -> tuple[str, ...]:
        """Resolve the host to addresses that we may connect to; the connection goes to one of these."""
        resolver = self._resolver
        if not source.allow_private:
            check_literal(place.host, self._allowed)
            resolver = GuardedResolver(self._allowed, self._resolver)
        try:
            found = await resolver.resolve(place.host, place.port)
        except AddressRefused:
            raise
        except OSError:
            raise _Refused("dns", "has a name that does not resolve") from None
        addresses = tuple(answer["host"] for answer in found)
        if not place.is_tls and any(is_public(address) for address in addresses):
            raise _Refused(
                "forbidden", "would be sent the password in the clear; begin the address with imaps:"
            )
        return addresses

    def _tls(self, source: Source, place: _Place) -> ssl.SSLContext | None:
        if not place.is_tls:
            return None
        if source.access.verify_tls:
            return self._means.ssl_context or ssl.create_default_context()
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE  # an admin's word for this source alone
        return trusting


def _place(source: Source) -> _Place:
    try:
        parts = urlsplit(source.url.strip())
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()]
    except (ValueError, KeyError):
        host, port, parts = "", 0, urlsplit("")
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    if not host or not folder.isprintable():
        raise _Refused("forbidden", "is not an address of a folder: write imaps://HOST/FOLDER")
    return _Place(host, port, folder, parts.scheme.lower() == "imaps")


def _collect(line: Line, place: _Place, access: Access, cursor: str, limit: int) -> Received:
    """Bring the oldest mails behind `cursor`. Blocks; `Line.abort` ends it from another thread."""
    try:
        line.begin(room=_TALK)
        _log_in(line, access)
        return _mails(line, place.folder, cursor, limit)
    finally:
        line.close()


def _mails(line: Line, folder: str, cursor: str, limit: int) -> Received:
    answer, _ = line.imap.select(quoted(folder), readonly=True)
    if answer != "OK":
        raise _Refused("imap", f"has no folder {folder!r} that we may read")
    validity = _validity(line.imap)
    known = _CURSOR.fullmatch(cursor)
    last = int(known[2]) if known and int(known[1]) == validity else 0
    waiting = _uids(line.imap, last)
    letters: list[Letter] = []
    together = 0
    for uid in waiting[:MAX_LETTERS]:
        if together > MAX_TOGETHER:
            break
        raw = _peek(line, uid, limit)
        last = uid
        if raw:  # else it was deleted meanwhile, or the server cannot read it
            letters.append(Letter(ref=str(uid), raw=raw))
            together += len(raw)
    line.imap.logout()
    more = bool(waiting) and last < waiting[-1]
    return Received(letters=tuple(letters), etag=f"{validity}:{last}", more=more)


def _log_in(line: Line, access: Access) -> None:
    """Log in by the best way that the server offers; without a name there is nothing to do."""
    imap, name, password = line.imap, access.username, access.password
    if not name.isprintable() or not password.isprintable():
        raise _Refused("auth", "needs a name and a password without control characters")
    try:
        if access.bearer:
            imap.authenticate("XOAUTH2", lambda _: f"user={name}\1auth=Bearer {access.bearer}\1\1".encode())
        elif name and "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())  # RFC 4616, UTF-8
        elif name:
            imap.login(quoted(name), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise _Refused("auth", "does not accept the name and password") from None


def _validity(imap: imaplib.IMAP4) -> int:
    _, said = imap.response("UIDVALIDITY")
    return int(said[0]) if said and said[0] else 0


def _uids(imap: imaplib.IMAP4, last: int) -> list[int]:
    """List the mails behind `last`; a server names its newest even where none is (RFC 3501 6.4.8)."""
    answer, data = imap.uid("SEARCH", f"UID {last + 1}:*")
    if answer != "OK":
        raise _Refused("imap", "does not let us search the folder")
    return sorted(uid for part in data if part for uid in map(int, part.split()) if uid > last)


def _peek(line: Line, uid: int, limit: int) -> bytes:
    """Read one mail, as much of it as we take, without marking it as seen."""
    line.allow(limit + 64 * 1024)
    answer, data = line.imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{limit}>)")
    if answer != "OK":
        return b""
    found = next((part[1] for part in data if isinstance(part, tuple) and len(part) == 2), b"")
    return bytes(found[:limit])


def quoted(text: str) -> str:
    """Write a name as a quoted string; letters beyond ASCII in modified UTF-7 (RFC 3501 5.1.3)."""
    coded = re.sub(r"&|[^\x20-\x7e]+", _shifted, text)
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    coded = b64encode(found[0].encode("utf-16-be")).decode("ascii")
    return "&" + coded.rstrip("=").replace("/", ",") + "-"


def _failed(source: Source, kind: str, said: str) -> FetchFailed:
    try:
        host = urlsplit(source.url).hostname
    except ValueError:
        host = None
    return FetchFailed(kind=kind, message=f"{host or source.name} {said}", url=source.url)
