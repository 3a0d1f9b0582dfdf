"""The difference of two catalogs, and what it will cause. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.model import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from syndicator.model import Catalog, Source


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


def due(old: Catalog | None, new: Catalog) -> tuple[str, ...]:
    """Name the sources that are to be pulled at once, their validators forgotten: sorted.

    These are the ones in both catalogs of which something changed that decides what a pull brings (where,
    how, what is read of it), and those that may no longer wait as long as they do. Another language, tag or
    a longer rhythm is no reason to knock at a publisher's door.
    """
    before = old.sources if old else {}
    return tuple(
        name
        for name in _changed(before, new.sources)
        if (before[name].title and not new.sources[name].title)  # the publisher's own is to be found again
        or _reading(before[name]) != _reading(new.sources[name])
        or new.sources[name].max_interval < before[name].max_interval
    )


def _reading(source: Source) -> tuple[Any, ...]:
    return (
        source.url,
        source.kind,
        source.select,
        source.full_text,
        source.articles,
        source.allow_private,
        source.access,
    )


def _only_in(these: Mapping[str, Any], others: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(these.keys() - others.keys()))


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
