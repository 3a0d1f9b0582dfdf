"""`syndicator sources` as an admin uses it: finding, adding, exchanging, looking, pulling."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from newsroom import Story, rss
from program import Program, free_port
from typer.testing import CliRunner

from syndicator.catalog import load_settings, opml
from syndicator.cli import app
from syndicator.cli.sources.common import NOTICES
from syndicator.clock import utc_now
from syndicator.parse.newsletter.kinds import Kind
from syndicator.store import Store, hubs, notices, sources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from click.testing import Result
    from servers import Handler, HttpServer, Page
    from sqlalchemy.ext.asyncio import AsyncConnection

    Serve = Callable[[Mapping[str, Page | Handler]], HttpServer]

SHIP = Story(
    "ship", "A ship came in", "It brought oranges, and a letter from the other side of the sea. " * 30
)
TRAIN = Story("train", "A train left <b>late</b> \x1b[31m", "Nobody knew why. " * 120)
FEED = rss("Harbour Post", SHIP, TRAIN).replace(b"\x1b", b"")
XML = {"Content-Type": "application/rss+xml; charset=utf-8"}
HTML = {"Content-Type": "text/html"}
HOME = b"""<html><head><title>Harbour</title>
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" title="News" href="/news.rss"></head></html>"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    yield program
    program.close()


def call(desk: Program, *words: str) -> Result:
    return CliRunner().invoke(app, ["--config", str(desk.config), *words])


def said(result: Result) -> str:
    """What an error says with its hint, as `main` prints it."""
    error = result.exception
    if error is None or isinstance(error, SystemExit):
        return result.stderr
    return f"{result.stderr}{error}\n  try: {getattr(error, 'hint', '')}"


# Finding ----------------------------------------------------------------------------------------------


def test_a_page_leads_to_its_feed_which_is_added(desk: Program, http_server: Serve) -> None:
    server = http_server({"/": (HOME, HTML), "/news.rss": (FEED, XML), "/comments/feed": (FEED, XML)})
    kept = "# mine\nsources:\n  # the first\n  - {name: a, url: 'https://e.example/a'}  # why\n"
    (desk.config / "sources" / "mine.yaml").write_text(kept)
    done = call(
        desk, "sources", "add", server.url("/"), "--tag", "sea", "--tag", "a, b", "--file", "mine.yaml"
    )
    assert done.exit_code == 0, said(done)
    assert (desk.config / "sources" / "mine.yaml").read_text() == (
        kept + f'  - name: harbour-post\n    url: {server.url("/news.rss")}\n    tags: [sea, "a, b"]\n'
    )
    assert "added 'harbour-post'" in done.stderr
    assert "A ship came in" in done.stdout
    assert [visit.path for visit in server.log if visit.path != "/robots.txt"] == ["/", "/news.rss"]
    again = call(desk, "sources", "add", server.url("/"))
    assert again.exit_code == 1
    assert "there is a source for this address already: 'harbour-post'" in said(again)
    assert not (desk.config / "sources" / "added.yaml").exists()


def test_probe_says_what_there_is_and_changes_nothing(desk: Program, http_server: Serve) -> None:
    feed = FEED.replace(b"<channel>", b"<channel><ttl>90</ttl>")
    server = http_server({"/": (HOME, HTML), "/news.rss": (feed, XML | {"Cache-Control": "max-age=600"})})
    before = {path: path.read_bytes() for path in desk.config.rglob("*.yaml")}
    done = call(desk, "sources", "probe", server.url("/"), "--json")
    assert done.exit_code == 0, said(done)
    seen: Any = json.loads(done.stdout)
    assert seen["feed_url"] == server.url("/news.rss")
    assert (seen["title"], seen["entries"], seen["language"]) == ("Harbour Post", 2, "en")
    assert (seen["asks"], seen["fresh_for"], seen["found"]) == ("every 90 min", "10 min", "declared")
    assert seen["config"] == {"name": "harbour-post", "url": server.url("/news.rss")}
    assert [each["url"] for each in seen["others"]] == [server.url("/comments/feed")]
    assert [entry["published_at"] for entry in seen["last"]] == ["2026-11-23T08:00:00Z"] * 2
    shown = call(desk, "sources", "probe", server.url("/news.rss"))
    assert "\x1b" not in shown.stdout
    assert "  - name: harbour-post\n" in shown.stdout
    assert before == {path: path.read_bytes() for path in desk.config.rglob("*.yaml")}
    assert not (desk.folder / "var").exists()


