"""An e-mail address taken apart: what stands in an envelope, in a header, and what is no address at all.

RFC 5321 4.1.2 (mailbox), RFC 6531 (letters beyond ASCII), RFC 5891 (domains as A-labels). Addresses are
never handed to a lenient parser as one string: `Evil, x@evil.example <u@e>` would become other addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

MAX_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
MAX_ADDRESS = 254  # octets: a path of 256 without its angle brackets, RFC 5321 4.5.3.1.3

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[A-Za-z0-9.:-]+\]")
# Spaces, separators, controls, format and bidi marks, surrogates: nothing that an eye cannot see.
_INVISIBLE = re.compile(
    r"[\s\x00-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: `local` as it is written (quoted only where it must be), `domain` in ASCII."""

    local: str
    domain: str

    @property
    def is_ascii(self) -> bool:
        """Whether a server without SMTPUTF8 (RFC 6531) can carry it."""
        return self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse(text: str) -> Address | None:
    r"""Take `local@domain` apart, no display name, no comments; None if it is no address.

    Quotes that mean nothing are left out (RFC 5321 4.1.2): `"anna"` and `"an\na"` are the mailbox `anna`.
    """
    local, at, domain = text.rpartition("@")
    if not at:
        return None
    if _QUOTED.fullmatch(local):
        local = _least_quoted(local)
    elif not _is_dot_atom(local):
        return None
    domain = _ascii(domain)
    if not _DOMAIN.fullmatch(domain):
        return None
    found = Address(local, domain)
    too_long = len(local.encode()) > MAX_LOCAL or len(str(found).encode()) > MAX_ADDRESS
    return None if too_long else found


def unquote(local: str) -> str:
    """Say what a local part means: without quotes and backslashes, if it has any."""
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if local.startswith('"') else local


def _least_quoted(local: str) -> str:
    plain = unquote(local)
    return plain if _is_dot_atom(plain) else '"' + re.sub(r'(["\\])', r"\\\1", plain) + '"'


def _is_dot_atom(local: str) -> bool:
    return bool(_DOT_ATOM.fullmatch(local)) and not _INVISIBLE.search(local)


def _ascii(domain: str) -> str:
    """Write a domain in A-labels; empty if that cannot be."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""
