"""All topics against one article: find the few lines that may hold, evaluate only their topics.

Each line is filed under what it cannot hold without (`required`): two words in a row, else a word, else a
stem. A topic is filed by its lines of `any` (or its query) and its tags; where it has none, by one of `all`.

Dictionaries, not an automaton: with 10,000 topics and 142 words ahocorasick-rs names 239 lines an article in
0.08 ms (the automaton itself 0.013), these name 85 in 0.11 ms, because they look at the other words of a line
too; and each line that is named in vain costs 10 µs to evaluate. Both build in less than a second.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from syndicator.match.evaluate import Look, evaluate, needs_way, ways
from syndicator.match.fields import Reading, stream_of
from syndicator.match.required import beside, rarest, required, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from syndicator.match.fields import Stream
    from syndicator.model import Article, Expr, Match, Term, Topic

Posting: TypeAlias = tuple[int, int, frozenset[str]]  # the topic's place, its line, words that it needs


class Index:
    """Topics made ready to be matched. Immutable after it is built."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._ways = tuple(map(ways, self._topics))
        self._postings: dict[str, _Postings] = {}  # by stream
        self._by_tag: dict[str, list[int]] = {}
        self._tag_stems: dict[str, list[int]] = {}
        self._always: list[tuple[int, int]] = []  # topics and lines that no word announces
        for place, topic in enumerate(self._topics):
            self._file(place, topic)

    def match(self, article: Article) -> tuple[Match, ...]:
        """Return the topics that `article` belongs to, why and how well; the best first, then by slug."""
        reading = Reading(article)
        look = Look(reading)
        matches = []
        for place, lines in self._candidates(reading).items():
            mine = self._ways[place]
            candidates = [mine[line] for line in (sorted(lines) if len(lines) > 1 else lines)] if mine else []
            if match := evaluate(self._topics[place], candidates, look):
                matches.append(match)
        return tuple(sorted(matches, key=lambda match: (-match.score, match.topic)))

    def _file(self, place: int, topic: Topic) -> None:
        if not needs_way(topic):
            keys = [required(line) for line in topic.rule.all]
            best = rarest(filter(None, keys))
            self._file_line(place, 0, topic.rule.all[keys.index(best) if best else 0])
            return
        for number, line in enumerate(self._ways[place]):
            self._file_line(place, number, line)
        for tag in topic.rule.tags:
            for spelling in tag.spellings:
                stem, by = (
                    (spelling[:-1], self._tag_stems) if spelling[-1:] == "*" else (spelling, self._by_tag)
                )
                by.setdefault(stem, []).append(place)

    def _file_line(self, place: int, number: int, line: Expr) -> None:
        terms = required(line)
        if terms is None:
            self._always.append((place, number))
            return
        others = beside(line, terms)
        for term in terms:
            stream = stream_of(term.field)
            needs = frozenset(
                word for other in others if stream_of(other.field) == stream for word in whole(other)
            )
            self._postings.setdefault(stream, _Postings()).file(term, (place, number, needs))

    def _candidates(self, reading: Reading) -> dict[int, set[int]]:
        """The lines of each topic that may hold; a topic that a tag fits is there even without one."""
        found: dict[int, set[int]] = {}
        for stream, postings in self._postings.items():
            present = reading.stream(stream).positions.keys()
            for place, line, needs in postings.candidates(reading.stream(stream)):
                if needs <= present:
                    found.setdefault(place, set()).add(line)
        for place, line in self._always:
            found.setdefault(place, set()).add(line)
        if self._by_tag:
            for tag in reading.tags.keys() & self._by_tag.keys():
                for place in self._by_tag[tag]:
                    found.setdefault(place, set())
        for stem, places in self._tag_stems.items():
            if any(tag.startswith(stem) for tag in reading.tags):
                for place in places:
                    found.setdefault(place, set())
        return found


class _Postings:
    """Lines of one stream by what they cannot hold without."""

    def __init__(self) -> None:
        self._words: dict[str, list[Posting]] = {}
        self._pairs: dict[tuple[str, str], list[Posting]] = {}
        self._stems: dict[str, list[Posting]] = {}
        self._lengths: set[int] = set()  # of the stems

    def file(self, term: Term, posting: Posting) -> None:
        """File a line under `term`: by its pair of words that has the fewest lines so far, if it has any."""
        words = whole(term)
        if len(words) > 1:
            pair = min(pairwise(words), key=lambda pair: len(self._pairs.get(pair, ())))
            self._pairs.setdefault(pair, []).append(posting)
        elif words:
            self._words.setdefault(words[0], []).append(posting)
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
