"""`syndicator topics judge` and `judgements`: what admins say of articles, in and out."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import Judgement, Verdict

STDIO: Final = "-"

Slug = Annotated[str, typer.Argument(help="The topic: its file's name without the ending.")]


class Word(StrEnum):
    """What an admin may say of an article."""

    ACCEPT = "accept"
    REJECT = "reject"
    FORGET = "forget"


DONE: Final = {Word.ACCEPT: "accepted", Word.REJECT: "rejected", Word.FORGET: "forgot what was said of"}


def judge(
    ctx: typer.Context,
    slug: Slug,
    article: Annotated[
        str,
        typer.Argument(help="Its number, address or guid, or a part of its title: `preview` lists articles."),
    ],
    verdict: Annotated[
        Word,
        typer.Argument(
            metavar="accept|reject|forget",
            help="`accept` it belongs, `reject` it does not, `forget` takes back what was said before.",
        ),
    ],
) -> None:
    """Say whether an article belongs to a topic; `topics learn` learns from what was said.

    A judgement is kept with the article's text, so that it outlives the article. It changes nothing by
    itself.

    Example: `syndicator topics judge china "bone china" reject`
    """
    from syndicator.cli.common import say, start

    title, accepted, rejected = start(_judge(ctx, slug, article, verdict))
    say(f"{DONE[verdict]} “{title[:100]}”; {slug}: {accepted:,} accepted, {rejected:,} rejected")


async def _judge(ctx: typer.Context, slug: str, name: str, word: Word) -> tuple[str, int, int]:
    from syndicator.cli.common import look
    from syndicator.cli.rules import find_article
    from syndicator.cli.topics.common import find, find_judgement, who
    from syndicator.clock import utc_now
    from syndicator.learn.exchange import kept
    from syndicator.model import Judgement
    from syndicator.store import judgements

    async with look(ctx.obj) as (_, catalog, store):
        find(catalog, slug)
        async with store.write() as conn:
            if word is Word.FORGET:
                article = (await find_judgement(conn, slug, name)).article
                await judgements.forget(conn, slug, article.source, article.key)
            else:
                verdict: Verdict = "accept" if word is Word.ACCEPT else "reject"
                article = kept((await find_article(conn, name, slug)).article)
                told = Judgement(topic=slug, article=article, verdict=verdict, by=who(), at=utc_now())
                await judgements.record(conn, [told])
            return (article.title, *await judgements.count(conn, slug))


def judgements(
    ctx: typer.Context,
    slug: Slug,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write them all into FILE, a line of JSON each."),
    ] = None,
    import_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Take over those of FILE that are newer than ours."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what was said of a topic's articles, or carry it to and from a file; - is stdout or stdin.

    Lines that cannot be read are named on stderr, the others are taken over all the same, and the exit status
    is 1.

    Example: `syndicator topics judgements china --export china.jsonl`
    """
    from syndicator.cli.common import start

    if import_ is not None:
        start(_import(ctx, slug, import_))
    else:
        _show(start(_told(ctx, slug)), slug, export, json=json)


async def _told(ctx: typer.Context, slug: str) -> list[Judgement]:
    """Read a topic's judgements; those of a topic that has left the config too."""
    from syndicator.cli.common import look
    from syndicator.cli.topics.common import find
    from syndicator.store import judgements

    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        told = await judgements.of_topic(conn, slug)
        if not told:
            find(catalog, slug)
        return told


def _show(told: list[Judgement], slug: str, export: Path | None, *, json: bool) -> None:
    from syndicator.cli.common import print_json, print_table, rfc3339, say
    from syndicator.errors import SyndicatorError
    from syndicator.learn.exchange import to_line, to_value

    if export is not None:
        text = "".join(to_line(one) + "\n" for one in told)
        try:
            if str(export) == STDIO:
                sys.stdout.write(text)
            else:
                export.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SyndicatorError(
                f"{export}: {error.strerror}", hint="give a place that can be written"
            ) from error
        say(f"{slug}: wrote {len(told):,} judgements")
    elif json:
        print_json([to_value(one) for one in told])
    else:
        rows = [
            (one.verdict, one.article.title[:80], one.article.source, one.by, rfc3339(one.at) or "")
            for one in sorted(told, key=lambda one: one.at, reverse=True)
        ]
        print_table(
            ("verdict", "article", "source", "by", "at"),
            rows,
            empty=f"nothing is judged yet: syndicator topics judge {slug} ARTICLE accept",
        )


async def _import(ctx: typer.Context, slug: str, file: Path) -> None:
    from syndicator.cli.common import look, say
    from syndicator.cli.topics.common import find
    from syndicator.learn.exchange import BadLine, from_line
    from syndicator.store import judgements

    read: dict[tuple[str, str], Judgement] = {}
    bad = 0
    for number, line in _lines(file):
        try:
            one = from_line(line, topic=slug)
        except BadLine as why:
            bad += 1
            say(f"{file}:{number}: {why}\n  try: a line as --export writes it")
            continue
        place = (one.article.source, one.article.key)
        if place not in read or read[place].at <= one.at:
            read[place] = one
    async with look(ctx.obj) as (_, catalog, store):
        find(catalog, slug)
        async with store.write() as conn:
            written = await judgements.record(conn, list(read.values()))
            accepted, rejected = await judgements.count(conn, slug)
    say(f"{slug}: {written:,} taken over; now {accepted:,} accepted, {rejected:,} rejected")
    if bad:
        raise typer.Exit(1)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (number, line) of what is not blank, cut one octet over its limit; no more than may be kept."""
    from syndicator.errors import SyndicatorError
    from syndicator.learn.exchange import LONGEST_LINE, MOST

    try:
        stream = sys.stdin.buffer if str(file) == STDIO else file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="--import") from error
    with stream:
        number = amount = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            rest = line
            while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                rest = stream.readline(LONGEST_LINE + 1)
            if not line.strip():
                continue
            amount += 1
            if amount > MOST:
                raise SyndicatorError(f"{file}: more than {MOST:,} judgements", hint="take fewer of them")
            yield number, line
