"""`syndicator digest`: what readers will get, and when; before anybody gets it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from syndicator.digest.rank import Ranked
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.specimen import Specimen
    from syndicator.pipeline.upcoming import Run

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The topic: its file's name without the ending.")]
_HINT_NOT_TAKEN = "it is not tried again by itself: look at `mail` in syndicator.yaml, then repeat this"
Language = Annotated[str, typer.Option(help="The language of the mail; without it the site's.")]


def digest(
    ctx: typer.Context,
    slug: Slug,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write the files.")],
    language: Language = "",
) -> None:
    """Write a topic's digest as DIR/SLUG.eml, .html and .txt: what arrived in the last day. Nothing is sent.

    After a day without articles it shows the newest ones instead. `syndicator digest send` mails the same as
    a test; `syndicator digest plan` shows which digests come next.

    Example: `syndicator digest china --to /tmp/digest`
    """
    from syndicator.cli.common import start

    start(_digest(ctx, slug, to, language))


def plan(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show the next digests: when, for how many readers, and what they would hold now. Nothing is written.

    A topic's number is the most articles that the mail of one reader of that hour would be chosen from if it
    came now: a mail holds at most `max_items`, and the rest is on the web. Mails are for readers with at
    least one topic that has enough. Who pauses is counted if they will be back by then.

    Example: `syndicator digest plan`
    """
    from syndicator.cli.common import start

    start(_plan(ctx, json=json))


def send(
    ctx: typer.Context,
    slug: Slug,
    test: Annotated[str, typer.Option("--test", metavar="ADDRESS", help="Who gets it: you, say.")],
    language: Language = "",
) -> None:
    """Send a topic's digest, as it would be now, to one address, marked as a test. Nobody else gets it.

    It goes the way that all mail goes (`mail.transport`), and no ledger has it: no reader's place moves. Its
    links to leave and to its page lead nowhere.

    Example: `syndicator digest send china --test you@example.org`
    """
    from syndicator.cli.common import start
    from syndicator.cli.subscribers import check_address

    start(_send(ctx, slug, check_address(test), language))


def preview(ctx: typer.Context, slug: Slug) -> None:
    """Print a link to a topic's next mail in a browser: all looks, light and dark, on phone and desk.

    The page also shows it as one reader will get it, with its subject, its size and its text part. The link
    opens the admin pages of the running daemon; it works once, within 15 minutes.

    Example: `syndicator digest preview china`
    """
    from syndicator.cli.admin import print_link
    from syndicator.cli.common import start
    from syndicator.cli.topics import find

    find(ctx.obj.load().catalog, slug)
    start(print_link(ctx, f"digests/{slug}"))


