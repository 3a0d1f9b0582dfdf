"""Pure: when a redirect becomes the address of a source (RFC 9110 15.4.2, 15.4.9), and when it ceases to be.

A 301 is easily sent by mistake, by a captive portal or by a domain's new owner. So a target is adopted only
after GOOD_PULLS changed documents in a row that parsed as a feed there, and only when these, by the rhythm
they were asked for in, span a day (PROOF). A 304 neither counts nor breaks the row: it shows nothing new.
Not adopted is a step from https to http. The configured address stays what the admin wrote: when the
adopted one fails FALLS_BACK times in a row, or is gone (410), it is asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.hosts import host_group

if TYPE_CHECKING:
    from syndicator.model import Fetched, FetchFailed, Source, SourceState

GOOD_PULLS = 5
PROOF = timedelta(days=1)
FALLS_BACK = 4


def address(source: Source, state: SourceState) -> str:
    """Return where to ask for `source`: the adopted address, unless the admin has changed his since."""
    return (state.adopted_url or source.url) if state.url == source.url else source.url


def after_good(before: SourceState, source: Source, result: Fetched) -> SourceState:
    """Return `before` with what a document says of where its source lives."""
    target = result.permanent_url
    if not target or target == address(source, before) or _is_weaker(source.url, target):
        return replace(before, moved_url="", moved_count=0)
    count = before.moved_count + 1 if target == before.moved_url else 1
    if count < GOOD_PULLS or count * before.interval < PROOF:
        return replace(before, moved_url=target, moved_count=count)
    home = target == source.url  # the adopted address sends us back to the configured one
    return replace(
        before,
        moved_url="",
        moved_count=0,
        adopted_url="" if home else target,
        host=host_group(target),
    )


def after_bad(before: SourceState, source: Source, result: FetchFailed) -> SourceState | None:
    """Return the state that a failure at an adopted address makes of `before`, None if that one stays in use.

    `before.failures` counts this failure already.
    """
    is_over = before.failures >= FALLS_BACK or result.kind == "gone"
    if not before.adopted_url or not is_over:
        return None
    return replace(
        before,
        moved_url="",
        moved_count=0,
        adopted_url="",
        host=host_group(source.url),
        etag="",  # of the other address
        last_modified="",
        fresh_until=None,
    )


def adoption(before: SourceState, after: SourceState, source: Source) -> str:
    """Return one line for log and admin if a pull made another address the one in use, else nothing."""
    was, used = address(source, before), address(source, after)
    if was == used or before.url != source.url:
        return ""
    if used == source.url:
        return f"{host_group(was)} fails: asking the configured address again"
    return f"has moved for good to {used}: write that into its file"


def _is_weaker(configured: str, target: str) -> bool:
    return configured.lower().startswith("https:") and not target.lower().startswith("https:")
