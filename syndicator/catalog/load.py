"""The config folder as Settings and Catalog, or every problem of all files at once.

    texts of the files → values with places (yaml) → checked keys (schema) → nouns (build), by `reader`

The catalog's version is a hash of the texts, and its dump is the texts themselves: what is kept in the
database is exactly what admins wrote, and each host and each restart makes the same catalog of it.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syndicator.catalog import files, installation
from syndicator.catalog.edit import Edit, kept_topics, texts_of
from syndicator.catalog.reader import ALIASES, Ground, Reader, dump_of
from syndicator.catalog.secrets import Vault
from syndicator.errors import ConfigError, NotFound, Problem
from syndicator.settings import Fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from syndicator.model import Catalog, Topic
    from syndicator.settings import Settings

FOLDERS: Final = ("sources", "topics")


def load_settings(
    config: Path, environ: Mapping[str, str], *, unread: list[Problem] | None = None
) -> Settings:
    """Read `config`/syndicator.yaml; every key has a default, and so has the file.

    `SYNDICATOR_DATABASE`, `SYNDICATOR_STATE` and `SYNDICATOR_WEB_PORT` in `environ` win over the file.
    `unread` as in `installation.read`. Raises ConfigError.
    """
    found: list[Problem] = []
    settings = installation.read(config.absolute(), environ, found, unread)
    if found or settings is None:
        raise ConfigError(found)
    return settings


def load_catalog(
    config: Path, *, fetch: Fetch | None = None, environ: Mapping[str, str] | None = None
) -> Catalog:
    """Read all sources and topics below `config`. `fetch` gives the rhythm of sources that name none.

    Secrets are read from files below `config` and from `environ`. Raises ConfigError.
    """
    found: list[Problem] = []
    config = config.absolute()
    ground = Ground(fetch=fetch or Fetch(), vault=Vault(config, environ or {}))
    reader = Reader(config.name, found, ground)
    catalog = reader.catalog(_texts(config, found))
    _refuse(found, reader)
    return catalog


def load_edit(
    config: Path,
    environ: Mapping[str, str],
    *,
    texts: Mapping[str, str] | None = None,
    unread: list[Problem] | None = None,
) -> Edit:
    """Read everything; ConfigError carries the problems of all files, tests that fail aside.

    `texts` (name below `config` → text) stand in for files that are about to be written; `unread` as in
    `installation.read`.
    """
    found: list[Problem] = []
    config = config.absolute()
    read = (_texts(config, found) if config.is_dir() else {}) | dict(texts or {})
    settings, reader, catalog = _read(config, environ, read, found, unread)
    failures = {slug: tuple(problems) for slug, problems in reader.failures.items()}
    if found or settings is None:
        raise ConfigError([*found, *(problem for problems in failures.values() for problem in problems)])
    return Edit(settings=settings, catalog=catalog, texts=read, failures=failures, tried=tuple(reader.tried))


def read_alone(
    config: Path, environ: Mapping[str, str], name: str, text: str
) -> tuple[Settings | None, Reader, Catalog]:
    """Read one topic's text with what it leans on, aliases and sources, and no other topic.

    Nothing is raised: `found` of the reader has the problems of all that was read.
    """
    found: list[Problem] = []
    config = config.absolute()
    return _read(config, environ, _texts(config, found, FOLDERS[:1]) | {name: text}, found)


def _read(
    config: Path,
    environ: Mapping[str, str],
    texts: Mapping[str, str],
    found: list[Problem],
    unread: list[Problem] | None = None,
) -> tuple[Settings | None, Reader, Catalog]:
    settings = installation.read(config, environ, found, unread)
    ground = Ground(
        fetch=settings.fetch if settings else Fetch(),
        vault=Vault(config, environ),
        has_lmtp=bool(settings.inbound.lmtp) if settings else None,
    )
    reader = Reader(config.name, found, ground)
    return settings, reader, reader.catalog(texts)


def load_all(config: Path, environ: Mapping[str, str]) -> tuple[Settings, Catalog]:
    """Read everything; ConfigError carries the problems of all files, and all tests that fail."""
    edit = load_edit(config, environ)
    if edit.failures:
        raise ConfigError([problem for problems in edit.failures.values() for problem in problems])
    return edit.settings, edit.catalog


def load_topics(folder: Path) -> Mapping[str, Topic]:
    """Read the topic files of one folder, by slug, without checking names of sources.

    Aliases are those of the folder around it. Raises ConfigError.
    """
    found: list[Problem] = []
    folder = folder.absolute()
    label = f"{folder.parent.name}/{folder.name}"
    if not folder.is_dir():
        raise ConfigError([Problem(label, 0, 0, "", "no such folder", "give the folder of the topic files")])
    reader = Reader(label, found)
    for name, text in _aliases(folder.parent, found).items():
        reader.alias_file(f"{folder.parent.name}/{name}", text)
    for name, text in files.read_folder(folder, label, found).items():
        reader.topic(name, text)
    _refuse(found, reader)
    return reader.topics


def load_topic(config: Path, slug: str, text: str | None = None) -> tuple[Topic, tuple[Problem, ...]]:
    """Read one topic's file as it stands, whatever is wrong with others; and which of its own tests fail.

    `text` stands in for a file that is about to be written. Raises ConfigError if it cannot be read, NotFound
    if there is none.
    """
    found: list[Problem] = []
    config = config.absolute()
    texts = files.read_folder(config / "topics", f"{config.name}/topics", [])
    names = [name for name in texts if files.stem(name) == slug]
    if text is not None:
        names = names[:1] or [f"{slug}.yaml"]
        texts = {names[0]: text}
    if not names:
        raise missing_topic(slug, map(files.stem, texts))
    reader = Reader(config.name, found)
    for name, own in _aliases(config, found).items():
        reader.alias_file(f"{config.name}/{name}", own)
    for name in names:
        reader.topic(f"topics/{name}", texts[name])
    if found:
        raise ConfigError(found)
    return reader.topics[slug], tuple(reader.failures.get(slug, ()))


def missing_topic(slug: str, known: Iterable[str]) -> NotFound:
    """Make the error of a topic that does not exist, with the nearest one there is."""
    names = sorted(known)
    near = difflib.get_close_matches(slug, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names[:10]) or 'none yet'}"
    return NotFound(f"topic: there is no '{slug}'", hint=hint)


def _refuse(found: list[Problem], reader: Reader) -> None:
    """Raise ConfigError if there are problems, or tests that fail."""
    failed = [each.problem for each in reader.tried if each.problem]
    if found or failed:
        raise ConfigError([*found, *failed])


def dump(config: Path) -> str:
    """Return the text of all source and topic files as one JSON text, which `load_dump` reads.

    Where nobody may change a file in between, take the dump first and load it. Raises ConfigError.
    """
    found: list[Problem] = []
    texts = _texts(config.absolute(), found)
    if found:
        raise ConfigError(found)
    return dump_of(texts)


def load_dump(
    text: str,
    *,
    fetch: Fetch | None = None,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Catalog:
    """Make the catalog that `dump` was taken of; the same version again. Raises ConfigError.

    Secrets are not in the dump: they are read again from files below `config` and from `environ`. One that
    is gone leaves its source without it, to fail alone; without `config` all stay empty.
    """
    found: list[Problem] = []
    texts = texts_of(text)
    vault = Vault(config.absolute() if config else None, environ or {}, lenient=True)
    ground = Ground(fetch=fetch or Fetch(), vault=vault, was_in_force=True)
    catalog = Reader("config", found, ground).catalog(texts)
    kept = kept_topics(texts, found)
    if found:
        raise ConfigError(found)
    return replace(catalog, topics={**catalog.topics, **kept})


def _texts(config: Path, found: list[Problem], folders: tuple[str, ...] = FOLDERS) -> dict[str, str]:
    """Return the texts of the folders by name below `config`."""
    if not config.is_dir():
        found.append(Problem(config.name, 0, 0, "", "no such folder", "give it with --config DIR"))
        return {}
    return {
        f"{folder}/{name}": text
        for folder in folders
        for name, text in files.read_folder(config / folder, f"{config.name}/{folder}", found).items()
    } | _aliases(config, found)


def _aliases(config: Path, found: list[Problem]) -> dict[str, str]:
    """Return the text of the aliases, if there are any, by the name of its file."""
    stray = config / "aliases.yml"
    if os.path.lexists(stray):
        said = ("not read under this name", f"rename it to {ALIASES}")
        found.append(Problem(f"{config.name}/{stray.name}", 0, 0, "", *said))
    if not os.path.lexists(config / ALIASES):
        return {}
    text = files.read_text(config / ALIASES, f"{config.name}/{ALIASES}", found)
    return {} if text is None else {ALIASES: text}
