"""The difference of two catalogs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.catalog.plan import plan
from syndicator.model import Catalog, Plan, Rule, Source, Topic


def catalog(sources: dict[str, str], topics: dict[str, tuple[str, str]]) -> Catalog:
    """Make a catalog of name → url and slug → (fingerprint, title)."""
    return Catalog(
        version="v",
        sources={name: Source(name=name, url=url) for name, url in sources.items()},
        topics={
            slug: Topic(slug=slug, title=title, rule=Rule(), fingerprint=fingerprint)
            for slug, (fingerprint, title) in topics.items()
        },
    )


OLD = catalog(
    {"a": "1", "b": "2", "c": "3"}, {"p": ("1", "P"), "q": ("2", "Q"), "r": ("3", "R"), "s": ("4", "S")}
)
NEW = catalog(
    {"a": "1", "b": "9", "d": "4"}, {"p": ("1", "P"), "q": ("9", "Z"), "r": ("3", "Z"), "t": ("5", "T")}
)


def test_each_change_has_its_place() -> None:
    assert plan(OLD, NEW) == Plan(
        sources_added=("d",),
        sources_removed=("c",),
        sources_changed=("b",),
        topics_added=("t",),
        topics_removed=("s",),
        topics_rematch=("q",),
        topics_restyled=("r",),
    )


def test_the_first_catalog_is_all_new() -> None:
    assert plan(None, NEW) == Plan(sources_added=("a", "b", "d"), topics_added=("p", "q", "r", "t"))


def test_the_version_alone_is_no_change() -> None:
    assert plan(OLD, replace(OLD, version="w")) == Plan()


names = st.sampled_from("abcde")
catalogs = st.builds(
    catalog,
    st.dictionaries(names, st.sampled_from("12")),
    st.dictionaries(names, st.tuples(st.sampled_from("12"), st.sampled_from("XY"))),
)


@settings(deadline=None)
@given(catalogs, catalogs)
def test_plans_are_whole_and_turn_around(old: Catalog, new: Catalog) -> None:
    there, back = plan(old, new), plan(new, old)
    assert (there.topics_added, there.sources_added) == (back.topics_removed, back.sources_removed)
    assert there.topics_rematch == back.topics_rematch
    assert not set(there.topics_rematch) & set(there.topics_restyled)
    touched = {*there.topics_added, *there.topics_removed, *there.topics_rematch, *there.topics_restyled}
    same = {slug for slug in old.topics.keys() & new.topics.keys() if old.topics[slug] == new.topics[slug]}
    assert touched | same == old.topics.keys() | new.topics.keys()
    assert not touched & same
    for names_ in (there.topics_added, there.topics_rematch, there.sources_changed):
        assert list(names_) == sorted(names_)
