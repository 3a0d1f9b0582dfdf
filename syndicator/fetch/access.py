"""Pure: what a request to a source carries beside its address, and to whom it may be shown.

Everything here is for the origin (scheme, host, port) that the admin wrote; a redirect that leaves it gets
none of it. Nothing of it is ever logged or told in an error.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from yarl import URL

if TYPE_CHECKING:
    from syndicator.model import Source, SourceState

FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2


class Unusable(Exception):
    """A source is configured so that no request can be made of it; the text says what is wrong."""


def fields(source: Source, url: URL) -> dict[str, str]:
    """Return the header fields that are for `source` alone, empty if `url` is not at its origin.

    Raises Unusable if one of them cannot be sent.
    """
    home = URL(source.url.strip())
    if home.scheme not in ("http", "https") or url.origin() != home.origin():
        return {}
    access = source.access
    username, password = access.username or home.user or "", access.password or home.password or ""
    said = dict(access.headers)
    if access.bearer:
        said["Authorization"] = f"Bearer {access.bearer}"  # RFC 6750 2.1
    elif username or password:
        said["Authorization"] = "Basic " + b64encode(f"{username}:{password}".encode()).decode()  # RFC 7617
    if access.cookies:
        said["Cookie"] = "; ".join(f"{name}={value}" for name, value in access.cookies)  # RFC 6265 4.2
    for name, value in said.items():
        if not FIELD_NAME.fullmatch(name) or not value.isprintable():
            raise Unusable("has a header, cookie or token that cannot be sent")
    return said


def conditions(source: Source, state: SourceState) -> dict[str, str]:
    """Return the fields that make a request conditional (RFC 9110 13.1), verbatim as the server gave them."""
    if state.url != source.url:
        return {}
    both = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {field: value for field, value in both.items() if value}


def proxy(source: Source, everyones: str) -> URL | None:
    """Return the proxy that leads to `source`: its own, or everyone's unless it is an inner source."""
    chosen = source.access.proxy or ("" if source.allow_private else everyones)
    try:
        found = URL(chosen) if chosen else None
        usable = found is None or (found.scheme in ("http", "https") and bool(found.raw_host))
    except ValueError:
        usable = False
    if not usable:
        raise Unusable("has a proxy that is no http address")
    return found
