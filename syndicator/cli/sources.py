"""`syndicator sources`: where we pull from, and how that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import SourceState

app = typer.Typer(help="Sources: where articles come from.", no_args_is_help=True)


@app.callback()
def _sources() -> None:
    """Keep `sources list` a subcommand while it is the only one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the sources with their health: the last success, the next pull, the last error.

    Example: `syndicator sources list --json`
    """
    from syndicator.cli.common import start

    start(_list(ctx, json=json))


async def _list(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import ago, look, print_json, print_table
    from syndicator.clock import utc_now
    from syndicator.model import SourceState
    from syndicator.store import sources

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        states = {state.name: state for state in await sources.list_all(conn)}
    known = [states.get(name) or SourceState(name=name) for name in sorted(catalog.sources)]
    if json:
        print_json([_row(state, catalog.sources[state.name].url) for state in known])
        return
    now = utc_now()
    rows = [
        (
            state.name,
            state.state,
            ago(state.last_success_at, now),
            _next(state, now),
            str(state.failures or ""),
            state.last_error,
        )
        for state in known
    ]
    print_table(
        ("source", "state", "last success", "next pull", "failures#", "last error"),
        rows,
        empty=f"no sources yet: write {settings.config}/sources/NAME.yaml",
    )


def _row(state: SourceState, url: str) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    return {
        "name": state.name,
        "url": url,
        "title": state.title,
        "state": state.state,
        "last_error": state.last_error,
        "failures": state.failures,
        "last_success_at": rfc3339(state.last_success_at),
        "last_change_at": rfc3339(state.last_change_at),
        "next_pull_at": rfc3339(state.next_pull_at),
    }


def _next(state: SourceState, now: datetime) -> str:
    from syndicator.cli.common import ago

    if state.state == "stopped":
        return "stopped"
    if state.next_pull_at is None or state.next_pull_at <= now:
        return "at once"
    return ago(state.next_pull_at, now)
