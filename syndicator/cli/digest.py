"""`syndicator digest`: a digest as files, to look at before anybody gets it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import Annotated

import typer


def digest(
    ctx: typer.Context,
    slug: Annotated[
        str, typer.Argument(metavar="SLUG", help="The topic: its file's name without the ending.")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to write the files.")],
    language: Annotated[str, typer.Option(help="The language of the mail; without it the site's.")] = "",
) -> None:
    """Write a topic's digest as DIR/SLUG.eml, .html and .txt: what arrived in the last day. Nothing is sent.

    After a day without articles it shows the newest ones instead.

    Example: `syndicator digest china --to /tmp/digest`
    """
    from syndicator.cli.common import start

    start(_digest(ctx, slug, to, language))


async def _digest(ctx: typer.Context, slug: str, to: Path, language: str) -> None:
    from datetime import timedelta

    from syndicator.cli.common import open_parts, say
    from syndicator.cli.topics import find
    from syndicator.clock import utc_now
    from syndicator.digest.compose import compose
    from syndicator.digest.render import render
    from syndicator.errors import SyndicatorError
    from syndicator.pipeline.letters import Letters, marks_of
    from syndicator.store import matches

    edit = ctx.obj.load()
    find(edit.catalog, slug)
    settings = edit.settings
    async with open_parts(edit) as parts:
        now, topic = utc_now(), find(parts.current.catalog, slug)
        limit = topic.digest.max_items if topic.digest else 20
        zone = topic.digest.slot.zone if topic.digest else "UTC"
        async with parts.store.read() as conn:
            upto = await matches.newest_seq(conn)
            first = await matches.before(conn, now - timedelta(days=1))
            told = () if topic.is_once else None
            found, total = await matches.window(conn, slug, after=first, upto=upto, limit=limit, told=told)
            if not found:  # a quiet day: show how it would look
                found = await matches.newest(conn, slug, limit=limit, once=topic.is_once)
                total = (await matches.counts(conn)).get(slug, (0, None))[0]
        spoken = parts.templates.nearest(language or settings.site.language)
        made = compose([(topic, found, total)], at=now, zone=zone, language=spoken)
        if made is None:
            raise SyndicatorError(
                f"digest: topic {slug} holds no articles yet", hint="syndicator once pulls what is due"
            )
        edition = render(
            made, parts.templates, settings.site, edition_id="preview", slot="preview",
            marks=marks_of("preview", parts.mark_key), now=now,
        )  # fmt: skip
        example = Letters(parts).of(edition, subscriber=0, address="reader@example.org")
        _write(to, slug, example.message)
    say(f"{to / slug}.eml, .html, .txt: {edition.articles} articles, “{edition.subject}”")


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
