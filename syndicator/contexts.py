"""What each template of pages and mails is given: the table that `check` holds templates against."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Look

LOOKS: tuple[Look, ...] = ("magazine", "brief", "plain")

# What each template is given, beside `language`. `check` finds every other name before a reader does.
CONTEXTS: Mapping[str, frozenset[str]] = {
    "web/index.html.j2": frozenset({"site", "topics", "languages", "feeds"}),
    "web/topic.html.j2": frozenset(
        {"site", "topic", "feeds", "readers", "cards", "updated_at", "digest", "paging"}
    ),
    "web/search.html.j2": frozenset({"site", "asked", "topic", "found", "refused", "further", "limit"}),
    "web/robots.txt.j2": frozenset({"site"}),
    "web/archive.html.j2": frozenset({"site", "topic", "page", "paging", "cards"}),
    "web/unsubscribe.html.j2": frozenset({"site", "state", "topics", "action", "address_hint"}),
    "web/door.html.j2": frozenset({"site", "state", "action"}),
    "web/admin.html.j2": frozenset({"site", "found", "topics", "inside"}),
    "web/workbench.html.j2": frozenset({"site", "sheet"}),
    "web/workbench_results.html.j2": frozenset({"site", "sheet"}),
    "web/workbench_verdict.html.j2": frozenset({"id", "verdict"}),
    "web/preview.html.j2": frozenset(
        {
            *("site", "topic", "asked", "refused", "made", "text", "faults", "looks", "languages", "limit"),
            "frame",
        }
    ),
    "web/error.html.j2": frozenset({"site", "status", "near"}),
    **{
        f"email/looks/{look}.{part}.j2": frozenset({"site", "edition", "links", "address"})
        for look in LOOKS
        for part in ("html", "txt")
    },
}
