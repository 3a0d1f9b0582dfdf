"""DKIM signatures (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed, over messages of our own writing.

Bodies come canonical (see `transfer`), so their hash is that of the bytes. Each field of the header is
signed, and some once more than they occur: who adds a second Subject breaks the signature.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

Key: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

FEWEST_BITS = 1024  # RFC 8301 3.2: verifiers take no shorter RSA keys; signers should have 2048
MOST_BITS = 4096  # a longer public key does not fit what resolvers carry
OVERSIGNED = ("From", "To", "Subject", "Date", "Reply-To")

_SPACES = re.compile(r"[ \t\r\n]+")
_WIDTH = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key with the name in the DNS that its public half is found under: SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    key: Key

    @property
    def algorithm(self) -> str:
        """The name of the algorithm as the `a=` tag has it."""
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, fields: Sequence[tuple[str, str]], body_hash: bytes, at: datetime) -> str:
        """Make the body of a DKIM-Signature field, folded, for these fields (name, folded body).

        `body_hash` is the SHA-256 of the body as it goes out; `at` becomes the tag `t=`.
        """
        names = [name for name, _ in fields]
        names += [name for name in OVERSIGNED if name in names or name == "Reply-To"]
        listed = _fold(":".join(names).lower(), ":")
        tags = (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(at.timestamp())}; bh={base64.b64encode(body_hash).decode()};\r\n h={listed};\r\n b="
        )
        signed = "".join(relaxed(name, body) for name, body in fields)
        signed += relaxed("dkim-signature", tags).removesuffix("\r\n")
        signature = base64.b64encode(self._signature(signed.encode("ascii"))).decode()
        return tags + "\r\n ".join(signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH))

    def _signature(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(data).digest())  # RFC 8463 section 3

    def record(self) -> str:
        """Write the text of the TXT record that publishes the public key."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode()}"
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


def relaxed(name: str, body: str) -> str:
    """Write a field in the relaxed canonical form (RFC 6376 3.4.2), CRLF at its end."""
    return f"{name.lower()}:{_SPACES.sub(' ', body).strip(' ')}\r\n"


def read_key(pem: str) -> Key:
    """Read a private key in PEM. Raises ValueError with plain words for what cannot sign mail."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("is locked with a password; write it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds no private key in PEM that can be read") from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey):
        if not FEWEST_BITS <= key.key_size <= MOST_BITS:
            raise ValueError(f"has an RSA key of {key.key_size} bits; use 2048")
        return key
    raise ValueError("holds neither an RSA nor an Ed25519 key, and DKIM knows no others")


def write_key(key: Key) -> str:
    """Write a private key in PEM (PKCS 8), for a file that nobody else may read."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def prepended(
    signers: Iterable[Signer], fields: Sequence[tuple[str, str]], body_hash: bytes, at: datetime
) -> list[tuple[str, str]]:
    """Put a signature of each signer before the fields; all of them sign the same fields."""
    made = [("DKIM-Signature", signer.sign(fields, body_hash, at)) for signer in signers]
    return [*made, *fields]


def _fold(text: str, after: str) -> str:
    """Break a list after its separators so that lines stay short."""
    lines, line = [], ""
    for word in text.split(after):
        piece = word + after
        if line and len(line) + len(piece) > _WIDTH:
            lines.append(line)
            line = ""
        line += piece
    return "\r\n  ".join([*lines, line]).removesuffix(after)
