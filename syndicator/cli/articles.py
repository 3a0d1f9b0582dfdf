"""`syndicator articles`: what is stored, and what an admin takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle
    from syndicator.store import Store
    from syndicator.store.retractions import Retraction

app = typer.Typer(help="Articles: what is stored, and what is taken back.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Name = Annotated[str, typer.Argument(metavar="ARTICLE", help="Its number, address, guid or key.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    topic: Annotated[str, typer.Option(metavar="SLUG", help="Only those in it.")] = "",
    retracted: Annotated[
        bool, typer.Option("--retracted", help="What was taken back, the last first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List articles, the newest first.

    Example: `syndicator articles list --topic china`
    """
    from syndicator.cli.common import start

    if topic and retracted:
        raise typer.BadParameter("what was taken back is in no topic", param_hint="--topic")
    start(_list_retracted(ctx, limit, json=json) if retracted else _list(ctx, topic, limit, json=json))


async def _list(ctx: typer.Context, topic: str, limit: int, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json, print_table, rfc3339
    from syndicator.cli.topics import find
    from syndicator.store import archive, matches

    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        found = (
            await matches.newest(conn, find(catalog, topic).slug, limit=limit)
            if topic
            else await archive.newest(conn, limit=limit)
        )
    if json:
        print_json([_told(each) for each in found])
        return
    rows = [
        (str(each.id), each.article.source, rfc3339(each.sorted_at) or "", each.article.title)
        for each in found
    ]
    print_table(("article#", "source", "published", "title"), rows, empty="no article yet")


async def _list_retracted(ctx: typer.Context, limit: int, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json, print_table, rfc3339
    from syndicator.store import retractions

    async with look(ctx.obj) as (_, _catalog, store), store.read() as conn:
        found = await retractions.list_all(conn, limit=limit)
    if json:
        print_json([_taken(each) for each in found])
        return
    rows = [(rfc3339(one.at) or "", one.by, one.source, one.title, one.url, one.reason) for one in found]
    columns = ("retracted", "by", "source", "title", "address", "reason")
    print_table(columns, rows, empty="no article was taken back")


@app.command("show")
def show(ctx: typer.Context, article: Name, json: Json = False) -> None:
    """Show what is stored of an article: its dates, topics and story, and whether it was taken back.

    Example: `syndicator articles show https://example.org/news/1`
    """
    from syndicator.cli.common import start

    start(_show(ctx, article, json=json))


async def _show(ctx: typer.Context, name: str, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json
    from syndicator.cli.rules import find_article
    from syndicator.store import retractions, stories, together

    async with look(ctx.obj) as (_, _catalog, store), store.read() as conn:
        stored = await find_article(conn, name)
        article = stored.article
        told: dict[str, Any] = _told(stored) | {
            "topics": await together.topics_of(conn, stored.id),
            "story": getattr((await stories.places(conn, [stored.id])).get(stored.id), "story", None),
        }
        taken = await retractions.get(conn, article.source, article.key)
        told["retracted"] = _taken(taken) if taken else None
    if json:
        print_json(told)
        return
    for label, value in told.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        if label == "retracted" and taken:
            shown = f"{value['at']} by {taken.by}" + (f": {taken.reason}" if taken.reason else "")
        if shown:
            typer.echo(f"{label:<12} {shown}")


@app.command("retract")
def retract(
    ctx: typer.Context,
    article: Name,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; Atom tells it to readers' programs.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so. Default: who is logged in.")] = "",
) -> None:
    """Take an article back: it leaves all feeds, pages and coming mails, and stays away until restored.

    Atom feeds say so (RFC 6721), so that readers' programs delete it. Mails that were sent stay sent.

    Example: `syndicator articles retract 352 --reason "The publisher withdrew it"`
    """
    from syndicator.cli.common import start

    start(_retract(ctx, article, " ".join(reason.split())[:500], by))


async def _retract(ctx: typer.Context, name: str, reason: str, by: str) -> None:
    from syndicator.cli.common import look, say
    from syndicator.cli.topics.common import who
    from syndicator.clock import utc_now
    from syndicator.pipeline.retract import retract as take_back

    async with look(ctx.obj) as (_, _catalog, store):
        async with store.read() as conn:
            stored = await _find_published(conn, name)
        left = await take_back(store, stored, reason=reason, by=by or who(), now=utc_now())
    where = f"it leaves {', '.join(left)}" if left else "it was in no topic"
    say(f"article {stored.id or stored.article.url or stored.article.title} is taken back; {where}")


async def _find_published(conn: AsyncConnection, name: str) -> StoredArticle:
    """Find a stored article, or one that is purged and on pages of archives still; that has the number 0."""
    from syndicator.cli.rules import find_article
    from syndicator.errors import NotFound
    from syndicator.store import archive, history

    words = name.strip()
    try:
        return await find_article(conn, name)
    except NotFound as error:
        is_vague = not words or await archive.find(conn, words, limit=1)
        found = [] if is_vague else await history.find(conn, words, limit=6)
        if not found:
            raise
        if len(found) > 1:
            named = (each.article.url or each.article.key for each in found)
            hint = "\n       ".join(["one of these:", *named])
            raise NotFound(f"article: '{name[:200]}' fits several", hint=hint) from error
        return found[0]


@app.command("restore")
def restore(ctx: typer.Context, article: Name) -> None:
    """Give back what was taken back: it returns to the topics that it matches, and no mail sends it anew.

    Example: `syndicator articles restore 352`
    """
    from syndicator.cli.common import start

    start(_restore(ctx, article))


async def _restore(ctx: typer.Context, name: str) -> None:
    from syndicator.cli.common import look, say
    from syndicator.clock import utc_now
    from syndicator.errors import NotFound
    from syndicator.pipeline.retract import restore as give_back

    async with look(ctx.obj) as (_, catalog, store):
        stored = await _find(store, name)
        if stored is None:
            say("the article itself is long gone; it may come in again")
            return
        back = await give_back(store, catalog, stored, now=utc_now())
    if back is None:
        raise NotFound(
            f"article: {stored.id} was not taken back", hint="syndicator articles list --retracted"
        )
    say(f"article {stored.id} is back" + (f" in {', '.join(back)}" if back else "; it matches no topic"))


async def _find(store: Store, name: str) -> StoredArticle | None:
    """Find a stored article; forget the retraction of one that is stored no more, and return None."""
    from syndicator.cli.rules import find_article
    from syndicator.errors import NotFound
    from syndicator.store import retractions

    try:
        async with store.read() as conn:
            return await find_article(conn, name)
    except NotFound:
        async with store.write() as conn:
            if not await _forget(conn, await retractions.find(conn, name, limit=2)):
                raise
    return None


async def _forget(conn: AsyncConnection, gone: Sequence[Retraction]) -> bool:
    from syndicator.store import retractions

    return len(gone) == 1 and await retractions.restore(conn, gone[0].source, gone[0].key)


def _told(stored: StoredArticle) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.publish.feed import entry_id

    article = stored.article
    return {
        "article": stored.id,
        "id": entry_id(article),
        "source": article.source,
        "key": article.key,
        "url": article.url,
        "title": article.title,
        "published_at": rfc3339(stored.sorted_at),
        "arrived_at": rfc3339(stored.arrived_at),
        "changed_at": rfc3339(stored.changed_at),
        "authors": list(article.authors),
        "tags": list(article.tags),
        "language": article.language,
    }


def _taken(one: Retraction) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    return one._asdict() | {"at": rfc3339(one.at), "sorted_at": rfc3339(one.sorted_at)}
