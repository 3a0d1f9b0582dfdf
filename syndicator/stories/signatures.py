"""What is compared of an article: shingles, title, numbers and names; and the MinHash that finds candidates.

A shingle is a run of folded tokens: four words, or six characters where the script writes no spaces.
Features are sets of words while an admin looks at them, and sets of 32-bit hashes where they are stored and
compared by the thousand; `grouping` does not care which.
"""

from __future__ import annotations

import re
import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import numpy as np
from rensa import RMinHash

from syndicator.text import is_unspaced, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from syndicator.model import Article

T = TypeVar("T")

VERSION: Final = 100 + int(RMinHash.ALGORITHM_VERSION)  # what another one wrote is not compared with ours
WORDS: Final = 4  # in a shingle
SIGNS: Final = 6  # in a shingle of a script without spaces
LEAD: Final = 40  # shingles
BARE: Final = 12  # tokens; a text of fewer says nothing that the title does not
BANDS: Final = 24  # of one row each: every copy must be found, and few texts share a shingle by chance
_TELLING: Final = 30  # of a title: 6 words, 10 characters of a script without spaces, or some of both
_LEAD_BANDS: Final = 8  # of these for the lead alone, for a cut copy has little else

_MAX_TEXT: Final = 24_000  # characters that are looked at
_MAX_TOKENS: Final = 1_600
_SEED: Final = 8
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd: nothing is lost when it multiplies
_DIGIT: Final = re.compile(r"\d")
_COUNT: Final = re.compile(r"[\d〇一二三四五六七八九十百千]|^[ivx]+$")
_NAME: Final = re.compile(r"(?<=[a-zà-ÿа-я0-9,;] )[A-ZÀ-ÖØ-ÞΑ-ΩА-Я][\w'’-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Features(Generic[T]):
    """What two articles are compared by."""

    shingles: frozenset[T]  # of the text; of an article without one, the whole title
    lead: frozenset[T]  # the first of the shingles
    title: frozenset[T]  # tokens
    counts: frozenset[T]  # tokens of the title that count something
    words: frozenset[T]  # tokens of title and text
    subject: frozenset[T]  # tokens of the title that the text has, too
    numbers: frozenset[T]  # tokens of the text with a digit in them
    names: frozenset[T]  # capitalised tokens within sentences of the text
    is_bare: bool = False  # has a title only
    is_telling: bool = False  # a title so long that no two editors hit upon it
    source: str = ""
    at: datetime | None = None


class Signature(NamedTuple):
    """What is kept of an article: its bands find candidates, its blob holds the features as numbers."""

    bands: tuple[int, ...]  # `BANDS` numbers of 32 bits; empty where there is nothing to compare
    blob: bytes


class _Read(NamedTuple):
    """What is read of an article: three runs of tokens, and where the numbers stand."""

    body: list[str]
    title: list[str]
    names: list[str]
    numbers: list[int]  # places in `body`
    counts: list[int]  # places in `title`
    size: int  # tokens of a shingle


def features(article: Article, at: datetime | None = None) -> Features[str]:
    """Read what an article is compared by, in words; `at` is when it came out, if it does not say."""
    body, title, names, numbers, counts, size = _read(article)
    is_bare = len(body) < BARE
    run = title if is_bare else body
    lists = (
        [" ".join(run[place : place + size]) for place in range(len(run) - size + 1)] if size else [],
        title,
        [title[place] for place in counts],
        body,
        [body[place] for place in numbers],
        names,
    )
    at = article.published_at or at
    return _features(lists, flags=_flags(title, is_bare=is_bare), source=article.source, at=at)


def sign(article: Article) -> Signature:
    """Read what an article is compared by, as numbers."""
    body, title, names, numbers, counts, size = _read(article)
    is_bare = len(body) < BARE
    hashed = np.array(RMinHash.hash_token_sets([body + title + names])[0], np.uint64)
    text, head, rest = np.split(hashed, (len(body), len(body) + len(title)))
    shingles = _mixed(head if is_bare else text, size)
    lists = (shingles, head, head[counts], text, text[numbers], rest)
    sizes = [(VERSION, _flags(title, is_bare=is_bare), len(shingles)), *((len(each),) for each in lists[1:])]
    packed = [half for pair in zip(sizes, lists, strict=True) for half in pair]
    blob = np.concatenate([np.asarray(each).astype("<u4") for each in packed]).tobytes()
    return Signature(_bands(shingles), blob)


def _mixed(run: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Hash the shingles of a run of hashed tokens."""
    count = len(run) - size + 1
    if count <= 0 or not size:
        return run[:0]
    mixed = run[:count].copy()
    for place in range(1, size):
        mixed = mixed * _MIX + run[place : place + count]
    return mixed ^ (mixed >> np.uint64(32))


def _bands(shingles: NDArray[np.uint64]) -> tuple[int, ...]:
    if not len(shingles):
        return ()
    both = np.concatenate((shingles, shingles[:LEAD]))
    found = RMinHash.digest_matrix_from_flat_token_hashes(both, [0, len(shingles), len(both)], BANDS, _SEED)
    whole, lead = found.to_rows()
    return (*whole[_LEAD_BANDS:], *lead[:_LEAD_BANDS])


def unpack(blob: bytes, *, source: str, at: datetime | None) -> Features[int] | None:
    """Read the features that `sign` wrote; None for what another version wrote."""
    packed = read_numbers(blob)
    if len(packed) < 2 or packed[0] != VERSION:
        return None
    place, lists = 2, list[Any]()
    while place < len(packed):
        end = place + 1 + packed[place]
        lists.append(packed[place + 1 : end])
        place = end
    return _features(lists, flags=packed[1], source=source, at=at)


def _features(lists: Sequence[Sequence[T]], *, flags: int, source: str, at: datetime | None) -> Features[T]:
    shingles, title, counts, words, numbers, names = lists
    return Features(
        shingles=frozenset(shingles),
        lead=frozenset(shingles[:LEAD]),
        title=frozenset(title),
        counts=frozenset(counts),
        words=frozenset([*title, *words]),
        subject=frozenset(title) & frozenset(words),
        numbers=frozenset(numbers),
        names=frozenset(names),
        is_bare=bool(flags & 1),
        is_telling=bool(flags & 2),
        source=source,
        at=at,
    )


def _read(article: Article) -> _Read:
    text = (article.text or article.summary)[:_MAX_TEXT]
    body, title = tokens(text)[:_MAX_TOKENS], tokens(article.title[:_MAX_TEXT])
    known = set(body)  # what the limits left of the text
    return _Read(
        body=body,
        title=title,
        names=[token for token in tokens(" ".join(_NAME.findall(text))) if token in known],
        numbers=[place for place, token in enumerate(body) if not token.isalpha() and _DIGIT.search(token)],
        counts=[place for place, token in enumerate(title) if _COUNT.search(token)],
        size=len(title) if len(body) < BARE else _size(body[:LEAD]),
    )


def _flags(title: Sequence[str], *, is_bare: bool) -> int:
    """Write in one number what is true of an article."""
    weight = 5 * len(title) - 2 * sum(map(is_unspaced, title)) if is_bare else 0
    return is_bare + 2 * (weight >= _TELLING)


def _size(beginning: Sequence[str]) -> int:
    """Say how many tokens a shingle has, by how a text begins."""
    if "".join(beginning).isascii():
        return WORDS
    return SIGNS if 2 * sum(map(is_unspaced, beginning)) > len(beginning) else WORDS


def write_numbers(numbers: Sequence[int]) -> bytes:
    """Write numbers of 32 bits."""
    return _turned(array("I", numbers)).tobytes()


def read_numbers(blob: bytes) -> array[int]:
    """Read numbers of 32 bits."""
    return _turned(array("I", blob))


def _turned(numbers: array[int]) -> array[int]:
    """Turn the octets around on machines that put the high one first."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
