"""How a term is looked for in a stream of tokens: a function and its row in `FINDERS` each.

The later language (NEAR, expressions, exact case) adds its rows here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syndicator.match.fields import Reading, Span, Stream
    from syndicator.model import Term

from syndicator.match.fields import stream_of


def _word(term: Term, stream: Stream) -> Sequence[int]:
    """`fraud`: this token."""
    return stream.positions.get(term.tokens[0], ())


def _stem(term: Term, stream: Stream) -> Sequence[int]:
    """`fraud*`: every token that begins so."""
    return [at for token in stream.beginning(term.tokens[0]) for at in stream.positions[token]]


def _phrase(term: Term, stream: Stream) -> Sequence[int]:
    """`"telecom fraud"`: these tokens in a row."""
    first, *rest = term.tokens
    size = len(rest)
    return [at for at in stream.positions.get(first, ()) if stream.tokens[at + 1 : at + 1 + size] == rest]


def _phrase_stem(term: Term, stream: Stream) -> Sequence[int]:
    """`"telecom fraud*"`: these tokens in a row, the end of the last one free."""
    first, *middle, last = term.tokens
    size = len(middle)
    return [
        at
        for at in stream.positions.get(first, ())
        if at + 1 + size < len(stream.tokens)
        and stream.tokens[at + 1 + size].startswith(last)
        and stream.tokens[at + 1 : at + 1 + size] == middle
    ]


FINDERS: Final[Mapping[tuple[bool, bool], Callable[[Term, Stream], Sequence[int]]]] = {
    # more than one token, open end
    (False, False): _word,
    (False, True): _stem,
    (True, False): _phrase,
    (True, True): _phrase_stem,
}


def find(term: Term, reading: Reading) -> list[Span]:
    """All places of `term` in its field, as spans of its stream; they may overlap one another."""
    size = len(term.tokens)
    starts = FINDERS[size > 1, term.prefix](term, reading.stream(stream_of(term.field)))
    if not starts:
        return []
    low, high = reading.window(term.field)
    return [(at, at + size) for at in starts if low <= at and at + size <= high]
