"""Opaque tokens: signed, valid as long as their key is; those of admins also have an end, and a row.

Tokens of readers have an end too, and a bond to the reader's address and secret: they die with either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from itsdangerous import BadData, URLSafeSerializer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Purpose: TypeAlias = Literal["preferences", "confirm", "link", "session", "move", "undo"]

LASTS: Final[Mapping[Purpose, timedelta]] = {
    "preferences": timedelta(days=365),  # in every mail: the daily choices
    "confirm": timedelta(days=7),  # that a sign-up is wanted
    "link": timedelta(hours=1),  # asked for, and mailed to the reader: opens a session once
    "session": timedelta(minutes=30),  # for what only the owner of the address may do
    "move": timedelta(days=1),  # to a new address, mailed there
    "undo": timedelta(days=1),  # of leaving, on the page that says it is done
}
MAX_TOKEN = 2048  # characters; a longer one is not looked at
MAIL_BYTES = 10  # of the code in an address: 80 bits, that only we can check

_MAIL = re.compile(r"([bu])([0-9a-v]{1,13})-([a-z2-7]{16})")
_DIGITS = "0123456789abcdefghijklmnopqrstuv"


class Claim(NamedTuple):
    """What a reader's token says; `code` stands for the bond that it was made with (`Tokens.is_bound`)."""

    subscriber: int
    code: str
    more: str


class Tokens:
    """Makes and reads tokens. The first key signs, all of them verify: a new key is put in front.

    A token says who and what, not until when: the link in an old mail works on, and twice is harmless
    (RFC 8058). Raises ValueError without a key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("tokens need at least one key, and none may be empty")
        self._keys = tuple(keys)
        self._unsubscribe = _serializer(keys, "syndicator.unsubscribe")
        self._admin = _serializer(keys, "syndicator.admin")
        self._readers = {name: _serializer(keys, f"syndicator.reader.{name}") for name in LASTS}
        self._form = _serializer(keys, "syndicator.form")
        self._bond_keys = [hashlib.sha256(b"syndicator.bond:" + key.encode()).digest() for key in keys]
        self._mail_keys = [hashlib.sha256(b"syndicator.mail:" + key.encode()).digest() for key in keys]

    def are_of(self, keys: Sequence[str]) -> bool:
        """Whether these are the keys."""
        return self._keys == tuple(keys)

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

    def reader(
        self, purpose: Purpose, subscriber: int, now: datetime, *, bond: str = "", more: str = ""
    ) -> str:
        """Make a reader's token for a purpose, valid for `LASTS` from now; letters, digits, `-`, `_`, `.`.

        It does not tell the bond. What `more` holds can be read by whoever has the token.
        """
        code = _bond(self._bond_keys[0], bond)
        value: list[object] = [subscriber, int(now.timestamp()) // 60, code]
        return _signed(self._readers[purpose], [*value, more] if more else value)

    def read_reader(self, purpose: Purpose, token: str, now: datetime) -> Claim | None:
        """Read a reader's token; None if it is not one of ours, for this purpose, or is over."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            subscriber, minute, code, *more = self._readers[purpose].loads(token)
        except (BadData, TypeError, ValueError):
            return None
        is_over = now.timestamp() >= minute * 60 + LASTS[purpose].total_seconds()
        return None if is_over else Claim(subscriber, code, more[0] if more else "")

    def is_bound(self, claim: Claim, bond: str) -> bool:
        """Whether a token was made with this bond."""
        return any(hmac.compare_digest(_bond(key, bond), claim.code) for key in self._bond_keys)

    def form(self, purpose: str, now: datetime) -> str:
        """Make the token that a form for a purpose carries: it says when the page was made."""
        return _signed(self._form, [purpose, now.timestamp()])

    def read_form(self, purpose: str, token: str) -> float | None:
        """Read when a form was made (seconds since 1970); None if it is not one of ours for this purpose."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            found, made = self._form.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return float(made) if found == purpose else None

    def mail(self, purpose: Literal["bounce", "unsubscribe"], delivery: int) -> str:
        """Make the token of an address that mail about a delivery comes back to.

        At most 31 letters, digits and `-`; case does not matter, as mail servers may change it, and with a
        word before it, it fits into the 64 octets of a local part (RFC 5321 4.5.3.1.1).
        """
        digits, left = "", delivery
        while left or not digits:
            digits, left = _DIGITS[left % 32] + digits, left // 32
        said = purpose[0] + digits
        return f"{said}-{_code(self._mail_keys[0], said)}"

    def read_mail(self, token: str) -> tuple[Literal["bounce", "unsubscribe"], int] | None:
        """Read (purpose, delivery) out of such a token; None if it is not one of ours."""
        found = _MAIL.fullmatch(token.lower()) if len(token) <= MAX_TOKEN else None
        if found is None:
            return None
        said, code = found[1] + found[2], found[3]
        if not any(hmac.compare_digest(_code(key, said), code) for key in self._mail_keys):
            return None
        return "bounce" if found[1] == "b" else "unsubscribe", int(found[2], 32)

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


def _code(key: bytes, said: str) -> str:
    code = hmac.new(key, said.encode("ascii"), hashlib.sha256).digest()[:MAIL_BYTES]
    return base64.b32encode(code).decode("ascii").lower()


def _bond(key: bytes, bond: str) -> str:
    code = hashlib.blake2b(bond.encode(), key=key, digest_size=9).digest()
    return base64.urlsafe_b64encode(code).decode("ascii")


def bond_of(address_key: str, secret: str) -> str:
    """Say what a reader's tokens are bound to: another folded address or another secret ends them."""
    return f"{address_key}\0{secret}"


def _serializer(keys: Sequence[str], salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),  # the library signs with the last
        salt=salt,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def _signed(serializer: URLSafeSerializer, value: list[object]) -> str:
    token = serializer.dumps(value)
    return token if isinstance(token, str) else token.decode("ascii")