def why(
    ctx: typer.Context,
    slug: Slug,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many, the best.")] = 60,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show how the articles of a topic's next digest rank, and where their points come from.

    It is the digest of a reader who has that topic alone, as it would be now. Of 100 points 35 are for the
    score of the match (full from 20), 30 for how new it is (three quarters after a day, hardly any after
    three; a week and three in weekly mails), 25 for how many sources tell it (full from 8) and 10 for
    something to read (full from 2 minutes).

    Example: `syndicator digest why china`
    """
    from syndicator.cli.common import start

    start(_why(ctx, slug, limit, json=json))


async def _digest(ctx: typer.Context, slug: str, to: Path, language: str) -> None:
    from syndicator.cli.common import open_parts, say
    from syndicator.cli.topics import find
    from syndicator.pipeline.letters import Letters
    from syndicator.pipeline.specimen import as_edition

    edit = ctx.obj.load()
    find(edit.catalog, slug)
    async with open_parts(edit) as parts:
        edition = as_edition(parts, (await _compose(parts, slug, language)).digest, name="preview")
        example = Letters(parts).of(edition, subscriber=0, address="reader@example.org")
        _write(to, slug, example.message)
    say(f"{to / slug}.eml, .html, .txt: {edition.articles} articles, “{edition.subject}”")


async def _compose(parts: Parts, slug: str, language: str) -> Specimen:
    """Make a topic's digest of the last day, or of the newest articles after a quiet one; store nothing."""
    from syndicator.cli.topics import find
    from syndicator.errors import SyndicatorError
    from syndicator.pipeline.specimen import specimen

    made = await specimen(parts, find(parts.current.catalog, slug), language=language)
    if made is None:
        raise SyndicatorError(
            f"digest: topic {slug} holds no articles yet", hint="syndicator once pulls what is due"
        )
    return made


async def _send(ctx: typer.Context, slug: str, address: str, language: str) -> None:
    from dataclasses import replace
    from secrets import token_hex

    from syndicator.cli.common import open_parts, say
    from syndicator.cli.log import configure_log
    from syndicator.cli.topics import find
    from syndicator.deliver.transport import send as hand_over
    from syndicator.errors import SyndicatorError
    from syndicator.pipeline.letters import Letters
    from syndicator.pipeline.specimen import as_edition
    from syndicator.store import subscribers

    configure_log("warning")
    edit = ctx.obj.load()
    find(edit.catalog, slug)
    async with open_parts(edit) as parts:
        async with parts.store.read() as conn:
            barred = await subscribers.suppressed(conn, [address])
        for each in barred.values():
            hint = f"syndicator suppressions remove {address}, if it may be written to again"
            raise SyndicatorError(f"{address} is suppressed: {each.reason}", hint=hint)
        # A name of its own: a mail server or program drops what has the Message-ID of an earlier test.
        digest = (await _compose(parts, slug, language)).digest
        edition = as_edition(parts, digest, name=f"test-{token_hex(8)}")
        marked = replace(edition, subject=f"[Test] {edition.subject}")
        outcome = await hand_over(
            parts.transport, Letters(parts).of(marked, subscriber=0, address=address), _begin
        )
    if outcome.kind != "accepted":
        is_open = outcome.kind == "uncertain"  # no ledger has it, so nothing is tried again by itself
        hint = "look for it in the mailbox before you send it again" if is_open else _HINT_NOT_TAKEN
        said = outcome.kind if is_open else "not taken"
        raise SyndicatorError(f"{address}: {said}: {outcome.reply}", hint=hint)
    say(f"{address}: accepted: {outcome.reply}: {edition.articles} articles, “{marked.subject}”")


async def _why(ctx: typer.Context, slug: str, limit: int, *, json: bool) -> None:
    from syndicator.cli.common import open_parts, print_json, print_table
    from syndicator.cli.log import configure_log
    from syndicator.cli.topics import find
    from syndicator.pipeline.specimen import headlines

    configure_log("warning")
    edit = ctx.obj.load()
    find(edit.catalog, slug)
    async with open_parts(edit) as parts:
        made = await _compose(parts, slug, "")
        best = made.offer.ranked[:limit]
        titles = await headlines(parts, slug, [each.candidate.id for each in best])
    told = [(made.place(each), each, *titles.get(each.candidate.id, ("", ""))) for each in best]
    if json:
        print_json([_weighed(place, each, source, title) for place, each, source, title in told])
        return
    rows = [
        (
            place,
            f"{each.points:.1f}",
            *(f"{sign.figure} = {sign.points:.1f}" for sign in each.signs),
            source,
            title,
        )
        for place, each, source, title in told
    ]
    columns = ("place", "points#", "score#", "hours old#", "sources#", "minutes#", "source", "title")
    print_table(columns, rows, empty="")


def _weighed(place: str, ranked: Ranked, source: str, title: str) -> dict[str, Any]:
    return {
        "id": ranked.candidate.id,
        "place": place,
        "points": round(ranked.points, 1),
        "signs": {
            sign.kind: {"figure": sign.figure, "points": round(sign.points, 1)} for sign in ranked.signs
        },
        "source": source,
        "title": title,
    }


async def _begin() -> None:
    """Keep no ledger: it is a test."""


async def _plan(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import ago, open_standing, print_json, print_table, rfc3339
    from syndicator.cli.log import configure_log
    from syndicator.clock import utc_now
    from syndicator.pipeline.upcoming import upcoming

    configure_log("warning")
    async with open_standing(ctx.obj) as parts:
        found = await upcoming(parts)
    if json:
        print_json([_told(run) for run in found])
        return
    now = utc_now()
    rows = [
        (
            "as news comes" if run.at is None else rfc3339(run.at) or "",
            "" if run.at is None else "due now" if run.at <= now else ago(run.at, now),
            f"{run.slot.frequency} at {run.slot.at:%H:%M} {run.slot.zone}" if run.at else "instant",
            str(run.readers),
            str(run.mails),
            ", ".join(f"{slug} ({section.articles})" for slug, section in sorted(run.topics.items())),
        )
        for run in found
    ]
    empty = "no digests to come: nobody has subscribed; syndicator subscribers add ADDRESS --topic SLUG"
    print_table(
        ("when", "", "schedule", "readers#", "mails#", "topics (articles to choose from)"), rows, empty=empty
    )


def _told(run: Run) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    return {
        "at": rfc3339(run.at),
        "frequency": run.slot.frequency,
        "local": f"{run.slot.at:%H:%M}",
        "zone": run.slot.zone,
        "readers": run.readers,
        "mails": run.mails,
        "topics": [
            {"slug": slug, "readers": section.readers, "articles": section.articles}
            for slug, section in sorted(run.topics.items())
        ],
    }


def _write(to: Path, slug: str, message: bytes) -> None:
    from email import message_from_bytes, policy

    from syndicator.errors import SyndicatorError

    parsed = message_from_bytes(message, policy=policy.default)
    try:
        to.mkdir(parents=True, exist_ok=True)
        (to / f"{slug}.eml").write_bytes(message)
        for kind, ending in (("html", "html"), ("plain", "txt")):
            part = parsed.get_body((kind,))
            if part is not None:
                (to / f"{slug}.{ending}").write_text(part.get_content(), encoding="utf-8")
    except OSError as error:
        raise SyndicatorError(f"{to}: {error.strerror}", hint="name a folder that can be written") from error
