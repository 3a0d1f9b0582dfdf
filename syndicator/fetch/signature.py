"""Pure: whether bytes were signed with our secret (WebSub 7.1, X-Hub-Signature)."""

from __future__ import annotations

import hmac
import re

METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
"""The methods of WebSub 7.1.1.

SHA-1 is among them because most hubs know no other. Finding collisions in it, which is what it is weak at,
does not forge an HMAC (RFC 6194 3.3), and all that a forged push could bring about is one pull too many.
"""

_FIELD = re.compile(r"\s*([a-z0-9]+)=([0-9a-f]{40,128})\s*", re.ASCII | re.IGNORECASE)


class Check:
    """Takes a body as it comes, and tells in the end whether `field` (`method=hexadecimal`) signs it.

    The body is never kept. A field that is missing, or of a method that we do not know, signs nothing.
    """

    def __init__(self, secret: str, field: str) -> None:
        found = _FIELD.fullmatch(field)
        method = found[1].lower() if found else ""
        self._claimed = found[2].lower() if found else ""
        self._digest = hmac.new(secret.encode(), digestmod=method) if method in METHODS else None

    @property
    def is_possible(self) -> bool:
        """Whether there is a signature at all; if not, the body need not be read."""
        return self._digest is not None

    def feed(self, data: bytes) -> None:
        """Take some more of the body."""
        if self._digest:
            self._digest.update(data)

    def is_good(self) -> bool:
        """Whether the whole body is signed; compared in a time that tells nothing (hmac.compare_digest)."""
        return self._digest is not None and hmac.compare_digest(self._digest.hexdigest(), self._claimed)
