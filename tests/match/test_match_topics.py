"""The two shipped topics: their own tests, and how they do on labelled news."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from syndicator.catalog import load_topics
from syndicator.match import Index
from syndicator.model import Article

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
SLUGS = ("china", "telecom-fraud")


def written(slug: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config" / "topics" / f"{slug}.yaml").read_text(encoding="utf-8"))


TOPICS = load_topics(ROOT / "config" / "topics")
INDEX = Index(TOPICS[slug] for slug in SLUGS)


def topics_of(title: str, text: str = "", language: str = "") -> set[str]:
    one = Article(source="wire", key="1", title=title, text=text, language=language)
    return {match.topic for match in INDEX.match(one)}


CASES = [
    (slug, title, expected)
    for slug in SLUGS
    for key, expected in (("match", True), ("no_match", False))
    for title in written(slug)["tests"][key]
]


@pytest.mark.parametrize(("slug", "title", "expected"), CASES)
def test_own_tests(slug: str, title: str, expected: bool) -> None:
    assert (slug in topics_of(title)) is expected


@pytest.mark.parametrize("slug", SLUGS)
def test_no_line_is_written_twice(slug: str) -> None:
    for key in ("any", "mask", "tags"):
        lines = written(slug)[key]
        assert len(lines) == len(set(lines))


def corpus(name: str) -> Path:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"needs ../shared/corpus/{name}")
    return path


def labelled(name: str) -> list[dict[str, Any]]:
    lines = corpus(f"topics/{name}").read_text(encoding="utf-8").splitlines()
    return [
        row | {"topics": topics_of(row["title"], row["text"], row["lang"])} for row in map(json.loads, lines)
    ]


def f1(pairs: list[tuple[bool, bool]]) -> float:
    """Of (labelled, found)."""
    both = sum(label and found for label, found in pairs)
    return 2 * both / sum(label + found for label, found in pairs)


def test_the_customers_article_is_in_both_topics() -> None:
    text = corpus("seed/joint-operation.txt").read_text(encoding="utf-8")
    assert topics_of("Joint Operation Targets Telecom Fraud in Southeast Asia", text, "en") == set(SLUGS)


def test_china_on_labelled_news() -> None:
    rows = labelled("en-reuters21578.jsonl")
    assert f1([("place:china" in row["tags"], "china" in row["topics"]) for row in rows]) >= 0.86


def test_telecom_fraud_on_labelled_headlines() -> None:
    rows = [r for r in labelled("zh-wechat-headlines.jsonl") if not r["annot_origin"].startswith("assumed")]
    assert f1([("telecom-fraud" in row["annot"], "telecom-fraud" in row["topics"]) for row in rows]) >= 0.9


def test_telecom_fraud_on_television_news() -> None:
    rows = labelled("zh-cctv.jsonl")
    main = [row for row in rows if "telecom-fraud-main" in row["annot"]]
    plain = [row for row in rows if not row["annot"]]
    assert sum("telecom-fraud" in row["topics"] for row in main) >= 0.9 * len(main)
    assert sum("telecom-fraud" in row["topics"] for row in plain) <= 0.002 * len(plain)
