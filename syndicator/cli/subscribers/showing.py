"""`syndicator subscribers show`: all that we hold of one reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syndicator.cli.subscribers.common import Address, find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Catalog, Delivery, Suppression
    from syndicator.store.leave import Tie
    from syndicator.store.subscribers import Reader

NEWEST = 10  # deliveries


def show(
    ctx: typer.Context,
    address: Address,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show a reader: topics and their states, schedule, suppression, and the newest mails.

    Example: `syndicator subscribers show anna@example.org`
    """
    from syndicator.cli.common import start

    start(_show(ctx, address, json=json))


async def _show(ctx: typer.Context, address: str, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json
    from syndicator.store import deliveries, leave, subscribers

    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        reader = await find(conn, address)
        person = reader.subscriber
        ties = await leave.ties(conn, person.id)
        barred = await subscribers.suppressed(conn, [person.address])
        mails = await deliveries.newest_of(conn, person.id, limit=NEWEST)
    suppression = next(iter(barred.values()), None)
    outside = _outside(reader, catalog)
    if json:
        print_json(_told(reader, ties, suppression, mails, outside))
    else:
        _print(reader, ties, suppression, mails, outside)


def _outside(reader: Reader, catalog: Catalog) -> dict[str, str]:
    """Say, by topic, why its audience leaves the reader out."""
    known = (topic for slug in reader.topics if (topic := catalog.topics.get(slug)) and topic.audience)
    said = {
        topic.slug: topic.audience.objection(reader.subscriber.attributes)
        for topic in known
        if topic.audience
    }
    return {slug: why for slug, why in said.items() if why}


def _told(
    reader: Reader,
    ties: list[Tie],
    suppression: Suppression | None,
    mails: list[Delivery],
    outside: Mapping[str, str],
) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.subscribers.adding import row

    about = row(reader)
    about["topics"] = [
        {"slug": tie.topic, "state": tie.state, "since_at": rfc3339(tie.since_at),
         "until_at": rfc3339(tie.until_at), "has_had_mail": tie.has_had_mail,
         "not_in_audience": outside.get(tie.topic)}
        for tie in ties
    ]  # fmt: skip
    about["suppressed"] = suppression.reason if suppression else None
    about["deliveries"] = [
        {"id": mail.id, "edition": mail.edition, "state": mail.state, "planned_at": rfc3339(mail.planned_at),
         "reply": mail.reply}
        for mail in mails
    ]  # fmt: skip
    return about


def _print(
    reader: Reader,
    ties: list[Tie],
    suppression: Suppression | None,
    mails: list[Delivery],
    outside: Mapping[str, str],
) -> None:
    from syndicator.cli.common import print_table, put, rfc3339
    from syndicator.cli.subscribers.adding import row, schedule_of

    about = row(reader)
    put(f"{about['address']}, since {about['created_at']}")
    put(
        f"schedule: {schedule_of(about)}; language: {about['language'] or 'the site’s'}"
        f"; format: {about['format']}"
    )
    if about["attributes"]:
        put("attributes: " + ", ".join(f"{name}={value}" for name, value in about["attributes"].items()))
    if suppression:
        put(f"suppressed since {rfc3339(suppression.created_at)}: {suppression.reason}")
    put("")
    print_table(
        ("topic", "state", "since", "until"),
        [(tie.topic, tie.state, rfc3339(tie.since_at) or "", rfc3339(tie.until_at) or "") for tie in ties],
        empty="no subscriptions",
    )
    for slug, why in outside.items():
        put(f"no mail of {slug}, which is for some readers: {why}")
    put("")
    print_table(
        ("mail#", "planned", "state", "reply"),
        [(str(mail.id), rfc3339(mail.planned_at) or "", mail.state, mail.reply) for mail in mails],
        empty="no mail yet",
    )
