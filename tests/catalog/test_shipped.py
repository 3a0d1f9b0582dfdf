"""What is shipped loads, and the sample newsroom is what it says it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import feedparser
import pytest

from syndicator.catalog import load_all

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
SAMPLES = {
    "fraud-desk.rss": ("rss20", 7),
    "haixia-wanbao.atom": ("atom10", 7),
    "harbour-courier.rss": ("rss20", 10),
    "jianghe-ribao.rss": ("rss20", 8),
    "lantern-science.rdf": ("rss10", 7),
    "northgate-wire.atom": ("atom10", 8),
    "open-ledger.json": ("json11", 7),
}


def test_the_shipped_config_has_no_problems() -> None:
    settings, catalog = load_all(CONFIG, {})
    assert settings.is_embedded
    assert settings.mail.transport == "maildir"
    assert {"china", "telecom-fraud"} <= set(catalog.topics)
    local = [source for source in catalog.sources.values() if source.url.startswith("file:")]
    assert {source.url for source in local} == {f"file:samples/{name}" for name in SAMPLES}
    remote = [source for source in catalog.sources.values() if source not in local]
    assert len(remote) >= 12
    assert all(source.url.startswith("https://") for source in remote)


def test_each_shipped_file_names_its_schema() -> None:
    for path in [CONFIG / "syndicator.yaml", *CONFIG.glob("sources/*.yaml"), *CONFIG.glob("topics/*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named, path
        assert (path.parent / named[1]).is_file(), path


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_feeds_of_this_autumn(name: str) -> None:
    body = (CONFIG / "samples" / name).read_bytes()
    if name.endswith(".json"):
        feed = json.loads(body)
        form = "json" + feed["version"].rpartition("/")[2].replace(".", "")
        title = feed["title"]
        items = [(item["id"], item["url"], item["date_published"]) for item in feed["items"]]
    else:
        parsed = feedparser.parse(body)
        assert not parsed.bozo
        form, title = parsed.version, parsed.feed.title
        items = [
            (item.get("id", item.link), item.link, item.published if "published" in item else item.updated)
            for item in parsed.entries
        ]
    assert (form, len(items)) == SAMPLES[name]
    assert re.search("sample|样例|樣例", title)
    assert len({guid for guid, _, _ in items}) == len(items)
    for _, link, published in items:
        assert re.match(r"https://[a-z-]+\.example/", link)
        assert re.search(r"2026-1[01]|(Oct|Nov) 2026", published)
