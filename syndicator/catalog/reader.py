"""Source and topic files as nouns, with every problem of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from syndicator.catalog import build, files, problems, secrets, yaml
from syndicator.catalog.fields import Said, is_slug, nearest
from syndicator.catalog.problems import validate
from syndicator.catalog.schema import AliasesFile, SourcesFile, TopicFile
from syndicator.catalog.secrets import NOWHERE, Vault
from syndicator.catalog.trying import Tried, attempt
from syndicator.errors import Problem
from syndicator.match import NO_ALIASES, Aliases, check_rule, join
from syndicator.model import Catalog, Source, Topic
from syndicator.settings import Fetch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.catalog.faults import Path
    from syndicator.catalog.schema import SourceKeys
    from syndicator.catalog.secrets import Report

ALIASES: Final = "aliases.yaml"


def dump_of(texts: Mapping[str, str]) -> str:
    """Return the texts of the files as one JSON text; secrets are in it as references."""
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def version_of(texts: Mapping[str, str], fetch: Fetch) -> str:
    """Return the version of the catalog that these texts make."""
    told = f"{dump_of(texts)}{fetch.min_interval}{fetch.max_interval}"
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the source files stand on: `fetch` gives rhythms, `vault` secrets.

    `has_lmtp` says whether mail can arrive by LMTP; None where that is not known. What `was_in_force` passed
    its tests then, and its sources may have gone since: neither is looked at again.
    """

    fetch: Fetch = field(default_factory=Fetch)
    vault: Vault = NOWHERE
    has_lmtp: bool | None = None
    was_in_force: bool = False


