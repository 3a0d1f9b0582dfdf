"""`syndicator explain`: why an article is in a topic, or is not."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    from syndicator.match import Branch, Item, Trace
    from syndicator.model import Match, StoredArticle

ZONES = ("title", "lead", "body")
ROLES = ("langs", "sources", "mask", "tags", "any", "query", "all", "none")
MEANS = {
    "langs": "its language must be one of these",
    "sources": "its source must be one of these",
    "mask": "neither counts nor hides",
    "tags": "one of these, or a line of any",
    "any": "one of these must be there",
    "query": "must hold",
    "all": "each of these must be there",
    "none": "none of these may be there",
}
QUIET = 3  # lines are shown where none found anything; the others are counted
SILENT = 5  # of the parts of one, the others are counted where nothing is found and all is not asked for
UNCUT = 10_000  # columns, where no terminal sets a width: a tree cuts what is wider
PLACES = 6  # found places of one branch


def explain(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="The topic: its file's name without the ending.")],
    article: Annotated[
        str, typer.Argument(help="An article's id, its address, or a part of its title that no other has.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Show the parts that found nothing, too.")] = False,
) -> None:
    """Show why an article is in a topic or not: the rule, what each part of it found, and the score.

    The rule is that of the file as it stands on disk. Masked words are not seen by the other parts.

    Example: `syndicator explain china "exports rise"`
    """
    from syndicator.cli.common import start

    start(_explain(ctx, slug, article, json=json, whole=whole))


async def _explain(ctx: typer.Context, slug: str, words: str, *, json: bool, whole: bool) -> None:
    from syndicator.cli.common import print_json
    from syndicator.cli.rules import bench, console, find_article
    from syndicator.learn import weigh
    from syndicator.match import sum_of, trace
    from syndicator.pipeline.learn import read_learned
    from syndicator.store import archive

    async with bench(ctx.obj, slug) as open_:
        async with open_.store.read() as conn:
            found = await find_article(conn, words, slug)
            standing = await archive.standing(conn, slug, found.id)
        learned = (await read_learned(open_.store)).get(slug)
        edited = open_.is_edited
    traced, items = trace(open_.topic, found.article), sum_of(open_.topic, found.article)
    final = weigh(learned, open_.topic.learn, found.article, traced.match) if traced.match else None
    if json:
        told = _as_json(slug, found, traced, items, standing)
        judged = {"kept": final is not None, "score": final.score if final else None}
        print_json(told | {"with_judgements": judged if traced.match else None})
        return
    screen = console(UNCUT)
    _head(screen, found, traced)
    screen.print(_sum(traced, items))
    if traced.match and final != traced.match:
        screen.print(_judged(final))
    screen.print(_standing(standing, kept=final is not None, edited=edited), style="dim")
    screen.print()
    for tree in _trees(traced, whole=whole):
        screen.print(tree)


def _head(screen: Console, found: StoredArticle, traced: Trace) -> None:
    from rich.text import Text

    from syndicator.cli.drawing import marked
    from syndicator.cli.rules import when
    from syndicator.text.marks import clip

    article, terminal = found.article, screen.is_terminal
    screen.print(
        marked(article.title or "(no title)", traced.marks.get("title", ()), terminal=terminal, style="bold")
    )
    about = [when(found.sorted_at), article.source, article.language or "no language", f"#{found.id}"]
    screen.print(Text("  ".join(about), style="dim"))
    name = "text" if article.text else "summary"
    if spans := traced.marks.get(name, ()):
        body, inside = clip(getattr(article, name), spans, 300)
        screen.print(marked(body, inside, terminal=terminal))
    screen.print()


def _sum(traced: Trace, items: Sequence[Item]) -> Text:
    """Say the verdict, and how the score comes to be."""
    from rich.text import Text

    verdict, _, reason = traced.verdict.partition(": ")
    made = Text.assemble((verdict, "bold green" if traced.match else "bold red"), f": {reason}")
    for item in items:
        hits = f"{item.hits:,} hit{'' if item.hits == 1 else 's'}"
        only = f", {item.most} count" if item.hits > item.most else ""
        counted = min(item.hits, item.most)
        made.append(f"\n  {item.place:<6}{item.worth} × {counted} = {item.points:>2}")
        made.append(f"  {hits}{only}" if item.place in ZONES else "", style="dim")
    if len(items) > 1:
        made.append(f"\n  {'sum':<14}{sum(item.points for item in items):>2}", style="bold")
    return made


def _judged(final: Match | None) -> str:
    """Say what judgements of others like it make of an article that the rule keeps."""
    if final is None:
        return "dropped all the same: it is like articles that were rejected (`learn: filter`)"
    return f"with judgements: {final.score:.1f} points; {final.because[-1]}"


def _standing(standing: dict[str, Any] | None, *, kept: bool, edited: bool) -> str:
    """Say what is stored: whether feeds show the article now, and whether a digest may send it."""
    if standing is None or not standing["active"]:
        said = "stored: not in the topic now"
        return f"{said}; it will be when this file is in force" if kept and edited else said
    if standing["held"]:
        way = "held back from digests by the flood guard"
    elif standing["backfill"]:
        way = "found by an edit, so no digest sends it"
    else:
        way = "digests may send it"
    said = f"stored: in the topic since {standing['matched_at']:%-d %b %Y %H:%M}; {way}"
    return said if kept else f"{said}; it will leave when this file is in force"


def _trees(traced: Trace, *, whole: bool) -> Iterable[Tree]:
    """Draw the rule, a tree a list."""
    from rich.text import Text
    from rich.tree import Tree

    for role in ROLES:
        branches = [branch for branch in traced.branches if branch.role == role]
        if not branches:
            continue
        tree = Tree(Text.assemble((role, "bold"), ("  " + MEANS[role], "dim")), guide_style="dim")
        told = [b for b in branches if whole or b.held or _has_found(b) or role == "all"]
        if not told and role in ("any", "query"):
            told = branches[:QUIET]
        for branch in told:
            _grow(tree, branch, whole=whole)
        if silent := len(branches) - len(told):
            words = f"{silent:,}{' more' if told else ''} that found nothing (--all shows them)"
            tree.add(Text(words, style="dim"))
        yield tree


def _has_found(branch: Branch) -> bool:
    return bool(branch.found) or any(_has_found(child) for child in branch.children)


def _grow(tree: Tree, branch: Branch, *, whole: bool) -> None:
    """Add a part of the rule with what it found, and the parts below it; of many silent ones only a few."""
    from rich.text import Text

    is_bad = branch.held if branch.role == "none" else not branch.held
    sign, style = ("✓", "green") if branch.held else ("·", "dim")
    if branch.role in ("none", "all") and is_bad:
        sign, style = "✗", "red"
    line = Text.assemble((f"{sign} ", style), (branch.label, "" if branch.held else "dim"))
    if branch.found:
        line.append("  " + _places(branch.found), style="cyan")
    below = tree.add(line)
    silent = [child for child in branch.children if not child.held and not _has_found(child)]
    left = silent[SILENT:] if len(silent) > SILENT + 1 and not whole else []
    for child in branch.children:
        if child not in left:
            _grow(below, child, whole=whole)
    if left:
        below.add(Text(f"{len(left):,} more that found nothing (--all shows them)", style="dim"))


def _places(found: Sequence[Any]) -> str:
    shown = [f"{one.field}: “{one.text}”" for one in found[:PLACES]]
    counted = dict.fromkeys(shown)
    words = [f"{word} ×{shown.count(word)}" if shown.count(word) > 1 else word for word in counted]
    return ", ".join([*words, *(["…"] if len(found) > PLACES else [])])


def _as_json(
    slug: str,
    found: StoredArticle,
    traced: Trace,
    items: Sequence[Item],
    standing: dict[str, Any] | None,
) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    stored = standing and standing | {"matched_at": rfc3339(standing["matched_at"])}
    return {
        "topic": slug,
        "article": {"id": found.id, "title": found.article.title, "url": found.article.url},
        "kept": traced.match is not None,
        "verdict": traced.verdict,
        "score": traced.score,
        "sum": [asdict(item) | {"points": item.points} for item in items],
        "because": list(traced.match.because) if traced.match else [],
        "stored": stored,
        "marks": {name: [list(span) for span in spans] for name, spans in traced.marks.items()},
        "branches": [asdict(branch) for branch in traced.branches],
    }