def test_a_publisher_steers_no_terminal(desk: Program, http_server: Serve) -> None:
    escape = "\x1b]0;pwned\x07\x1b[31m\x9b2J\u202e"
    item = {"id": "1", "title": f"News{escape}", "url": f"https://a.example/{escape}", "content_text": "x"}
    body = {"version": "https://jsonfeed.org/version/1.1", "title": f"A{escape}", "language": f"en{escape}"}
    body |= {"hubs": [{"type": "WebSub", "url": f"https://hub.example/{escape}"}], "items": [item]}
    server = http_server({"/feed.json": (json.dumps(body).encode(), {"Content-Type": "application/json"})})
    for words in (("probe",), ("add",)):
        done = call(desk, "sources", *words, server.url("/feed.json"))
        assert done.exit_code == 0, said(done)
        assert "News" in done.stdout
        for sign in "\x1b\x07\x9b\u202e":
            assert sign not in done.stdout + done.stderr


def test_commands_that_fetch_say_who_asks(desk: Program, http_server: Serve) -> None:
    server = http_server({"/news.rss": (FEED, XML)})
    desk.configure(site={"base_url": "https://desk.example"})
    for words in (("parse", server.url("/news.rss")), ("sources", "probe", server.url("/news.rss"))):
        assert call(desk, *words).exit_code == 0
    assert {visit.headers["User-Agent"].partition(" ")[2] for visit in server.log} == {
        "(+https://desk.example/)"
    }


def test_without_a_declared_feed_well_known_paths_are_tried(desk: Program, http_server: Serve) -> None:
    server = http_server({"/": (b"<html><p>Welcome</p></html>", HTML), "/rss.xml": (FEED, XML)})
    done = call(desk, "sources", "add", server.url("/"), "--name", "wire")
    assert done.exit_code == 0, said(done)
    assert f"url: {server.url('/rss.xml')}" in (desk.config / "sources" / "added.yaml").read_text()
    asked = [visit.path for visit in server.log if visit.path != "/robots.txt"]
    assert asked == ["/", "/feed", "/rss.xml"]


def test_a_section_without_a_feed_leads_to_that_of_its_front_page(desk: Program, http_server: Serve) -> None:
    bare = (b"<html><p>Section</p></html>", HTML)
    server = http_server({"/": (HOME, HTML), "/news/": bare, "/news.rss": (FEED, XML)})
    seen = json.loads(call(desk, "sources", "probe", server.url("/news/"), "--json").stdout)
    assert (seen["feed_url"], seen["found"]) == (server.url("/news.rss"), "declared")
    server = http_server({"/news/": bare, "/feed.xml": (FEED, XML)})
    seen = json.loads(call(desk, "sources", "probe", server.url("/news/"), "--json").stdout)
    assert seen["feed_url"] == server.url("/feed.xml")


def test_without_a_scheme_plain_http_is_tried_too(desk: Program, http_server: Serve) -> None:
    server = http_server({"/news.rss": (FEED, XML)})
    bare = server.url("/news.rss").removeprefix("http://")
    seen = json.loads(call(desk, "sources", "probe", bare, "--json").stdout)
    assert seen["feed_url"] == server.url("/news.rss")
    refused = call(desk, "sources", "probe", f"127.0.0.1:{free_port()}")
    assert refused.exit_code == 1
    assert "no connection to 127.0.0.1" in said(refused)
    assert "try: look at its host and port" in said(refused)


