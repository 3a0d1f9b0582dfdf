"""`syndicator subscribers pause`, `resume` and `erase`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syndicator.cli.subscribers.common import Address, find

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Slot


def pause(
    ctx: typer.Context,
    address: Address,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="When mail begins again: a day in their zone, or a time.")
    ] = "",
) -> None:
    """Hold all mail of a reader; what was composed before still goes out.

    The first mail after the pause tells what came since the last one, the best of it first: nothing comes
    twice, nothing is lost. To pause again gives the pause another end.

    Example: `syndicator subscribers pause anna@example.org --until 2027-01-07`
    """
    from syndicator.cli.common import start

    start(_pause(ctx, address, until))


def resume(ctx: typer.Context, address: Address) -> None:
    """End a reader's pause; the next mail comes at their next hour.

    Example: `syndicator subscribers resume anna@example.org`
    """
    from syndicator.cli.common import start

    start(_resume(ctx, address))


def erase(ctx: typer.Context, address: Address) -> None:
    """Erase a person from the database. What was not sent yet is not sent.

    The reader and all subscriptions go. Deliveries and what came back stay as rows without the address, so
    that counts stay true. A suppression stays, for it keeps anybody from writing to the address again.

    Example: `syndicator subscribers erase anna@example.org`
    """
    from syndicator.cli.common import start

    start(_erase(ctx, address))


async def _pause(ctx: typer.Context, address: str, until: str) -> None:
    from syndicator.cli.common import open_store, rfc3339, say
    from syndicator.clock import utc_now
    from syndicator.errors import SyndicatorError
    from syndicator.store import leave

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        reader, now = await find(conn, address), utc_now()
        end = read_end(until, reader.subscriber.slot, now) if until else None
        topics = await leave.pause(conn, reader.subscriber.id, until=end, now=now)
        if not topics:
            raise SyndicatorError(
                f"{address} gets no mail that could pause", hint="syndicator subscribers show " + address
            )
    end_said = f"until {rfc3339(end)}" if end else "until `syndicator subscribers resume`"
    say(f"{address}: paused {end_said}: {', '.join(topics)}")


async def _resume(ctx: typer.Context, address: str) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.store import leave

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        reader = await find(conn, address)
        topics = await leave.resume(conn, reader.subscriber.id, now=utc_now())
    say(f"{address}: active again: {', '.join(topics)}" if topics else f"{address}: nothing was paused")


async def _erase(ctx: typer.Context, address: str) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.errors import NotFound, SyndicatorError
    from syndicator.store import erase as erasing

    address = address.strip()
    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        if await erasing.is_sending(conn, address):
            raise SyndicatorError(f"a mail to {address} is on its way just now", hint="again in a minute")
        gone = await erasing.erase(conn, address, now=utc_now())
    if not (gone.reader or gone.deliveries or gone.returns or gone.suppression):
        raise NotFound(f"subscriber: there is no {address}", hint="syndicator subscribers list")
    say(f"{address}: erased, also from {gone.deliveries} deliveries and {gone.returns} that came back")
    if gone.suppression:
        say(f"  note: it stays suppressed ({gone.suppression.reason}), so that nobody writes to it again")


def read_end(text: str, slot: Slot | None, now: datetime) -> datetime:
    """Read when a pause ends: the beginning of a day in the reader's zone (UTC without one), or a time."""
    from datetime import UTC, date, datetime, time
    from zoneinfo import ZoneInfo

    from syndicator.cli.common import parse_time

    try:
        day = date.fromisoformat(text)
        zone = ZoneInfo(slot.zone if slot else "UTC")
        end = datetime.combine(day, time(0), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        try:
            end = parse_time(text)
        except typer.BadParameter as error:
            raise typer.BadParameter(error.message, param_hint="--until") from None
    if end <= now:
        raise typer.BadParameter(f"'{text}' is past; name a day to come", param_hint="--until")
    return end
