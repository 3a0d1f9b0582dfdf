"""The keys of `signup` in config/syndicator.yaml: who may subscribe, and how many ask for it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from syndicator import address
from syndicator.catalog.fields import Line, Said, described, parts_of
from syndicator.catalog.schema.base import Keys, key


def domain(text: str) -> str:
    """Check a domain, and write it as comparisons take it: A-labels, small letters. Raises Said."""
    found = address.parse(f"a@{text.strip().lstrip('@').rstrip('.')}")
    if found is None or found.domain.startswith("["):
        raise Said(f"'{text[:70]}' is no domain", "write one such as mail.example")
    return found.domain.lower()


def _origin(text: str) -> str:
    parts = parts_of(text)
    said = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or text != f"{said.scheme}://{said.netloc}"
    ):
        raise Said(f"'{text[:70]}' is no origin", "write one such as https://www.example.org, without a path")
    return text.lower()


Domain = Annotated[str, AfterValidator(domain), described(maxLength=253)]
Origin = Annotated[str, AfterValidator(_origin), described(pattern="^https?://[^/]+$")]


class SignupKeys(Keys):
    """Who may subscribe on the pages and by the API; see docs/subscribers.md."""

    open: bool = key(
        True,
        description="Whether anybody may subscribe at `/subscribe` to topics that are public and have a "
        "`digest`. Say no where readers are added by hand, or only files are served.",
    )
    per_hour: int = key(
        300,
        ge=1,
        le=1_000_000,
        description="Sign-ups that are taken in an hour, in all; each causes one mail at most.",
    )
    blocked: list[Domain] = key(
        [],
        max_length=10_000,
        description="Domains, with all below them, whose addresses get no confirmation mail. They see the "
        "same page as everybody.",
    )
    blocked_files: list[Line] = key(
        [],
        max_length=10,
        description="Files of such domains, one a line, relative to the config folder: your own, or a list of"
        " providers of disposable addresses. Read at the start.",
    )
    origins: list[Origin] = key(
        [],
        max_length=50,
        description="Other sites whose pages may call the API, such as `https://www.example.org`; none "
        "without this.",
    )