def test_of_a_list_page_one_article_is_read(desk: Program, http_server: Serve) -> None:
    links = "".join(
        f'<h2><a href="/a/{n}">The {n} ship came in this morning</a></h2>' for n in ("one", "two")
    )
    story = "<p>It brought oranges, and a letter from the other side of the sea.</p>" * 20
    date = '<meta property="article:published_time" content="2026-11-24T08:00:00Z">'
    page = f"<html><head>{date}<title>The ship</title></head><body><article><h1>The ship</h1>{story}"
    server = http_server({
        "/list": (f"<html><body><main>{links}".encode(), HTML),
        "/a/one": (page.encode(), HTML),
    })  # fmt: skip
    words = ("sources", "probe", server.url("/list"), "--kind", "page", "--select", "h2 a")
    shown = call(desk, *words)
    assert shown.exit_code == 0, said(shown)
    assert "each from its page; the first: 2026-11-24 08:00 UTC, " in shown.stdout
    assert "beginnings" not in shown.stdout
    assert "no date" not in shown.stdout
    article = json.loads(call(desk, *words, "--json").stdout)["article"]
    assert (article["url"], article["problem"]) == (server.url("/a/one"), "")
    assert article["characters"] > 0
    assert article["published_at"] == "2026-11-24T08:00:00Z"


def test_a_mailbox_is_not_probed(desk: Program) -> None:
    for words in (("maildir:box",), ("maildir:box", "--kind", "newsletter"), ("imaps://a.example/N",)):
        done = call(desk, "sources", "probe", *words)
        assert done.exit_code == 1
        assert f"try: syndicator sources add {words[0]} --kind newsletter" in said(done)


def test_pulling_goes_on_with_what_was_last_in_force(desk: Program) -> None:
    (desk.config / "feed.xml").write_bytes(FEED)
    (desk.config / "secret").write_text("x")
    desk.sources(wire="file:feed.xml")
    path = desk.config / "sources" / "locked.yaml"
    locked = {"name": "locked", "url": "https://l.example/", "auth": {"bearer_file": "secret"}}
    path.write_text(json.dumps({"sources": [locked]}))
    desk.run("once", "--now", "2020-01-01T00:00:00+00:00")
    (desk.config / "secret").unlink()
    done = call(desk, "sources", "pull", "wire", "--force")
    assert done.exit_code == 0, said(done)
    assert "wire: ok" in done.stdout
    assert "what was last in force counts" in done.stderr


def test_nothing_found_says_why_and_writes_nothing(desk: Program, http_server: Serve) -> None:
    server = http_server({"/": (b"<html><p>Welcome</p></html>", HTML)})
    for words in (("probe",), ("add",)):
        done = call(desk, "sources", *words, server.url("/"))
        assert done.exit_code == 1
        assert "is a page on which no feed is found" in said(done)
        assert "--kind page" in said(done)
    gone = call(desk, "sources", "add", server.url("/gone"))
    assert gone.exit_code == 1
    assert "404" in said(gone)
    assert list((desk.config / "sources").iterdir()) == []


def test_addresses_inside_are_refused_with_the_remedy(desk: Program, http_server: Serve) -> None:
    server = http_server({"/feed": (FEED, XML)})
    desk.configure(fetch={"allow_private": []})
    done = call(desk, "sources", "add", server.url("/feed"))
    assert done.exit_code == 1
    assert "--allow-private" in said(done)
    assert server.log == []
    done = call(desk, "sources", "add", server.url("/feed"), "--allow-private")
    assert done.exit_code == 0, said(done)
    assert "allow_private: true" in (desk.config / "sources" / "added.yaml").read_text()


def test_a_redirect_does_not_take_us_inside(desk: Program, http_server: Serve) -> None:
    inside = http_server({"/feed": (FEED, XML)})
    page = f'<html><link rel="alternate" type="text/rss" href="{inside.url("/feed")}"></html>'.encode()
    (desk.config / "page.html").write_bytes(page)
    desk.configure(fetch={"allow_private": []})
    done = call(desk, "sources", "probe", "file:page.html", "--allow-private")
    assert done.exit_code == 1
    assert inside.log == []


def test_newsletters_are_added_unseen(desk: Program) -> None:
    (desk.config / "mail" / "news").mkdir(parents=True)
    done = call(desk, "sources", "add", "maildir:mail/news", "--name", "letters")
    assert done.exit_code == 0, said(done)
    assert "kind: newsletter" in (desk.config / "sources" / "added.yaml").read_text()
    refused = call(desk, "sources", "add", "lmtp:news@in.example", "--name", "inbound")
    assert "set inbound.lmtp" in said(refused)


