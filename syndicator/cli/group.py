"""`syndicator group`: which articles of a file tell the same story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from syndicator.stories.groups import Groups


def group(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", help="Articles, one JSON object a line; - reads stdin.")
    ],
    why: Annotated[
        bool, typer.Option("--why", help="Say of each that was put with an earlier one with which, and why.")
    ] = False,
) -> None:
    """Put the articles of FILE that tell the same story together.

    Reads {"id","title","text"|"html","published_at"?,"source"?} and answers with {"id","story"} for each
    line, in their order, when all are read: a later article may join two stories. A story is named by the id
    of its first article. With --why those that were put with an earlier one have {"with","because"} too. A
    line that cannot be read is named on stderr; the others are answered all the same, and the exit status
    is 1.

    Example: syndicator group articles.jsonl
    """
    import sys

    from syndicator.cli import lines
    from syndicator.stories.groups import Groups

    groups, ids = Groups(), list[str | int]()
    with lines.opened(file) as stream:
        bad = lines.answer(stream, file, lambda row: _add(groups, ids, row))
    for number, id_ in enumerate(ids):
        told: dict[str, Any] = {"id": id_, "story": str(ids[groups.story(number)])}
        if why and number in groups.reasons:
            other, because = groups.reasons[number]
            told |= {"with": str(ids[other]), "because": because}
        sys.stdout.buffer.write(lines.written(told))
    if bad:
        raise typer.Exit(1)


def _add(groups: Groups, ids: list[str | int], row: dict[str, Any]) -> bytes:
    from syndicator.cli import lines

    lines.written({"id": row["id"]})  # what cannot be written later is a bad line now
    groups.add(lines.article(row, is_dated=True))
    ids.append(row["id"])
    return b""
