"""Which links go with a document in the HTTP header: itself, its other renditions, hubs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.publish.feed import FeedLink
from syndicator.publish.formats import MEDIA_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.settings import Site


def address(site: Site, slug: str, format_: str) -> str:
    """Give the address of a document; slug `""` is the whole site."""
    if slug:
        return f"{site.base_url}/topics/{slug}{'' if format_ == 'html' else f'.{format_}'}"
    names = {"html": "/", "opml": "/opml"}
    return site.base_url + names.get(format_, f"/all.{format_}")


def links_of(
    site: Site, slug: str, format_: str, formats: Iterable[str], more: Sequence[FeedLink] = ()
) -> tuple[FeedLink, ...]:
    """List the links of a document among the `formats` of its topic; `more` are those of the feed itself.

    A page names no `self`: it says in its head which address of its counts.
    """
    others = [
        FeedLink("alternate", address(site, slug, name), MEDIA_TYPES[name])
        for name in sorted(formats, key=list(MEDIA_TYPES).index)
        if name != format_
    ]
    if format_ == "html":
        return tuple(others)
    return (FeedLink("self", address(site, slug, format_), MEDIA_TYPES[format_]), *others, *more)
