"""Real pages that nobody here wrote: nothing crashes, and the customer's own article comes out right."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from syndicator.errors import ParseError
from syndicator.extract import extract

if TYPE_CHECKING:
    from pathlib import Path


def gold(corpus: Path, name: str) -> list[tuple[dict[str, str], bytes]]:
    folder = corpus / "articles" / name
    rows = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row, gzip.decompress((folder / row["html"]).read_bytes())) for row in rows]


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def test_the_customers_article(corpus: Path) -> None:
    body = (corpus / "seed" / "joint-operation.html").read_bytes()
    page = extract(body, url="https://wire.example/china/joint-operation-targets-telecom-fraud/")
    assert page.title == "Joint Operation Targets Telecom Fraud in Southeast Asia"
    assert page.tags == ("China",)
    assert page.published_at == datetime(2023, 9, 22, tzinfo=UTC)
    assert page.text.startswith("In a span of only four days")
    assert page.text.endswith("68.5% of all international cases.")
    assert page.text.count("\n") == 13


def test_full_texts(corpus: Path) -> None:
    precision = recall = 0.0
    pages = gold(corpus, "scrapinghub")
    for row, body in pages:
        wanted, got = shingles(row["body"]), shingles(extract(body, url=row["url"]).text)
        common = sum((wanted & got).values())
        precision += common / sum(got.values())
        recall += common / sum(wanted.values())
    assert 2 * precision * recall / (precision + recall) / len(pages) >= 0.965


def test_no_page_crashes(corpus: Path) -> None:
    refused = []
    for name in ("trafilatura-eval", "readability", "newspaper4k"):
        for row, body in gold(corpus, name):
            try:
                assert extract(body, url=row.get("url", "")).text.strip()
            except ParseError as error:
                refused.append((row["id"], error.kind))
    assert not refused
