"""What the commands on subscribers share: addresses, schedules, and finding a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Format, Slot
    from syndicator.store.subscribers import Reader

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address.")]


async def find(conn: AsyncConnection, address: str) -> Reader:
    """Find a subscriber by address, or raise NotFound."""
    from syndicator.errors import NotFound
    from syndicator.store import subscribers

    reader = await subscribers.find(conn, address.strip())
    if reader is None:
        raise NotFound(f"subscriber: there is no {address}", hint="syndicator subscribers list")
    return reader


def read_attributes(given: Iterable[str]) -> dict[str, str]:
    """Read what `--set NAME=VALUE` gives; an empty value takes one away. Raises BadParameter."""
    from syndicator.model.segments import MAX_ATTRIBUTES, MAX_LENGTH, is_name, is_value

    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not is_name(name):
            what = f"'{text[:70]}' is no attribute; write NAME=VALUE, the name in small letters: plan=gold"
            raise typer.BadParameter(what, param_hint="--set")
        if value and not is_value(value):
            what = f"the value of {name} is no line of up to {MAX_LENGTH} characters; shorten it"
            raise typer.BadParameter(what, param_hint="--set")
        found[name] = value
    if len(found) > MAX_ATTRIBUTES:
        what = f"{len(found)} attributes; a reader has up to {MAX_ATTRIBUTES}"
        raise typer.BadParameter(what, param_hint="--set")
    return found


def read_slot(at: str, zone: str, frequency: str, before: Slot | None) -> Slot | None:
    """Read a schedule of the reader's own; None if nothing of it is given.

    What is not given is as it was `before`, for the reader or in the first topic with a plan.
    """
    from dataclasses import replace
    from datetime import time
    from typing import get_args
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from syndicator.model import Frequency, Slot

    if not (at or zone or frequency):
        return None
    if frequency and frequency not in get_args(Frequency):
        known = ", ".join(get_args(Frequency))
        raise typer.BadParameter(f"'{frequency}' is none of {known}", param_hint="--frequency")
    was = before or Slot(frequency="daily", at=time(7), zone="UTC")
    try:
        hour = time.fromisoformat(at or f"{was.at:%H:%M}").replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise typer.BadParameter(f"'{at}' is no time of day; try 07:00", param_hint="--at") from None
    try:
        ZoneInfo(zone or was.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter(
            f"'{zone}' is no time zone; try Europe/Berlin", param_hint="--zone"
        ) from None
    if at and was.frequency == "instant":  # which has no hour
        was = replace(was, frequency="daily")
    return Slot(frequency=frequency or was.frequency, at=hour, zone=zone or was.zone)  # type: ignore[arg-type]


def read_format(text: str) -> Format | None:
    """Read the format of a reader's mails; None if it is not given."""
    known: dict[str, Format | None] = {"": None, "html": "", "text": "text"}
    if text.lower() not in known:
        raise typer.BadParameter(f"'{text}' is none of html, text", param_hint="--format")
    return known[text.lower()]


def check_address(text: str) -> str:
    """Refuse what is no single plain address; return it as it is written on the wire."""
    from syndicator.address import parse

    found = parse(text.strip())
    if found is None:
        raise typer.BadParameter(f"'{text}' is no e-mail address; try name@example.org")
    return str(found)
