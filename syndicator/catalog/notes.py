"""What is no mistake and yet worth a look: told by `check`, in force all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from syndicator.catalog import files, problems, yaml
from syndicator.fetch.guard import is_refused
from syndicator.fetch.mailbox import folder
from syndicator.networks import Allowed
from syndicator.normalise.url import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from syndicator.errors import Problem
    from syndicator.model import Source


def notes(config: Path, sources: Mapping[str, Source], allow_private: Iterable[str] = ()) -> list[Problem]:
    """Find what an admin may want to look at in the files of `sources`, in the order of file and line.

    `allow_private` is what `fetch` lets all sources go to.
    """
    allowed = Allowed.of(allow_private)
    config = config.absolute()
    found: list[Problem] = []
    first: dict[str, str] = {}  # the place that is pulled from → the source that had it first
    for name, spot in _spots(config, found):
        source = sources.get(name)
        if source is None:
            continue
        key = f"{source.kind} {identity(source.url)} {source.select}"
        if (twin := first.setdefault(key, name)) != name:
            found.append(spot.note("url", f"the same address as '{twin}'", "delete one of them"))
        for key, what, remedy in (*_strange(config, source), *_stuck(config, source, allowed)):
            found.append(spot.note(key, what, remedy))
    return sorted(found)


def places(config: Path) -> dict[str, tuple[str, int]]:
    """Say where each source stands: its file (from the config folder's name on) and line."""
    return {
        name: (spot.file, spot.document.place(("sources", spot.number))[0])
        for name, spot in _spots(config.absolute(), [])
    }


def identity(url: str) -> str:
    """Reduce an address to what names the place: two that are equal are pulled from one place."""
    if not url.startswith(("http://", "https://")):
        return url
    return canonical(url).partition("://")[2].removeprefix("www.").rstrip("/")


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a source stands."""

    file: str
    document: yaml.Document
    number: int

    def note(self, key: str, what: str, remedy: str) -> Problem:
        return problems.at(self.document, self.file, ("sources", self.number, key), what, remedy)


def _spots(config: Path, found: list[Problem]) -> Iterator[tuple[str, _Spot]]:
    folder = f"{config.name}/sources"
    for file, text in files.read_folder(config / "sources", folder, found).items():
        document = yaml.read(text)
        items = document.value.get("sources") if isinstance(document.value, dict) else None
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and isinstance(name := item.get("name"), str):
                yield name, _Spot(f"{folder}/{file}", document, number)


_CLEAR: Final = ("http:", "imap:")
_WEB: Final = ("http", "https")


def _strange(config: Path, source: Source) -> Iterator[tuple[str, str, str]]:
    """Give key, what is strange about it and what to do."""
    url, access = source.url, source.access
    if url.startswith("file:") and not (config / unquote(urlsplit(url).path)).exists():
        yield "url", "there is no such file now", "put it there, or mend the address"
    if url.startswith(("http:", "https:")) and urlsplit(url).password:
        yield "url", "a password stands in the address", "use auth: {username: …, password_file: …}"
    if url.startswith(_CLEAR) and (access.password or access.bearer):
        yield "auth", "the secret travels unencrypted", "use https: or imaps:"
    if not access.verify_tls:
        yield "verify_tls", "anybody on the way can pretend to be this source", "delete the key if you can"


def _stuck(config: Path, source: Source, allowed: Allowed) -> Iterator[tuple[str, str, str]]:
    """Give what cannot work before it is mended, as far as the files alone tell."""
    url, access = source.url, source.access
    scheme = url.partition(":")[0]
    if scheme == "maildir" and not ((box := folder(url, config)) and box.is_dir()):
        yield "url", "there is no such folder now", "make the Maildir, or mend the address"
    if scheme in ("imap", "imaps") and not (access.password or access.bearer):
        yield "url", "nobody logs in there", "add auth: {username: NAME, password_file: FILE}"
    if scheme in (*_WEB, "imap", "imaps") and not source.allow_private:
        host = urlsplit(url).hostname or ""
        if is_refused(host, allowed):
            yield (
                "url",
                f"{host} is a private address, and refused",
                "add allow_private: true, if it is yours",
            )
