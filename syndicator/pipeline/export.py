"""export: what is published → a folder that any web server or object store can serve.

Incremental: a file is read only if its size or time differs from what the list in the folder says, and
written only if it is new or changed. Nothing is written before everything was looked at: what is in the way
is told at once. Files that are published no more are removed, if they are still as we wrote them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from syndicator.errors import SyndicatorError
from syndicator.pipeline.root import Entry, Root, entry_of, is_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TOLD: Final = 5  # files in the way that a message names


@dataclass(slots=True, kw_only=True)
class Changes:
    """What an export does, by path below the folder; each list sorted."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # no longer published, but not as we wrote them
    unchanged: int = 0


def export(public: Path, target: Path, *, folders: bool = False, dry_run: bool = False) -> Changes:
    """Bring `target` up to what lies in `public`; `dry_run` only tells.

    `folders`: each page X.html lies at X/index.html too, for stores that find a page no other way.

    Raises:
        SyndicatorError: a file that is not ours is in the way, another export runs, the disk is full …
    """
    _keep_apart(public, target)
    with Root(target, make=not dry_run) as root:
        known = root.entries()
        sources = dict(_sources(public, folders=folders))
        changes, fresh = _compare(root, known, sources)
        if dry_run:
            return changes
        wanted = known | {path: replace(entry, is_done=False) for path, entry in fresh.items()}
        if fresh or changes.removed or changes.left:
            root.keep(wanted)
        for path in (*changes.added, *changes.changed):
            if (found := _read(sources[path])) is not None:
                body, mtime_ns = found
                root.write(path, body, mtime_ns)
                wanted[path] = entry_of(body, mtime_ns)
        for path in changes.removed:
            root.remove(path)
        done = {path: entry for path, entry in wanted.items() if path in sources}
        if done != known:
            root.keep(done)
    return changes


def _keep_apart(public: Path, target: Path) -> None:
    here, there = public.resolve(), target.resolve()
    if here == there or here in there.parents:
        raise SyndicatorError(
            f"{target}: lies in the folder that is exported", hint="choose a folder outside it"
        )


def _sources(public: Path, *, folders: bool) -> Iterator[tuple[str, Path]]:
    """List what is published: (path below the target, file). Links and what begins with a dot are not."""
    for path in _files(public):
        name = path.relative_to(public).as_posix()
        yield name, path
        yield from ((other, path) for other in _others(name) if folders)


def _others(name: str) -> Iterator[str]:
    """Give the places where a store that only knows files looks for the page or list at an address."""
    stem, dot, ending = name.rpartition("/")[2].partition(".html")
    if dot and stem not in ("index", "404"):
        yield f"{name[: -len(dot + ending)]}/index.html{ending}"
    if name.startswith("opml.xml"):
        yield f"opml{name.removeprefix('opml.xml')}"


def _files(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(os.scandir(folder), key=lambda each: each.name)
    except FileNotFoundError:
        return
    for each in found:
        if each.name.startswith("."):
            continue
        if each.is_dir(follow_symlinks=False):
            yield from _files(folder / each.name)
        elif each.is_file(follow_symlinks=False):
            yield folder / each.name


def _compare(
    root: Root, known: Mapping[str, Entry], sources: Mapping[str, Path]
) -> tuple[Changes, dict[str, Entry]]:
    """Decide what to do; `fresh` are the files that the list must name before they are written."""
    changes, fresh, foreign = Changes(), dict[str, Entry](), list[str]()
    for path, source in sorted(sources.items()):
        there, entry = root.stat(path), known.get(path)
        if entry is not None and entry.is_done and _is_as(there, entry) and _is_as(_stat(source), entry):
            changes.unchanged += 1
            continue
        if (found := _read(source)) is None:
            continue
        if there is not None and (not is_file(there) or (entry is None and root.read(path) != found[0])):
            foreign.append(path)
            continue
        (changes.added if there is None else changes.changed).append(path)
        fresh[path] = entry_of(*found)
    if foreign:
        more = f" and {len(foreign) - _TOLD} more" if len(foreign) > _TOLD else ""
        raise SyndicatorError(
            f"{root.path}: not written by an export, and in the way: {', '.join(foreign[:_TOLD])}{more}",
            hint="move them away, or export into another folder",
        )
    for path in sorted(known.keys() - sources.keys()):
        _compare_gone(root, path, known[path], changes)
    return changes, fresh


def _compare_gone(root: Root, path: str, entry: Entry, changes: Changes) -> None:
    there = root.stat(path)
    if there is None:
        return
    if is_file(there) and (not entry.is_done or entry_of(root.read(path) or b"", 0).sha256 == entry.sha256):
        changes.removed.append(path)
    else:
        changes.left.append(path)


def _is_as(found: os.stat_result | None, entry: Entry) -> bool:
    return (
        found is not None
        and is_file(found)
        and (found.st_size, found.st_mtime_ns) == (entry.size, entry.mtime_ns)
    )


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _read(path: Path) -> tuple[bytes, int] | None:
    """Read a file and its time as of one moment; None if it has just gone."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        return file.read(), os.fstat(fd).st_mtime_ns
