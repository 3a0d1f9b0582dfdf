"""`syndicator sources list` and `show`: how sources are doing."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.fetch.health import Health
    from syndicator.model import Source, SourceState
    from syndicator.store.notices import Notice

SPANS: Final = ("rhythm", "delay", "min_interval", "max_interval")  # in seconds, as JSON has them


def list_(
    ctx: typer.Context,
    alarms: Annotated[bool, typer.Option("--alarms", help="Only those that need you.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the sources with their health: the last success, the rhythm, the next pull, the last error.

    The health is one word: new, ok, failing, dead (for a week), silent (no new article for a month), moved
    (for good, write the new address into its file) or stopped (the publisher says it is gone).

    Example: `syndicator sources list --json`
    """
    from syndicator.cli.common import start

    start(_list(ctx, alarms=alarms, json=json))


async def _list(ctx: typer.Context, *, alarms: bool, json: bool) -> None:
    from collections import Counter

    from syndicator.cli.common import look, print_json, print_table, say
    from syndicator.clock import utc_now
    from syndicator.fetch.health import health
    from syndicator.model import SourceState
    from syndicator.store import notices, sources

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        states = {state.name: state for state in await sources.list_all(conn)}
        told: dict[str, list[Notice]] = {}
        for notice in await notices.list_open(conn):
            told.setdefault(notice.source, []).append(notice)
    now = utc_now()
    rows = []
    calm: Counter[str] = Counter()  # health of those that need nobody
    for name, source in sorted(catalog.sources.items()):
        state = states.get(name) or SourceState(name=name)
        doing = health(state, source, now)
        if not alarms or doing.is_alarm or name in told:
            rows.append((state, source, doing, told.get(name, [])))
        else:
            calm[doing.word] += 1
    if json:
        print_json([_row(*row) for row in rows])
        return
    print_table(
        ("source", "health", "last success", "rhythm", "next pull", "failures#", "what"),
        [_cells(*row, now=now) for row in rows],
        empty=_no_alarms(calm) if alarms else f"no sources yet: write {settings.config}/sources/NAME.yaml",
    )
    if gone := sorted(told.keys() - catalog.sources.keys()):
        say(
            f"notices of sources that are no longer configured: {', '.join(gone)}; syndicator sources notices"
        )


def _no_alarms(calm: Mapping[str, int]) -> str:
    if not calm["failing"]:
        return "no alarms; all is well" if calm else "no sources yet"
    return f"no alarms; {calm['failing']:,} failing, tried again by themselves"


def _row(state: SourceState, source: Source, doing: Health, told: Sequence[Notice]) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import shown

    return {
        "name": source.name,
        "url": shown(source.url),
        "title": state.title,
        "state": state.state,
        "health": doing.word,
        "last_error": state.last_error,
        "failures": state.failures,
        "last_success_at": rfc3339(state.last_success_at),
        "last_change_at": rfc3339(state.last_change_at),
        "next_pull_at": rfc3339(state.next_pull_at),
        "rhythm": round(state.interval.total_seconds()) or None,
        "delay": round(state.delay.total_seconds()) if state.delay is not None else None,
        "notices": [{"kind": each.kind, "text": each.text, "url": each.url} for each in told],
    }


def _cells(
    state: SourceState, source: Source, doing: Health, told: Sequence[Notice], *, now: datetime
) -> tuple[str, ...]:
    from syndicator.cli.common import ago
    from syndicator.cli.sources.common import span

    said = [state.last_error or (doing.text if doing.is_alarm else ""), *(each.text for each in told)]
    return (
        source.name,
        doing.word,
        ago(state.last_success_at, now),
        span(state.interval),
        _next(state, now),
        str(state.failures or ""),
        "; ".join(filter(None, said)),
    )


def _next(state: SourceState, now: datetime) -> str:
    from syndicator.cli.common import ago

    if state.state == "stopped":
        return "stopped"
    if state.next_pull_at is None or state.next_pull_at <= now:
        return "at once"
    return ago(state.next_pull_at, now)


def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The source's name.")],
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
    from syndicator.clock import utc_now
    from syndicator.fetch.health import health
    from syndicator.model import SourceState
    from syndicator.store import notices, sources

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        source = find(catalog, name)
        states = {state.name: state for state in await sources.list_all(conn)}
        told = await notices.list_open(conn, name)
    state = states.get(name) or SourceState(name=name)
    doing = health(state, source, utc_now())
    facts = _row(state, source, doing, told) | {"text": doing.text} | _configured(source)
    facts["file"] = ":".join(str(part) for part in places(settings.config).get(name, ("",)))
    facts |= _asked(state)
    if json:
        print_json(facts)
        return
    worded = {key: _worded(key, value) for key, value in facts.items()}
    lines = [(key, value) for key, value in worded.items() if value not in (None, "", []) or key == "state"]
    width = max(len(key) for key, _ in lines)
    for key, value in lines:
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            said = f"{part['kind']}: {part['text']} {part['url']}".strip() if isinstance(part, dict) else part
            sys.stdout.write(f"{'' if number else key:<{width}}  {said}\n")


def _worded(key: str, value: Any) -> Any:
    """Write seconds as a span and a boolean as a word."""
    from syndicator.cli.sources.common import span

    if isinstance(value, bool):
        return "yes" if value else "no"
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
        "full_text": source.full_text,
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
    from syndicator.cli.sources.finding import asks

    return {
        "homepage": state.homepage,
        "asks": asks(state.cadence),
        "fresh_until": rfc3339(state.fresh_until),
        "adopted_url": shown(state.adopted_url),
        "identity": state.identity,
    }
