"""Opaque tokens: signed, valid as long as their key is; those of admins also have an end, and a row."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

from itsdangerous import BadData, URLSafeSerializer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MAX_TOKEN = 2048  # characters; a longer one is not looked at


class Tokens:
    """Makes and reads tokens. The first key signs, all of them verify: a new key is put in front.

    A token says who and what, not until when: the link in an old mail works on, and twice is harmless
    (RFC 8058). Raises ValueError without a key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("tokens need at least one key, and none may be empty")
        self._unsubscribe = _serializer(keys, "syndicator.unsubscribe")
        self._admin = _serializer(keys, "syndicator.admin")

    def unsubscribe(self, subscriber: int, edition: str) -> str:
        """Make the token of a reader's link out of an edition's topics: letters, digits, `-`, `_`, `.`.

        It names the edition and not its topics, so that it is short however many they are.
        """
        return _signed(self._unsubscribe, [subscriber, edition])

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Read (subscriber, edition) out of a token; None if it is not one of ours."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            subscriber, edition = self._unsubscribe.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return subscriber, edition

    def admin(self, purpose: Literal["link", "session"], name: str, until: datetime) -> str:
        """Make the token of an admin's link or session, which a row of this name belongs to, until then."""
        return _signed(self._admin, [purpose, name, int(until.timestamp())])

    def read_admin(self, purpose: Literal["link", "session"], token: str, now: datetime) -> str | None:
        """Read the name out of an admin's token; None if it is not one of ours, for this purpose, or is over.

        Whether it was used, or ended before its time, only the row knows.
        """
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            found, name, until = self._admin.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return name if found == purpose and isinstance(name, str) and now.timestamp() < until else None


def _serializer(keys: Sequence[str], salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),  # the library signs with the last
        salt=salt,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def _signed(serializer: URLSafeSerializer, value: list[object]) -> str:
    token = serializer.dumps(value)
    return token if isinstance(token, str) else token.decode("ascii")
