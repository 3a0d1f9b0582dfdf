"""`syndicator deliveries`: the ledger of mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from syndicator.model import Delivery

app = typer.Typer(help="Deliveries: each mail to each reader, and how it went.", no_args_is_help=True)

MOST = 2**63 - 1  # a bigger number fits no column
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Id = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=MOST, help="A number from `syndicator deliveries list`.")
]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="Only those in this state, e.g. refused.")] = "",
    json: Json = False,
) -> None:
    """List deliveries with their state, oldest first.

    Example: `syndicator deliveries list --state refused`
    """
    from syndicator.cli.common import start

    start(_list(ctx, state, json=json))


@app.command("show")
def show(ctx: typer.Context, number: Id, json: Json = False) -> None:
    """Show all that is known of one delivery: when, how often tried, and the server's last words.

    Example: `syndicator deliveries show 12`
    """
    from syndicator.cli.common import start

    start(_show(ctx, number, json=json))


@app.command("retry")
def retry(
    ctx: typer.Context,
    numbers: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID…", min=1, max=MOST, help="Numbers from `syndicator deliveries list`."),
    ] = None,
    state: Annotated[
        Literal["held", "refused"] | None, typer.Option(help="All that are in this state instead.")
    ] = None,
    json: Json = False,
) -> None:
    """Send deliveries again that are held, refused or deferred: they are due at once.

    What was accepted is never sent again. Who left or is suppressed is refused again. A held mail may have
    arrived: the second one has the same Message-ID. Exit code 1 if any of the numbers stays as it is.

    Example: `syndicator deliveries retry 12 14`
    """
    from syndicator.cli.common import start

    if bool(numbers) == bool(state):
        raise typer.BadParameter("give numbers, or --state, and not both", param_hint="ID…")
    if state:
        start(_retry_all(ctx, state, json=json))
    else:
        start(_move(ctx, "retry", numbers or [], json=json))


@app.command("hold")
def hold(
    ctx: typer.Context,
    numbers: Annotated[
        list[int],
        typer.Argument(metavar="ID…", min=1, max=MOST, help="Numbers from `syndicator deliveries list`."),
    ],
    json: Json = False,
) -> None:
    """Keep deliveries from being sent that wait to be: uncertain ones that may have arrived, or any other.

    They stay held until `syndicator deliveries retry`. Exit code 1 if any of the numbers stays as it is.

    Example: `syndicator deliveries hold 12 14`
    """
    from syndicator.cli.common import start

    start(_move(ctx, "hold", numbers, json=json))


@app.command("give-up")
def give_up(
    ctx: typer.Context,
    numbers: Annotated[
        list[int],
        typer.Argument(metavar="ID…", min=1, max=MOST, help="Numbers from `syndicator deliveries list`."),
    ],
    json: Json = False,
) -> None:
    """Close deliveries that wait or are held: they count as refused, and nobody is suppressed for it.

    `syndicator deliveries retry` takes that back. Exit code 1 if any of the numbers stays as it is.

    Example: `syndicator deliveries give-up 12 14`
    """
    from syndicator.cli.common import start

    start(_move(ctx, "give-up", numbers, json=json))


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
        print_json([_row(delivery) for delivery in found])
        return
    rows = [(str(d.id), d.address, d.state, str(d.attempts), str(d.uncertain or ""), d.reply) for d in found]
    print_table(
        ("id#", "address", "state", "attempts#", "uncertain#", "reply"), rows, empty="no deliveries yet"
    )


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "edition": delivery.edition,
        "address": delivery.address,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "uncertain": delivery.uncertain,
        "message_id": delivery.message_id,
        "reply": delivery.reply,
    }


async def _show(ctx: typer.Context, number: int, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, put, rfc3339
    from syndicator.store import deliveries, editions

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        found = (await deliveries.get(conn, [number])).get(number)
        if found is None:
            raise _unknown(number)
        edition = await editions.get(conn, found.edition)
    waits = found.state in deliveries.WAITING
    told = {
        **_row(found),
        "subscriber": found.subscriber,
        "subject": edition.subject if edition else None,
        "planned_at": rfc3339(found.planned_at),
        "due_at": rfc3339(found.due_at) if waits else None,
        "lane": found.lane or None,
    }
    if json:
        print_json(told)
        return
    for name, value in told.items():
        put(f"{name:<12} {'-' if value in (None, '') else value}")


def _unknown(number: int) -> Exception:
    from syndicator.errors import NotFound

    return NotFound(f"delivery: there is no {number}", hint="syndicator deliveries list")


async def _retry_all(ctx: typer.Context, state: str, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, say
    from syndicator.clock import utc_now
    from syndicator.model import DeliveryStatus
    from syndicator.store import deliveries

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        count = await deliveries.retry_all(conn, DeliveryStatus(state), now=utc_now())
    if json:
        print_json({"retried": count})
    else:
        say(f"{count:,} that were {state} will be sent again" if count else f"none is {state}")


async def _move(
    ctx: typer.Context, verb: Literal["retry", "hold", "give-up"], numbers: Sequence[int], *, json: bool
) -> None:
    """Move what can be moved; nothing at all if one of the numbers is unknown."""
    from syndicator.cli.common import open_store, print_json
    from syndicator.clock import utc_now
    from syndicator.store import deliveries

    wanted = list(dict.fromkeys(numbers))
    moves = {"retry": deliveries.retry, "hold": deliveries.hold, "give-up": deliveries.give_up}
    move: Callable[..., Any] = moves[verb]
    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        before = await deliveries.get(conn, wanted)
        for number in wanted:
            if number not in before:
                raise _unknown(number)
        moved = await move(conn, wanted, now=utc_now())
    told = [_told(verb, before[number], done=number in moved) for number in wanted]
    if json:
        print_json(told)
    else:
        _say(told)
    if len(moved) < len(wanted):
        raise typer.Exit(1)


def _told(verb: str, was: Delivery, *, done: bool) -> dict[str, Any]:
    left = {
        "accepted": "it was accepted, and is never sent again",
        "sending": "it is being sent at this moment",
        "leased": "it is about to be sent",
        "planned": "it waits to be sent already",
        "held": "it is held already",
        "refused": "it was refused, and is not sent unless you retry it",
    }
    becomes = {"retry": "planned", "hold": "held", "give-up": "refused"}
    state = becomes[verb] if done else was.state
    why = "" if done else left.get(was.state, "its state has just changed; look again")
    return {"id": was.id, "address": was.address, "was": was.state, "state": state, "done": done, "why": why}


def _say(told: Sequence[dict[str, Any]]) -> None:
    from syndicator.cli.common import say

    for row in told:
        what = f"{row['was']} → {row['state']}" if row["done"] else f"left as it is: {row['why']}"
        say(f"{row['id']} {row['address']}: {what}")
