"""`syndicator keys`: who may read a private topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from syndicator.model import Topic
    from syndicator.settings import Settings
    from syndicator.store.keys import FeedKey

app = typer.Typer(
    help="Private topics: a secret address for each reader (`publish: {private: true}`).",
    no_args_is_help=True,
)

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The topic: its file's name without the ending.")]
Label = Annotated[str, typer.Argument(metavar="LABEL", help="Whose it is, in your own words.")]


@app.command("add")
def add(
    ctx: typer.Context,
    slug: Slug,
    label: Label,
    json: Annotated[bool, typer.Option("--json", help="Write the addresses as JSON.")] = False,
) -> None:
    """Give a reader an address of their own for a private topic, and print it. It is shown this once.

    Example: `syndicator keys add board "Anna's phone"`
    """
    from syndicator.cli.common import print_json, say, start

    addresses = start(_add(ctx, slug, label))
    if json:
        print_json({"topic": slug, "label": label, **addresses})
        return
    for address in addresses.values():
        print(address)  # noqa: T201
    say(f"keep them: they are not stored, and this was the only time; whoever has one reads {slug}")


async def _add(ctx: typer.Context, slug: str, label: str) -> dict[str, str]:
    import secrets

    from syndicator.cli.common import look
    from syndicator.cli.topics.common import find
    from syndicator.clock import utc_now
    from syndicator.controls import without_controls
    from syndicator.errors import SyndicatorError
    from syndicator.store import keys

    label = without_controls(label).strip()
    if not label or len(label) > 200:
        raise typer.BadParameter("a label has 1 to 200 characters", param_hint="LABEL")
    token = secrets.token_urlsafe(32)
    async with look(ctx.obj) as (settings, catalog, store):
        topic = find(catalog, slug)
        if topic.publish is None or not topic.publish.private:
            raise SyndicatorError(
                f"topic {slug}: everybody may read it, so it needs no keys",
                hint=f"write `publish: {{private: true}}` in its file, or give the address "
                f"{settings.site.base_url}/topics/{slug}",
            )
        async with store.write() as conn:
            if not await keys.add(conn, slug, label, token, now=utc_now()):
                raise SyndicatorError(
                    f"topic {slug}: '{label}' has a key that works",
                    hint="revoke it first, or choose another label",
                )
    return _addresses(settings, topic, token)


def _addresses(settings: Settings, topic: Topic, token: str) -> dict[str, str]:
    page = f"{settings.site.base_url}/private/{token}/{topic.slug}"
    return {"page": page} | {
        name: f"{page}.{name}" for name in (topic.publish.formats if topic.publish else ())
    }


@app.command("list")
def list_(
    ctx: typer.Context,
    slug: Annotated[str | None, typer.Argument(metavar="SLUG", help="Only those of this topic.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Write a list as JSON.")] = False,
) -> None:
    """List the keys by topic: whose, since when, and when revoked. The addresses themselves are not stored.

    Example: `syndicator keys list board`
    """
    from syndicator.cli.common import print_json, print_table, rfc3339, start

    rows = [
        {
            "topic": key.topic,
            "label": key.label,
            "created_at": rfc3339(key.created_at),
            "revoked_at": rfc3339(key.revoked_at),
        }
        for key in start(_list(ctx, slug))
    ]
    if json:
        print_json(rows)
        return
    cells = [(r["topic"] or "", r["label"] or "", r["created_at"] or "", r["revoked_at"] or "") for r in rows]
    print_table(
        ("topic", "label", "since", "revoked"), cells, empty="no keys yet: syndicator keys add SLUG LABEL"
    )


async def _list(ctx: typer.Context, slug: str | None) -> list[FeedKey]:
    from syndicator.cli.common import open_store
    from syndicator.store import keys

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        return await keys.list_all(conn, slug)


@app.command("revoke")
def revoke(ctx: typer.Context, slug: Slug, label: Label) -> None:
    """End a reader's address of a private topic; from now on it leads nowhere.

    Example: `syndicator keys revoke board "Anna's phone"`
    """
    from syndicator.cli.common import say, start

    start(_revoke(ctx, slug, label))
    say(f"revoked: '{label}' reads {slug} no more")


async def _revoke(ctx: typer.Context, slug: str, label: str) -> None:
    from syndicator.cli.common import open_store
    from syndicator.clock import utc_now
    from syndicator.errors import NotFound
    from syndicator.store import keys

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        if not await keys.revoke(conn, slug, label, now=utc_now()):
            raise NotFound(
                f"key: none of '{label}' works in {slug}", hint=f"syndicator keys list {slug} names them"
            )
