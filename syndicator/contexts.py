"""What each template of pages and mails is given: the table that `check` holds templates against."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Look

LOOKS: tuple[Look, ...] = ("magazine", "brief", "plain")

# Mails to one person: each name is a pair of templates, email/notes/NAME.html.j2 and .txt.j2, which are given
# `facts`, texts by name.
NOTES = ("confirm", "known", "link", "move", "moved")

# What each template is given, beside `language`. `check` finds every other name before a reader does.
CONTEXTS: Mapping[str, frozenset[str]] = {
    "web/index.html.j2": frozenset({"site", "topics", "languages", "feeds"}),
    "web/topic.html.j2": frozenset(
        {"site", "topic", "feeds", "readers", "cards", "updated_at", "digest", "paging"}
    ),
    "web/search.html.j2": frozenset({"site", "asked", "topic", "found", "refused", "further", "limit"}),
    "web/robots.txt.j2": frozenset({"site"}),
    "web/archive.html.j2": frozenset({"site", "topic", "page", "paging", "cards"}),
    "web/editions.html.j2": frozenset({"site", "topic", "feeds", "issues", "paging"}),
    "web/edition_top.html.j2": frozenset({"site", "topics", "archive"}),
    "web/edition_foot.html.j2": frozenset({"site", "older", "newer", "join"}),
    "web/privacy.html.j2": frozenset({"site", "article_days", "returned_days", "has_reports"}),
    "web/readers.html.j2": frozenset({"site", "found"}),
    "web/unsubscribe.html.j2": frozenset(
        {"site", "state", "topics", "action", "address_hint", "others", "is_active", "preferences", "undo"}
        | {"until"}
    ),
    "web/preferences.html.j2": frozenset({"site", "sheet", "said", "fault", "about"}),
    "web/preferences_notice.html.j2": frozenset(
        {"site", "state", "address", "new", "action", "fault", "counts", "kept"}
    ),
    "web/subscribe.html.j2": frozenset(
        {"site", "state", "problems", "wrong", "notice", "token", "topics", "hidden"}
        | {"chosen", "asked", "trap", "hours", "zones", "languages"}
    ),
    "web/confirm.html.j2": frozenset(
        {"site", "state", "topics", "schedule", "adds", "preferences", "action"}
    ),
    "web/door.html.j2": frozenset({"site", "state", "action"}),
    "web/admin.html.j2": frozenset({"site", "found", "topics", "inside"}),
    "web/outbox.html.j2": frozenset({"site", "sheet", "progress"}),
    "web/outbox_live.html.j2": frozenset({"site", "progress"}),
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
    **{
        f"email/notes/{kind}.{end}.j2": frozenset({"site", "facts"})
        for kind in NOTES
        for end in ("html", "txt")
    },
}
