"""What an edit comes to: the files as they are, and what of them can be in force. Pure.

A topic whose own tests fail is not taken over: the version of it that was in force stays, and all other edits
count. What is in force is again a set of texts, so that its dump makes the same catalog on every host and at
every restart. There a kept topic stands beside the files under `kept/GENERATION/topics/SLUG.yaml`, with the
texts that its rule leans on (aliases) as they were then; the generation is a hash of those.

    settle(files, dump in force) → (catalog, dump); settling the same files on that dump changes nothing
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from syndicator.catalog import files
from syndicator.catalog.reader import Ground, Reader, dump_of, version_of
from syndicator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.catalog.trying import Tried
    from syndicator.model import Catalog, Topic
    from syndicator.settings import Settings

KEPT: Final = "kept/"
NO_DUMP: Final = Problem("stored catalog", 0, 0, "", "not readable", "load the config folder again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The config folder as it is, free of problems but for tests that fail.

    `catalog` has all topics, those that fail their own tests (`failures`, by topic) too.
    """

    settings: Settings
    catalog: Catalog
    texts: Mapping[str, str]
    failures: Mapping[str, tuple[Problem, ...]]
    tried: tuple[Tried, ...] = ()  # all tests of all topics, with what came of them

    def settle(self, dump: str | None) -> Standing:
        """Say what can be in force, where `dump` is of what was (None: nothing)."""
        return _settle(self, texts_of(dump) if dump else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What can be in force: the catalog and the dump that makes it again.

    Of the topics that fail their own tests, `kept` ones stay as they were, and those `left_out` never were.
    """

    catalog: Catalog
    dump: str
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    failures: tuple[Problem, ...] = ()

    def said(self) -> list[str]:
        """Say each failure, and below those of a topic what is in force instead."""
        said = [str(problem) for problem in self.failures]
        said += [f"topic {slug}: its own tests fail; what was last in force stays" for slug in self.kept]
        return said + [f"topic {slug}: its own tests fail, and it is left out" for slug in self.left_out]


def texts_of(dump: str) -> dict[str, str]:
    """Read a dump back into the texts of files. Raises ConfigError."""
    try:
        texts = json.loads(dump)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ConfigError([NO_DUMP])
    return texts


def kept_topics(texts: Mapping[str, str], found: list[Problem]) -> dict[str, Topic]:
    """Read the kept topics among the texts of a dump, by slug; what is wrong with them goes into `found`."""
    generations: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        if name.startswith(KEPT):
            generation, _, below = name.removeprefix(KEPT).partition("/")
            generations.setdefault(generation, {})[below] = text
    ground = Ground(was_in_force=True)
    topics: dict[str, Topic] = {}
    for generation, own in sorted(generations.items()):
        topics |= Reader(f"{KEPT}{generation}", found, ground).catalog(own).topics
    return topics


def _settle(edit: Edit, before: Mapping[str, str]) -> Standing:
    failing = sorted(edit.failures)
    texts = {name: text for name, text in edit.texts.items() if _slug(name) not in edit.failures}
    kept: dict[str, dict[str, str]] = {}
    for slug in failing:  # one that was renamed at the same time stays what it was, under its former name
        for name in (slug, *reversed(edit.catalog.topics[slug].was)):
            if name not in kept and (closure := _closure(name, before)):
                kept[name] = closure
                break
    topics: dict[str, Topic] = {}
    for slug, closure in kept.items():
        faults: list[Problem] = []  # a newer program may not read what an older one did
        read = kept_topics(closure, faults)
        if slug in read and not faults:
            topics[slug] = read[slug]
            texts |= closure
    sound = {slug: topic for slug, topic in edit.catalog.topics.items() if slug not in edit.failures}
    catalog = replace(edit.catalog, topics=sound | topics, version=version_of(texts, edit.settings.fetch))
    return Standing(
        catalog=catalog,
        dump=dump_of(texts),
        kept=tuple(slug for slug in failing if slug in topics),
        left_out=tuple(slug for slug in failing if slug not in topics),
        failures=tuple(problem for slug in failing for problem in edit.failures[slug]),
    )


def _slug(name: str) -> str:
    """Name the topic that a text is of; empty for other texts."""
    return files.stem(name) if name.startswith("topics/") else ""


def _closure(slug: str, before: Mapping[str, str]) -> dict[str, str]:
    """Return what makes a topic again as it was in force: its text, and the texts that its rule leans on."""
    own = [name for name in before if name.startswith(KEPT) and _slug(_below(name)) == slug]
    if own:
        prefix = own[0].removesuffix(_below(own[0]))
        leaned_on = {name: text for name, text in before.items() if _is_shared(name, prefix)}
        return {own[0]: before[own[0]], **leaned_on}
    shared = {name: text for name, text in before.items() if _is_shared(name)}
    prefix = f"{KEPT}{_generation(shared.items())}/"
    topic = {name: text for name, text in before.items() if _slug(name) == slug}
    return {f"{prefix}{name}": text for name, text in (topic | shared).items()} if topic else {}


def _below(name: str) -> str:
    return name.removeprefix(KEPT).partition("/")[2]


def _is_shared(name: str, prefix: str = "") -> bool:
    """Whether all topics lean on a text: it lies in the folder itself, as the aliases do."""
    return name.startswith(prefix) and "/" not in name.removeprefix(prefix)


def _generation(shared: Iterable[tuple[str, str]]) -> str:
    return sha256(repr(sorted(shared)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
