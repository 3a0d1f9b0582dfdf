"""A complete mail as bytes, and the personal parts of a text that many readers share.

A MIME writer of our own: the standard library's `EmailMessage` breaks List-Unsubscribe and long encoded words
whatever its policy, and takes five times as long. Tests read what is written here with `email` and its modern
policy. An edition is encoded once (`Mould`); a message costs its header, its foot and its signature.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from html import escape
from typing import TYPE_CHECKING

from syndicator import address
from syndicator.digest.dkim import prepended
from syndicator.digest.fields import block, clean
from syndicator.digest.headers import Facts, Header
from syndicator.digest.transfer import choose, cut, encode, octets
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.digest.dkim import Signer

_NO_LETTER = re.compile(r"[^A-Za-z0-9-]+")
_CONTINUED = bytes([*range(0x80, 0xC0), 10])  # in UTF-8 with CRLF: what begins nothing (RFC 3629)


class Mould:
    """What all messages of an edition share, encoded: multipart/alternative, text first (RFC 2046 5.1.4).

    Where `html` is None it is the text alone, in no multipart.

    `facts` need none that is personal (`headers.PERSONAL`); `text` and `html` hold marks where personal
    parts belong. Raises DeliveryError where a fact cannot stand in a header.
    """

    def __init__(
        self,
        facts: Facts,
        *,
        text: str,
        html: str | None,
        marks: Sequence[str] = (),
        signers: Sequence[Signer] = (),
    ) -> None:
        self._header = Header(facts)
        self._signers = signers
        self._html: _Part | None
        if html is None:
            self._alone(text, marks)
        else:
            self._together(text, html, marks)
        self._hash = hashlib.sha256(self._before)

    def _alone(self, text: str, marks: Sequence[str]) -> None:
        # One line end at the end and no more: a canonical body has no empty lines there (RFC 6376 3.4.4).
        self._text, self._html = _Part("plain", text.rstrip("\r\n") + "\n", marks), None
        self._more, self._before = [("MIME-Version", "1.0"), *self._text.fields], self._text.ready
        self._between, self._after = b"", b"\r\n" if self._text.encoding == "base64" else b""

    def _together(self, text: str, html: str, marks: Sequence[str]) -> None:
        self._text, self._html = _Part("plain", text, marks), _Part("html", html, marks)
        boundary = _boundary(text, html)
        self._more = [
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'),
        ]
        line = b"--" + boundary.encode("ascii")
        self._before = line + b"\r\n" + self._text.head + self._text.ready
        self._between = b"\r\n" + line + b"\r\n" + self._html.head + self._html.ready
        self._after = b"\r\n" + line + b"--\r\n"

    def write(self, facts: Facts, values: Mapping[str, str] | None = None) -> bytes:
        """Write one reader's RFC 5322 message; `values` are the personal parts by their marks.

        Pure ASCII, CRLF only, no line over 998 octets, the same bytes for the same arguments. Line ends of
        the bodies become CRLF and lone surrogates `?`; nothing else of them changes. Raises DeliveryError
        where a fact cannot stand in a header.
        """
        values = values or {}
        text = self._text.rest(values, html=False)
        html = self._html.rest(values, html=True) if self._html else b""
        body = [text, self._between, html, self._after]
        fields = [*self._header.fields(facts), *self._more]
        if self._signers:
            digest = self._hash.copy()
            for piece in body:
                digest.update(piece)
            fields = prepended(self._signers, fields, digest.digest(), facts.date)
        return b"".join([block(fields), b"\r\n", self._before, *body])


class _Part:
    """One body part: its own header, all before its first mark encoded, and the rest for each reader."""

    def __init__(self, subtype: str, text: str, marks: Sequence[str]) -> None:
        data = octets(text)
        self.encoding = choose(data)
        places = [place for mark in marks if (place := data.find(mark.encode("ascii"))) >= 0]
        self.fields = [
            ("Content-Type", f"text/{subtype}; charset=utf-8"),
            ("Content-Transfer-Encoding", self.encoding),
        ]
        self.head = block(self.fields) + b"\r\n"
        if places:
            self.ready, rest = cut(data, min(places), self.encoding)
        else:
            self.ready, rest = encode(data, self.encoding), b""
        # Lines of base64 end where they are full, within a letter or a line end too: what is left of it.
        left = len(rest) - len(rest.lstrip(_CONTINUED))
        self._left, self._rest = rest[:left], rest[left:].decode()

    def rest(self, values: Mapping[str, str], *, html: bool) -> bytes:
        """Encode what follows `ready`, with the reader's values in it."""
        if not self._rest:
            return b""
        return encode(self._left + octets(personalise(self._rest, values, html=html)), self.encoding)


def write(facts: Facts, *, text: str, html: str | None, signers: Sequence[Signer] = ()) -> bytes:
    """Write a message that nobody shares; see `Mould`."""
    return Mould(facts, text=text, html=html, signers=signers).write(facts)


def message_id(edition: str, subscriber: int, sender: str) -> str:
    """Name a message: unique, and the same again when it is sent again (RFC 5322 3.6.4).

    Raises DeliveryError if `sender` is no address.
    """
    found = address.parse(sender)
    if found is None:
        raise DeliveryError(f"the sender {clean(sender)!r} is no e-mail address", hint="set `from` in `mail`")
    return f"<{_NO_LETTER.sub('-', edition)}.{subscriber}@{found.domain.strip('[]').replace(':', '-')}>"


def mark(name: str, edition: str, key: bytes) -> str:
    """Make what stands for a personal part until `personalise`: letters and digits, the first a letter.

    No publisher can guess it (HMAC-SHA-256 under `key`), so nobody's article can hold it.
    """
    said = f"{name}\0{edition}".encode()
    return "m" + hmac.new(key, said, hashlib.sha256).hexdigest()[:32]


def personalise(text: str, marks: Mapping[str, str], *, html: bool) -> str:
    """Put the reader's values (by mark) into a shared text, escaped where it is HTML.

    In one pass: a value that holds a mark stays as it is.
    """
    if not marks:
        return text
    values = {each: escape(value) if html else value for each, value in marks.items()}
    return re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], text)


def _boundary(*texts: str) -> str:
    # "=_" occurs in neither encoding (RFC 2045 6.7), so no body can hold the boundary.
    said = b"\0".join(octets(text) for text in texts)
    return "=_" + hashlib.blake2b(said, digest_size=15).hexdigest()
