"""Opaque tokens in the links of mails: signed, never stored, valid as long as their key is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TOKEN = 2048  # characters; a longer one is not looked at


class Tokens:
    """Makes and reads tokens. The first key signs, all of them verify: a new key is put in front.

    A token says who and what, not until when: the link in an old mail works on, and twice is harmless
    (RFC 8058). Raises ValueError without a key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("tokens need at least one key, and none may be empty")
        self._unsubscribe = URLSafeSerializer(
            list(reversed(keys)),  # the library signs with the last
            salt="syndicator.unsubscribe",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def unsubscribe(self, subscriber: int, edition: str) -> str:
        """Make the token of a reader's link out of an edition's topics: letters, digits, `-`, `_`, `.`.

        It names the edition and not its topics, so that it is short however many they are.
        """
        token = self._unsubscribe.dumps([subscriber, edition])
        return token if isinstance(token, str) else token.decode("ascii")

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Read (subscriber, edition) out of a token; None if it is not one of ours."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            subscriber, edition = self._unsubscribe.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return subscriber, edition
