"""The difference of two catalogs, and what it will cause. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.model import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from syndicator.model import Catalog


def plan(old: Catalog | None, new: Catalog) -> Plan:
    """Compare the catalog in force (None: none yet) with a new one. All names are sorted.

    A topic whose rule, languages, sources or score changed is matched again; one that changed otherwise is
    only published again.
    """
    sources_before = old.sources if old else {}
    topics_before = old.topics if old else {}
    changed = _changed(topics_before, new.topics)
    rematch = [s for s in changed if topics_before[s].fingerprint != new.topics[s].fingerprint]
    return Plan(
        sources_added=_only_in(new.sources, sources_before),
        sources_removed=_only_in(sources_before, new.sources),
        sources_changed=tuple(_changed(sources_before, new.sources)),
        topics_added=_only_in(new.topics, topics_before),
        topics_removed=_only_in(topics_before, new.topics),
        topics_rematch=tuple(rematch),
        topics_restyled=tuple(slug for slug in changed if slug not in frozenset(rematch)),
    )


def _only_in(these: Mapping[str, Any], others: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(these.keys() - others.keys()))


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
