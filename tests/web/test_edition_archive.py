"""Past mails on the web: their list, their feed, and what stands around each; and what readers are told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import feedparser
import html5lib
import pytest
import pytest_asyncio
from asked import Site, a_site
from newsroom import Story, rss
from program import Program
from validators import FAULTS

from syndicator import pipeline
from syndicator.catalog import dump, load_all
from syndicator.model import Edition
from syndicator.pipeline.retract import retract
from syndicator.store import articles, editions, listings, subscribers
from syndicator.web import door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MORNING = datetime(2030, 1, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
STORIES = [
    [
        Story("ship-1", "Ship one came in", "Oranges."),
        Story("ship-2", "Ship two came in", "Lemons."),
        Story("train-1", "A train left", "On time."),
    ],
    [Story("ship-3", "Ship three came in", "Pears.")],
    [Story("ship-4", "Ship four & <b>five</b> came in", "Plums.")],
]


class Desk:
    """A site whose clock is the test's, with four days behind it."""

    def __init__(self, program: Program) -> None:
        self.program, self.now = program, MORNING

    async def live(self, site: Site, day: int) -> None:
        self.now = MORNING + day * DAY
        known = [story for stories in STORIES[: day + 1] for story in stories]
        (self.program.config / "feed.xml").write_bytes(rss("Wire", *known))
        await pipeline.once(site.parts)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    program = Program(tmp_path_factory.mktemp("desk"))
    program.configure(fetch={"min_interval": "1m", "max_interval": "10m"})
    program.sources(wire="file:feed.xml")
    rule = {"any": ["ship*"], "digest": {"at": "07:00"}}
    program.topic("ships", **rule, was=["boats"], description="What came in.")
    program.topic("trains", any=["train*"], digest={"at": "07:00", "archive": "link"})
    program.topic("secret", **rule, publish={"private": True})
    program.topic("drawer", **rule, publish={"formats": []})
    program.topic("gold", **rule, audience={"plan": "gold"})
    return Desk(program)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(desk: Desk) -> AsyncIterator[Site]:
    async with a_site(desk.program.config, lambda: desk.now) as made:
        readers = {
            "anna": ["ships"],
            "bo": ["ships"],
            "cy": ["trains"],
            "dan": ["secret"],
            "eve": ["ships", "trains"],
        }
        await _join(made, readers, MORNING - 3 * DAY)
        await desk.live(made, 0)
        await desk.live(made, 1)
        await _join(made, {"late": ["ships"]}, desk.now)  # whose first window is another
        await desk.live(made, 2)
        yield made


async def _join(site: Site, readers: dict[str, list[str]], now: datetime) -> None:
    async with site.parts.store.write() as conn:
        for name, topics in readers.items():
            id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=None, now=now)
            await subscribers.subscribe(conn, id_, topics, state="active", now=now)


def listed(body: bytes) -> list[tuple[str, str]]:
    """The addresses and headlines of a list."""
    found = re.findall(r'<h3[^>]*><a href="([^"]*)">(.*?)</a></h3>', body.decode())
    return [(address, html) for address, html in found]


async def made(site: Site, *topics: str) -> list[Edition]:
    async with site.parts.store.read() as conn:
        return [each for each in await editions.list_all(conn) if each.topics == topics]


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_day_is_listed_once_and_leads_to_its_mail(site: Site) -> None:
    page = await site.get("/topics/ships/editions")
    assert page.status == 200
    assert "x-robots-tag" not in page.headers
    found = listed(page.body)
    assert [headline for _, headline in found] == [
        "Ship four &amp; five came in", "Ship three came in", "Ship one came in",
    ]  # fmt: skip
    assert len(await made(site, "ships")) == 6, "who came late or reads more topics got others"
    assert b"Ship one came in" in page.body
    for address, headline in found:
        mail = await site.get(address)
        assert mail.status == 200
        assert headline in mail.body.decode()
        assert "x-robots-tag" not in mail.headers
    body = page.body.decode()
    assert body.count("<time ") == body.count(" data-day ") == 3, "an issue has its date, not '5 minutes ago'"
    assert 'querySelectorAll("time[datetime]:not([data-day])")' in body
    html5lib.HTMLParser(strict=True).parse(page.body.decode())


async def test_a_mail_leads_on_to_its_neighbours_the_list_and_the_next_mail(site: Site) -> None:
    newest, middle, oldest = (
        address for address, _ in listed((await site.get("/topics/ships/editions")).body)
    )
    body = (await site.get(middle)).body.decode()
    html5lib.HTMLParser(strict=True).parse(body)
    assert f'rel="prev" href="{oldest}"' in body
    assert f'rel="next" href="{newest}"' in body
    for place in ("/topics/ships/editions", "/topics/ships", "/privacy"):
        assert f'href="{place}"' in body
    assert "/topics/ships#door-mail" in body
    for personal in (
        "You get this mail",
        "Sent to",
        ">Unsubscribe<",
        "/preferences",
        "Read on the web",
        "role=",
    ):
        assert personal not in re.sub(r'role="presentation"', "", body), "the page is for everybody"
    assert body.count("<main>") == body.count("</main>") == 1
    assert 'rel="prev"' not in (await site.get(oldest)).body.decode()
    assert 'rel="next"' not in (await site.get(newest)).body.decode()
    late = next(each for each in await made(site, "ships") if each.articles == 2 and each.shown[0] != 1)
    unlisted = await site.get(f"/editions/{late.id}")
    assert unlisted.headers["x-robots-tag"] == "noindex, nofollow"
    assert f'rel="prev" href="{middle}"' in unlisted.body.decode()


