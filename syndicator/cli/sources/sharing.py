"""`syndicator sources import` and `export`: lists of feeds from and for other programs, as OPML."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.catalog.opml import Outline
    from syndicator.model import Catalog


def import_(
    ctx: typer.Context,
    opml: Annotated[Path, typer.Argument(metavar="FILE.opml", help="The list; - is stdin.", dir_okay=False)],
    file: Annotated[
        str,
        typer.Option("--file", help="File in sources/; else FILE.yaml, or imported.yaml.", metavar="FILE"),
    ] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="They may lie inside your own network.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the YAML, write nothing.")] = False,
) -> None:
    """Add the feeds of an OPML list, as other programs export them; folders become tags.

    Titles are written as comments: without them readers see what each publisher calls itself.

    Feeds that are there already, and what is no address, are named and left out. Nothing is asked of any
    publisher now; all feeds are written at once or, if one of them does not load, none.

    Example: `syndicator sources import feeds.opml --dry-run`
    """
    from syndicator.catalog.append import append
    from syndicator.catalog.write import add_sources, file_stem
    from syndicator.cli.common import put, say
    from syndicator.cli.sources.common import counted

    edit = ctx.obj.load()
    settings, catalog = edit.settings, edit.catalog
    items, left = _items(_outlines(opml), catalog)
    if allow_private:
        items = [item | {"allow_private": True} for item in items]
    for why in left:
        say(f"left out {why}")
    if not allow_private:
        _warn_of_private(items, settings.fetch.allow_private)
    if not items:
        say("nothing to add")
        return
    if dry_run:
        put(append("", items), end="")
        say(f"would add {counted(len(items), 'source')}")
        return
    name = file or f"{file_stem(opml.stem)}.yaml"
    path = add_sources(ctx.obj.config, os.environ, name, items)
    say(f"added {counted(len(items), 'source')} to {path}")


def _warn_of_private(items: Iterable[dict[str, Any]], allow_private: Iterable[str]) -> None:
    """Name the feeds that will be refused for their address, as far as it tells."""
    from urllib.parse import urlsplit

    from syndicator.cli.common import say
    from syndicator.cli.sources.common import shown
    from syndicator.fetch.guard import is_refused
    from syndicator.networks import Allowed

    allowed = Allowed.of(allow_private)
    hosts = [(item["url"], urlsplit(item["url"]).hostname or "") for item in items]
    if refused := [(url, host) for url, host in hosts if host and is_refused(host, allowed)]:
        for url, host in refused:
            say(f"{shown(url)}: {host} is a private address, and will be refused")
        say("  try: --allow-private, if they lie inside your own network")


def _outlines(path: Path) -> tuple[Outline, ...]:
    """Read the feeds of a list; a list that ends in the middle is told."""
    from syndicator.catalog import opml
    from syndicator.cli.common import say
    from syndicator.errors import ParseError, SyndicatorError

    body = _bytes(path)
    try:
        outlines = opml.read(body)
    except ParseError as error:
        raise SyndicatorError(f"{path}: {error.message}", hint=error.hint) from error
    if opml.is_cut(body):
        say(f"{path}: ends in the middle: feeds may be missing; export it again from the other program")
    return outlines


def _bytes(path: Path) -> bytes:
    from syndicator.catalog.opml import MAX_BYTES
    from syndicator.errors import SyndicatorError

    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SyndicatorError(f"{path}: {error.strerror}", hint="give the path of an OPML file") from error


def _items(outlines: Iterable[Outline], catalog: Catalog) -> tuple[list[dict[str, Any]], list[str]]:
    """Make the keys of sources of outlines; and say of each that is left out why."""
    from syndicator.catalog.fields import Said, is_language
    from syndicator.catalog.notes import identity
    from syndicator.catalog.places import source_url
    from syndicator.catalog.write import name_for
    from syndicator.cli.sources.common import shown

    known = {identity(source.url): name for name, source in catalog.sources.items()}
    taken = set(catalog.sources)
    items: list[dict[str, Any]] = []
    left: list[str] = []
    for outline in outlines:
        try:
            url = source_url(outline.url)
        except Said as said:
            left.append(f"{outline.title or outline.url}: {said.what}")
            continue
        if twin := known.get(identity(url)):
            left.append(f"{shown(url)}: there already, as '{twin}'")
            continue
        name = name_for(outline.title, url, taken)
        taken.add(name)
        known[identity(url)] = name
        item: dict[str, Any] = {"name": name, "url": url}
        if title := outline.title[:300].strip():
            item["#title"] = title  # a comment: what the publisher calls itself, now or later, is shown
        if is_language(outline.language):
            item["language"] = outline.language
        if tags := [tag[:100] for tag in outline.tags]:
            item["tags"] = tags
        items.append(item)
    return items, left


def export(ctx: typer.Context) -> None:
    """Print the feeds as an OPML 2.0 list, for other programs: each in the folder of its first tag.

    Logins and secrets are left out, and so are pages and newsletters, which no other program could read.

    Example: `syndicator sources export > feeds.opml`
    """
    from syndicator.cli.common import start

    start(_export(ctx))


async def _export(ctx: typer.Context) -> None:
    from syndicator.catalog import opml
    from syndicator.cli.common import look, say
    from syndicator.cli.sources.common import counted
    from syndicator.model import SourceState
    from syndicator.store import sources

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        states = {state.name: state for state in await sources.list_all(conn)}
    folders: dict[str, list[opml.Outline]] = {}
    left = 0
    for name, source in sorted(catalog.sources.items()):
        if source.kind != "feed" or not source.url.startswith(("http:", "https:")):
            left += 1
            continue
        state = states.get(name) or SourceState(name=name)
        folder = source.tags[0] if source.tags else ""
        folders.setdefault(folder, []).append(
            opml.Outline(
                url=source.url,
                title=source.title or state.title or name,
                homepage=state.homepage,
                language=source.language or "",
                tags=source.tags[1:],
            )
        )
    text = opml.write(settings.site.title, folders)
    sys.stdout.buffer.write(text.encode())
    if left:
        say(f"left out {counted(left, 'source')} that other programs cannot read: no feeds on the web")
