"""`syndicator sources list`: how sources are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.fetch.health import Health
    from syndicator.model import Source, SourceState
    from syndicator.store.notices import Notice


def list_(
    ctx: typer.Context,
    alarms: Annotated[bool, typer.Option("--alarms", help="Only those that need you.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the sources with their health: the last success, the rhythm, the next pull, the last error.

    The health is one word: new, ok, failing (tried again by itself), stuck (only you can mend it: a private
    address, a missing folder, a login), dead (for a week), silent (no new article for a month), moved (for
    good, write the new address into its file) or stopped (the publisher says it is gone).

    The rhythm is how often the source is worth asking. The next pull is spread around that, after a first
    one over up to twice the rhythm, so that no two march in step; and no earlier than its publisher wants.

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
        if not alarms or doing.is_alarm or any(each.is_alarm for each in told.get(name, ())):
            rows.append((state, source, doing, told.get(name, [])))
        else:
            calm[doing.word] += 1
    if json:
        print_json([told_of(*row) for row in rows])
        return
    cells = [_cells(*row, now=now) for row in rows]
    print_table(
        ("source", "health", "last success", "rhythm", "next pull", "failures#", "what"),
        _gathered(cells) if alarms else cells,
        empty=_no_alarms(calm) if alarms else f"no sources yet: write {settings.config}/sources/NAME.yaml",
    )
    if gone := sorted(name for name in told if name not in catalog.sources and not notices.is_ours(name)):
        say(
            f"notices of sources that are no longer configured: {', '.join(gone)}; syndicator sources notices"
        )


def _gathered(cells: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Make one row of all sources that need an admin for the same cause, where they are more than a few."""
    from syndicator.fetch.causes import FEW, by_cause

    rows: list[tuple[str, ...]] = []
    for cause in by_cause((row[0], f"{row[1]} {row[-1]}") for row in cells):
        alike = [row for row in cells if row[0] in cause.names]
        if len(alike) <= FEW:
            rows += alike
            continue
        listed = ", ".join(cause.names[:FEW])
        health = alike[0][1]
        words = cause.words.removeprefix(f"{health} ")
        rows.append((f"{listed} and {len(alike) - FEW:,} more", health, "", "", "", "", words))
    return rows


def _no_alarms(calm: Mapping[str, int]) -> str:
    if not calm["failing"]:
        return "no alarms; all is well" if calm else "no sources yet"
    return f"no alarms; {calm['failing']:,} failing, tried again by themselves"


def told_of(state: SourceState, source: Source, doing: Health, told: Sequence[Notice]) -> dict[str, Any]:
    """Say of a source what both commands say, as JSON has it."""
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