WRONG = [
    (("add", "https://e.example/", "--kind", "podcast"), 2, "is no kind of source"),
    (("show", "wyre"), 1, "did you mean wire?"),
    (("pull", "nothing"), 1, "there is no 'nothing'"),
    (("release", "nothing"), 1, "there is no 'nothing'"),
    (("import", "/nowhere.opml"), 1, "No such file"),
    (("add", "file:feed.xml", "--name", "Bad Name"), 2, "is no name"),
    (("add", "file:feed.xml", "--name", "wire"), 1, "there is a source 'wire' already"),
    (("add", "file:other.xml", "--file", "../x.yaml"), 1, "is no name of a file"),
    (("add", "ftp://e.example/"), 1, "is no address of a web server"),
    (("probe", "htp://e.example/"), 1, "begin it with https://; for a mailbox use"),
    (("probe", "maildir:mail/news"), 1, "mailboxes are not looked into"),
    (("probe", "lmtp:a@in.example"), 1, "mailboxes are not looked into"),
    (("probe", "/feed.xml"), 1, "is no address of a web server"),
    (("probe", ""), 1, "'' is no address of a web server"),
    (("probe", "https://"), 1, "names no host"),
    (("add", "https://e.example/", "--kind", "newsletter"), 1, "is no address of a mailbox"),
    (("add", "https://e.example/", "--language", "klingonish!"), 2, "is no language"),
    (("add", "https://e.example/", "--full-text", "maybe"), 2, "there are off, truncated, always"),
    (("add", "https://e.example/", "--file", "a/b.yaml"), 1, "is no name of a file"),
    (("clear", "wire", "--kind", "confirm"), 1, "confirmation, welcome, flood, adopted, loop, other"),
    (("clear", "wyre"), 1, "did you mean wire?"),
]


@pytest.mark.parametrize(("words", "code", "words_said"), WRONG, ids=lambda value: str(value)[:40])
def test_refusals(desk: Program, words: tuple[str, ...], code: int, words_said: str) -> None:
    desk.sources(wire="file:x.xml")
    for name in ("feed.xml", "other.xml"):
        (desk.config / name).write_bytes(FEED)
    done = call(desk, "sources", *words)
    assert words_said in said(done).replace("\n", " ").replace("│", "")
    assert done.exit_code == code


# Sharing ----------------------------------------------------------------------------------------------

LIST = """<opml version="1.0"><body><outline text="Sea">
<outline text="Harbour Post" xmlUrl="https://h.example/feed?a=1&amp;b=2" language="en"/>
<outline text="Harbour Post" xmlUrl="https://i.example/feed" language="unknown"/>
<outline text="Again" xmlUrl="http://www.h.example/feed?b=2&amp;a=1"/>
<outline text="Old" xmlUrl="ftp://h.example/feed"/></outline>
<outline text="Known" xmlUrl="https://known.example/feed/"/></body></opml>"""


def test_lists_are_imported_and_exported(desk: Program) -> None:
    desk.sources(known="https://known.example/feed", dir_="file:here.xml")
    path = desk.folder / "My feeds.opml"
    path.write_text(LIST)
    tried = call(desk, "sources", "import", str(path), "--dry-run")
    assert tried.exit_code == 0, said(tried)
    assert "would add 2 sources" in tried.stderr
    assert not (desk.config / "sources" / "my-feeds.yaml").exists()
    done = call(desk, "sources", "import", str(path))
    assert done.exit_code == 0, said(done)
    assert (desk.config / "sources" / "my-feeds.yaml").read_text() == tried.stdout
    assert "    # title: Harbour Post\n" in tried.stdout, "a publisher's later name is shown"
    assert "\n    title:" not in tried.stdout
    assert done.stderr.splitlines()[:3] == [
        "left out http://www.h.example/feed?b=2&a=1: there already, as 'harbour-post'",
        "left out Old: 'ftp://h.example/feed' is no address",
        "left out https://known.example/feed/: there already, as 'known'",
    ]
    assert "nothing to add" in call(desk, "sources", "import", str(path)).stderr
    out = call(desk, "sources", "export")
    assert out.exit_code == 0
    assert "left out 1 source that" in out.stderr
    (desk.folder / "out.opml").write_text(out.stdout)
    assert [each.title for each in opml.read(out.stdout.encode())][1:] == ["harbour-post", "harbour-post-2"]
    assert [each.tags for each in opml.read(out.stdout.encode())] == [(), ("Sea",), ("Sea",)]
    for file in ("all.yaml", "my-feeds.yaml"):
        (desk.config / "sources" / file).unlink()
    call(desk, "sources", "import", str(desk.folder / "out.opml"))
    rows = json.loads(call(desk, "sources", "list", "--json").stdout)
    assert {row["url"] for row in rows} == {
        "https://h.example/feed?a=1&b=2", "https://i.example/feed", "https://known.example/feed",
    }  # fmt: skip


