"""`syndicator returns`: what came back by mail or was refused, and what followed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from syndicator.store.returns import Kept

app = typer.Typer(help="Returns: bounces, complaints and refusals, and what followed.", no_args_is_help=True)


@app.callback()
def _returns() -> None:
    """Keep `returns list` a subcommand while it is the only one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Option(help="Only bounce, complaint, unsubscribe, refusal (at SMTP time) or other.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what came back, newest first: of which delivery, why, and the effect.

    Without a delivery it bears no token of ours: it may be forged, and changed nothing.

    Example: `syndicator returns list --kind complaint`
    """
    from syndicator.cli.common import start

    start(_list(ctx, kind, json=json))


async def _list(ctx: typer.Context, kind: str, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table, rfc3339
    from syndicator.store import returns

    kinds = ("bounce", "complaint", "unsubscribe", "refusal", "other")
    if kind and kind not in kinds:
        raise typer.BadParameter(f"'{kind}' is none of {', '.join(kinds)}", param_hint="--kind")
    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        found = await returns.list_newest(conn, kind=kind)
    if json:
        print_json([_row(each) for each in found])
        return
    shown = [
        (
            rfc3339(each.at) or "",
            each.kind,
            str(each.delivery or "no token"),
            each.address,
            f"{each.reason}{', hard' if each.hard else ''}",
            each.effect,
        )
        for each in found
    ]
    columns = ("at", "kind", "delivery", "address", "reason", "effect")
    print_table(columns, shown, empty="nothing came back yet")


def _row(kept: Kept) -> dict[str, Any]:
    from dataclasses import asdict

    from syndicator.cli.common import rfc3339

    return asdict(kept) | {"at": rfc3339(kept.at)}
