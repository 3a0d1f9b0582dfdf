"""`syndicator sources pull`, `release`, `notices`, `clear`: what an admin does about a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syndicator.model import Catalog, SourceState
    from syndicator.pipeline.parts import Parts
    from syndicator.store.notices import Notice

Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Names of sources.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]


def pull(
    ctx: typer.Context,
    names: Names,
    force: Annotated[
        bool,
        typer.Option("--force", help="Even if its publisher asked us to wait, or it is stopped."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the states as JSON.")] = False,
) -> None:
    """Pull sources now, whatever their schedule says, and tell what came; fine beside a running daemon.

    A publisher who asked us to wait (Retry-After, Cache-Control, a pause of the host) is not asked before
    that. While the config has problems, what was last in force is pulled. Topics and digests follow in the
    daemon or at the next `syndicator once`. The exit status is 1 if any source could not be pulled, because
    another process is pulling it for instance.

    Example: `syndicator sources pull bbc-world guardian-world`
    """
    from syndicator.cli.common import print_json, put, say, start
    from syndicator.cli.log import configure_log
    from syndicator.cli.sources.common import counted
    from syndicator.fetch.remedy import hint

    configure_log("error")
    done: _Pulled = start(_pull(ctx, names, force=force))
    for name, why in done.waiting.items():
        say(f"{name}: {why}\n  try: --force pulls all the same")
    for name, why in done.missed.items():
        say(f"{name}: {why}")
    if json:
        print_json([_told(done, name) for name in done.after])
    else:
        for name, state in done.after.items():
            if name not in done.missed:
                put(f"{name}: {_outcome(done.before[name], state)}")
                if words := hint(state.last_error):
                    say(f"  try: {words}")
        if done.articles or not _is_all_failed(done):
            say(f"{counted(done.articles, 'article')} new or changed")
    if done.waiting or done.missed or any(state.last_error for state in done.after.values()):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Pulled:
    """What came of pulling: states before (of all) and after (of those asked); who was left, and why."""

    before: Mapping[str, SourceState]
    after: Mapping[str, SourceState]
    articles: int
    waiting: Mapping[str, str]
    missed: Mapping[str, str]


def _is_all_failed(done: _Pulled) -> bool:
    """Whether nobody brought anything, so that to count what came would say nothing."""
    return all(name in done.missed or state.last_error for name, state in done.after.items())


async def _pull(ctx: typer.Context, names: Iterable[str], *, force: bool) -> _Pulled:
    from syndicator import pipeline
    from syndicator.cli.common import open_standing
    from syndicator.cli.sources.common import find
    from syndicator.clock import utc_now
    from syndicator.store import hubs, sources
    from syndicator.store.pauses import running
    from syndicator.store.restart import restart

    async with open_standing(ctx.obj) as parts:
        catalog = parts.current.catalog
        wanted = [find(catalog, name).name for name in dict.fromkeys(names)]
        async with parts.store.write() as conn:
            await sources.sync(conn, catalog.sources.values())
        before = await _states(parts)
        async with parts.store.read() as conn:
            hosts = await running(conn, utc_now())
        pauses = {} if force else _pauses(before, hosts, catalog, wanted, utc_now())
        chosen = [name for name in wanted if name not in pauses]
        async with parts.store.write() as conn:
            await (restart(conn, chosen) if force else sources.make_due(conn, chosen))
            if force:
                await hubs.retry(conn, names=chosen, now=utc_now())
        done = await pipeline.pull(parts, only=chosen)
        states = await _states(parts)
    after = {name: states[name] for name in chosen}
    return _Pulled(before, after, done.articles, pauses, _missed(before, after, done.failed))


def _missed(
    before: Mapping[str, SourceState], after: Mapping[str, SourceState], failed: int
) -> dict[str, str]:
    """Say who was not pulled, and why: another process holds it, or what came could not be stored.

    `failed` counts the pulls of ours that failed, those that could not be stored among them.
    """
    still = [name for name, state in after.items() if state.last_pull_at == before[name].last_pull_at]
    answered = sum(bool(state.last_error) for name, state in after.items() if name not in still)
    ours = "could not be stored: see the lines above"
    others = "is being pulled by another process right now (or its host is): look again in a minute"
    return dict.fromkeys(still, ours if failed > answered else others)


def _outcome(before: SourceState, after: SourceState) -> str:
    from syndicator.cli.common import rfc3339

    news = "nothing new" if before.last_change_at == after.last_change_at else "new or changed articles"
    if after.state == "stopped":
        following = "no next pull: stopped"
    else:
        following = f"next pull {rfc3339(after.next_pull_at) or 'at once'}"
    return f"{after.state}, {after.last_error or news}; {following}"


async def _states(parts: Parts) -> dict[str, SourceState]:
    from syndicator.store import sources

    async with parts.store.read() as conn:
        return {state.name: state for state in await sources.list_all(conn)}


def _pauses(
    states: Mapping[str, SourceState],
    hosts: Mapping[str, datetime],
    catalog: Catalog,
    names: Iterable[str],
    now: datetime,
) -> dict[str, str]:
    """Say who must wait and why: the publisher told us when to come back, or its host asked for a pause."""
    from syndicator.cli.common import rfc3339
    from syndicator.fetch.manners import not_before

    found = {}
    for name in names:
        state = states[name]
        until = max(not_before(state, catalog.sources[name], now), hosts.get(state.host, now))
        if state.state == "stopped":
            found[name] = f"is stopped: {state.last_error}"
        elif until > now:
            found[name] = f"its publisher asked us to wait until {rfc3339(until)}"
    return found


def _told(done: _Pulled, name: str) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    before, after = done.before[name], done.after[name]
    return {
        "name": name,
        "pulled": name not in done.missed,
        "state": after.state,
        "title": after.title,
        "changed": before.last_change_at != after.last_change_at,
        "last_error": after.last_error,
        "last_success_at": rfc3339(after.last_success_at),
        "next_pull_at": rfc3339(after.next_pull_at),
    }


def release(ctx: typer.Context, name: Name) -> None:
    """Let the articles of a flood into the digests: those that the flood guard holds back.

    A source that suddenly brings very many articles, after a move of its archive for instance, has them
    held: feeds and pages show them, no digest sends them until you say so. To leave them held and only
    settle the notice: `syndicator sources clear NAME`.

    Example: `syndicator sources release bbc-world`
    """
    from syndicator.cli.common import say, start
    from syndicator.cli.sources.common import counted

    say(f"{counted(start(_release(ctx, name)), 'held match', 'held matches')} let into the next digests")


async def _release(ctx: typer.Context, name: str) -> int:
    from syndicator.cli.common import look
    from syndicator.cli.sources.common import find
    from syndicator.clock import utc_now
    from syndicator.store import matches, notices

    async with look(ctx.obj) as (_, catalog, store):
        find(catalog, name)
        async with store.write() as conn:
            released = await matches.release(conn, name, now=utc_now())
            await notices.clear(conn, name, ["flood"], now=utc_now())
    return released


def notices(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what an admin should see or do: mails to confirm, floods, adopted addresses, refused loops.

    Notices of a source that has left the config stay until they are settled.

    Example: `syndicator sources notices`
    """
    from syndicator.cli.common import ago, print_json, print_table, rfc3339, start
    from syndicator.clock import utc_now
    from syndicator.pipeline.survey import titled

    told, catalog = start(_notices(ctx))
    if json:
        rows = [
            {
                "source": each.source,
                "configured": each.source in catalog.sources,
                "kind": each.kind,
                "text": each.text,
                "url": each.url,
                "raised_at": rfc3339(each.raised_at),
            }
            for each in told
        ]
        print_json(rows)
        return
    now = utc_now()
    cells = [
        (titled(each.source, catalog), each.kind, ago(each.raised_at, now), each.text, each.url)
        for each in told
    ]
    print_table(("source", "kind", "since", "what", "where"), cells, empty="nothing to see to")