def test_what_is_written_is_shown(desk: Program, http_server: Serve) -> None:
    cut = rss("Short", Story("a", "First", "It begins…"), Story("b", "Second", "So does this [...]"))
    server = http_server({"/feed": (cut, XML)})
    done = call(desk, "sources", "add", server.url("/feed"), "--tag", "sea")
    assert done.exit_code == 0, said(done)
    written = (desk.config / "sources" / "added.yaml").read_text()
    assert "full_text: truncated" in written
    assert done.stdout.endswith("\n\n" + written.partition("sources:\n")[2])
    assert "full_text: truncated, for 2 of 2 entries are but beginnings" in done.stderr


def test_options_are_checked_before_anybody_is_asked(desk: Program, http_server: Serve) -> None:
    server = http_server({"/feed": (FEED, XML)})
    wrong = [
        ("--language", "x!"),
        ("--full-text", "yes"),
        ("--file", "../a"),
        ("--name", "A b"),
        ("--kind", "x"),
    ]
    for option in wrong:
        assert call(desk, "sources", "add", server.url("/feed"), *option).exit_code != 0
    assert server.log == []


def test_a_list_that_ends_in_the_middle_says_so_and_may_be_private(desk: Program) -> None:
    path = desk.folder / "cut.opml"
    path.write_text(LIST[: LIST.index('<outline text="Harbour Post" xmlUrl="https://i.')])
    done = call(desk, "sources", "import", str(path), "--allow-private")
    assert done.exit_code == 0, said(done)
    assert "ends in the middle" in done.stderr
    assert "added 1 source to" in done.stderr
    assert "allow_private: true" in (desk.config / "sources" / "cut.yaml").read_text()
    path.write_text(LIST)
    assert "ends in the middle" not in call(desk, "sources", "import", str(path), "--dry-run").stderr


def test_private_addresses_are_named_on_import(desk: Program) -> None:
    path = desk.folder / "home.opml"
    path.write_text(
        '<opml version="1.0"><body><outline xmlUrl="http://192.168.1.9/feed"/>'
        '<outline xmlUrl="http://localhost:8000/feed"/><outline xmlUrl="https://h.example/feed"/></body></opml>'
    )
    for more in (["--dry-run"], []):
        lines = call(desk, "sources", "import", str(path), *more).stderr.splitlines()
        assert "http://192.168.1.9/feed: 192.168.1.9 is a private address, and will be refused" in lines
        assert "http://localhost:8000/feed: localhost is a private address, and will be refused" in lines
        assert "  try: --allow-private, if they lie inside your own network" in lines
        assert not any("h.example" in line for line in lines)
    desk.configure(fetch={"allow_private": ["192.168.1.0/24"]})
    (desk.config / "sources" / "home.yaml").unlink()
    assert "192.168" not in call(desk, "sources", "import", str(path)).stderr


# Looking ----------------------------------------------------------------------------------------------

SECRETS = """sources:
  - name: locked
    url: https://e.example/feed
    auth: {username: jo, password_file: pw}
    headers: {X-Key: {env: HOME}}
  - {name: open, url: 'https://u:url-secret@f.example/feed'}
"""


def test_show_never_shows_a_secret(desk: Program) -> None:
    (desk.config / "sources" / "a.yaml").write_text(SECRETS)
    (desk.config / "pw").write_text("file-secret")
    done = call(desk, "sources", "show", "locked")
    assert done.exit_code == 0, said(done)
    assert "basic as jo" in done.stdout
    assert "header X-Key" in done.stdout
    assert "config/sources/a.yaml:2" in done.stdout
    told = [call(desk, "sources", *words) for words in (
        ("show", "locked", "--json"), ("show", "open"), ("list",), ("list", "--json"), ("export",),
    )]  # fmt: skip
    for each in (done, *told, call(desk, "status", "--json"), call(desk, "check")):
        assert "-secret" not in each.output
    assert json.loads(told[3].stdout)[1]["url"] == "https://u:***@f.example/feed"


