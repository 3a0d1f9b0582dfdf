"""`syndicator sources probe` and `add`: what is at an address, and taking it in."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from syndicator.cli.terminal import put

if TYPE_CHECKING:
    from collections.abc import Collection

    from syndicator.catalog.edit import Edit
    from syndicator.pipeline.probe import Found, Probe
    from syndicator.settings import Settings

Url = Annotated[str, typer.Argument(metavar="URL", help="Address of a feed, or of a page that has one.")]
AsKind = Annotated[str, typer.Option("--kind", help="feed, page (with links to articles) or newsletter.")]
Select = Annotated[str, typer.Option("--select", help="Of a page: CSS selector of the links to articles.")]
Private = Annotated[bool, typer.Option("--allow-private", help="It may lie inside your own network.")]


def probe(
    ctx: typer.Context,
    url: Url,
    kind: Annotated[str, typer.Option("--kind", help="feed, or page (with links to articles).")] = "feed",
    select: Select = "",
    allow_private: Private = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what is at an address, and which feed a page has; nothing is stored or changed.

    It asks as the daemon would: the address, of a page the feeds that it or the front page of its host
    names, else a few well-known paths. Of a list page it reads the first article too. The exit status is 1
    if nothing was found.

    Example: `syndicator sources probe https://example.org/`
    """
    from syndicator.cli.common import print_json, start
    from syndicator.cli.sources import asked
    from syndicator.cli.sources.describing import describe

    asked.check_kind(kind)
    asked.refuse_mailbox(url, kind)
    address = asked.address(url)
    settings = ctx.obj.settings()
    seen: Probe = start(
        _probe(
            settings,
            address,
            kind=kind,
            select=select,
            allow_private=allow_private,
            is_bare=asked.is_bare(url),
        )
    )
    if json:
        print_json(_as_json(seen))
    elif seen.found:
        describe(seen, seen.found)
        put("\n" + _suggestion(seen.found, ()), end="")
    if not seen.found:
        if json:
            raise typer.Exit(1)
        raise _nothing(seen)


