"""`syndicator sources probe` and `add`: what is at an address, and taking it in."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from syndicator.model import Cadence, Catalog, Entry
    from syndicator.pipeline.probe import Found, Probe
    from syndicator.settings import Settings

SHOWN: Final = 5  # entries
DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

Url = Annotated[str, typer.Argument(metavar="URL", help="Address of a feed, or of a page that has one.")]
AsKind = Annotated[str, typer.Option("--kind", help="feed, page (with links to articles) or newsletter.")]
Select = Annotated[str, typer.Option("--select", help="Of a page: CSS selector of the links to articles.")]
Private = Annotated[bool, typer.Option("--allow-private", help="It may lie inside your own network.")]


def probe(
    ctx: typer.Context,
    url: Url,
    kind: AsKind = "feed",
    select: Select = "",
    allow_private: Private = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what is at an address, and which feed a page has; nothing is stored or changed.

    It asks as the daemon would: the address, of a page the feeds that it declares or links to, else a few
    well-known paths. The exit status is 1 if nothing was found.

    Example: `syndicator sources probe https://example.org/`
    """
    from syndicator.cli.common import print_json, start
    from syndicator.cli.sources import asked

    asked.check_kind(kind)
    address = asked.address(url)
    settings = ctx.obj.settings()
    seen: Probe = start(_probe(settings, address, kind=kind, select=select, allow_private=allow_private))
    if json:
        print_json(_as_json(seen))
    elif seen.found:
        _describe(seen, seen.found)
        sys.stdout.write("\n" + _suggestion(seen.found, ()))
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

    asked.check_kind(kind)
    asked.check_options(kind, language, full_text, file)
    settings, catalog, _ = ctx.obj.load()
    if name:
        asked.named(name, "", url, catalog)
    given = {"tags": tag, "language": language, "full_text": full_text}
    if kind == "newsletter" or asked.is_mailbox(url):
        box = asked.mailbox(url)
        item: dict[str, Any] = {"name": asked.named(name, "", box, catalog), "url": box, "kind": "newsletter"}
        asked.refuse_known(box, catalog)
    else:
        address = asked.address(url)
        found = _look(settings, catalog, address, kind=kind, select=select, allow_private=allow_private)
        item = _item(found, asked.named(name, found.feed.title, found.source.url, catalog))
        if "full_text" in item and not full_text:
            say(f"full_text: truncated, for {_cut(found)}; --full-text off leaves it so")
    item |= {key: value for key, value in given.items() if value}
    path = add_sources(ctx.obj.config, os.environ, file, [item])
    sys.stdout.write(_as_yaml(item))
    say(f"added '{item['name']}' to {path}")


def _look(
    settings: Settings, catalog: Catalog, url: str, *, kind: str, select: str, allow_private: bool
) -> Found:
    """Find and describe the feed at an address, or raise an error that says why there is none to add."""
    from syndicator.cli.common import start
    from syndicator.cli.sources import asked

    asked.refuse_known(url, catalog)
    seen: Probe = start(_probe(settings, url, kind=kind, select=select, allow_private=allow_private))
    if not (found := seen.found):
        raise _nothing(seen)
    asked.refuse_known(found.source.url, catalog)
    _describe(seen, found)
    sys.stdout.write("\n")
    return found


async def _probe(settings: Settings, url: str, *, kind: str, select: str, allow_private: bool) -> Probe:
    from syndicator.fetch import Fetcher
    from syndicator.fetch.websub import user_agent
    from syndicator.model import Source
    from syndicator.pipeline.probe import probe as look_at

    as_kind: Literal["feed", "page"] = "page" if kind == "page" else "feed"
    source = Source(name="probe", url=url, kind=as_kind, select=select, allow_private=allow_private)
    async with Fetcher(
        settings.fetch, user_agent=user_agent(settings), files_root=settings.config
    ) as fetcher:
        return await look_at(fetcher, source)