def test_alarms_are_told_and_settled(desk: Program) -> None:
    (desk.config / "feed.xml").write_bytes(FEED)
    desk.sources(wire="file:feed.xml", lost="file:lost.xml")
    began = datetime.now(UTC)
    for day in range(10):
        desk.once((began + timedelta(days=day)).isoformat())

    async def raise_one() -> None:
        store = Store(load_settings(desk.config, {}).database_url)
        async with store.write() as conn:
            await notices.raise_(
                conn, "wire", "confirmation", "wants a click", url="https://c.example/", now=began
            )
        await store.close()

    asyncio.run(raise_one())
    rows = {row["name"]: row for row in json.loads(call(desk, "sources", "list", "--json").stdout)}
    assert rows["wire"]["health"] == "ok"
    assert rows["lost"]["health"] in ("dead", "failing")
    assert rows["wire"]["notices"] == [
        {"kind": "confirmation", "text": "wants a click", "url": "https://c.example/"}
    ]
    alarms = json.loads(call(desk, "status", "--json").stdout)["alarms"]
    assert "wire: wants a click https://c.example/" in alarms
    assert "alarm: wire: wants a click" in call(desk, "status").stderr
    assert "wants a click" in call(desk, "sources", "notices").stdout
    assert json.loads(call(desk, "sources", "notices", "--json").stdout)[0]["kind"] == "confirmation"
    assert "1 notice settled" in call(desk, "sources", "clear", "wire").stderr
    assert json.loads(call(desk, "sources", "notices", "--json").stdout) == []
    assert "0 held matches" in call(desk, "sources", "release", "wire").stderr


def test_the_kinds_of_mails_are_kinds_of_notices() -> None:
    assert set(get_args(Kind)) - {"issue"} <= set(NOTICES)


def write(desk: Program, what: Callable[[AsyncConnection], Awaitable[object]]) -> None:
    """Do something to the desk's database."""

    async def inside() -> None:
        store = Store(load_settings(desk.config, {}).database_url)
        async with store.write() as conn:
            await what(conn)
        await store.close()

    asyncio.run(inside())


def test_notices_outlive_their_source(desk: Program) -> None:
    (desk.config / "feed.xml").write_bytes(FEED)
    desk.sources(wire="file:feed.xml")
    assert "all is well" in call(desk, "sources", "list", "--alarms").stderr
    write(desk, lambda conn: notices.raise_(conn, "old", "flood", "very many", now=utc_now()))
    assert "alarm: old (no longer configured): very many" in call(desk, "status").stderr
    assert "old (no longer configured)" in call(desk, "sources", "notices").stdout
    assert "no longer configured: old" in call(desk, "sources", "list", "--alarms").stderr
    assert json.loads(call(desk, "sources", "notices", "--json").stdout)[0]["configured"] is False
    assert "1 notice settled" in call(desk, "sources", "clear", "old").stderr
    gone = call(desk, "sources", "clear", "old")
    assert gone.exit_code == 1
    assert "there is no 'old'" in said(gone)


def test_what_asks_for_nothing_is_no_alarm(desk: Program) -> None:
    (desk.config / "feed.xml").write_bytes(FEED)
    desk.sources(wire="file:feed.xml")
    desk.once()
    for kind in ("welcome", "other"):
        write(desk, lambda conn, kind=kind: notices.raise_(conn, "wire", kind, f"{kind}!", now=utc_now()))
    status = call(desk, "status")
    assert status.exit_code == 0
    assert "notice: wire: welcome!\nnotice: wire: other!" in status.stderr
    assert "alarm" not in status.stderr
    assert json.loads(call(desk, "status", "--json").stdout)["alarms"] == []
    assert "all is well" in call(desk, "sources", "list", "--alarms").stderr
    assert "welcome!" in call(desk, "sources", "list").stdout
    assert "welcome!" in call(desk, "sources", "notices").stdout


def test_failing_is_not_called_well(desk: Program) -> None:
    desk.sources(lost="file:lost.xml")
    pulled = call(desk, "sources", "pull", "lost")
    assert pulled.exit_code == 1
    listed = call(desk, "sources", "list", "--alarms").stderr
    assert listed == "no alarms; 1 failing, tried again by themselves\n"