def add(
    ctx: typer.Context,
    url: Url,
    name: Annotated[str, typer.Option("--name", help="Its name; without it made of its title.")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Given to each article; repeatable.")] = None,
    language: Annotated[str, typer.Option("--language", help="Where the feed says it wrongly.")] = "",
    kind: AsKind = "feed",
    select: Select = "",
    full_text: Annotated[
        str, typer.Option("--full-text", help="off, truncated or always: read the articles' pages.")
    ] = "",
    allow_private: Private = False,
    file: Annotated[
        str, typer.Option("--file", help="File in sources/ to write to.", metavar="FILE")
    ] = "added.yaml",
) -> None:
    """Add a source: find the feed of a page, show its last entries, write it into a file of the config.

    What stands in the file stays as it is, comments too; nothing is written unless all files load with it. A
    running daemon takes it over at once. A newsletter's mailbox is not looked into.

    Example: `syndicator sources add https://example.org/ --tag science --file science.yaml`
    """
    from syndicator.catalog.write import add_sources
    from syndicator.cli.common import say
    from syndicator.cli.sources import asked
    from syndicator.cli.sources.describing import cut

    asked.check_kind(kind)
    asked.check_options(kind, language, full_text, file)
    edit: Edit = ctx.obj.load()
    given = {"tags": tag, "language": language, "full_text": full_text}
    if name:
        asked.named(name, "", url, edit.catalog)
    if kind == "newsletter" or asked.is_mailbox(url):
        box, kind = asked.mailbox(url), "newsletter"
        item: dict[str, Any] = {"name": asked.named(name, "", box, edit.catalog), "url": box, "kind": kind}
        asked.check_mailbox(box, edit.settings, edit.catalog)
    else:
        found = _look(edit, url, kind=kind, select=select, allow_private=allow_private)
        item = _item(found, asked.named(name, found.feed.title, found.source.url, edit.catalog))
        if "full_text" in item and not full_text:
            say(f"full_text: truncated, for {cut(found)}; --full-text off leaves it so")
    item |= {key: value for key, value in given.items() if value}
    path = add_sources(ctx.obj.config, os.environ, file, [item])
    put(_as_yaml(item), end="")
    say(f"added '{item['name']}' to {path}")


def _look(edit: Edit, typed: str, *, kind: str, select: str, allow_private: bool) -> Found:
    """Find and describe the feed at an address, or raise an error that says why there is none to add."""
    from syndicator.cli.common import start
    from syndicator.cli.sources import asked
    from syndicator.cli.sources.describing import describe

    url, is_bare = asked.address(typed), asked.is_bare(typed)
    asked.refuse_known(url, edit.catalog)
    seen: Probe = start(
        _probe(edit.settings, url, kind=kind, select=select, allow_private=allow_private, is_bare=is_bare)
    )
    if not (found := seen.found):
        raise _nothing(seen)
    asked.refuse_known(found.source.url, edit.catalog)
    describe(seen, found)
    sys.stdout.write("\n")
    return found


async def _probe(
    settings: Settings, url: str, *, kind: str, select: str, allow_private: bool, is_bare: bool
) -> Probe:
    """Look at an address; one that was typed without scheme (`is_bare`) over plain HTTP too."""
    from syndicator.fetch import Fetcher
    from syndicator.fetch.websub import user_agent
    from syndicator.model import Source
    from syndicator.pipeline.probe import probe as look_at

    as_kind: Literal["feed", "page"] = "page" if kind == "page" else "feed"
    source = Source(name="probe", url=url, kind=as_kind, select=select, allow_private=allow_private)
    async with Fetcher(
        settings.fetch, user_agent=user_agent(settings), files_root=settings.config
    ) as fetcher:
        seen = await look_at(fetcher, source)
        if is_bare and seen.failure and seen.failure.kind in ("connect", "tls"):
            plain = await look_at(fetcher, replace(source, url=f"http:{url.partition(':')[2]}"))
            return plain if plain.found or (plain.failure and plain.failure.kind != "connect") else seen
        return seen


def _nothing(seen: Probe) -> Exception:
    """Say why nothing was found, and what may help."""
    from syndicator.cli.sources.common import shown
    from syndicator.errors import SyndicatorError
    from syndicator.fetch.remedy import hint as remedy

    failure = seen.failure
    if failure is None:
        return SyndicatorError(f"{shown(seen.url)}: nothing was found")
    hint = remedy(failure.message)
    if failure.kind == "no-feed":
        hint = "--kind page, if its articles are linked from there"
    tried = "".join(f"\n  tried {url}: {why}" for url, why in seen.tried)
    return SyndicatorError(f"{shown(seen.url)}: {failure.message}{tried}", hint=hint)


def _item(found: Found, name: str) -> dict[str, Any]:
    """Make the keys of a source as they stand in its file."""
    source = found.source
    item: dict[str, Any] = {"name": name, "url": source.url}
    if source.kind != "feed":
        item["kind"] = source.kind
    if source.select:
        item["select"] = source.select
    if found.feed.entries and found.truncated * 2 > len(found.feed.entries) and source.kind == "feed":
        item["full_text"] = "truncated"
    if source.allow_private:
        item["allow_private"] = True
    return item


def _suggestion(found: Found, taken: Collection[str]) -> str:
    from syndicator.catalog.write import name_for

    return "sources:\n" + _as_yaml(_item(found, name_for(found.feed.title, found.source.url, taken)))


def _as_yaml(item: dict[str, Any]) -> str:
    """Write the keys of a source as the lines of its file."""
    from syndicator.catalog.append import append

    return append("sources:\n  - x\n", [item]).removeprefix("sources:\n  - x\n")


def _as_json(seen: Probe) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import shown
    from syndicator.cli.sources.describing import SHOWN, facts, title_of

    found, failure = seen.found, seen.failure
    entries = found.feed.entries[:SHOWN] if found else ()
    return {
        "url": shown(seen.url),
        "feed_url": shown(found.source.url) if found else None,
        **(facts(found) if found else {}),
        "article": _sample(found),
        "last": [
            {"title": title_of(entry), "url": entry.url, "published_at": rfc3339(entry.published_at)}
            for entry in entries
        ],
        "config": _item(found, "") | {"name": _suggested_name(found)} if found else None,
        "error": {"kind": failure.kind, "message": failure.message} if failure else None,
        "others": [{"url": each.url, "title": each.title, "how": each.how} for each in seen.others],
        "tried": [{"url": url, "why": why} for url, why in seen.tried],
    }


def _sample(found: Found | None) -> dict[str, Any] | None:
    from syndicator.cli.common import rfc3339

    if found is None or (sample := found.sample) is None:
        return None
    return {
        "url": sample.url,
        "published_at": rfc3339(sample.published_at),
        "characters": sample.characters,
        "problem": sample.problem,
    }


def _suggested_name(found: Found) -> str:
    from syndicator.catalog.write import name_for

    return name_for(found.feed.title, found.source.url, ())
