"""What goes wrong on the way, in words for an admin.

The text of a library's error is never shown: it may hold the whole address, and with it a name, a password
or a token. Of an address only the host is told.
"""

from __future__ import annotations

import os
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from syndicator.fetch.body import MEGABYTE, Damaged, TooBig
from syndicator.fetch.guard import AddressRefused
from syndicator.fetch.headers import plain
from syndicator.model import FetchFailed

if TYPE_CHECKING:
    from datetime import timedelta

    from yarl import URL

Answer = TypeVar("Answer")

STATUSES = {  # those that mean something to an admin; the others are told by number and name
    401: "asks for a name and a password",
    403: "refuses us",
    404: "has no {what} at this address",
    410: "has removed this {what} for good",
    429: "asks us to come less often",
    503: "is not available for now",
}

# The first row that fits decides: kind, and words for {host} and {reason}.
TROUBLES: tuple[tuple[type[Exception], str, str], ...] = (
    (AddressRefused, "forbidden", "{reason}; {key} can allow it"),
    (aiohttp.ClientProxyConnectionError, "proxy", "no connection to the proxy that leads to {host}"),
    (aiohttp.ClientHttpProxyError, "proxy", "the proxy does not lead to {host}"),
    (aiohttp.InvalidURL, "forbidden", "{host} is not an address that can be asked"),
    (aiohttp.ClientConnectorDNSError, "dns", "the name {host} does not resolve"),
    (
        aiohttp.ClientConnectorCertificateError,
        "tls",
        "the certificate of {host} is not to be trusted: {reason}",
    ),
    (aiohttp.ClientSSLError, "tls", "no secure connection to {host}"),
    (aiohttp.ClientConnectorError, "connect", "no connection to {host}: {reason}"),
    (aiohttp.ClientPayloadError, "http", "the answer of {host} broke off"),
    (aiohttp.ClientResponseError, "http", "the answer of {host} is not valid HTTP"),
    (Damaged, "http", "the answer of {host} cannot be read: {reason}"),
    (aiohttp.ClientError, "connect", "{host} closed the connection"),
    (OSError, "connect", "no connection to {host}: {reason}"),
    (ValueError, "forbidden", "{host} is not an address that can be asked"),
)
WORLDLY: tuple[type[Exception], ...] = (TooBig, *(kind for kind, _, _ in TROUBLES))
"""The errors that `explain` knows: everything that a server, a network or an address can cause."""


def explain(error: Exception, url: URL, *, limit: int, key: str = "allow_private") -> FetchFailed:
    """Return what `error` means (one of WORLDLY), met while asking `url` for at most `limit` bytes.

    `key` of the config can let us go to private addresses.
    """
    host = url.raw_host or ""
    if isinstance(error, TooBig):
        return failed("too-big", f"{host} sends more than {limit / MEGABYTE:.3g} MB", url=url)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    met = cause if isinstance(cause, AddressRefused) else error
    kind, words = next((kind, words) for known, kind, words in TROUBLES if isinstance(met, known))
    return failed(kind, words.format(host=host, reason=reason(met), key=key), url=url)


def refused(status: int, url: URL, *, retry_after: timedelta | None, what: str = "feed") -> FetchFailed:
    """Return what an answer means that brings no document; `what` was asked for: a feed, or a page."""
    known = status in HTTPStatus._value2member_map_
    phrase = f"{status} {HTTPStatus(status).phrase}" if known else f"{status}"
    said = STATUSES.get(status, "answers without a {what}").format(what=what)
    message = f"{url.raw_host} {said} ({phrase})"
    kind = "gone" if status == HTTPStatus.GONE else "http"
    return failed(kind, message, url=url, status=status, retry_after=retry_after)


def failed(
    kind: str, message: str, *, url: URL | None = None, status: int = 0, retry_after: timedelta | None = None
) -> FetchFailed:
    """Return a FetchFailed that shows no secrets of `url`, and nothing that a terminal cannot print."""
    return FetchFailed(
        kind=kind,
        message=plain(message),
        status=status,
        retry_after=retry_after,
        url=plain(shown(url)) if url else "",
    )


def passing(answer: Answer) -> Answer | FetchFailed:
    """What is gone behind a redirect for now is no word on the address that was wanted."""
    if isinstance(answer, FetchFailed) and answer.kind == "gone":
        return replace(answer, kind="http")
    return answer


def shown(url: URL) -> str:
    """Return an address without the name and password it may carry: it becomes the base of links."""
    return str(url.with_user(None))


def reason(error: Exception) -> str:
    """Return why, in a few words: ours where the error is ours, else what the system calls it."""
    if isinstance(error, (AddressRefused, Damaged)):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(getattr(error.certificate_error, "verify_message", "")) or "it is not valid"
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if isinstance(number, int) and number > 0 else "no answer"