def _nothing(seen: Probe) -> Exception:
    """Say why nothing was found, and what may help."""
    from syndicator.cli.sources.common import shown
    from syndicator.errors import SyndicatorError

    failure = seen.failure
    if failure is None:
        return SyndicatorError(f"{shown(seen.url)}: nothing was found")
    hint = ""
    if failure.kind == "no-feed":
        hint = "--kind page, if its articles are linked from there"
    elif "allow_private" in failure.message:  # `forbidden` says other things too
        hint = "--allow-private, if it lies inside your own network"
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


def _cut(found: Found) -> str:
    return f"{found.truncated} of {len(found.feed.entries)} entries are but beginnings of articles"


def _describe(seen: Probe, found: Found) -> None:
    """Write what was found, for a person."""
    from syndicator.cli.sources.common import shown

    said = facts(found)
    lines = [("feed" if found.source.kind == "feed" else "page", shown(found.url))]
    lines += [(key.replace("_", " "), str(value)) for key, value in said.items() if value]
    lines += [("also", f"{other.url}  {other.title}") for other in seen.others]
    for key, value in lines:
        sys.stdout.write(f"{key:<11} {_line(value)}\n")
    for entry in found.feed.entries[:SHOWN]:
        sys.stdout.write(f"\n  {_when(entry):<16}  {_title(entry)}\n  {'':<16}  {_line(entry.url)}\n")


def facts(found: Found) -> dict[str, Any]:
    """Say what is worth knowing of what was found; empty values where there is nothing to say."""
    from syndicator.cli.sources.common import span

    feed, amount = found.feed, len(found.feed.entries)
    return {
        "title": _line(feed.title),
        "format": feed.format,
        "language": feed.language,
        "entries": amount,
        "asks": asks(feed.cadence),
        "fresh_for": span(found.result.fresh_for),
        "hub": " ".join(dict.fromkeys((*found.result.hub_urls, *feed.hub_urls))),
        "text": _cut(found) if found.truncated else "",
        "characters": found.charset_trouble,
        "found": "" if found.how == "asked" else found.how,
        "moved": found.result.permanent_url,
    }


def asks(cadence: Cadence) -> str:
    """Say how often a feed asks to be read; empty if it does not."""
    from syndicator.cli.sources.common import span

    said = [f"every {span(every)}" for every in (cadence.ttl, cadence.update_every) if every]
    if cadence.skip_hours:
        said.append(f"not in the hours {', '.join(str(hour) for hour in cadence.skip_hours)} (UTC)")
    if cadence.skip_days:
        said.append(f"not on {', '.join(DAYS[day] for day in cadence.skip_days)}")
    return "; ".join(dict.fromkeys(said))


def _as_json(seen: Probe) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import shown

    found, failure = seen.found, seen.failure
    entries = found.feed.entries[:SHOWN] if found else ()
    return {
        "url": shown(seen.url),
        "feed_url": shown(found.source.url) if found else None,
        **(facts(found) if found else {}),
        "last": [
            {"title": _title(entry), "url": entry.url, "published_at": rfc3339(entry.published_at)}
            for entry in entries
        ],
        "config": _item(found, "") | {"name": _suggested_name(found)} if found else None,
        "error": {"kind": failure.kind, "message": failure.message} if failure else None,
        "others": [{"url": each.url, "title": each.title, "how": each.how} for each in seen.others],
        "tried": [{"url": url, "why": why} for url, why in seen.tried],
    }


def _suggested_name(found: Found) -> str:
    from syndicator.catalog.write import name_for

    return name_for(found.feed.title, found.source.url, ())


def _when(entry: Entry) -> str:
    moment = entry.published_at or entry.updated_at
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "no date"


def _title(entry: Entry) -> str:
    from syndicator.normalise import to_text

    return _line(to_text(entry.title) if entry.title_is_html else entry.title) or "(no title)"


def _line(text: str) -> str:
    """Make a publisher's words one safe line for a terminal."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:160]
