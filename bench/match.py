"""What an article costs by the number of topics, beside one regular expression a topic and a naive scan.

    .venv/bin/python bench/match.py [--topics N …] [--articles FILE.jsonl] [--rounds N]

Topics are generated: eight lines each, of one or two words of other articles; every tenth topic is of the
whole language (OR, NEAR, NOT, a prefix). The naive scan asks every line of every topic; the regular
expressions ask only whether a word is there, and know neither NEAR nor scores.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from syndicator.match import Index, parse_rule
from syndicator.match.evaluate import Look, evaluate, ways
from syndicator.match.fields import Reading
from syndicator.model import Article, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORDS: Final = 150  # of an article
LINES: Final = 8  # of a topic
SLOW: Final = 12  # articles that the slow ways are tried on


def main() -> None:
    """Print a table: milliseconds of CPU for one article."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topics", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--articles", type=Path, help="objects with title and text, one a line")
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    chance = random.Random(7)
    every = read(wanted.articles) if wanted.articles else written(chance)
    articles, others = every[:300], every[300:]
    words = sorted({word for one in others for word in re.findall(r"[a-z]{5,}", one.text.lower())})
    print("| topics | build, s | ours, ms | matches | naive, ms | regex, ms | naive : ours | regex : ours |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for count in wanted.topics:
        lines = [[line_of(chance, words, number) for _ in range(LINES)] for number in range(count)]
        print(row(lines, articles, wanted.rounds))


def row(lines: Sequence[Sequence[str]], articles: Sequence[Article], rounds: int) -> str:
    """Measure one number of topics."""
    before = time.process_time()
    topics = [
        Topic(slug=f"t{number}", title="T", rule=parse_rule(any=each)) for number, each in enumerate(lines)
    ]
    index = Index(topics)
    built = time.process_time() - before
    gc.collect()
    gc.freeze()  # as the program does
    ours = best(lambda one: len(index.match(one)), articles, rounds)
    matches = sum(len(index.match(one)) for one in articles) / len(articles)
    few = articles[:SLOW]
    assert [found(topics, one) for one in few] == [len(index.match(one)) for one in few]
    naive = best(lambda one: found(topics, one), few, 2)
    regexes = [regex_of(each) for each in lines]
    regex = best(lambda one: sum(bool(each.search(one.text.lower())) for each in regexes), few, 2)
    return (
        f"| {len(lines):,} | {built:.2f} | {ours:.3f} | {matches:.1f} | {naive:.2f} | {regex:.2f} "
        f"| {naive / ours:.0f} | {regex / ours:.0f} |"
    )


def best(work: Callable[[Article], int], articles: Sequence[Article], rounds: int) -> float:
    """Milliseconds of CPU for one article, in the best of some rounds."""
    times = []
    for _ in range(rounds):
        before = time.process_time()
        for one in articles:
            work(one)
        times.append(time.process_time() - before)
    return min(times) / len(articles) * 1000


def found(topics: Sequence[Topic], article: Article) -> int:
    """Count the topics of an article by asking every one."""
    look = Look(Reading(article))
    return sum(evaluate(topic, ways(topic), look) is not None for topic in topics)


def line_of(chance: random.Random, words: Sequence[str], number: int) -> str:
    one, two, three = chance.sample(words, 3)
    if number % 10 == 0:
        return chance.choice(
            [
                f"({one} OR {two}) NEAR/5 {three}",
                f"{one}* {two}",
                f"({one} OR {two}) -{three}",
                f'"{one} {two}"',
            ]
        )
    return f"{one} {two}" if chance.random() < 0.7 else one


def regex_of(lines: Sequence[str]) -> re.Pattern[str]:
    """The words of a topic as one expression; what they must stand beside is left out."""
    words = {re.findall(r"[a-z]+", line)[0] for line in lines}
    return re.compile(rf"\b(?:{'|'.join(sorted(words))})\b")


def read(path: Path) -> list[Article]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines()[:3_000])
    return [article(row["title"], row["text"]) for row in rows]


def written(chance: random.Random) -> list[Article]:
    """Articles of made-up words, frequent ones as much more frequent as in a language (Zipf)."""
    syllables = [
        first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "or")
    ]
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(20_000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    texts = [chance.choices(words, weights, k=WORDS) for _ in range(2_000)]
    return [article(" ".join(text[:8]), " ".join(text[8:])) for text in texts]


def article(title: str, text: str) -> Article:
    return Article(source="", key="1", title=title, text=text)


if __name__ == "__main__":
    main()