@dataclass(slots=True)
class Reader:
    """Reads source and topic files one by one; what is wrong goes into `found`.

    A topic that fails its own tests is among `topics` all the same; `failures` tells which do.
    """

    label: str  # how problems name the folder of the files
    found: list[Problem]
    ground: Ground = field(default_factory=Ground)
    sources: dict[str, Source] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    _places: dict[str, str] = field(
        default_factory=dict
    )  # source, topic/ or lmtp:address → where it was first
    _former: list[tuple[str, str, yaml.Document, str, int]] = field(default_factory=list)
    _aliases: Aliases = NO_ALIASES
    _has_aliases: bool = True  # none, or sound ones
    _known: set[str] | None = None  # names of sources, also of faulty ones; None: not to be checked

    def catalog(self, texts: Mapping[str, str]) -> Catalog:
        """Read all files. The catalog is whole only if nothing was `found`."""
        self._known = None if self.ground.was_in_force else set()
        if ALIASES in texts:
            self.alias_file(f"{self.label}/{ALIASES}", texts[ALIASES])
        for name, text in sorted(texts.items()):
            if name.startswith("sources/"):
                self.source_file(name, text)
        for name, text in sorted(texts.items()):
            if name.startswith("topics/"):
                self.topic(name, text)
        self._check_former()
        version = version_of(texts, self.ground.fetch)
        return Catalog(version=version, sources=self.sources, topics=self.topics)

    def _check_former(self) -> None:
        """A former slug leads to one topic, and nothing else is called so."""
        claimed: dict[str, str] = {}
        for old, slug, document, file, number in self._former:
            if old == slug:
                continue
            what, remedy = "", ""
            if old in self.topics:
                what, remedy = f"there is a topic '{old}'", "delete its file, or this name"
            elif (first := claimed.setdefault(old, slug)) != slug:
                what, remedy = f"'{first}' was '{old}' too", "leave it with one of them"
            if what:
                self.found.append(problems.at(document, file, ("was", number), what, remedy))

    @property
    def failures(self) -> dict[str, list[Problem]]:
        """What failed of the topics' own tests, by topic."""
        found: dict[str, list[Problem]] = {}
        for each in self.tried:
            if each.problem:
                found.setdefault(each.topic, []).append(each.problem)
        return found

    def alias_file(self, file: str, text: str) -> None:
        """Read the aliases, which all topics share."""
        before = len(self.found)
        document = yaml.read(text)
        if document.value is None and not document.broken:
            document.value = {}  # nothing but comments
        keys = validate(document, AliasesFile, file, self.found)
        if keys is not None:
            self._join(keys.__pydantic_extra__, document, file)
        self._has_aliases = len(self.found) == before

    def _join(self, written: Mapping[str, Any], document: yaml.Document, file: str) -> None:
        for name in written:
            if not is_slug(name):
                remedy = "use up to 64 small letters, digits and hyphens"
                self.found.append(problems.at(document, file, (name,), f"'{name[:70]}' is no name", remedy))
        self._aliases, faults = join(written)
        for fault in faults:
            path = (fault.name, fault.place)
            self.found.append(problems.at(document, file, path, fault.what, fault.remedy))

    def source_file(self, name: str, text: str) -> None:
        """Read one file of sources."""
        file = f"{self.label}/{name}"
        document = yaml.read(text)
        keys = validate(document, SourcesFile, file, self.found)
        if document.broken:
            self._known = None  # else each topic would be told that it names unknown sources
        self._note_names(document.value, document, file)
        for number, item in enumerate(keys.sources if keys else ()):
            self.sources.setdefault(item.name, self._source(number, item, document, file))

    def _source(self, number: int, keys: SourceKeys, document: yaml.Document, file: str) -> Source:
        def report(path: Path, said: Said) -> None:
            self.found.append(problems.at(document, file, ("sources", number, *path), said.what, said.remedy))

        if keys.url.startswith("lmtp:"):
            self._check_lmtp(keys.url, f"{file}:{document.place(('sources', number))[0]}", report)
        access = secrets.access(keys, self.ground.vault, report)
        return build.source(keys, self.ground.fetch, access)

    def _check_lmtp(self, url: str, place: str, report: Report) -> None:
        """Mail that arrives must belong to one source, and must be able to arrive."""
        if self.ground.has_lmtp is False:
            report(("url",), Said("no mail arrives here", "set inbound.lmtp in syndicator.yaml"))
        if (first := self._places.setdefault(url.lower(), place)) != place:
            what = f"the address belongs to the source at {first}"
            report(("url",), Said(what, "give each source an address of its own"))

    def _note_names(self, value: Any, document: yaml.Document, file: str) -> None:
        items = value.get("sources") if isinstance(value, dict) else None
        for number, item in enumerate(items if isinstance(items, list) else ()):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str):
                continue
            path = ("sources", number, "name")
            if name in self._places:
                what = f"there is a source '{name}' already, at {self._places[name]}"
                self.found.append(problems.at(document, file, path, what, "give one of them another name"))
            self._places.setdefault(name, f"{file}:{document.place(path)[0]}")
            if self._known is not None:
                self._known.add(name)

    def topic(self, name: str, text: str) -> None:
        """Read one topic's file."""
        file, slug = f"{self.label}/{name}", files.stem(name)
        if not is_slug(slug):
            remedy = "rename it: small letters, digits and hyphens, at most 64"
            self.found.append(Problem(file, 0, 0, "", f"'{slug}' cannot be a topic's address", remedy))
        if (first := self._places.setdefault(f"{slug}/", file)) != file:
            what = f"there is a topic '{slug}' already, in {first}"
            self.found.append(Problem(file, 0, 0, "", what, "rename or delete one of them"))
        if not self._has_aliases and ("@" in text or "＠" in text):
            return  # nothing can be said about it until the aliases are mended
        document = yaml.read(text)
        keys = validate(document, TopicFile, file, self.found, self._aliases)
        if keys is None:
            return
        topic = build.topic(slug, keys, document.value)
        if self._is_sound(topic, document, file):
            self.topics.setdefault(slug, topic)
            self._former += [(old, slug, document, file, number) for number, old in enumerate(keys.was)]
            if not self.ground.was_in_force:
                self.tried += attempt(topic, keys, document, file)

    def _is_sound(self, topic: Topic, document: yaml.Document, file: str) -> bool:
        """Check what concerns the topic as a whole: its rule, and the sources it names."""
        before = len(self.found)
        if wrong := check_rule(topic.rule):
            what, _, remedy = wrong.partition("; ")
            path: Path = ("query",) if what.startswith("`query`") else ()
            self.found.append(problems.at(document, file, path, what, remedy))
        for number, name in enumerate(topic.sources):
            if self._known is not None and name not in self._known:
                what = f"there is no source '{name}'"
                remedy = nearest(name, self._known) or "add it to a file in sources/"
                self.found.append(problems.at(document, file, ("sources", number), what, remedy))
        return len(self.found) == before
