"""What the commands on sources share: finding one by its name, and saying things of it without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import timedelta

    from syndicator.model import Catalog, Source

NOTICES: Final = (
    "confirmation",
    "welcome",
    "flood",
    "adopted",
    "loop",
    "other",
    "follower",
    "ping",
    "refused",
    "returns",
)
"""The kinds of notices that there are."""


def find(catalog: Catalog, name: str) -> Source:
    """Find a source, or raise NotFound with the nearest one there is."""
    import difflib

    from syndicator.errors import NotFound

    if name in catalog.sources:
        return catalog.sources[name]
    near = difflib.get_close_matches(name, catalog.sources, n=1)
    known = ", ".join(sorted(catalog.sources)[:10]) or "none yet"
    hint = f"did you mean {near[0]}?" if near else f"there are: {known}"
    raise NotFound(f"source: there is no '{name}'", hint=hint)


def shown(url: str) -> str:
    """Return an address as it may be shown: a password in it becomes `***`."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
    except ValueError:
        return url
    login, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{login.partition(':')[0]}:***@{host}").geturl()


def span(length: timedelta | None) -> str:
    """Say a span in one short word: `15 min`, `6 h`, `3 days`; empty for none."""
    if not length:
        return ""
    minutes = length.total_seconds() / 60
    for limit, unit, name in ((1, 1 / 60, "s"), (120, 1, "min"), (48 * 60, 60, "h")):
        if minutes < limit:
            return f"{round(minutes / unit)} {name}"
    return f"{round(minutes / 1440)} days"


def counted(amount: int, noun: str, nouns: str = "") -> str:
    """Say how many there are of a thing: `1 source`, `1,200 sources`."""
    return f"{amount:,} {noun if amount == 1 else nouns or noun + 's'}"