async def test_what_is_for_who_has_the_link_is_in_no_list(site: Site) -> None:
    for slug in ("trains", "secret", "gone", "a\x00"):
        for ending in ("", ".rss"):
            assert (await site.get(f"/topics/{slug}/editions{ending}")).status == 404
    both = (await made(site, "ships", "trains"))[0]
    for topics in (("trains",), ("secret",)):
        one = (await made(site, *topics))[0]
        page = await site.get(f"/editions/{one.id}")
        assert page.status == 200
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert b'/editions"' not in page.body
    page = await site.get(f"/editions/{both.id}")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert b'rel="next"' not in page.body


@pytest.mark.parametrize("format_", ["rss", "atom", "json"])
async def test_the_feed_is_valid_stable_and_answers_304(site: Site, format_: str) -> None:
    path = f"/topics/ships/editions.{format_}"
    first = await site.get(path)
    assert first.status == 200
    assert FAULTS[format_](first.body) == []
    assert first.headers["access-control-allow-origin"] == "*"
    again = await site.get(path)
    assert again.body == first.body
    unchanged = await site.get(path, If_None_Match=f"W/{first.headers['etag']}")
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["etag"] == first.headers["etag"]
    dated = "Thu, 01 Jan 2032 00:00:00 GMT"
    assert (await site.get(path, If_Modified_Since=dated, If_None_Match='"x"')).status == 200
    assert (await site.get(path, If_Match='"x"')).status == 412
    assert (await site.get("/topics/ships/editions.html")).status == 404


async def test_an_entry_tells_headlines_and_leads_to_the_mail(site: Site) -> None:
    base = site.parts.settings.site.base_url
    entries = feedparser.parse((await site.get("/topics/ships/editions.atom")).body).entries
    assert [entry.title for entry in entries][1:] == [
        "Ships: Ship three came in · Jan 3, 2030", "Ships: Ship one came in · Jan 2, 2030",
    ]  # fmt: skip
    assert entries[2].summary == "Ship one came in · Ship two came in"
    assert entries[2].link.startswith(f"{base}/editions/")
    items = json.loads((await site.get("/topics/ships/editions.json")).body)["items"]
    assert [item["id"] for item in items] == [entry.id for entry in entries]
    assert items[0]["date_published"] == "2030-01-04T07:00:00Z"


async def test_a_former_name_leads_on_and_old_links_go_on_working(site: Site) -> None:
    for ending in ("", ".rss"):
        moved = await site.get(f"/topics/boats/editions{ending}")
        base = site.parts.settings.site.base_url
        assert (moved.status, moved.headers["location"]) == (301, f"{base}/topics/ships/editions{ending}")


async def test_a_long_archive_goes_on_page_by_page_and_back(site: Site) -> None:
    sample = (await made(site, "ships"))[0]
    async with site.parts.store.write() as conn:
        for n in range(120):
            at = datetime(2029, 1, 1, 7, tzinfo=UTC) + n * DAY
            day = at.date().isoformat()
            await editions.open_run(conn, "daily@07:00@UTC", day, fired_at=at, cutoff=0, now=at)
            run = await editions.run_of(conn, "daily@07:00@UTC", day)
            assert run
            other = {"id": f"old{n}", "subject": f"Old {n}", "created_at": at, "language": "en", "shown": ()}
            await editions.add(conn, run.id, Edition(**{**_fields(sample), **other}))
            await listings.record(conn, run, ["ships"])
            await editions.close_run(conn, run.id)
    seen, back, address = [], [], "/topics/ships/editions"
    while address:
        page = await site.get(address)
        seen += [headline for _, headline in listed(page.body)]
        last, address = address, _rel(page.body, "next")
    assert len(seen) == len(set(seen)) == 123
    assert seen[3] == "Ships · Apr 30, 2029"
    address = last
    while address:
        page = await site.get(address)
        back = [headline for _, headline in listed(page.body)] + back
        address = _rel(page.body, "prev")
    assert back == seen
    for wrong in ("2029-01-01", "x", "2029-01-01.en.", "2028-01-01.en", "%00"):
        assert (await site.get(f"/topics/ships/editions?before={wrong}")).status == 404
    assert len(feedparser.parse((await site.get("/topics/ships/editions.rss")).body).entries) == 50


def _fields(edition: Edition) -> dict[str, object]:
    return {name: getattr(edition, name) for name in Edition.__slots__}


def _rel(body: bytes, rel: str) -> str:
    found = re.search(rf'<a rel="{rel}" href="([^"]*)"', body.decode())
    return found[1].replace("&amp;", "&") if found else ""


