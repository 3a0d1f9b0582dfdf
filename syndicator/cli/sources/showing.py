"""`syndicator sources show`: all that is known of one source."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from syndicator.model import Source, SourceState
    from syndicator.model.hubs import Hub

SPANS: Final = ("rhythm", "delay", "min_interval", "max_interval")  # in seconds, as JSON has them
UNSAID: Final = ("state", "text", "last_error")  # to a person, for `health` says it
LABELS: Final = {"delay": "articles_come", "identity": "articles_are", "hubs": "hub"}
NAMED_BY: Final = {
    "guid": "told apart by their guid",
    "link": "told apart by their link: its guids change",
    "hash": "told apart by their words: its guids and links change",
}


def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")],
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show all that is known of one source: how it is configured, what it asks for, how it is doing.

    Secrets are not shown; what is configured of them is.

    Example: `syndicator sources show bbc-world`
    """
    from syndicator.cli.common import start

    start(_show(ctx, name, json=json))


async def _show(ctx: typer.Context, name: str, *, json: bool) -> None:
    from syndicator.catalog.notes import places
    from syndicator.cli.common import look, print_json
    from syndicator.cli.sources.common import find
    from syndicator.cli.sources.looking import told_of
    from syndicator.clock import utc_now
    from syndicator.fetch.health import health
    from syndicator.fetch.remedy import hint
    from syndicator.model import SourceState
    from syndicator.store import articles, hubs, notices, sources

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        source = find(catalog, name)
        states = {state.name: state for state in await sources.list_all(conn)}
        told = await notices.list_open(conn, name)
        amount = await articles.count(conn, name)
        followed = await hubs.list_all(conn, name)
    state = states.get(name) or SourceState(name=name)
    doing = health(state, source, utc_now())
    facts = told_of(state, source, doing, told) | {"text": doing.text, "try": hint(state.last_error)}
    facts |= {"articles": amount} | _configured(source)
    facts["file"] = ":".join(str(part) for part in places(settings.config).get(name, ("",)))
    facts |= _asked(state) | {"hubs": [_hub(each) for each in followed]}
    if json:
        print_json(facts)
    else:
        _write(facts)


def _write(facts: dict[str, Any]) -> None:
    """Write facts for a person: a line for each that says something, the names explained."""
    from syndicator.cli.common import put

    said = {key: _worded(key, value) for key, value in facts.items() if key not in UNSAID}
    said["health"] = f"{facts['health']}: {facts['text']}"
    lines = [(LABELS.get(key, key), value) for key, value in said.items() if value not in (None, "", [])]
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            put(f"{'' if number else label:<{width}}  {part}")


def _worded(key: str, value: Any) -> Any:
    """Write seconds as a span, a boolean as a word, and what stands in a list in a line each."""
    from syndicator.cli.sources.common import span

    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "notices":
        return [f"{each['kind']}: {each['text']} {each['url']}".strip() for each in value]
    if key == "hubs":
        return [_of_hub(each) for each in value]
    if key == "identity":
        return NAMED_BY[value]
    if key == "delay" and value:
        return f"{span(timedelta(seconds=value))} after their publication, on average"
    return span(timedelta(seconds=value)) if key in SPANS and value else value


def _configured(source: Source) -> dict[str, Any]:
    """Say how a source is configured; of secrets only that there are some, and their names."""
    access = source.access
    ways = [
        f"basic as {access.username}" if access.password else "",
        "bearer" if access.bearer else "",
        *(f"header {name}" for name, _ in access.headers),
        *(f"cookie {name}" for name, _ in access.cookies),
        "proxy" if access.proxy else "",
        "" if access.verify_tls else "certificate not verified",
    ]
    return {
        "kind": source.kind,
        "language": source.language,
        "tags": list(source.tags),
        "full_text": "always" if source.kind == "page" else source.full_text,
        "select": source.select,
        "access": [way for way in ways if way],
        "allow_private": source.allow_private,
        "min_interval": round(source.min_interval.total_seconds()),
        "max_interval": round(source.max_interval.total_seconds()),
    }


def _asked(state: SourceState) -> dict[str, Any]:
    """Say what the publisher asked for, and what else is remembered."""
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import shown
    from syndicator.cli.sources.describing import asks

    return {
        "homepage": state.homepage,
        "asks": asks(state.cadence),
        "fresh_until": rfc3339(state.fresh_until),
        "adopted_url": shown(state.adopted_url),
        "identity": state.identity,
    }


def _hub(hub: Hub) -> dict[str, Any]:
    """Say how a subscription at a hub is doing; never its token or secret."""
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import shown

    return {
        "url": shown(hub.hub_url),
        "state": hub.state,
        "lease_until": rfc3339(hub.lease_until),
        "last_push_at": rfc3339(hub.heard_at),
        "asked_again_at": rfc3339(hub.next_at),
        "unsigned_pushes": hub.ignored,
        "problem": hub.problem,
    }


def _of_hub(hub: dict[str, Any]) -> str:
    parts = [
        f"{hub['url']}: {hub['state']}",
        f"promises news until {hub['lease_until']}" if hub["lease_until"] else "",
        f"last push {hub['last_push_at']}" if hub["last_push_at"] else "no push yet",
        f"{hub['unsigned_pushes']} pushes without a good signature" if hub["unsigned_pushes"] else "",
        hub["problem"],
        f"asked again {hub['asked_again_at']}" if hub["asked_again_at"] else "",
    ]
    return "; ".join(part for part in parts if part)
