"""Precision, recall and F1 of topics on news that others have labelled.

    .venv/bin/python bench/topics.py [--corpus ../shared/corpus/topics] [--seeds 5] [--json]

For each label: (a) the publisher's tags alone, where the label is no tag itself (for want of tags the name of
a channel stands for one, and may hold more than the topic's); (b) plain keywords, found anywhere; (c) the
topic's rule; (d) the rule opened wide (`min_score: 1`), with what was learned of 50, 100 and 200 judgements.

For (d) the news is cut into halves by chance, once a seed: judgements are drawn from what the wide rule finds
in one half, and scores are of the other one. What is no better than the rule alone in cross-validation is not
switched on, as in the program: then (c) is what counts. The rule's F1 on the same halves stands beside it.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from syndicator.catalog import load_topics
from syndicator.learn.train import TooFew, train
from syndicator.learn.weigh import weigh
from syndicator.match import Index
from syndicator.match.fields import fold_tag
from syndicator.model import Article, Judgement
from syndicator.text import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from syndicator.model import Match, Topic

ROOT = Path(__file__).parents[1]
JUDGED = (50, 100, 200)
WIDE = 1  # the `min_score` of candidates
SEEN = datetime(2026, 11, 27, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label of the corpus, the topic that is to find it, and keywords as anybody would type them."""

    name: str
    topic: str
    file: str
    is_in: Callable[[dict], bool]
    keywords: tuple[str, ...]
    admits: Callable[[dict], bool] = lambda _: True
    has_tags: bool = False  # of the publisher, apart from the label


@dataclass(frozen=True, kw_only=True)
class Item:
    """An article, whether it bears the label, and what the wide rule says of it."""

    article: Article
    is_in: bool
    tags: frozenset[str]
    match: Match | None


def _reuters(name: str, tag: str, *keywords: str) -> Label:
    return Label(
        name=f"Reuters {name}",
        topic=name,
        file="en-reuters21578.jsonl",
        is_in=lambda row: tag in row["tags"],
        keywords=keywords,
    )


LABELS = (
    _reuters("china", "place:china", "china", "chinese", "peking", "beijing"),
    _reuters("japan", "place:japan", "japan", "japanese", "tokyo"),
    _reuters("brazil", "place:brazil", "brazil", "brazilian"),
    _reuters("crude", "topic:crude", "oil", "crude", "opec"),
    _reuters("trade", "topic:trade", "trade", "exports", "imports"),
    _reuters("ship", "topic:ship", "ship", "ships", "shipping", "port"),
    Label(
        name="telecom fraud (zh)",
        topic="telecom-fraud",
        file="zh-wechat-headlines.jsonl",
        is_in=lambda row: "telecom-fraud" in row["annot"],
        admits=lambda row: not row["annot_origin"].startswith("assumed"),
        keywords=("诈骗", "骗局"),
        has_tags=True,
    ),
    Label(
        name="telecom fraud (en, zh)",
        topic="telecom-fraud",
        file="*",
        is_in=lambda row: bool({"telecom-fraud", "telecom-fraud-main"} & set(row.get("annot") or ())),
        admits=lambda row: (
            not (row.get("annot_origin") or "").startswith("assumed")
            and "telecom-fraud-mention" not in (row.get("annot") or ())
        ),
        keywords=("诈骗", "骗局", "scam", "fraud"),
        has_tags=True,
    ),
)
SIX = tuple(label.name for label in LABELS[:6])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus" / "topics")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    topics = {**load_topics(ROOT / "config" / "topics"), **load_topics(ROOT / "bench" / "topics")}
    results = {label.name: measure(label, topics[label.topic], wanted) for label in LABELS}
    if wanted.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return
    for name, result in results.items():
        print(f"{name}: {result['articles']} articles, {result['labelled']} of them labelled")
        for what, figures in result["figures"].items():
            print(f"  {what:24}{figures}")
    for what in ("c rule", *(f"d {amount} judgements" for amount in JUDGED)):
        mean = sum(results[name]["f1"][what] for name in SIX) / len(SIX)
        print(f"mean F1 of the six Reuters labels, {what}: {mean:.3f}")


