"""Judged articles of our own making: china the country, which is wanted, and china the tableware."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from syndicator.match import Index, parse_line
from syndicator.model import Article, Judgement, Match, Rule, Topic

SEEN = datetime(2026, 11, 27, tzinfo=UTC)
TOPIC = Topic(slug="china", title="China", rule=Rule(any=(parse_line("china"),)), min_score=1, learn="filter")
WANTED = ["trade", "border", "minister", "export", "railway", "province", "embassy", "harbour", "treaty"]
UNWANTED = ["porcelain", "teapot", "auction", "glaze", "collector", "antique", "dinner", "saucer", "museum"]
COMMON = ["the", "a", "report", "of", "year", "people", "said", "new", "house", "great", "week", "in", "and"]


def article(number: int, *, wanted: bool, noise: random.Random) -> Article:
    """Write one; a few of the words are of the other kind."""
    ours, theirs = (WANTED, UNWANTED) if wanted else (UNWANTED, WANTED)
    words = noise.choices(ours, k=6) + noise.choices(theirs, k=1) + noise.choices(COMMON, k=20)
    noise.shuffle(words)
    return Article(
        source="wire",
        key=f"k{number:04}",
        url=f"https://wire.example/{number}",
        title=f"China {noise.choice(ours)} {noise.choice(COMMON)}",
        text=" ".join(words),
    )


def opinions(accepted: int, rejected: int, *, seed: int = 1) -> list[tuple[Judgement, Match | None]]:
    """Judge so many of each, with what the rule says of them."""
    noise, index = random.Random(seed), Index([TOPIC])
    told = []
    for number in range(accepted + rejected):
        wanted = number < accepted
        one = article(number, wanted=wanted, noise=noise)
        verdict = "accept" if wanted else "reject"
        judgement = Judgement(topic="china", article=one, verdict=verdict, at=SEEN)  # type: ignore[arg-type]
        told.append((judgement, next(iter(index.match(one)), None)))
    return told


def confused(amount: int) -> list[tuple[Judgement, Match | None]]:
    """Judge articles by tossing a coin: there is nothing to learn."""
    coin = random.Random(3)
    told = opinions(amount, 0)
    verdicts = ["accept", "reject"] * (amount // 2)
    coin.shuffle(verdicts)
    return [
        (
            Judgement(topic=one.topic, article=one.article, verdict=verdict, at=one.at),  # type: ignore[arg-type]
            match,
        )
        for (one, match), verdict in zip(told, verdicts, strict=True)
    ]
