"""Where a term may look: the table of fields, and an article as the rules read it.

An article is cut into streams of tokens: one for the story (title, a gap, body), one for each other field.
title, lead, body and text are windows on the story, so that one search serves them all.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias
from unicodedata import normalize

from syndicator.text import spans, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from syndicator.model import Article

Span: TypeAlias = tuple[int, int]  # of token positions in a stream, half open
Places: TypeAlias = list[tuple[str, int, int]]  # each token of a text with its characters

STORY: Final = "story"
LEAD: Final = 60  # tokens of the body
GAP: Final = ""  # stands between two parts of a stream; no token is empty, so no phrase crosses it
MOST_TOKENS: Final = 20_000  # that are read of a text: reports have fewer, a stranger's may have a million
MOST_CHARACTERS: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place that a rule can name. `window` is for windows on the story, `read` for all others."""

    means: str  # for messages and the docs
    window: Callable[[Reading], Span] | None = None
    read: Callable[[Article], Iterable[str]] = lambda _: ()


FIELDS: Final[Mapping[str, Field]] = {
    "text": Field(means="title and body", window=lambda r: (0, r.end)),
    "title": Field(means="the headline", window=lambda r: (0, r.body)),
    "lead": Field(means=f"the first {LEAD} words of the body", window=lambda r: (r.body, r.later)),
    "body": Field(means="everything but the headline", window=lambda r: (r.body, r.end)),
    "tag": Field(means="a word of one of the publisher's tags", read=lambda a: a.tags),
    "source": Field(means="the name of the source", read=lambda a: (a.source,)),
    "author": Field(means="an author's name", read=lambda a: a.authors),
    "lang": Field(means="the language: en, zh, pt-BR …", read=lambda a: (a.language,)),
    "url": Field(means="a part of the article's address", read=lambda a: (a.url,)),
}

PATTERN_FIELDS: Final = ("title", "url", "author")  # short texts, where a regular expression may look


class Stream:
    """The tokens of one or more texts in a row, found again by token or by the beginning of one."""

    __slots__ = ("_sorted", "positions", "tokens")

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.positions: dict[str, list[int]] = {}
        for position, token in enumerate(tokens):
            if token in self.positions:
                self.positions[token].append(position)
            else:
                self.positions[token] = [position]
        self.positions.pop(GAP, None)
        self._sorted: list[str] = []

    def beginning(self, stem: str) -> list[str]:
        """All distinct tokens that begin with `stem`."""
        words = self._sorted = self._sorted or sorted(self.positions)
        end = start = bisect_left(words, stem)
        while end < len(words) and words[end].startswith(stem):
            end += 1
        return words[start:end]


class Reading:
    """One article, cut into tokens once; other streams than the story are cut when a rule asks for them."""

    def __init__(self, article: Article) -> None:
        self.article = article
        title = tokens(article.title)[:MOST_TOKENS]
        body = tokens((article.text or article.summary)[:MOST_CHARACTERS])[:MOST_TOKENS]
        self.body: int = len(title) + 1  # where the body begins
        self.end: int = self.body + len(body)
        self.later: int = min(self.body + LEAD, self.end)  # where the lead ends
        self._streams = {STORY: Stream([*title, GAP, *body])}
        self._places: dict[tuple[str, int], Places] = {}

    def stream(self, name: str) -> Stream:
        """Return the story, or the stream of another field; each part of it ends in a gap."""
        if name not in self._streams:
            cut = [token for part in self.texts(name) for token in (*tokens(part), GAP)]
            self._streams[name] = Stream(cut)
        return self._streams[name]

    def window(self, field: str) -> Span:
        """The positions that belong to `field` in its stream."""
        window = FIELDS[field].window
        return window(self) if window else (0, len(self.stream(field).tokens))

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """The publisher's tags: folded → as published."""
        return {folded: tag for tag in self.article.tags if (folded := fold_tag(tag))}

    def texts(self, stream: str) -> tuple[str, ...]:
        """The texts that a stream is made of, in their order."""
        if stream == STORY:
            return (self.article.title, self.article.text or self.article.summary)
        return tuple(FIELDS[stream].read(self.article))

    def place(self, stream: str, span: Span) -> tuple[int, int, int]:
        """Where a span of tokens is written: the number of its text, and the characters there."""
        number, places = self._written(stream, span)
        return number, places[0][1], places[-1][2]

    def forms(self, stream: str, span: Span) -> tuple[str, ...]:
        """How the tokens of a span are written."""
        number, places = self._written(stream, span)
        return forms(self.texts(stream)[number], places)

    def _written(self, stream: str, span: Span) -> tuple[int, Places]:
        first = 0
        for number in range(len(self.texts(stream))):
            places = self._places_in(stream, number)
            if span[0] < first + len(places):
                return number, places[span[0] - first : span[1] - first]
            first += len(places) + 1
        raise IndexError(span)

    def touched(self, stream: str, number: int, start: int, end: int) -> Span:
        """The tokens that some characters of a text touch; the next one where they touch none."""
        first = sum(len(self._places_in(stream, before)) + 1 for before in range(number))
        places = self._places_in(stream, number)
        inside = [at for at, (_, low, high) in enumerate(places) if low < end and start < high]
        if inside:
            return first + inside[0], first + inside[-1] + 1
        at = first + next((at for at, (_, low, _) in enumerate(places) if low >= end), len(places))
        return at, at + 1

    def _places_in(self, stream: str, number: int) -> Places:
        if (stream, number) not in self._places:
            self._places[stream, number] = spans(self.texts(stream)[number])
        return self._places[stream, number]


def forms(text: str, places: Places) -> tuple[str, ...]:
    """Return the words at `places` as `text` has them, in one normal form, so that equal signs are equal."""
    return tuple(normalize("NFC", text[start:end]) for _, start, end in places)


def stream_of(field: str) -> str:
    """Name the stream that `field` is a window on."""
    return STORY if FIELDS[field].window else field


def fold_tag(tag: str) -> str:
    """Return what a publisher's tag is compared by: its tokens, one space between them; may be empty."""
    return " ".join(tokens(tag))
