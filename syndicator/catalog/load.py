"""The config folder as Settings and Catalog, or every problem of all files at once.

    texts of the files → values with places (yaml) → checked keys (schema) → nouns (build), by `reader`

The catalog's version is a hash of the texts, and its dump is the texts themselves: what is kept in the
database is exactly what admins wrote, and each host and each restart makes the same catalog of it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from syndicator.catalog import files, installation
from syndicator.catalog.reader import ALIASES, Ground, Reader, dump_of
from syndicator.catalog.secrets import Vault
from syndicator.errors import ConfigError, Problem
from syndicator.settings import Fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syndicator.model import Catalog, Topic
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


def load_catalog(
    config: Path, *, fetch: Fetch | None = None, environ: Mapping[str, str] | None = None
) -> Catalog:
    """Read all sources and topics below `config`. `fetch` gives the rhythm of sources that name none.

    Secrets are read from files below `config` and from `environ`. Raises ConfigError.
    """
    found: list[Problem] = []
    config = config.absolute()
    ground = Ground(fetch=fetch or Fetch(), vault=Vault(config, environ or {}))
    catalog = Reader(config.name, found, ground).catalog(_texts(config, found))
    if found:
        raise ConfigError(found)
    return catalog


def load_all(
    config: Path, environ: Mapping[str, str], *, texts: Mapping[str, str] | None = None
) -> tuple[Settings, Catalog]:
    """Read everything; ConfigError carries the problems of all files.

    `texts` (name below `config` → text) stand in for files that are about to be written.
    """
    found: list[Problem] = []
    config = config.absolute()
    settings = installation.read(config, environ, found)
    read = _texts(config, found) if config.is_dir() else {}
    ground = Ground(
        fetch=settings.fetch if settings else Fetch(),
        vault=Vault(config, environ),
        has_lmtp=bool(settings.inbound.lmtp) if settings else None,
    )
    catalog = Reader(config.name, found, ground).catalog(read | dict(texts or {}))
    if found or settings is None:
        raise ConfigError(found)
    return settings, catalog


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
    try:
        texts = json.loads(text)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise ConfigError(
            [Problem("stored catalog", 0, 0, "", "not readable", "load the config folder again")]
        )
    vault = Vault(config.absolute() if config else None, environ or {}, lenient=True)
    catalog = Reader("config", found, Ground(fetch=fetch or Fetch(), vault=vault)).catalog(texts)
    if found:
        raise ConfigError(found)
    return catalog


def _texts(config: Path, found: list[Problem]) -> dict[str, str]:
    """Return the texts of both folders by name below `config`."""
    if not config.is_dir():
        found.append(Problem(config.name, 0, 0, "", "no such folder", "give it with --config DIR"))
        return {}
    return {
        f"{folder}/{name}": text
        for folder in FOLDERS
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
