"""Where a feed names its WebSub hubs and the address that is subscribed to there (WebSub, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.parse.draft import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 5


def read(links: Iterable[tuple[str, str]], url: str) -> tuple[tuple[str, ...], str]:
    """Give the hubs and the feed's own address from links as (rel, href); `url` is where it was found."""
    hubs: dict[str, None] = {}
    own = ""
    for rel, href in links:
        if not href or ("hub" not in rel.lower() and "self" not in rel.lower()):
            continue
        address = absolute(url, href.strip())
        if not address.startswith(("http://", "https://")):
            continue
        words = rel.lower().split()
        if "hub" in words and len(hubs) < MOST:
            hubs[address] = None
        if "self" in words and not own:
            own = address
    return tuple(hubs), own