def write_source(desk: Program, **keys: object) -> None:
    """Write the only source, `odd`."""
    (desk.config / "sources").mkdir(exist_ok=True)
    item = json.dumps({"sources": [{"name": "odd"} | keys]})
    (desk.config / "sources" / "sources.yaml").write_text(item)


@pytest.mark.parametrize(
    ("keys", "note", "words"),
    [
        ({"url": "http://10.0.0.1/"}, "10.0.0.1 is a private address, and refused", "allow_private: true"),
        ({"url": "http://[fd00::1]/"}, "fd00::1 is a private address", "allow_private: true"),
        ({"url": "maildir:nowhere", "kind": "newsletter"}, "there is no such folder", "mend the address"),
    ],
)
def test_what_only_an_admin_can_mend_is_an_alarm_at_once(
    desk: Program, keys: dict[str, str], note: str, words: str
) -> None:
    write_source(desk, **keys)
    assert note in call(desk, "check").stderr
    pulled = call(desk, "sources", "pull", "odd")
    assert pulled.exit_code == 1
    assert f"try: {words}" in pulled.stderr or "try: put it there" in pulled.stderr
    assert "articles new" not in pulled.stderr
    (listed,) = json.loads(call(desk, "sources", "list", "--alarms", "--json").stdout)
    assert listed["health"] == "stuck"
    assert "alarm: odd: has failed once" in call(desk, "status").stderr
    assert "try " in call(desk, "sources", "show", "odd").stdout


def test_a_login_that_is_refused_is_an_alarm(desk: Program, http_server: Serve) -> None:
    asks = (b"no", {"WWW-Authenticate": "Basic"}, 401)
    server = http_server({"/login": asks, "/gone": (b"no", {}, 404)})
    for path, health in (("/login", "stuck"), ("/gone", "failing")):
        write_source(desk, url=server.url(path), allow_private=True)
        pulled = call(desk, "sources", "pull", "odd", "--force")
        assert "\n  try: " in f"\n{pulled.stderr}"
        (listed,) = json.loads(call(desk, "sources", "list", "--json").stdout)
        assert listed["health"] == health


def test_check_tells_of_a_mailbox_without_login(desk: Program) -> None:
    write_source(desk, url="imaps://mail.example/News", kind="newsletter")
    assert "nobody logs in there; add auth:" in call(desk, "check").stderr


def test_a_mailbox_that_is_added_must_be_there(desk: Program) -> None:
    done = call(desk, "sources", "add", "maildir:/nope", "--kind", "newsletter")
    assert done.exit_code == 1
    assert "there is no such folder" in said(done)
    (desk.config / "box").mkdir(parents=True)
    done = call(desk, "sources", "add", "maildir:box", "--kind", "newsletter")
    assert done.exit_code == 0, said(done)
    done = call(desk, "sources", "add", "imaps://mail.example/News", "--kind", "newsletter")
    assert "add auth:" in done.stderr


def test_show_speaks_in_words(desk: Program) -> None:
    desk.sources(wire="file:feed.xml")
    (desk.config / "feed.xml").write_bytes(FEED)
    call(desk, "sources", "pull", "wire")
    lines = dict(line.split(None, 1) for line in call(desk, "sources", "show", "wire").stdout.splitlines())
    assert lines["allow_private"] == "no"
    assert lines["min_interval"].endswith((" min", " h"))
    assert lines["rhythm"].endswith((" min", " h", " days"))
    assert isinstance(json.loads(call(desk, "sources", "show", "wire", "--json").stdout)["min_interval"], int)


