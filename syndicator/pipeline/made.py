"""What `publish` makes of a topic, and the label that goes with each of its documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syndicator.publish import delta, links
from syndicator.publish import label as labels
from syndicator.publish.label import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Document
    from syndicator.publish.feed import FeedLink
    from syndicator.settings import Settings


@dataclass(frozen=True, slots=True)
class Made:
    """A topic's documents by format, the sources whose articles they show, and links of the feed itself."""

    bodies: Mapping[str, bytes]
    sources: tuple[str, ...] = ()
    links: tuple[FeedLink, ...] = ()
    is_private: bool = False
    pages: int = 0  # documents of its archive that were written before


@dataclass(frozen=True, slots=True)
class Written:
    """A document whose files were written: its bytes in gzip, its label for the row."""

    document: Document
    compressed: bytes
    label: dict[str, Any]
    is_new: bool


def label_of(settings: Settings, document: Document, made: Made, before: Any) -> Label:
    """Make a document's label; `before` is what its row held of the last one, whose history goes on.

    A private document names no addresses: its own is a secret.
    """
    old = labels.read(before)
    told = (
        ()
        if made.is_private
        else links.links_of(settings.site, document.topic, document.format, made.bodies, made.links)
    )
    history = old.history if old else delta.History()
    return Label(
        digest=document.etag,
        link=labels.link_header(told),
        sources=made.sources,
        history=delta.follow(history, document.etag, document.format, document.body),
    )
