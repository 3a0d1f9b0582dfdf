"""`syndicator subscribers add`, `list` and `remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syndicator.cli.subscribers.common import (
    Address,
    check_address,
    read_attributes,
    read_format,
    read_slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syndicator.model import Format, Suppression, Topic
    from syndicator.store.subscribers import Reader


def add(
    ctx: typer.Context,
    address: Address,
    topic: Annotated[list[str], typer.Option("--topic", help="A topic's slug; may be repeated.")],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="The reader has agreed already: begin at once.")
    ] = False,
    at: Annotated[str, typer.Option(help="Their hour, HH:MM; without it the topic's.")] = "",
    zone: Annotated[
        str, typer.Option(help="Their time zone, e.g. Europe/Berlin; without it the first topic's.")
    ] = "",
    frequency: Annotated[
        str, typer.Option(help="daily, weekdays, weekly or instant; without it the first topic's.")
    ] = "",
    language: Annotated[str, typer.Option(help="The language of their mails, e.g. zh.")] = "",
    format_: Annotated[
        str, typer.Option("--format", help="text: mails without HTML; html: with both, as usual.")
    ] = "",
    again: Annotated[
        bool, typer.Option("--again", help="They left one of these topics and have agreed anew.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An attribute, for `audience`; NAME= takes it away."
        ),
    ] = None,
) -> None:
    """Add a subscriber, or more topics or another schedule to one.

    Without --confirmed the subscription is pending: nothing is mailed until it is confirmed.

    Example: `syndicator subscribers add anna@example.org --topic china --confirmed --at 07:00 --zone UTC`
    """
    from syndicator.cli.common import start

    reader, noted = check_address(address), read_attributes(set_ or ())
    state = "active" if confirmed else "pending"
    form = read_format(format_)
    wish = (at, zone, frequency)
    start(
        _add(
            ctx, reader, topic, state=state, wish=wish, language=language, form=form, again=again, noted=noted
        )
    )


def list_(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List subscribers with their topics and schedules.

    Example: `syndicator subscribers list --json`
    """
    from syndicator.cli.common import start

    start(_list(ctx, json=json))


def remove(ctx: typer.Context, address: Address) -> None:
    """Remove a subscriber and all subscriptions. The ledger of mail keeps what was sent, and to whom.

    `syndicator subscribers erase` takes the address out of the ledger too.

    Example: `syndicator subscribers remove anna@example.org`
    """
    from syndicator.cli.common import start

    start(_remove(ctx, address))


async def _add(
    ctx: typer.Context,
    address: str,
    slugs: list[str],
    *,
    state: str,
    wish: tuple[str, str, str],
    language: str,
    form: Format | None,
    again: bool,
    noted: Mapping[str, str],
) -> None:
    from syndicator.cli.common import look, say
    from syndicator.cli.topics import find
    from syndicator.clock import utc_now
    from syndicator.errors import SyndicatorError
    from syndicator.store import attributes, preferences, subscribers

    async with look(ctx.obj) as (_, catalog, store), store.write() as conn:
        found = [find(catalog, slug) for slug in slugs]
        reader, now = await subscribers.find(conn, address), utc_now()
        before = reader.subscriber.slot if reader else None
        slot = read_slot(*wish, before or next((topic.digest.slot for topic in found if topic.digest), None))
        silent = [topic.slug for topic in found if topic.digest is None and slot is before is None]
        left = [slug for slug in slugs if reader and reader.topics.get(slug) == "ended"]
        if left and not again:
            hint = "say --again if they have agreed anew"
            raise SyndicatorError(f"{address} left {', '.join(left)} by their own will", hint=hint)
        id_ = await subscribers.put(conn, address, language=language, slot=slot, now=now)
        if form is not None:
            await preferences.set_format(conn, id_, form)
        await subscribers.subscribe(conn, id_, slugs, state=state, now=now)
        about = await attributes.change(conn, id_, noted)
        barred = await subscribers.suppressed(conn, [address])
    say(f"{address}: {state} for {', '.join(slugs)}")
    for note in (*_barred(address, barred.values()), *_notes(found, silent, about)):
        say(f"  note: {note}")
    if state == "pending":
        say("  nothing is mailed until it is confirmed: run this again with --confirmed once they agree")


def _barred(address: str, suppressions: Iterable[Suppression]) -> Iterator[str]:
    """Say that nothing is mailed to a suppressed address, and what would change that."""
    from syndicator.cli.common import rfc3339

    for each in suppressions:
        yield (
            f"nothing is mailed to {address}: suppressed since {rfc3339(each.created_at)}, {each.reason}; "
            f"syndicator suppressions remove {address}, if it may be written to again"
        )


def _notes(topics: Iterable[Topic], silent: Iterable[str], attributes: Mapping[str, str]) -> Iterator[str]:
    """Say what keeps mail of a topic from coming."""
    for topic in topics:
        if topic.audience and (why := topic.audience.objection(attributes)):
            yield f"topic {topic.slug} is not for them: {why}; give them the attribute with --set"
    for slug in silent:
        yield f"topic {slug} has no digest plan; give the reader --at and --zone, or the topic a digest"


async def _list(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table
    from syndicator.store import subscribers

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        found = await subscribers.list_all(conn)
    rows = [row(reader) for reader in found]
    if json:
        print_json(rows)
        return
    shown = [
        (
            each["address"],
            ", ".join(f"{slug} ({state})" for slug, state in each["topics"].items()),
            schedule_of(each),
            each["language"] or "",
        )
        for each in rows
    ]
    empty = "no subscribers yet: syndicator subscribers add ADDRESS --topic SLUG --confirmed"
    print_table(("address", "topics", "schedule", "language"), shown, empty=empty)


def row(reader: Reader) -> dict[str, Any]:
    """Give what lists say of a reader."""
    from syndicator.cli.common import rfc3339

    person, slot = reader.subscriber, reader.subscriber.slot
    return {
        "address": person.address,
        "topics": reader.topics,
        "frequency": slot.frequency if slot else None,
        "at": f"{slot.at:%H:%M}" if slot else None,
        "zone": slot.zone if slot else None,
        "language": person.language or None,
        "format": person.format or "html",
        "attributes": dict(person.attributes),
        "created_at": rfc3339(person.created_at),
    }


def schedule_of(about: Mapping[str, Any]) -> str:
    """Say in words when a reader gets mail; `about` as `row` gives it."""
    if not about["frequency"]:
        return "as the topic says"
    return f"{about['frequency']} at {about['at']} {about['zone']}"


async def _remove(ctx: typer.Context, address: str) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.errors import NotFound
    from syndicator.store import subscribers

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        if not await subscribers.remove(conn, address):
            raise NotFound(f"subscriber: there is no {address}", hint="syndicator subscribers list")
    say(f"{address}: removed; the ledger of mail keeps the address: syndicator subscribers erase {address}")
