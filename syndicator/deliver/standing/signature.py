"""DKIM signatures of a mail that has come to a reader, verified (RFC 6376, RFC 8463). Pure; see `standing`.

It shares nothing with what signs (`digest.dkim`), so that a fault there is seen here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from syndicator.deliver.standing import tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.deliver.standing import Ask

MOST: Final = 5  # signatures of one mail that are looked at
FEWEST_BITS: Final = 1024  # RFC 8301 3.2
_SPACES: Final = re.compile(rb"[ \t]+")
_EMPTIED: Final = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")

Field = tuple[bytes, bytes]  # the name as it is written, and the rest from the colon to before its CRLF


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; `fault` says why it does not verify, and is empty if it does."""

    domain: str
    selector: str
    covers: tuple[str, ...]  # names of fields in lower case, as often as they are named
    fault: str = ""


def split(raw: bytes) -> tuple[list[Field], bytes]:
    """Take a mail apart into its fields and its body, both with CRLF, whatever the file has."""
    whole = re.sub(rb"\r?\n", b"\r\n", raw)
    head, _, body = whole.partition(b"\r\n\r\n")
    unbroken = re.split(rb"\r\n(?![ \t])", head)
    parts = (line.partition(b":") for line in unbroken)
    return [(name, colon + rest) for name, colon, rest in parts if colon], body


def signatures(fields: Sequence[Field], body: bytes, ask: Ask) -> list[Signature]:
    """Verify each signature of a mail. Raises `Missing` where a key is to be asked for."""
    found = [each for each in fields if each[0].strip().lower() == b"dkim-signature"]
    return [_verified(each, fields, body, ask) for each in found[:MOST]]


def _verified(signature: Field, fields: Sequence[Field], body: bytes, ask: Ask) -> Signature:
    has = tags(signature[1][1:].decode("utf-8", "replace"))
    covers = tuple(name.lower() for name in has.get("h", "").split(":"))
    fault = _fault(has, covers, signature, fields, body, ask)
    return Signature(has.get("d", "").lower(), has.get("s", ""), covers, fault)


def _fault(
    has: dict[str, str],
    covers: Sequence[str],
    signature: Field,
    fields: Sequence[Field],
    body: bytes,
    ask: Ask,
) -> str:
    if missing := [name for name in ("a", "b", "bh", "d", "h", "s") if not has.get(name)]:
        return f"it lacks {', '.join(f'{name}=' for name in missing)}"
    kind, _, digest = has["a"].lower().partition("-")
    if kind not in ("rsa", "ed25519") or digest != "sha256":
        return f"its algorithm is {has['a']}, and receivers take rsa-sha256"
    header_form, _, body_form = has.get("c", "simple/simple").lower().partition("/")
    if _hash(body, body_form or "simple", has.get("l", "")) != _decoded(has["bh"]):
        return "the text was changed on the way (its hash is another)"
    key = _key(has, kind, ask)
    if isinstance(key, str):
        return key
    signed = b"".join(_canonical(each, header_form) + b"\r\n" for each in _chosen(fields, covers))
    name, rest = signature
    signed += _canonical((name, b":" + _EMPTIED.sub(rb"\1", rest[1:], count=1)), header_form)
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(_decoded(has["b"]), signed, PKCS1v15(), SHA256())
        else:
            key.verify(_decoded(has["b"]), hashlib.sha256(signed).digest())
    except InvalidSignature:
        return "a field that it covers was changed on the way, or the key in the DNS is another"
    return ""


def _key(has: dict[str, str], kind: str, ask: Ask) -> RSAPublicKey | Ed25519PublicKey | str:
    """Find the public key, or say why there is none."""
    name = f"{has['s']}._domainkey.{has['d']}".lower()
    answer = ask(name, "TXT")
    if answer.trouble:
        return f"{name} cannot be asked: {answer.trouble}"
    if len(answer.values) != 1:
        return f"{name} has {len(answer.values)} records" if answer.values else f"{name} has no record"
    record = tags(answer.values[0])
    if record.get("k", "rsa") != kind or not record.get("p"):
        return f"{name} holds no {kind} key"
    return _loaded(kind, _decoded(record["p"])) or f"{name} holds a key that cannot be read, or is too short"


def _loaded(kind: str, raw: bytes) -> RSAPublicKey | Ed25519PublicKey | None:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(raw)
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= FEWEST_BITS else None


def _chosen(fields: Sequence[Field], covers: Sequence[str]) -> list[Field]:
    """Pick what is signed: of fields with one name the last first; one that is not there is nothing."""
    left: dict[str, list[Field]] = {}
    for each in fields:
        left.setdefault(each[0].strip().lower().decode("ascii", "replace"), []).append(each)
    return [left[name].pop() for name in covers if left.get(name)]


def _canonical(field: Field, form: str) -> bytes:
    name, rest = field
    if form != "relaxed":
        return name + rest
    value = _SPACES.sub(b" ", rest[1:].replace(b"\r\n", b"")).strip(b" ")
    return name.strip().lower() + b":" + value


@lru_cache(maxsize=2)
def _canonical_body(body: bytes, form: str) -> bytes:
    """Canonicalise once for all signatures: it is most of the work."""
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    whole = b"".join(line + b"\r\n" for line in lines)
    return b"\r\n" if not whole and form != "relaxed" else whole


def _hash(body: bytes, form: str, length: str) -> bytes:
    whole = _canonical_body(body, form)
    if length.isascii() and length.isdigit():
        whole = whole[: int(length[:12])]
    return hashlib.sha256(whole).digest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
