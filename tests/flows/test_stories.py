"""Stories from feeds to readers, on both databases: shown once, mailed once, split for good."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import feedparser
import pytest
from copies import BAKERY, HARBOUR
from newsroom import Story, rss
from program import TOPICS

NINE = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
NOW, NEXT_DAY = NINE.isoformat(), (NINE + timedelta(days=1)).isoformat()
DATE = format_datetime(NINE - timedelta(hours=3))
FERRY = Story("ferry", "The ferry across the bay stops", HARBOUR, date=DATE)
COPY = Story("boats", "No more boats on the bay", HARBOUR, date=DATE)
BREAD = Story("bread", "A baker may burn his oven at night", BAKERY, date=DATE)


@pytest.fixture
def desk(embedded):
    return opened(embedded)


def opened(program):
    for name in ("wire", "post"):
        (program.config / f"{name}.xml").write_bytes(rss(name.title()))
    program.sources(wire="file:wire.xml", post="file:post.xml")
    program.topic("sea", any=["harbour", "bakery"], digest={"at": "08:30"}, min_score=0)
    program.topic("bay", any=["ferry"], publish={"stories": "all"}, digest={"at": "08:30"}, min_score=0)
    return program


def publish(desk, source: str, *found: Story) -> None:
    (desk.config / f"{source}.xml").write_bytes(rss(source.title(), *found))


def mails(desk) -> list[str]:
    folder = desk.folder / "var" / "mail" / "new"
    return [file.read_text() for file in sorted(folder.glob("*"))] if folder.is_dir() else []


def feed(desk, slug: str = "sea"):
    return feedparser.parse((desk.folder / "var" / "public" / "topics" / f"{slug}.atom").read_bytes())


def test_a_story_is_shown_and_mailed_once(program):
    desk = opened(program)
    desk.run("subscribers", "add", "anna@reader.example", "--topic", "sea", "--confirmed")
    desk.run("subscribers", "add", "bo@reader.example", "--topic", "bay", "--confirmed")
    publish(desk, "wire", FERRY, BREAD)
    assert desk.once(NOW)["sent"] == 2
    before = feed(desk)
    assert len(before.entries) == 2

    publish(desk, "post", COPY)
    done = desk.once(NEXT_DAY)
    after = feed(desk)
    assert [entry.id for entry in after.entries] == [entry.id for entry in before.entries]
    assert [entry.updated for entry in after.entries] == [entry.updated for entry in before.entries]
    (link,) = [link for entry in after.entries for link in entry.links if link.rel == "related"]
    assert (link.href, link.title) == ("https://post.example/boats", "Post")
    page = (desk.folder / "var" / "public" / "topics" / "sea.html").read_text()
    assert '<a href="https://post.example/boats">Post</a>' in page
    assert done["sent"] == 1, "only who wants all articles gets another mail"
    assert sum("No more boats" in mail for mail in mails(desk)) == 1
    assert [entry.title for entry in feed(desk, "bay").entries] != []
    assert len(feed(desk, "bay").entries) == 2


def test_a_digest_says_where_else_and_counts_stories(desk):
    desk.run("subscribers", "add", "anna@reader.example", "--topic", "sea", "--confirmed")
    publish(desk, "wire", FERRY)
    publish(desk, "post", COPY)
    assert desk.once(NOW)["sent"] == 1
    (mail,) = mails(desk)
    assert "Also in: " in mail
    (edition,) = desk.json("editions", "list")
    assert edition["articles"] == 1


def test_an_admin_asks_splits_and_joins(desk):
    publish(desk, "wire", FERRY, BREAD)
    publish(desk, "post", COPY)
    desk.once(NOW)
    (story,) = desk.json("stories", "list", "--topic", "sea")
    assert (story["articles"], story["sources"]) == (2, 2)
    first, second = desk.json("stories", "show", str(story["id"]))
    pair = (str(first["id"]), str(second["id"]))
    said = desk.json("stories", "why", *pair)
    assert said["together"] is True
    assert said["because"][0].startswith("one story: the shorter text stands in the longer one")

    desk.run("stories", "split", str(story["id"]), pair[1])
    assert desk.json("stories", "list") == []
    verdict, texts, *_ = desk.run("stories", "why", *pair).stdout.splitlines()
    assert verdict == "two stories: an admin split them"
    assert texts.startswith("  the texts alone would be one story: the shorter text stands in")
    assert "not one twice" in desk.run("stories", "why", pair[0], pair[0], code=2).stderr
    publish(desk, "post", replace(COPY, title="No boats any more on the bay"))
    desk.once(NEXT_DAY)
    assert len(feed(desk).entries) == 3
    assert desk.json("stories", "list") == []
    made = next(number for number in range(story["id"] + 1, 9) if holds(desk, number, second["id"]))

    assert (
        f"story {story['id']} has 2 articles"
        in desk.run("stories", "join", str(story["id"]), str(made)).stderr
    )
    assert desk.json("stories", "why", *pair)["together"] is True
    desk.once((NINE + timedelta(hours=25)).isoformat())
    assert len(feed(desk).entries) == 2


def holds(desk, story: int, article: int) -> bool:
    command = desk.command("stories", "show", str(story), "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and article in [each["id"] for each in json.loads(done.stdout)]


def test_the_newsroom_of_samples_tells_a_story_twice_in_each_language(embedded):
    shipped = TOPICS.parent
    shutil.copytree(shipped / "samples", embedded.config / "samples")
    shutil.copy(shipped / "sources" / "samples.yaml", embedded.config / "sources")
    embedded.shipped_topics()
    embedded.once()
    told = embedded.json("stories", "list", "--topic", "telecom-fraud")
    assert sorted((one["articles"], one["sources"]) for one in told) == [(2, 2), (2, 2)]
    assert any("公安部" in one["title"] or "中泰" in one["title"] for one in told)
    assert embedded.run("feed", "telecom-fraud").stdout.count("Also in:") == 2
