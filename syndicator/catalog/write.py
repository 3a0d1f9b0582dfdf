"""Writing sources into a file of the config folder: whole or not at all, and only what loads."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from syndicator.catalog import append, atomic, files
from syndicator.catalog.load import load_edit
from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from syndicator.model import Catalog

DEFAULT_FILE: Final = "added.yaml"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,60}\.ya?ml")
_ANY_MAILBOX: Final = frozenset({"", "maildir", "inbox", "mail"})  # folders whose name says nothing
_LONGEST: Final = 40  # of a name that is made


def add_sources(
    config: Path, environ: Mapping[str, str], file: str, items: Sequence[Mapping[str, Any]]
) -> Path:
    """Add sources (keys as in the file) to sources/`file` and return its path; comments and order stay.

    The new text is loaded with all other files first, and must be the old catalog and these sources. The
    file is replaced at once, so that a daemon never reads half of it. Raises ConfigError (the files have
    problems, or would have), SyndicatorError (the file cannot be added to, or written).
    """
    check_file(file)
    path = config / "sources" / file
    shown = f"{config.absolute().name}/sources/{file}"
    text = _read(path, shown)
    before = load_edit(config, environ).catalog
    try:
        made = append.append(text, items)
    except append.CannotAppend as error:
        raise SyndicatorError(f"{shown}: {error}", hint="give another file with --file") from error
    if len(made.encode()) > files.MAX_BYTES:
        raise SyndicatorError(f"{shown}: would be more than 1 MB", hint="give another file with --file")
    after = load_edit(config, environ, texts={f"sources/{file}": made}).catalog
    if not _is_addition(before, after, items):
        raise SyndicatorError(f"{shown}: cannot be added to as it is", hint="give another file with --file")
    atomic.replace(path, made.encode(), shown)
    return path


def check_file(name: str) -> None:
    """Refuse what is no name of a file of sources, with SyndicatorError."""
    if not _NAME.fullmatch(name):
        raise SyndicatorError(
            f"'{name}' is no name of a file", hint="give one such as news.yaml, without folder"
        )


def _read(path: Path, shown: str) -> str:
    found: list[Any] = []
    text = files.read_text(path, shown, found) if path.exists() else ""
    if text is None:
        raise SyndicatorError(str(found[0]), hint="mend the file, or give another with --file")
    return text


def _is_addition(before: Catalog, after: Catalog, items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing but the new sources has changed."""
    names = {item["name"] for item in items}
    kept = {name: source for name, source in after.sources.items() if name not in names}
    return kept == before.sources and names <= after.sources.keys() and before.topics == after.topics


def name_for(title: str, url: str, taken: Container[str]) -> str:
    """Make a source's name of its title, else of its host or mailbox; with a number where it is taken."""
    base = _slug(title)
    if len(base) < 3:
        base = _slug(_place(url)) or "source"
    number = 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def file_stem(text: str) -> str:
    """Make the name of a file of sources of any text; one in another script gives `imported`."""
    return _slug(text) or "imported"


def _place(url: str) -> str:
    """Give what names the place: of a mailbox the folder or the address before its @, else the host."""
    scheme, _, rest = url.partition(":")
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if scheme == "lmtp":
        return rest.partition("@")[0]
    if scheme in ("maildir", "imap", "imaps"):
        path = unquote(rest if scheme == "maildir" else parts.path)
        folders = [each for each in re.split(r"[/.]", path) if each.lower() not in _ANY_MAILBOX]
        return folders[-1] if folders else host
    return host or Path(url).stem


def _slug(text: str) -> str:
    """Return the words of a text in small ASCII letters, cut at a word; empty where it has too few."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    letters = sum(char.isalpha() for char in text)
    if sum(char.isalpha() for char in plain) < letters * 0.6:
        return ""  # a title in another script, of which only accidents would be left
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    slug = ""
    for word in words:
        if slug and len(slug) + len(word) >= _LONGEST:
            break
        slug = f"{slug}-{word}" if slug else word[:_LONGEST]
    return slug
