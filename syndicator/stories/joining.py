"""Which stories become one when new articles link them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


def joins(
    links: Iterable[tuple[int, int]], of: Mapping[int, int], bars: Collection[tuple[int, int]] = ()
) -> dict[int, int]:
    """Say which stories end in which: (story that ends → the oldest of those it is joined with).

    `links` are pairs of articles that tell the same, the surest first; `of` gives each article's story,
    `bars` the pairs of stories that an admin took apart: nothing joins these, not even by way of a third.
    """
    kept: dict[int, int] = {}
    barred: dict[int, set[int]] = {}
    for one, other in bars:
        barred.setdefault(one, set()).add(other)
        barred.setdefault(other, set()).add(one)

    def find(story: int) -> int:
        while story in kept:
            story = kept[story]
        return story

    for one, other in links:
        if one not in of or other not in of:
            continue
        first, second = sorted((find(of[one]), find(of[other])))
        if first == second or second in barred.get(first, ()):
            continue
        kept[second] = first
        for each in barred.pop(second, set()):
            barred[each].discard(second)
            barred[each].add(first)
            barred.setdefault(first, set()).add(each)
    return {story: find(story) for story in kept}
