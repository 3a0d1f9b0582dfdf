"""What goes with a document for whoever serves it: its links, its sources, and its history. Pure.

A label is made once, when its document changes, so that a request computes nothing. It is kept as JSON beside
the document's row, for every host, and in a file of its own, for the one that serves.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from syndicator.publish.delta import Entry, History

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.publish.feed import FeedLink

_SAFE: Final = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x7e]+", re.ASCII)  # what may stand in <…> and "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Of the version `digest` (SHA-256, in hex) of a document.

    `link` is the Link header (RFC 8288), complete; empty: none. `sources` brought the articles that it shows.
    """

    digest: str
    link: str = ""
    sources: tuple[str, ...] = ()
    history: History = field(default_factory=History)


def write(label: Label) -> dict[str, Any]:
    """Turn a label into what JSON can hold."""
    history = label.history
    return {
        "digest": label.digest,
        "link": label.link,
        "sources": list(label.sources),
        "number": history.number,
        "versions": list(history.versions),
        "entries": [[e.start, e.end, e.hash, e.since] for e in history.entries],
    }


def read(held: Any) -> Label | None:
    """Read what `write` made, as it is or as JSON text; None for what is nothing of the kind."""
    try:
        held = json.loads(held) if isinstance(held, bytes | str) else held
        history = History(
            number=int(held["number"]),
            versions=tuple(map(str, held["versions"])),
            entries=tuple(Entry(int(a), int(b), str(name), int(n)) for a, b, name, n in held["entries"]),
        )
        return Label(
            digest=str(held["digest"]),
            link=str(held["link"]),
            sources=tuple(map(str, held["sources"])),
            history=history,
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def link_header(links: Iterable[FeedLink]) -> str:
    """Write a Link header; an address or type that would break out of it is left out."""
    told = []
    for link in links:
        if all(_SAFE.fullmatch(part) for part in (link.rel, link.href)):
            kind = f'; type="{link.media_type}"' if _SAFE.fullmatch(link.media_type) else ""
            told.append(f'<{link.href}>; rel="{link.rel}"{kind}')
    return ", ".join(told)
