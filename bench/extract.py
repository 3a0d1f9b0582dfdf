"""How rightly articles are taken out of their pages, and at what cost, beside trafilatura alone.

    .venv/bin/python bench/extract.py --corpus DIR [--json]

Full text: the share of four-word runs of the gold text that are found (recall) and of those found that are
gold (precision), averaged over pages. Snippets: sentences that must, or must not, stand in the text. Facts:
title (letters and digits compared), date (the same day in UTC, or a day beside it: gold is the publisher's
local day), one of the authors, all of the tags. CPU is the process's, without its start.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import trafilatura
from trafilatura.metadata import extract_metadata

from syndicator.errors import ParseError
from syndicator.extract import extract

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS: Final = ("title", "date", "author", "tags")


class Read(NamedTuple):
    """What somebody made of a page."""

    text: str = ""
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def ours(body: bytes, url: str) -> Read:
    try:
        page = extract(body, url=url)
    except ParseError:
        return Read()
    day = page.published_at.date().isoformat() if page.published_at else ""
    return Read(page.text, page.title, day, page.authors, page.tags)


def theirs(body: bytes, url: str) -> Read:
    found = trafilatura.bare_extraction(body, url=url or None, favor_precision=True, include_comments=False)
    try:
        told = extract_metadata(body, url or None)
    except (ValueError, AttributeError):
        told = trafilatura.settings.Document()
    authors = tuple(name.strip() for name in (told.author or "").split(";"))
    tags = (*(told.tags or ()), *(told.categories or ()))
    return Read(found.text if found else "", told.title or "", told.date or "", authors, tags)


def pages(corpus: Path, name: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    folder = corpus / "articles" / name
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row, gzip.decompress((folder / row["html"]).read_bytes())


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def full_text(corpus: Path, read: Any) -> dict[str, float]:
    """Precision, recall and F1 on pages of which the whole text is known."""
    precisions, recalls, spent = [], [], 0.0
    for row, body in pages(corpus, "scrapinghub"):
        began = time.process_time()
        text = read(body, row["url"]).text
        spent += time.process_time() - began
        wanted, got = shingles(row["body"]), shingles(text)
        common = sum((wanted & got).values())
        precisions.append(common / sum(got.values()))
        recalls.append(common / sum(wanted.values()))
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    f1 = 2 * precision * recall / (precision + recall)
    return {"F1": f1, "precision": precision, "recall": recall, "ms": 1000 * spent / len(recalls)}


def snippets_and_facts(corpus: Path, read: Any) -> dict[str, float]:
    """Shares of right snippets, and of right facts among those that are known."""
    right: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for name in ("trafilatura-eval", "readability"):
        for row, body in pages(corpus, name):
            got = read(body, row.get("url", ""))
            text = " ".join(got.text.split())
            for key, wanted in (("must_contain", True), ("must_not_contain", False)):
                for snippet in row.get(key, ()):
                    known["snippets"] += 1
                    right["snippets"] += (" ".join(snippet.split()) in text) is wanted
            for fact, is_right in facts(row, got):
                known[fact] += 1
                right[fact] += is_right
    return {name: right[name] / known[name] for name in ("snippets", *FACTS)}


def facts(row: dict[str, Any], got: Read) -> Iterator[tuple[str, bool]]:
    if title := row.get("title"):
        yield "title", bare(title) == bare(got.title)
    if day := str(row.get("date") or row.get("published") or "")[:10]:
        yield "date", near(day, got.date)
    if author := row.get("author"):
        whole = bare("; ".join(author) if isinstance(author, list) else author)
        yield "author", any(bare(name) and bare(name) in whole for name in got.authors)
    if tags := [*(row.get("tags") or ()), *(row.get("categories") or ())]:
        yield "tags", {bare(tag) for tag in tags} <= {bare(tag) for tag in got.tags}


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def near(one: str, other: str) -> bool:
    try:
        return abs(date.fromisoformat(one) - date.fromisoformat(other)) <= timedelta(days=1)
    except ValueError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    figures = {
        name: full_text(arguments.corpus, read) | snippets_and_facts(arguments.corpus, read)
        for name, read in (("ours", ours), ("trafilatura", theirs))
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"{'':12}{'ours':>14}{'trafilatura':>14}")
    for name in figures["ours"]:
        print(f"{name:12}" + "".join(f"{each[name]:14.3f}" for each in figures.values()))


if __name__ == "__main__":
    main()