async def _notices(ctx: typer.Context) -> tuple[list[Notice], Catalog]:
    from syndicator.cli.common import look
    from syndicator.store import notices as told

    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        return await told.list_open(conn), catalog


def clear(
    ctx: typer.Context,
    name: Name,
    kind: Annotated[str, typer.Option("--kind", help="Only notices of this kind, e.g. flood.")] = "",
) -> None:
    """Settle the notices of a source: you have seen them, and done what there was to do.

    The kinds are confirmation, welcome, flood, adopted, loop and other; of /hub follower and ping; of
    `mail.returns` refused and returns. A source that is no longer configured is fine as long as there are
    notices of it.

    Example: `syndicator sources clear bbc-world --kind confirmation`
    """
    from syndicator.cli.common import say, start
    from syndicator.cli.sources.common import NOTICES, counted
    from syndicator.errors import SyndicatorError

    if kind and kind not in NOTICES:
        raise SyndicatorError(f"'{kind}' is no kind of notice", hint=f"there are: {', '.join(NOTICES)}")
    say(f"{counted(start(_clear(ctx, name, kind)), 'notice')} settled")


async def _clear(ctx: typer.Context, name: str, kind: str) -> int:
    from syndicator.cli.common import look
    from syndicator.cli.sources.common import find
    from syndicator.clock import utc_now
    from syndicator.store import notices as told

    async with look(ctx.obj) as (_, catalog, store), store.write() as conn:
        if not await told.list_open(conn, name):
            find(catalog, name)
        return await told.clear(conn, name, [kind] if kind else None, now=utc_now())
