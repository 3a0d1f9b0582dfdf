"""Pure: addresses that we may ask, and where a redirect leads (RFC 9110 10.2.2)."""

from __future__ import annotations

from urllib.parse import quote

from yarl import URL

SAFE = "!#$%&'()*+,/:;=?@[]~"  # what an address may hold as it is (RFC 3986 2.2, 2.3)


def checked(url: URL) -> URL:
    """Return an address that we may ask, without its fragment. Raises ValueError if we may not."""
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError("no http address")
    return url.with_fragment(None)


def resolve(url: URL, location: str) -> URL:
    """Resolve Location against `url`. Raises ValueError if that leads to nothing we may ask."""
    if not location:
        raise ValueError("no target")
    try:
        location.encode()
    except UnicodeEncodeError:
        # Bytes that are no UTF-8 (GBK, for instance): percent-encoded as they are they mean what they did.
        location = quote(location.encode(errors="surrogateescape"), safe=SAFE)
    try:
        return checked(url.join(URL(location))).with_user(None)
    except (IndexError, TypeError) as error:  # of the library: `https://][+1@`
        raise ValueError("no address") from error
