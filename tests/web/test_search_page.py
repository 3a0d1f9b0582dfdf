"""Searching as readers, scanners and indexes do, and what a page that is not there offers instead."""

from __future__ import annotations

import asyncio
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import html5lib
import pytest
from lxml import etree
from newsroom import Story, rss
from program import Program

from syndicator.match.question import MAX_LENGTH
from syndicator.web.search import AT_ONCE, QUEUE, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPS = [
    Story(f"ship-{n}", f"Ship {n} came in at night", "It brought oranges, and a cat.") for n in range(1, 26)
]
CHINESE = Story("zh", "港口起火，无人受伤", "昨夜港口发生火灾。")
SECRET = Story("secret", "The ship that nobody names", "Only for the backroom.")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A daemon with two public topics, a private one and one that is not published."""
    program = Program(tmp_path_factory.mktemp("search"))
    (program.config / "feed.xml").write_bytes(rss("Wire", *SHIPS, CHINESE))
    (program.config / "secret.xml").write_bytes(rss("Letter", SECRET))
    program.sources(wire="file:feed.xml", letter="file:secret.xml")
    program.topic("ships", any=["ship*", "港口"], sources=["wire"], description="What came in.")
    program.topic("fires", any=["火灾", "fire"], langs=["zh"])
    program.topic("backroom", any=["ship"], sources=["letter"], publish={"private": True})
    program.topic("drawer", any=["ship"], sources=["letter"], publish={"formats": []})
    program.once()
    program.start()
    program.until(lambda: "ship-1" in program.get("/search?q=%22ship+1%22").body.decode())
    yield program
    program.close()


def found(site: Program, query: str) -> list[str]:
    """The titles that were found."""
    page = site.get(f"/search?{query}")
    assert page.status == 200
    tree = html5lib.parse(page.body.decode(), namespaceHTMLElements=False)
    return ["".join(head.itertext()) for head in tree.iter("h3")]


def test_hits_are_listed_and_marked(site):
    page = site.get("/search?q=oranges+%22ship+7%22").body.decode()
    assert "<mark>Ship 7</mark> came in at night" in page
    assert "<mark>oranges</mark>" in page
    assert '<a href="/topics/ships" dir="auto">Ships</a>' in page
    assert re.search(r'<input type="search"[^>]* value="oranges &#34;ship 7&#34;"', page)
    assert found(site, f"q={quote('火災')}") == [CHINESE.title], (
        "traditional characters are the simplified ones"
    )
    assert found(site, "q=oranges+-cat") == []
    assert len(found(site, "q=cat&topic=ships")) == 20
    assert found(site, "q=cat&topic=fires") == []


def test_pages_of_hits_go_on_to_the_end(site):
    seen, address = [], "/search?q=cat&topic=ships"
    while address:
        page = site.get(address).body.decode()
        seen += re.findall(r"<h3><a href=\"https://wire.example/(ship-\d+)\"", page)
        onward = re.search(r'<a rel="next nofollow" href="([^"]*)"', page)
        address = onward[1].replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen)) == 25


def test_nothing_of_private_and_unpublished_topics_is_found(site):
    for query in ("q=nobody", "q=names&topic=ships"):
        assert found(site, query) == []
    hidden, none = site.get("/search?q=ship&topic=backroom"), site.get("/search?q=ship&topic=none")
    drawer = site.get("/search?q=ship&topic=drawer")
    assert {hidden.status, none.status, drawer.status} == {404}
    assert hidden.body == none.body == drawer.body


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 200, "How to ask"),
        ("q=", 200, "How to ask"),
        ("q=%20%20", 200, "How to ask"),
        ("q=zeppelin", 200, "Nothing found"),
        ("q=%3F%21", 400, "There is no word in that"),
        ("q=-ship", 400, "Say also what to look for"),
        (f"q={'ship+' * 60}", 400, f"within {MAX_LENGTH} characters"),
        ("q=ship%00%FF%ED%A0%80", 200, "Ship 25"),
        ("q=zeppelin&before=17", 200, "Nothing more"),
        ("q=ship&before=-1", 200, "Ship 25"),
        ("q=ship&before=" + "9" * 400, 200, "Ship 25"),
        ("q=ship&before=9223372036854775808", 200, "Ship 25"),
        ("q=ship&before=%D9%A1", 200, "Ship 25"),
        ("q=ship&q=oranges&topic=", 200, "Ship 25"),
        ("q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 200, "&lt;script&gt;alert(1)"),
    ],
)
def test_every_question_is_answered(site, query, status, says):
    answer = site.get(f"/search?{query}")
    assert answer.status == status
    assert says in re.sub(r"</?mark>", "", answer.body.decode())
    assert "<script>alert" not in answer.body.decode()
    assert answer.headers["x-robots-tag"] == "noindex"
    assert b'<meta name="robots" content="noindex">' in answer.body
    assert "max-age=60" in answer.headers["cache-control"]
    assert site.get(f"/search?{query}", "POST", b"q=x").status == 405


async def test_few_search_at_once_few_wait_and_others_are_asked_to_come_back():
    desk, inside, leave = Desk(), [], asyncio.Event()

    async def visit() -> bool:
        async with desk.turn() as admitted:
            if admitted:
                inside.append(1)
                await leave.wait()
            return admitted

    visits = [asyncio.create_task(visit()) for _ in range(AT_ONCE + QUEUE)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(inside) == AT_ONCE
    assert await visit() is False
    leave.set()
    assert all(await asyncio.gather(*visits))
    assert await visit() is True


def test_a_wrong_address_leads_to_the_topic_that_was_meant(site):
    page = site.get("/topics/shisp").body.decode()
    assert '<a href="/topics/ships">Ships</a>' in page
    assert '<form class="seek" role="search" action="/search">' in page
    assert "shisp" not in page
    for wrong in ("/topics/backrom", "/topics/drawr", "/topics/", "/topics/" + "s" * 4000):
        assert b"backroom" not in site.get(wrong).body.lower()
        assert b"drawer" not in site.get(wrong).body.lower()


def test_the_list_of_topics_is_the_front_page(site):
    for path in ("/topics", "/topics/"):
        assert site.get(path).body == site.get("/").body  # the client followed
    front = site.get("/").body.decode()
    for name in ("rss", "atom", "json"):
        assert f'href="{site.settings["site"]["base_url"]}/all.{name}"' in front
        assert site.get(f"/all.{name}").status == 200
        assert f'href="{site.settings["site"]["base_url"]}/topics/ships.{name}"' in front
    assert "All 26 articles in Ships" in front


def test_indexes_are_told_what_is_not_for_them(site):
    lines = site.get("/robots.txt").body.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /search", "Disallow: /admin", "Disallow: /unsubscribe/"} <= set(lines)
    assert "Disallow: /" not in lines


def test_the_list_of_feeds_is_opml(site):
    body = site.get("/opml").body
    root = etree.fromstring(body)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    head = {child.tag: child.text for child in root.find("head")}
    assert head["title"] == head["ownerName"] == "The Desk"
    assert parsedate_to_datetime(head["dateCreated"]) <= parsedate_to_datetime(head["dateModified"])
    base = site.settings["site"]["base_url"]
    assert [dict(outline.attrib) for outline in root.find("body")] == [
        {
            "type": "rss",
            "text": "Fires",
            "title": "Fires",
            "language": "zh",
            "xmlUrl": f"{base}/topics/fires.rss",
            "htmlUrl": f"{base}/topics/fires",
        },
        {
            "type": "rss",
            "text": "Ships",
            "title": "Ships",
            "description": "What came in.",
            "language": "en",
            "xmlUrl": f"{base}/topics/ships.rss",
            "htmlUrl": f"{base}/topics/ships",
        },
    ]
