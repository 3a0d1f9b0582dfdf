"""Marked words in a text: the piece around the first mark, and the text in pieces, marked or not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Pieces: TypeAlias = tuple[tuple[str, bool], ...]


def clip(text: str, spans: Iterable[tuple[int, int]], length: int) -> tuple[str, list[tuple[int, int]]]:
    """Cut out what stands around the first mark, at words, on one line; the marks move along."""
    marks = sorted(spans)
    start = 0 if not marks or marks[0][1] <= length * 2 // 3 else max(marks[0][0] - length // 3, 0)
    if start and (space := text.find(" ", start, marks[0][0])) >= 0:
        start = space + 1
    end = min(start + length, len(text))
    if end < len(text) and (space := text.rfind(" ", start + length // 2, end)) >= 0:
        end = space
    before, after = ("… " if start else ""), (" …" if end < len(text) else "")
    shift = len(before) - start
    inside = [(max(s, start) + shift, min(e, end) + shift) for s, e in marks if s < end and e > start]
    cut = "".join(" " if char in "\n\r\t" else char for char in text[start:end])
    return f"{before}{cut}{after}", inside


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> Pieces:
    """Cut a text at its marks: pieces in order, each with whether it is marked. Joined they are the text."""
    made: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        made += [(text[at : max(start, at)], False), (text[max(start, at) : end], True)]
        at = max(end, at)
    made.append((text[at:], False))
    return tuple((piece, marked) for piece, marked in made if piece)
