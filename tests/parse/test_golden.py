"""Whole documents of our own writing, from bytes to articles, against what was read and found right once.

SYNDICATOR_UPDATE_GOLDEN=1 writes the expectations anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator.model import Source
from syndicator.normalise import head, normalise
from syndicator.parse import parse

GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
DOCUMENTS = sorted(path for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))
SOURCE = Source(name="golden", url="https://base.example/feed", tags=("Ours",))
NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document(path: Path) -> None:
    feed = parse(path.read_bytes(), url=SOURCE.url)
    articles = normalise(feed, source=SOURCE, now=NOW, languages=("en", "zh"))
    found = {
        "feed": {**head(feed)._asdict(), "format": feed.format, "ttl": str(feed.cadence.ttl or "")},
        # Without the hash of the wire: it says nothing that the rest does not show.
        "articles": [asdict(replace(article, wire="")) for article in articles],
    }
    shown = json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n"
    expected = path.with_suffix(".expected.json")
    if os.environ.get("SYNDICATOR_UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
    assert articles == normalise(feed, source=SOURCE, now=NOW, languages=("en", "zh"))
