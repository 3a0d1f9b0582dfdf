"""sfeed, a reader of feeds in C, and we find the same titles and links in documents of our own writing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest
from newsroom import many

from syndicator.parse import parse

pytestmark = pytest.mark.peers

GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
# The others are broken, or lie about their encoding: sfeed believes them.
WHOLE = ("atom-notes", "rdf-port", "rss-news")
DOCUMENTS = {name: (GOLDEN / f"{name}.xml").read_bytes() for name in WHOLE} | many(3)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_sfeed_finds_the_same_titles_and_links(name: str) -> None:
    feed = parse(DOCUMENTS[name])
    rows = sfeed(DOCUMENTS[name])
    assert rows
    # Without a base on its command line sfeed leaves addresses as they are written.
    assert [(title, urljoin(feed.url, link)) for title, link in rows] == [
        (entry.title, entry.url) for entry in feed.entries
    ]


def sfeed(document: bytes) -> list[tuple[str, str]]:
    done = subprocess.run(["sfeed"], input=document, capture_output=True, timeout=60, check=True)
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    return [(row[1], row[2]) for row in rows]