async def test_readers_are_told_the_truth_about_their_data(site: Site, desk: Desk) -> None:
    """Each link and picture of each mail leads to a publisher, or to a page of ours that stays itself."""
    page = await site.get("/privacy")
    text = page.body.decode()
    assert (page.status, "set-cookie" in page.headers) == (200, False)
    html5lib.HTMLParser(strict=True).parse(text)
    settings = site.parts.settings
    assert f"{settings.retention.articles.days} days after" in text
    assert "kept for 400 days" in text
    assert (settings.public / "privacy.html").read_text() == text
    front = (await site.get("/topics/ships")).body.decode()
    assert 'href="/privacy"' in front
    assert 'href="/topics/ships/editions"' in front
    base = settings.site.base_url
    mails = [path.read_bytes() for path in (desk.program.folder / "var" / "mail" / "new").iterdir()]
    assert len(mails) >= 10
    async with site.parts.store.read() as conn:
        bodies = [
            each.html
            for each in [await editions.get(conn, one.id) for one in await editions.list_all(conn)]
            if each
        ]
    links = {
        link for body in bodies for link in re.findall(r'(?:href|src|background)="(https?:[^"]*)"', body)
    }
    ours = {link for link in links if link.startswith(base)}
    assert {link for link in links - ours if not link.startswith("https://wire.example/")} == set()
    for link in ours:
        answer = await site.get(link)
        assert answer.status in (200, 304), f"{link} leads on to somewhere else"
    assert not [body for body in bodies if re.search(rf'<img[^>]*src="{base}', body)]


async def test_what_was_taken_back_is_in_neither_list_nor_feed(site: Site) -> None:
    before = await site.get("/topics/ships/editions.rss")
    async with site.parts.store.read() as conn:
        wrong = [
            each
            async for some in articles.scan(conn)
            for each in some
            if each.article.guid in ("ship-2", "ship-3")
        ]
    for one in wrong:
        await retract(site.parts.store, one, reason="Wrong", by="A", now=site.parts.clock())
    page = (await site.get("/topics/ships/editions")).body.decode()
    feed = await site.get("/topics/ships/editions.rss", If_None_Match=before.headers["etag"])
    assert feed.status == 200
    for text in (page, feed.body.decode()):
        assert "Ship two" not in text
        assert "Ship three" not in text, "nor its mail, of which nothing is left"
        assert "Ship one came in" in text
    assert "Ships: Ship one came in · Jan 2, 2030" in feed.body.decode()


async def test_admins_see_who_reads_and_what_became_of_the_mails(site: Site) -> None:
    assert (await site.get("/admin/readers")).status == 403
    cookie = await _inside(site)
    page = (await site.get("/admin/readers", Cookie=cookie)).body.decode()
    html5lib.HTMLParser(strict=True).parse(page)
    row = re.search(r'<tr><th scope="row"><a [^>]*>Ships</a></th>(.*?)</tr>', page)
    assert row
    assert re.findall(r">(\d+)<", row[1]) == ["4", "0", "0", "1", "0", "0"]
    assert '<svg role="img"' in page
    page = (await site.get("/admin/readers?q=THREE", Cookie=cookie)).body.decode()
    rows = re.findall(r"/editions/.*?</th>(.*?)</tr>", page, re.DOTALL)
    assert ["1", "2", "2", "0", "0", "0"] in [re.findall(r">(\d+)<", row) for row in rows]
    assert len(rows) == 3
    gold = (await site.get("/admin/readers?q=gold&days=30", Cookie=cookie)).body.decode()
    assert ">Ships</a>" not in gold
    assert 'value="gold"' in gold
    one = (await site.get("/admin/readers?topic=trains&days=7", Cookie=cookie)).body.decode()
    assert 'value="trains" selected' in one
    assert 'value="90" selected' in one, "an address that makes no sense shows the usual"
    assert "A train left" in one
    hostile = (
        await site.get("/admin/readers?q=%22%3E%3Cscript%3E%00&topic=%00&days=x", Cookie=cookie)
    ).body.decode()
    assert "<script>\x00" not in hostile
    assert '"><script>' not in hostile


async def _inside(site: Site) -> str:
    now = site.parts.clock()
    async with site.parts.store.write() as conn:
        link = await door.link(conn, site.parts.tokens, site.parts.settings.site.base_url, now)
    answer = await site.get(link, "POST", Origin=site.parts.settings.site.base_url)
    return answer.headers["set-cookie"].partition(";")[0]


async def test_a_topic_for_some_readers_says_so(site: Site, desk: Desk) -> None:
    await desk.live(site, 3)
    page = (await site.get("/topics/gold")).body.decode()
    assert "This topic is sent to some readers, whom the editor chooses." in page
    assert "mailto:" not in page.partition("door-mail")[2].partition("latest")[0]
    settings, catalog = load_all(desk.program.config, {})
    assert [slug for slug, topic in sorted(catalog.topics.items()) if topic.is_offered] == ["ships", "trains"]
    assert dump(settings.config)
    sitemap = (settings.public / "sitemap-pages.xml").read_text()
    assert "/topics/ships/editions<" in sitemap
    assert "/topics/trains/editions<" not in sitemap
    assert "/privacy<" in sitemap
