"""How each leaf is looked for, and how NEAR joins what was found: a function each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from unicodedata import is_normalized, normalize

from syndicator.match.fields import GAP, STORY, stream_of
from syndicator.match.leaves import compiled
from syndicator.text import aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syndicator.match.fields import Reading, Span, Stream
    from syndicator.model import Pattern, Term

MOST: Final = 100  # places of one regular expression in one text
LONGEST: Final = 2_000  # characters of a text that is also read in its ordinary form, which takes n² steps


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
    name = stream_of(term.field)
    starts = FINDERS[size > 1, term.prefix](term, reading.stream(name))
    if not starts:
        return []
    low, high = reading.window(term.field)
    found = [(at, at + size) for at in starts if low <= at and at + size <= high]
    return [span for span in found if _written(term, reading.forms(name, span))] if term.forms else found


def _written(term: Term, forms: Sequence[str]) -> bool:
    """`=Apple`: the words stand there just so, case and accents too; what follows a star is free."""
    *head, last = term.forms
    *there, end = forms
    return head == there and (end.startswith(last) if term.prefix else end == last)


def search(pattern: Pattern, reading: Reading) -> list[tuple[Span, tuple[int, int, int]]]:
    """All places of a regular expression: the tokens that it touches, and (text, start, end) in characters.

    It reads what is written, signs and spaces too. What touches no token stands where the next one begins.
    """
    stream = stream_of(pattern.field)
    texts = reading.texts(stream)
    return [
        (reading.touched(stream, number, start, end), (number, start, end))
        for number, text in enumerate(texts[:1] if stream == STORY else texts)  # of the story the title
        for start, end in _searched(compiled(pattern.regex), text)
    ]


def _searched(regex: Any, text: str) -> list[Span]:
    """Find a regular expression in a text as it is, and in its ordinary form (NFKC) where that differs."""
    spans = {match.span() for match in islice(regex.finditer(text), MOST)}
    if len(text) <= LONGEST and not is_normalized("NFKC", text):
        starts, ends, ordinary = aligned(text, partial(normalize, "NFKC"))
        found = (match.span() for match in islice(regex.finditer(ordinary), MOST))
        spans |= {(starts[start], ends[end - 1]) for start, end in found if start < end}
    return sorted(span for span in spans if span[0] < span[1])


def join(
    left: Sequence[Span], right: Sequence[Span], distance: int, stream: Stream
) -> list[tuple[Span, Span]]:
    """`a NEAR/n b`: pairs that do not overlap, stand in one text and have at most `distance` tokens between.

    Each place is joined with the nearest one of the other side before it and with the nearest one behind it.
    A pair is in the order of the text; pairs are sorted.
    """
    pairs = set()
    for ones, others in ((left, right), (right, left)):
        starts = sorted(others)
        ends = sorted((end, start) for start, end in others)
        for one in ones:
            behind, before = bisect_left(starts, (one[1], 0)), bisect_right(ends, (one[0], one[0])) - 1
            if behind < len(starts):
                pairs.add((one, starts[behind]))
            if before >= 0:
                pairs.add((ends[before][::-1], one))
    return sorted(
        (one, other)
        for one, other in pairs
        if other[0] - one[1] <= distance and GAP not in stream.tokens[one[1] : other[0]]
    )
