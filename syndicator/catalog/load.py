"""The config folder as Settings and Catalog, or every problem of all files at once.

    texts of the files → values with places (yaml) → checked keys (schema) → nouns (build)

The catalog's version is a hash of the texts, and its dump is the texts themselves: what is kept in the
database is exactly what admins wrote, and each host and each restart makes the same catalog of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from syndicator.catalog import build, files, installation, problems, yaml
from syndicator.catalog.fields import is_slug, nearest
from syndicator.catalog.problems import validate
from syndicator.catalog.schema import SourcesFile, TopicFile
from syndicator.errors import ConfigError, Problem
from syndicator.match import Index, check_rule
from syndicator.model import Article, Catalog, Source, Topic
from syndicator.settings import Fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syndicator.settings import Settings

FOLDERS: Final = ("sources", "topics")


def load_settings(config: Path, environ: Mapping[str, str]) -> Settings:
    """Read `config`/syndicator.yaml; every key has a default, and so has the file.

    `SYNDICATOR_DATABASE`, `SYNDICATOR_STATE` and `SYNDICATOR_WEB_PORT` in `environ` win over the file.
    Raises ConfigError.
    """
    found: list[Problem] = []
    settings = installation.read(config.absolute(), environ, found)
    if found or settings is None:
        raise ConfigError(found)
    return settings


def load_catalog(config: Path, *, fetch: Fetch | None = None) -> Catalog:
    """Read all sources and topics below `config`. `fetch` gives the rhythm of sources that name none.

    Raises ConfigError.
    """
    found: list[Problem] = []
    config = config.absolute()
    catalog = _Reader(config.name, found).catalog(_texts(config, found), fetch or Fetch())
    if found:
        raise ConfigError(found)
    return catalog


def load_all(config: Path, environ: Mapping[str, str]) -> tuple[Settings, Catalog]:
    """Read everything; ConfigError carries the problems of all files."""
    found: list[Problem] = []
    config = config.absolute()
    settings = installation.read(config, environ, found)
    texts = _texts(config, found) if config.is_dir() else {}
    catalog = _Reader(config.name, found).catalog(texts, settings.fetch if settings else Fetch())
    if found or settings is None:
        raise ConfigError(found)
    return settings, catalog


def load_topics(folder: Path) -> Mapping[str, Topic]:
    """Read the topic files of one folder, by slug, without checking names of sources. Raises ConfigError."""
    found: list[Problem] = []
    folder = folder.absolute()
    label = f"{folder.parent.name}/{folder.name}"
    if not folder.is_dir():
        raise ConfigError([Problem(label, 0, 0, "", "no such folder", "give the folder of the topic files")])
    reader = _Reader(label, found)
    for name, text in files.read_folder(folder, label, found).items():
        reader.topic(name, text)
    if found:
        raise ConfigError(found)
    return reader.topics


def dump(config: Path) -> str:
    """Return the text of all source and topic files as one JSON text, which `load_dump` reads.

    Where nobody may change a file in between, take the dump first and load it. Raises ConfigError.
    """
    found: list[Problem] = []
    texts = _texts(config.absolute(), found)
    if found:
        raise ConfigError(found)
    return _dump(texts)


def load_dump(text: str, *, fetch: Fetch | None = None) -> Catalog:
    """Make the catalog that `dump` was taken of; the same version again. Raises ConfigError."""
    found: list[Problem] = []
    try:
        texts = json.loads(text)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise ConfigError(
            [Problem("stored catalog", 0, 0, "", "not readable", "load the config folder again")]
        )
    catalog = _Reader("config", found).catalog(texts, fetch or Fetch())
    if found:
        raise ConfigError(found)
    return catalog


def _dump(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def _texts(config: Path, found: list[Problem]) -> dict[str, str]:
    """Return the texts of both folders by name below `config`."""
    if not config.is_dir():
        found.append(Problem(config.name, 0, 0, "", "no such folder", "give it with --config DIR"))
        return {}
    return {
        f"{folder}/{name}": text
        for folder in FOLDERS
        for name, text in files.read_folder(config / folder, f"{config.name}/{folder}", found).items()
    }


@dataclass(slots=True)
class _Reader:
    """Reads source and topic files one by one; what is wrong goes into `found`."""

    label: str  # how problems name the folder of the files
    found: list[Problem]
    sources: dict[str, Source] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)  # source, or topic and a slash → where it was first
    _known: set[str] | None = None  # names of sources, also of faulty ones; None: not to be checked

    def catalog(self, texts: Mapping[str, str], fetch: Fetch) -> Catalog:
        """Read all files. The catalog is whole only if nothing was `found`."""
        self._known = set()
        for name, text in sorted(texts.items()):
            if name.startswith("sources/"):
                self.source_file(name, text, fetch)
        for name, text in sorted(texts.items()):
            if name.startswith("topics/"):
                self.topic(name, text)
        told = f"{_dump(texts)}{fetch.min_interval}{fetch.max_interval}"
        version = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        return Catalog(version=version, sources=self.sources, topics=self.topics)

    def source_file(self, name: str, text: str, fetch: Fetch) -> None:
        file = f"{self.label}/{name}"
        document = yaml.read(text)
        keys = validate(document, SourcesFile, file, self.found)
        if document.broken:
            self._known = None  # else each topic would be told that it names unknown sources
        self._note_names(document.value, document, file)
        for item in keys.sources if keys else ():
            self.sources.setdefault(item.name, build.source(item, fetch))

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
        file, slug = f"{self.label}/{name}", files.stem(name)
        if not is_slug(slug):
            remedy = "rename it: small letters, digits and hyphens, at most 64"
            self.found.append(Problem(file, 0, 0, "", f"'{slug}' cannot be a topic's address", remedy))
        if (first := self._places.setdefault(f"{slug}/", file)) != file:
            what = f"there is a topic '{slug}' already, in {first}"
            self.found.append(Problem(file, 0, 0, "", what, "rename or delete one of them"))
        document = yaml.read(text)
        keys = validate(document, TopicFile, file, self.found)
        if keys is None:
            return
        topic = build.topic(slug, keys, document.value)
        if self._is_sound(topic, keys, document, file):
            self.topics.setdefault(slug, topic)

    def _is_sound(self, topic: Topic, keys: TopicFile, document: yaml.Document, file: str) -> bool:
        """Check what concerns the topic as a whole: its rule, the sources it names, its own tests."""
        before = len(self.found)
        if wrong := check_rule(topic.rule):
            what, _, remedy = wrong.partition("; ")
            self.found.append(problems.at(document, file, (), what, remedy))
        for number, name in enumerate(topic.sources):
            if self._known is not None and name not in self._known:
                what = f"there is no source '{name}'"
                remedy = nearest(name, self._known) or "add it to a file in sources/"
                self.found.append(problems.at(document, file, ("sources", number), what, remedy))
        if len(self.found) == before and (keys.tests.match or keys.tests.no_match):
            self._try(topic, keys, document, file)
        return len(self.found) == before

    def _try(self, topic: Topic, keys: TopicFile, document: yaml.Document, file: str) -> None:
        """Run the topic's own tests, each text as the headline of an article from one of its sources."""
        index = Index([topic])
        source = next(iter(topic.sources), "")
        for wanted, texts in ((True, keys.tests.match), (False, keys.tests.no_match)):
            for number, text in enumerate(texts):
                matches = index.match(Article(source=source, key="test", title=text))
                if bool(matches) == wanted:
                    continue
                what = (
                    "is not in the topic" if wanted else f"is in the topic: {'; '.join(matches[0].because)}"
                )
                path = ("tests", "match" if wanted else "no_match", number)
                self.found.append(problems.at(document, file, path, what, "change the rule or the test"))
