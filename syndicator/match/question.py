"""What a reader types into a search field: the simple part of the rule language, without its errors. Pure.

Words, `"phrases"`, `word*`, `OR` and `-word` mean what they mean in rules, and words are folded alike. What
rules would refuse is read as words: a reader asks, and should be answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import regex

from syndicator.text import fold, spans, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_LENGTH: Final = 200  # characters of a question
MAX_TERMS: Final = 12  # each is looked for in each article
MAX_WITHOUT: Final = 4
MIN_STEM: Final = 2  # letters before a star; with fewer it is a word
BREAK: Final = " \n "  # between title and text, so that no phrase runs from one into the other

Refusal: TypeAlias = Literal["empty", "long", "only-not"]

_QUOTES: Final = str.maketrans("“”„‟«»＂「」『』", '"' * 11)
_PIECE: Final = regex.compile(r'([-−－]?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Words:
    """A run of folded tokens; `prefix` frees the end of the last."""

    tokens: tuple[str, ...]
    prefix: bool = False

    @property
    def needle(self) -> str:
        """What `haystack` holds of a text that has these words."""
        return f" {' '.join(self.tokens)}{'' if self.prefix else ' '}"


@dataclass(frozen=True, slots=True)
class Question:
    """One of each of `groups` must be there, and none of `without`."""

    groups: tuple[tuple[Words, ...], ...]
    without: tuple[Words, ...] = ()


def question(asked: str) -> Question | Refusal:
    """Read what was asked, or say why it cannot be looked for."""
    if len(asked) > MAX_LENGTH:
        return "long"
    groups: list[list[Words]] = []
    without: list[Words] = []
    joins, negates = False, False
    for minus, phrase, word in _PIECE.findall(asked.translate(_QUOTES)):
        if word in ("OR", "|", "或") and not minus:
            joins = bool(groups)
            continue
        if word in ("NOT", "AND", "&") and not minus:
            negates = word == "NOT"
            continue
        if words := _words(phrase or word):
            if minus or negates:
                without.append(words)
            elif joins:
                groups[-1].append(words)
            else:
                groups.append([words])
        joins, negates = False, False
    if len(without) > MAX_WITHOUT or len(without) + sum(map(len, groups)) > MAX_TERMS:
        return "long"
    if not groups:
        return "only-not" if without else "empty"
    return Question(tuple(map(tuple, groups)), tuple(without))


def _words(written: str) -> Words | None:
    found = tuple(tokens(written))
    if not found:
        return None
    starred = written.rstrip().endswith(("*", "＊"))
    return Words(found, prefix=starred and len(found[-1]) >= MIN_STEM)


def haystack(texts: Iterable[str]) -> str:
    """Write texts so that finding words in them is finding a string: folded tokens between spaces."""
    return BREAK.join(f" {' '.join(found)} " for text in texts if (found := tokens(text)))


def first_place(asked: Question, text: str) -> int:
    """Guess where in a long `text` any of the words first stands; 0 where that is not seen at a glance.

    It costs a fraction of `places`, which cuts all of the text into words.
    """
    folded = fold(text)
    wanted = [_pattern(words) for group in asked.groups for words in group]
    seen = regex.search("|".join(wanted), folded)
    return seen.start() * len(text) // len(folded) if seen else 0


def _pattern(words: Words) -> str:
    """Write a pattern for a run of tokens: what is not of ASCII may stand without blanks."""
    start = r"\b" if words.tokens[0].isascii() else ""
    end = r"\b" if words.tokens[-1].isascii() and not words.prefix else ""
    return start + r"\W{0,3}".join(map(regex.escape, words.tokens)) + end


def places(asked: Question, text: str) -> list[tuple[int, int]]:
    """Find where in `text` the words that were asked for stand: (start, end), in order, none in another."""
    cut = spans(text)
    made: list[tuple[int, int]] = []
    wanted = [words for group in asked.groups for words in group]
    at = 0
    while at < len(cut):
        length = max((len(words.tokens) for words in wanted if _stands(words, cut, at)), default=0)
        if length:
            made.append((cut[at][1], cut[at + length - 1][2]))
        at += length or 1
    return made


def _stands(words: Words, cut: Sequence[tuple[str, int, int]], at: int) -> bool:
    """Whether `words` begin at token `at`."""
    last = len(words.tokens) - 1
    if at + last >= len(cut) or (last and cut[at][0] != words.tokens[0]):
        return False
    if any(cut[at + i][0] != words.tokens[i] for i in range(last)):
        return False
    token = cut[at + last][0]
    return token.startswith(words.tokens[last]) if words.prefix else token == words.tokens[last]