def test_show_tells_of_articles_hubs_and_pages(desk: Program) -> None:
    (desk.config / "feed.xml").write_bytes(FEED)
    desk.sources(wire="file:feed.xml")
    call(desk, "sources", "pull", "wire")
    pages = {"sources": [{"name": "list", "kind": "page", "url": "file:list.html"}]}
    (desk.config / "sources" / "pages.yaml").write_text(json.dumps(pages))

    later = datetime(2099, 1, 1, tzinfo=UTC)

    async def follow(conn: AsyncConnection) -> None:
        await hubs.wish(conn, "wire", ["https://hub.example/"], "https://wire.example/feed", utc_now())
        (hub,) = await hubs.list_all(conn, "wire")
        told = replace(hub, state="verified", lease_until=later, heard_at=later, problem="it was slow")
        await hubs.record(conn, told)

    write(desk, follow)
    shown = json.loads(call(desk, "sources", "show", "wire", "--json").stdout)
    assert shown["articles"] == 2
    (hub,) = shown["hubs"]
    assert (hub["url"], hub["state"], hub["problem"]) == ("https://hub.example/", "verified", "it was slow")
    assert hub["lease_until"] == hub["last_push_at"] == "2099-01-01T00:00:00Z"
    text = " ".join(call(desk, "sources", "show", "wire").stdout.split(" ", 1)[1].split())
    assert "health ok: asked every" in text
    assert "https://hub.example/: verified; promises news until 2099-01-01T00:00:00Z; last push" in text
    assert "told apart by their guid" in text
    assert " state " not in text
    assert "full_text always" in " ".join(call(desk, "sources", "show", "list").stdout.split())


# Pulling ----------------------------------------------------------------------------------------------


def test_a_source_is_pulled_at_once_but_for_its_publishers_wish(desk: Program, http_server: Serve) -> None:
    busy = (b"later", {"Retry-After": "3600"}, 503)
    server = http_server({"/a": (FEED, XML), "/b": (FEED, XML), "/busy": busy})
    desk.sources(a=server.url("/a"), b=server.url("/b"))
    done = call(desk, "sources", "pull", "a")
    assert done.exit_code == 0, said(done)
    assert "a: ok, new or changed articles" in done.stdout
    assert "2 articles" in done.stderr
    assert len(server.visits("/a")) == 1
    assert server.visits("/b") == []
    again = call(desk, "sources", "pull", "a", "--json")
    assert again.exit_code == 0, said(again)
    assert json.loads(again.stdout)[0]["changed"] is False
    assert len(server.visits("/a")) == 2
    desk.sources(busy=server.url("/busy"))
    assert call(desk, "sources", "pull", "busy").exit_code == 1
    waiting = call(desk, "sources", "pull", "busy")
    assert waiting.exit_code == 1
    assert "its publisher asked us to wait until" in waiting.stderr
    assert len(server.visits("/busy")) == 1
    assert call(desk, "sources", "pull", "busy", "--force").exit_code == 1
    assert len(server.visits("/busy")) == 2
    desk.sources(a=server.url("/a"))
    assert "until" in call(desk, "sources", "pull", "a").stderr, "busy was on the same host"
    assert len(server.visits("/a")) == 2


def test_who_says_how_long_a_feed_lives_is_not_asked_before(desk: Program, http_server: Serve) -> None:
    lasting = FEED.replace(b"<channel>", b"<channel><ttl>600</ttl>", 1)
    server = http_server({"/a": (lasting, XML)})
    desk.sources(a=server.url("/a"))
    assert call(desk, "sources", "pull", "a").exit_code == 0
    again = call(desk, "sources", "pull", "a")
    assert again.exit_code == 1
    assert "its publisher asked us to wait until" in again.stderr
    assert call(desk, "sources", "pull", "a", "--force").exit_code == 0
    assert len(server.visits("/a")) == 2


def test_what_another_process_holds_is_not_called_pulled(desk: Program, http_server: Serve) -> None:
    server = http_server({"/a": (FEED, XML)})
    desk.sources(a=server.url("/a"))
    call(desk, "sources", "pull", "a")

    async def take(conn: AsyncConnection) -> None:
        await sources.make_due(conn, ["a"])
        taken = await sources.claim(conn, now=utc_now(), lease=timedelta(minutes=5), limit=1)
        assert [state.name for state in taken] == ["a"]

    write(desk, take)
    for force in ((), ("--force",)):
        done = call(desk, "sources", "pull", "a", *force)
        assert done.exit_code == 1
        assert "a: is being pulled by another process right now" in done.stderr
        assert "look again in a minute" in done.stderr
        assert done.stdout == ""
    told = json.loads(call(desk, "sources", "pull", "a", "--json").stdout)
    assert told[0]["pulled"] is False
    assert len(server.visits("/a")) == 1
