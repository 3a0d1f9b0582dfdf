"""What is read rightly, field by field and format by format, beside feedparser on the same bytes.

    .venv/bin/python bench/quality.py --corpus DIR [--json]

The corpus holds, beside many feeds, what the upstream project's own parser is expected to make of them. Each
project has its own model, so a field counts only where the expectation states it. Right means: the title, as
plain text; the link, as an address; a date, as an instant; each author and each category; the text's first
200 characters. The figures of our reader and of feedparser (cleaning off) count the same expectations.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import feedparser

from syndicator.errors import ParseError
from syndicator.parse import instant, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS: Final = ("title", "link", "date", "authors", "categories", "content")
FORMATS: Final = {"rss1": "RDF", "rss09": "RSS 0.9x", "rss": "RSS 2.0", "atom": "Atom", "json": "JSON Feed"}


@dataclass(slots=True)
class Read:
    """An entry as somebody read it, or as it is expected to be read: empty is unsaid."""

    title: str = ""
    link: str = ""
    date: tuple[datetime, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    content: tuple[str, ...] = ()


@dataclass(slots=True)
class Count:
    stated: int = 0
    ours: int = 0
    theirs: int = 0


@dataclass(slots=True)
class Score:
    """By format and field."""

    counts: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    documents: int = 0

    def add(self, format_: str, expected: Read, ours: Read, theirs: Read) -> None:
        for name in FIELDS:
            if getattr(expected, name):
                count = self.counts[format_, name]
                count.stated += 1
                count.ours += _is_right(name, expected, ours)
                count.theirs += _is_right(name, expected, theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how rightly feeds are read.")
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="with a MANIFEST.tsv")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    wanted = parser.parse_args()
    score = measure(wanted.corpus)
    if wanted.json:
        rows = [
            {"format": format_, "field": name, "stated": c.stated, "ours": c.ours, "feedparser": c.theirs}
            for (format_, name), c in sorted(score.counts.items())
        ]
        print(json.dumps({"documents": score.documents, "rows": rows}, indent=1))
    else:
        print(f"{score.documents} documents with expectations\n\n{table(score)}")


def measure(corpus: Path) -> Score:
    score = Score()
    for document, stated in _pairs(corpus):
        body = document.read_bytes()
        try:
            feed = parse(body)
        except ParseError:
            continue
        theirs = _feedparser(body)
        ours = [_of_ours(entry) for entry in feed.entries]
        if len(stated) != len(ours):
            continue  # the models differ in what an entry is
        score.documents += 1
        format_ = next((name for start, name in FORMATS.items() if feed.format.startswith(start)), "other")
        for place, expected in enumerate(stated):
            other = theirs[place] if len(theirs) == len(stated) else Read()
            score.add(format_, expected, ours[place], other)
    return score


def table(score: Score) -> str:
    """Write the shares as Markdown: ours / feedparser's, of how many."""
    lines = [f"| | {' | '.join(FIELDS)} |", f"|---|{'--:|' * len(FIELDS)}"]
    for format_ in (*FORMATS.values(), "other"):
        cells = [_cell(score.counts.get((format_, name))) for name in FIELDS]
        if any(cells):
            lines.append(f"| {format_} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(count: Count | None) -> str:
    if not count or not count.stated:
        return ""
    ours, theirs = (100 * right / count.stated for right in (count.ours, count.theirs))
    return f"**{ours:.1f}** / {theirs:.1f} % of {count.stated}"


# Expectations --------------------------------------------------------------------------------------------


def _pairs(corpus: Path) -> Iterator[tuple[Path, list[Read]]]:
    rows = [line.split("\t") for line in (corpus / "MANIFEST.tsv").read_text("utf-8").splitlines()]
    expected = [corpus / row[0] for row in rows if row[1] in ("feed-case-expected", "feed-expected")]
    for path in expected:
        stem = path.name.removesuffix(".json").removesuffix(".serde")
        places = [path.parent, path.parent.parent / "input"]
        names = (f"{stem}{ending}" for ending in (".xml", ".rss", ".atom", ".json"))
        found = [place / name for name in names for place in places if (place / name).is_file()]
        document = next((each for each in found if each != path), None)
        if document and path.suffix == ".json" and (stated := _expected(path)):
            yield document, stated


def _expected(path: Path) -> list[Read]:
    try:
        model = json.loads(path.read_bytes())
    except ValueError:
        return []
    model = model.get("feed", model) if isinstance(model, dict) else {}
    entries = model.get("items") or model.get("entries") or []
    return [_of_model(entry) for entry in entries if isinstance(entry, dict)]


def _of_model(entry: dict[str, Any]) -> Read:
    """Read an expectation of any of the models: they use the same few names."""
    dates = (
        "publishedParsed",
        "pubDateParsed",
        "updatedParsed",
        "published",
        "updated",
        "isoDate",
        "pubDate",
    )
    moments = [instant.from_text(entry[key]) for key in dates if isinstance(entry.get(key), str)]
    people = [*_many(entry.get("authors")), *_many(entry.get("author")), *_many(entry.get("creator"))]
    texts = ("content", "content:encoded", "summary", "description")
    return Read(
        title=next(_many(entry.get("title")), ""),
        link=next(_many(entry.get("link")), "") or next(_many(entry.get("links")), ""),
        date=tuple(moment for moment in moments if moment),
        authors=tuple(people[:1]),  # several models keep no more than the first
        categories=tuple(_many(entry.get("categories") or entry.get("tags"))),
        content=tuple(text for key in texts for text in _many(entry.get(key)) if text.strip()),
    )


def _many(value: Any) -> Iterator[str]:
    """Give the strings that a value stands for: a string, one of the models' objects, or a list of them."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for each in value:
            yield from _many(each)
    elif isinstance(value, dict):
        keys = ("name", "label", "term", "value", "content", "body", "href", "_", "email")
        if value.get("rel") in (None, "", "alternate"):
            yield next((value[key].strip() for key in keys if isinstance(value.get(key), str)), "")


# Readings ------------------------------------------------------------------------------------------------


def _of_ours(entry: Any) -> Read:
    return Read(
        title=entry.title,
        link=entry.url,
        date=tuple(moment for moment in (entry.published_at, entry.updated_at) if moment),
        authors=entry.authors,
        categories=entry.tags,
        content=(entry.content, entry.summary),
    )


def _feedparser(body: bytes) -> list[Read]:
    try:
        found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
        return [_of_feedparser(entry) for entry in found.entries]
    except Exception:  # noqa: BLE001 - what it raises is its answer
        return []


def _of_feedparser(entry: Any) -> Read:
    moments = [dict.get(entry, key) for key in ("published_parsed", "updated_parsed", "created_parsed")]
    return Read(
        title=dict.get(entry, "title", ""),
        link=dict.get(entry, "link", ""),
        date=tuple(datetime(*moment[:6], tzinfo=UTC) for moment in moments if moment),
        authors=(*_many(dict.get(entry, "authors")), dict.get(entry, "author", "")),
        categories=tuple(_many(dict.get(entry, "tags"))),
        content=(*(each.value for each in dict.get(entry, "content", [])), dict.get(entry, "summary", "")),
    )


def _is_right(name: str, expected: Read, found: Read) -> bool:
    match name:
        case "title":
            return _plain(found.title) == _plain(expected.title)
        case "link":
            return found.link.rstrip("/").endswith(expected.link.rstrip("/"))  # ours is absolute
        case "date":
            return bool(set(expected.date) & set(found.date))
        case "content":
            texts = {_plain(text)[:200] for text in found.content}
            return any(_plain(text)[:200] in texts for text in expected.content)
        case _:
            have = [_plain(each) for each in getattr(found, name) if each]
            return all(_is_among(_plain(each), have) for each in getattr(expected, name))


def _is_among(wanted: str, have: list[str]) -> bool:
    """Whether a name is there, with or without the address beside it."""
    return wanted in " ".join(have) or any(each in wanted for each in have)


def _plain(text: str) -> str:
    text = re.sub(r"<[^>]*>", "", html.unescape(html.unescape(text)))
    kept = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cc" or c.isspace())
    return " ".join("".join(kept).split()).casefold()


if __name__ == "__main__":
    main()
