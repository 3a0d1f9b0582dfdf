"""`syndicator stories`: which articles tell the same thing, why, and an admin's word about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

app = typer.Typer(help="Stories: articles of several sources that tell the same thing.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    topic: Annotated[str, typer.Option(metavar="SLUG", help="Only stories with an article in it.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    json: Json = False,
) -> None:
    """List the stories that more than one article tells, the newest first.

    Example: `syndicator stories list --topic china`
    """
    from syndicator.cli.common import start

    start(_list(ctx, topic=topic, limit=limit, json=json))


async def _list(ctx: typer.Context, *, topic: str, limit: int, json: bool) -> None:
    from syndicator.cli.common import ago, look, print_json, print_table, rfc3339
    from syndicator.cli.topics import find
    from syndicator.clock import utc_now
    from syndicator.store import stories

    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        found = await stories.list_all(conn, limit=limit, topic=find(catalog, topic).slug if topic else "")
    if json:
        print_json([each._asdict() | {"newest_at": rfc3339(each.newest_at)} for each in found])
        return
    now = utc_now()
    rows = [
        (str(one.id), str(one.articles), str(one.sources), ago(one.newest_at, now), one.title)
        for one in found
    ]
    columns = ("story#", "articles#", "sources#", "newest", "told first as")
    print_table(columns, rows, empty="no story yet that more than one article tells")


@app.command("show")
def show(
    ctx: typer.Context,
    story: Annotated[int, typer.Argument(help="Its number, as `stories list` shows it.")],
    json: Json = False,
) -> None:
    """Show the articles of a story, the first to come first: it speaks for the others in feeds and mails.

    Example: `syndicator stories show 12`
    """
    from syndicator.cli.common import start

    start(_show(ctx, story, json=json))


async def _show(ctx: typer.Context, story: int, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json, print_table, rfc3339
    from syndicator.store import stories

    async with look(ctx.obj) as (_, _catalog, store), store.read() as conn:
        found = _there(story, await stories.show(conn, story))
    if json:
        print_json([each._asdict() | {"at": rfc3339(each.at)} for each in found])
        return
    rows = [
        (
            str(one.id),
            one.source,
            rfc3339(one.at) or "",
            "an admin" if one.pinned else "",
            ", ".join(one.topics),
            one.title,
        )
        for one in found
    ]
    print_table(("article#", "source", "published", "put here by", "topics", "title"), rows, empty="")


@app.command("why")
def why(
    ctx: typer.Context,
    article: Annotated[int, typer.Argument(help="An article's number, as `stories show` shows it.")],
    other: Annotated[int, typer.Argument(help="Another one.")],
    json: Json = False,
) -> None:
    """Say why two articles are one story, or why they are two: what the texts say, and what an admin did.

    Example: `syndicator stories why 340 352`
    """
    from syndicator.cli.common import start

    if article == other:
        raise typer.BadParameter("give two articles, not one twice", param_hint="OTHER")
    start(_why(ctx, article, other, json=json))


async def _why(ctx: typer.Context, article: int, other: int, *, json: bool) -> None:
    from syndicator.cli.common import look, print_json, put
    from syndicator.store import stories
    from syndicator.stories.grouping import judge
    from syndicator.stories.signatures import features
    from syndicator.stories.why import why as reasons

    async with look(ctx.obj) as (_, _catalog, store), store.read() as conn:
        pair = await _articles(conn, [article, other])
        places = await stories.places(conn, [article, other])
        bars = await stories.bars(conn, {place.story for place in places.values()})
    one, two = (features(each.article, each.sorted_at) for each in pair)
    verdict = judge(one, two)
    of = [places[id_].story if id_ in places else None for id_ in (article, other)]
    together = of[0] is not None and of[0] == of[1]
    said, *figures = reasons(one, two, verdict)
    if together != verdict.is_same:
        texts = said
        said = _otherwise(
            [id_ for id_ in (article, other) if id_ not in places],
            together=together,
            pinned=any(place.pinned for place in places.values()),
            is_split=any({*pair} == {*of} for pair in bars),
        )
        figures.insert(0, f"the texts alone would be {texts}")
    if json:
        told = {"together": together, "containment": round(verdict.containment, 3)}
        print_json(told | {"because": [said, *figures]})
        return
    put("\n  ".join([said, *figures]))


def _otherwise(homeless: list[int], *, together: bool, pinned: bool, is_split: bool) -> str:
    """Say how they stand, and why otherwise than the two texts alone would have it."""
    if together:
        by = "an admin joined them" if pinned else "other articles of the story connect them"
        return f"one story: {by}"
    if is_split:
        return "two stories: an admin split them"
    if homeless:
        of_none = " and ".join(map(str, homeless))
        return f"two stories: only articles in topics are put together, and {of_none} was in none"
    return "two stories: one was in no topic when the other came, or an admin's split lies between"


@app.command("split")
def split(
    ctx: typer.Context,
    story: Annotated[int, typer.Argument(help="The story's number.")],
    articles: Annotated[list[int], typer.Argument(help="The articles that tell something else.")],
) -> None:
    """Take articles out of a story into one of their own. The two are never put together again by themselves.

    Example: `syndicator stories split 12 352`
    """
    from syndicator.cli.common import start

    start(_split(ctx, story, articles))


async def _split(ctx: typer.Context, story: int, ids: Sequence[int]) -> None:
    from syndicator.cli.common import look, say
    from syndicator.clock import utc_now
    from syndicator.errors import SyndicatorError
    from syndicator.store import stories, topics
    from syndicator.store.dialect import lock_stories

    async with look(ctx.obj) as (_, _catalog, store), store.write() as conn:
        await lock_stories(conn)
        held = {each.id for each in _there(story, await stories.show(conn, story))}
        if strangers := sorted({*ids} - held):
            raise SyndicatorError(
                f"stories: {', '.join(map(str, strangers))} is not in story {story}",
                hint=f"syndicator stories show {story}",
            )
        if held <= {*ids}:
            raise SyndicatorError(f"stories: that is all of story {story}", hint="leave one of its articles")
        made = await stories.split(conn, story, ids, now=utc_now())
        await topics.touch(conn, await stories.topics_of(conn, [story, made]))
    say(f"story {made} now has {len({*ids})} of the articles of story {story}")


@app.command("join")
def join(
    ctx: typer.Context,
    story: Annotated[int, typer.Argument(help="A story's number.")],
    others: Annotated[list[int], typer.Argument(help="The stories that tell the same.")],
) -> None:
    """Make several stories one, which stays so whatever becomes of their articles.

    Example: `syndicator stories join 12 15`
    """
    from syndicator.cli.common import start

    start(_join(ctx, [story, *others]))


async def _join(ctx: typer.Context, ids: Sequence[int]) -> None:
    from syndicator.cli.common import look, say
    from syndicator.store import stories, topics
    from syndicator.store.dialect import lock_stories

    async with look(ctx.obj) as (_, _catalog, store), store.write() as conn:
        await lock_stories(conn)
        for story, members in (await stories.members(conn, ids)).items():
            _there(story, members)
        kept = await stories.join(conn, {*ids})
        await topics.touch(conn, await stories.topics_of(conn, [kept]))
        count = len((await stories.members(conn, [kept]))[kept])
    say(f"story {kept} has {count} articles")


def _there(story: int, members: Sequence[Any]) -> Sequence[Any]:
    from syndicator.errors import SyndicatorError

    if not members:
        raise SyndicatorError(f"stories: there is no story {story}", hint="syndicator stories list")
    return members


async def _articles(conn: AsyncConnection, ids: Sequence[int]) -> list[StoredArticle]:
    from syndicator.errors import SyndicatorError
    from syndicator.store import articles

    found = await articles.get(conn, ids)
    for id_ in ids:
        if id_ not in found:
            raise SyndicatorError(f"stories: there is no article {id_}", hint="syndicator stories show STORY")
    return [found[id_] for id_ in ids]
