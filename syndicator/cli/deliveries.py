"""`syndicator deliveries`: the ledger of mail."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Deliveries: each mail to each reader, and how it went.", no_args_is_help=True)


@app.callback()
def _deliveries() -> None:
    """Keep `deliveries list` a subcommand while it is the only one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="Only those in this state, e.g. refused.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List deliveries with their state, oldest first.

    Example: `syndicator deliveries list --state refused`
    """
    from syndicator.cli.common import start

    start(_list(ctx, state, json=json))


async def _list(ctx: typer.Context, state: str, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table
    from syndicator.model import DeliveryStatus
    from syndicator.store import deliveries

    if state and state not in set(DeliveryStatus):
        known = ", ".join(DeliveryStatus)
        raise typer.BadParameter(f"'{state}' is no state; there are {known}", param_hint="--state")
    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        found = await deliveries.list_all(conn, state=state)
    if json:
        print_json(
            [
                {
                    "id": delivery.id,
                    "edition": delivery.edition,
                    "address": delivery.address,
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "uncertain": delivery.uncertain,
                    "message_id": delivery.message_id,
                    "reply": delivery.reply,
                }
                for delivery in found
            ]
        )
        return
    rows = [(str(d.id), d.address, d.state, str(d.attempts), str(d.uncertain or ""), d.reply) for d in found]
    print_table(
        ("id#", "address", "state", "attempts#", "uncertain#", "reply"), rows, empty="no deliveries yet"
    )