def measure(label: Label, topic: Topic, wanted: argparse.Namespace) -> dict:
    """Measure one label, all ways."""
    items = read(label, topic, wanted.corpus)
    folded = [frozenset(tokens(f"{item.article.title} {item.article.text}")) for item in items]
    joined = ["".join(tokens(f"{item.article.title} {item.article.text}")) for item in items]
    ours = [is_in_rule(item, topic) for item in items]
    ways: dict[str, list[bool]] = {}
    if label.has_tags:
        known = {name.rstrip("*") for tag in topic.rule.tags for name in tag.spellings}
        ways["a publisher's tags"] = [
            any(f" {name} " in f" {tag} " for name in known for tag in item.tags) for item in items
        ]
    ways["b keywords"] = [
        any(word in words or (not word.isascii() and word in text) for word in label.keywords)
        for words, text in zip(folded, joined, strict=True)
    ]
    ways["c rule"] = ours
    truth = [item.is_in for item in items]
    figures = {what: _said(score(truth, given)) for what, given in ways.items()}
    f1 = {what: score(truth, given)[2] for what, given in ways.items()}
    for amount in JUDGED:
        what = f"d {amount} judgements"
        figures[what], f1[what] = _learned(items, topic, amount, wanted.seeds)
    return {"articles": len(items), "labelled": sum(truth), "figures": figures, "f1": f1}


def read(label: Label, topic: Topic, corpus: Path) -> list[Item]:
    """Read the articles that bear on a label."""
    files = ["en-reuters21578.jsonl", "zh-wechat-headlines.jsonl", "zh-cctv.jsonl"]
    names = files if label.file == "*" else [label.file]
    index = Index([replace(topic, min_score=WIDE)])
    items = []
    for name in names:
        for line in (corpus / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            if not label.admits(row):
                continue
            article = Article(  # without tags: they are the labels, or come close
                source="", key=row["id"], title=row["title"], text=row["text"], language=row["lang"]
            )
            tags = frozenset(fold_tag(tag.partition(":")[2]) for tag in row["tags"])
            match = next(iter(index.match(article)), None)
            items.append(Item(article=article, is_in=label.is_in(row), tags=tags, match=match))
    return items


def is_in_rule(item: Item, topic: Topic) -> bool:
    """Whether the rule as it is written finds an article."""
    return item.match is not None and item.match.score >= topic.min_score


def _learned(items: Sequence[Item], topic: Topic, amount: int, seeds: int) -> tuple[str, float]:
    """Judge, learn and score, once a seed; return the mean in words, and the mean F1."""
    ours, rule, used, on = [], [], 0, 0
    for seed in range(seeds):
        shuffled = list(items)
        random.Random(seed).shuffle(shuffled)
        half = len(shuffled) // 2
        judged, others = [item for item in shuffled[:half] if item.match][:amount], shuffled[half:]
        given = [is_in_rule(item, topic) for item in others]
        truth = [item.is_in for item in others]
        rule.append(score(truth, given))
        if (learned := _learn(judged, topic)) is not None:
            on += 1
            given = [
                item.match is not None and weigh(learned, "filter", item.article, item.match) is not None
                for item in others
            ]
        ours.append(score(truth, given))
        used += len(judged)
    mean = tuple(sum(column) / seeds for column in zip(*ours, strict=True))
    beside = sum(each[2] for each in rule) / seeds
    note = f"   {used / seeds:.0f} judged, switched on {on} of {seeds}; rule there F1 {beside:.3f}"
    return _said(mean) + note, mean[2]


def _learn(judged: Sequence[Item], topic: Topic):
    told = [
        (
            Judgement(
                topic=topic.slug,
                article=item.article,
                verdict="accept" if item.is_in else "reject",
                at=SEEN,
            ),
            item.match,
        )
        for item in judged
    ]
    try:
        lesson = train(topic.slug, told)
    except TooFew:
        return None
    return lesson.learned if lesson.is_better else None


def score(truth: Iterable[bool], given: Iterable[bool]) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    pairs = list(zip(truth, given, strict=True))
    right = sum(a and b for a, b in pairs)
    said, there = sum(b for _, b in pairs), sum(a for a, _ in pairs)
    precision = right / said if said else 0.0
    recall = right / there if there else 0.0
    return precision, recall, 2 * right / (said + there) if said + there else 0.0


def _said(figures: Sequence[float]) -> str:
    precision, recall, f1 = figures
    return f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}"


if __name__ == "__main__":
    main()
