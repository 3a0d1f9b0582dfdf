"""Other people's programs read what we publish: newsboat over HTTP, xmllint the files."""

from __future__ import annotations

import os
import sqlite3
import subprocess

import pytest
from newsroom import JOINT, many

pytestmark = pytest.mark.peers


@pytest.fixture
def published(embedded, http_server):
    server = http_server(many(3))
    embedded.shipped_topics()
    embedded.sources(**{f"s{number}": server.url(f"/feed/{number}") for number in range(3)})
    embedded.once()
    return embedded


@pytest.mark.parametrize("name", ["rss", "atom"])  # newsboat 2.21 knows no JSON Feed
def test_newsboat_finds_each_article_once(published, tmp_path, name):
    published.start()
    (tmp_path / "urls").write_text(f"{published.settings['site']['base_url']}/topics/china.{name}\n")
    for _ in range(2):  # the second poll finds nothing new
        newsboat(tmp_path, "reload")
    cache = sqlite3.connect(tmp_path / "cache.db")
    items = cache.execute("SELECT title, url, pubDate FROM rss_item").fetchall()
    cache.close()
    listed = {entry["slug"]: entry["articles"] for entry in published.json("topics", "list")}
    assert len(items) == listed["china"] == 3
    assert (JOINT, "https://paper-0.example/joint", 1695340800) in items


def newsboat(folder, what):
    command = ["newsboat", "-u", folder / "urls", "-c", folder / "cache.db", "-C", "/dev/null", "-x", what]
    env = os.environ | {"HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_xmllint_has_nothing_to_say(published):
    public = published.folder / "var" / "public"
    files = [*public.glob("topics/*.rss"), *public.glob("topics/*.atom"), public / "opml.xml"]
    assert len(files) == 5
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", *files], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
