"""All topics against one article: find the few lines that may hold, evaluate only their topics.

Each line is filed under one thing that it cannot hold without: two words in a row, else a word, else a stem.
A topic is filed by its lines of `any` and its tags; where it has no `any`, by one line of `all`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from syndicator.match.evaluate import Compiled, Line, Look, evaluate
from syndicator.match.fields import Reading, fold_tag, stream_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from syndicator.match.fields import Stream
    from syndicator.model import Article, Match, Term, Topic

Posting: TypeAlias = tuple[int, Line, frozenset[str]]  # the topic's place, its line, words that it needs


class Index:
    """Topics made ready to be matched. Immutable after it is built."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        terms = _Terms()
        self._topics = tuple(
            Compiled(
                topic=topic,
                any=terms.lines(topic.rule.any),
                all=terms.lines(topic.rule.all),
                none=terms.lines(topic.rule.none),
                mask=terms.line(topic.rule.mask),
                tags=frozenset(fold_tag(tag) for tag in topic.rule.tags),
            )
            for topic in topics
        )
        self._terms = tuple(terms.numbered)
        self._streams = tuple(stream_of(term.field) for term in self._terms)
        self._postings: dict[str, _Postings] = {}  # by stream
        self._by_tag: dict[str, list[int]] = {}
        for place, topic in enumerate(self._topics):
            self._file(place, topic)

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the topics that `article` belongs to, why and how well; the best first, then by slug."""
        reading = Reading(article)
        look = Look(self._terms, self._streams, reading)
        matches = (
            evaluate(self._topics[place], lines, look) for place, lines in self._candidates(reading).items()
        )
        return tuple(sorted(filter(None, matches), key=lambda match: (-match.score, match.topic)))

    def _file(self, place: int, topic: Compiled) -> None:
        for line in topic.any if topic.needs_any else topic.all[:1]:
            rarest = max(line, key=lambda number: _rarity(self._terms[number]))
            stream, term = self._streams[rarest], self._terms[rarest]
            alike = (self._terms[other] for other in line if self._streams[other] == stream)
            needs = frozenset(word for other in alike if other is not term for word in _whole(other))
            self._postings.setdefault(stream, _Postings()).file(term, (place, line, needs))
        if topic.needs_any:
            for tag in topic.tags:
                self._by_tag.setdefault(tag, []).append(place)

    def _candidates(self, reading: Reading) -> dict[int, list[Line]]:
        found: defaultdict[int, list[Line]] = defaultdict(list)
        for stream, postings in self._postings.items():
            present = reading.stream(stream).positions.keys()
            for place, line, needs in postings.candidates(reading.stream(stream)):
                if needs <= present:
                    found[place].append(line)
        if self._by_tag:
            for tag in reading.tags.keys() & self._by_tag.keys():
                for place in self._by_tag[tag]:
                    found.setdefault(place, [])
        return found


class _Terms:
    """Gives each distinct term a number, so that what it finds is looked up once for all topics."""

    def __init__(self) -> None:
        self.numbered: list[Term] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def line(self, terms: Iterable[Term]) -> Line:
        return tuple(self._number(term) for term in terms)

    def lines(self, lines: Iterable[Iterable[Term]]) -> tuple[Line, ...]:
        return tuple(self.line(line) for line in lines)

    def _number(self, term: Term) -> int:
        # A tuple of our own: it is hashed three times as fast as the dataclass.
        number = self._numbers.setdefault(
            (term.tokens, term.field, term.prefix, term.source), len(self.numbered)
        )
        if number == len(self.numbered):
            self.numbered.append(term)
        return number


class _Postings:
    """Lines of one stream by what they cannot hold without."""

    def __init__(self) -> None:
        self._words: dict[str, list[Posting]] = {}
        self._pairs: dict[tuple[str, str], list[Posting]] = {}
        self._stems: dict[str, list[Posting]] = {}
        self._lengths: set[int] = set()  # of the stems

    def file(self, term: Term, posting: Posting) -> None:
        """File a line under `term`: by its pair of words that has the fewest lines so far, if it has any."""
        whole = _whole(term)
        if len(whole) > 1:
            pair = min(pairwise(whole), key=lambda pair: len(self._pairs.get(pair, ())))
            self._pairs.setdefault(pair, []).append(posting)
        elif whole:
            self._words.setdefault(whole[0], []).append(posting)
        else:
            self._stems.setdefault(term.tokens[0], []).append(posting)
            self._lengths.add(len(term.tokens[0]))

    def candidates(self, stream: Stream) -> Iterator[Posting]:
        """All lines that may hold on `stream`, each once or more."""
        for word in self._words.keys() & stream.positions.keys():
            yield from self._words[word]
        if self._pairs:
            for pair in self._pairs.keys() & set(pairwise(stream.tokens)):
                yield from self._pairs[pair]
        if self._stems:
            beginnings = {token[:length] for token in stream.positions for length in self._lengths}
            for stem in self._stems.keys() & beginnings:
                yield from self._stems[stem]


def _whole(term: Term) -> tuple[str, ...]:
    """Return the tokens of a term that must be there as they are."""
    return term.tokens[:-1] if term.prefix else term.tokens


def _rarity(term: Term) -> tuple[int, int]:
    """Guess which term of a line is the rarest: phrases before words before stems, long before short."""
    return min(len(_whole(term)), 2), sum(map(len, term.tokens))
