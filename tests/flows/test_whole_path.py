"""From real feeds on a real server to feeds, pages and mails, on both databases (issue 2)."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from newsroom import JOINT, many

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def pages(request):
    """At least 50 whole real feeds where the corpus is there, else 50 of our own; and the customer's."""
    corpus = request.config.rootpath.parent / "shared" / "corpus"
    if not corpus.is_dir():
        return many(50)
    rows = [line.split("\t") for line in (corpus / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()]
    whole = [row[0] for row in rows if row[1] == "feed-whole"]
    chosen = sorted(whole)[:: max(1, len(whole) // 55)][:55]
    found = {f"/{number}": (corpus / name).read_bytes() for number, name in enumerate(chosen)}
    found["/seed"] = (corpus / "seed" / "feed-full.xml").read_bytes()
    page = (corpus / "seed" / "joint-operation.html").read_bytes()
    return found | {"/page": (page, {"Content-Type": "text/html; charset=utf-8"})}


def titles(body: bytes) -> list[str]:
    return [entry.title for entry in feedparser.parse(body).entries]


def test_the_whole_path(program, http_server, smtp_server, pages):
    server = http_server(pages)
    program.shipped_topics()
    program.sources(**{f"s{path.strip('/').replace('/', '')}": server.url(path) for path in pages})
    program.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": smtp_server.port})
    add = ("subscribers", "add", "--topic", "china", "--topic", "telecom-fraud", "--confirmed")
    program.run(*add, "anna@reader.example", "--at", "07:00", "--zone", "Asia/Shanghai")
    program.run(*add, "bo@reader.example")  # at the hour of the topics

    program.start()
    feeds = [page for page in pages if page != "/page"]
    program.until(lambda: len(server.log) >= len(pages), timeout=120)
    program.until(lambda: JOINT in titles(program.get("/topics/telecom-fraud.rss").body), timeout=120)
    program.until(lambda: JOINT in titles(program.get("/topics/china.rss").body))
    program.until(
        lambda: all(source["state"] != "new" for source in program.json("sources", "list")), timeout=120
    )
    states = {source["name"]: source for source in program.json("sources", "list")}
    assert len(states) == len(pages)
    assert sum(state["state"] == "ok" for state in states.values()) >= 50
    if "/page" in pages:
        assert "page" in states["spage"]["last_error"], "a web page is no feed, and harms no other source"
    for slug in ("china", "telecom-fraud"):
        check_documents(program, slug)
    assert program.stop() < 10

    # The digest, at the subscribers' hour of the next day; a day later nothing is left to say.
    midnight = datetime.now(UTC).replace(hour=23, minute=30, second=0, microsecond=0)
    server.log.clear()
    program.once((midnight + timedelta(days=1)).isoformat())
    answers = {path: [visit.status for visit in server.visits(path)] for path in feeds}
    assert {path: statuses for path, statuses in answers.items() if statuses != [304]} == {}
    check_mails(smtp_server)
    before = len(smtp_server.mails)
    second = program.once((midnight + timedelta(days=2)).isoformat())
    assert (second["articles"], second["planned"], second["sent"]) == (0, 0, 0)
    assert len(smtp_server.mails) == before
    ledger = program.json("deliveries", "list")
    assert {delivery["state"] for delivery in ledger} == {"accepted"}
    assert {delivery["message_id"] for delivery in ledger} == {
        mail.message["Message-ID"] for mail in smtp_server.mails
    }


def check_documents(program, slug):
    """Each format parses, says where its items come from, and answers 304 as long as nothing changed."""
    for name in ("rss", "atom", "json"):
        first = program.get(f"/topics/{slug}.{name}")
        assert first.status == 200
        again = program.get(f"/topics/{slug}.{name}", if_none_match=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        dated = program.get(f"/topics/{slug}.{name}", if_modified_since=first.headers["last-modified"])
        assert dated.status == 304
        packed = program.get(f"/topics/{slug}.{name}", accept_encoding="gzip")
        assert gzip.decompress(packed.body) == first.body
        assert packed.headers["etag"] != first.headers["etag"]
        on_disk = program.folder / "var" / "public" / "topics" / f"{slug}.{name}"
        assert on_disk.read_bytes() == first.body
    rss = ElementTree.fromstring(program.get(f"/topics/{slug}.rss").body)
    atom = ElementTree.fromstring(program.get(f"/topics/{slug}.atom").body)
    feed = json.loads(program.get(f"/topics/{slug}.json").body)
    in_rss = [item.findtext("title") for item in rss.iter("item")]
    in_atom = [entry.findtext(f"{ATOM}title") for entry in atom.iter(f"{ATOM}entry")]
    in_json = [item["title"] for item in feed["items"]]
    assert in_rss == in_atom == in_json == titles(program.get(f"/topics/{slug}.atom").body)
    assert all(item.find("source") is not None for item in rss.iter("item"))
    assert [e.findtext(f"{ATOM}id") for e in atom.iter(f"{ATOM}entry")] == [i["id"] for i in feed["items"]]
    page = program.get(f"/topics/{slug}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert JOINT in page.body.decode()


def check_mails(smtp_server):
    """One mail a reader in HTML and text; both tell of the joint operation, under both topics or one."""
    by_reader = {}
    for mail in smtp_server.mails:
        (reader,) = mail.recipients
        by_reader.setdefault(reader, []).append(mail.message)
    assert set(by_reader) == {"anna@reader.example", "bo@reader.example"}
    assert len(by_reader["anna@reader.example"]) == 1, "one mail with both topics"
    for messages in by_reader.values():
        for kind in ("plain", "html"):
            said = " ".join(message.get_body((kind,)).get_content() for message in messages)
            assert JOINT in " ".join(said.split())
            assert re.search(r"/topics/[a-z-]+\.rss\b", said), "what is followed as a feed is one"
        for message in messages:
            assert message.get_content_type() == "multipart/alternative"
            assert "/unsubscribe/" in message["List-Unsubscribe"]


def test_unsubscribing_by_the_link_in_a_mail(program, http_server, smtp_server):
    server = http_server(many(2))
    program.shipped_topics()
    program.sources(a=server.url("/feed/0"), b=server.url("/feed/1"))
    program.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": smtp_server.port})
    add = ("subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed")
    program.run(*add, "--at", "07:00")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    program.once(tomorrow.replace(hour=8).isoformat())
    (mail,) = smtp_server.mails
    path = mail.message["List-Unsubscribe"].strip("<>").removeprefix(program.settings["site"]["base_url"])
    program.start()
    assert program.get(path).status == 200, "a scanner follows every link"
    assert program.json("subscribers", "list")[0]["topics"] == {"china": "active"}
    for _ in range(2):  # twice is harmless
        answer = program.get(path, "POST", b"List-Unsubscribe=One-Click")
        assert answer.status == 200
        assert "set-cookie" not in answer.headers
    assert program.json("subscribers", "list")[0]["topics"] == {"china": "ended"}
    assert program.get(path[:-9] + "x" * 9).status == 404
    edition = program.json("editions", "list")[0]
    web_view = program.get(f"/editions/{edition['id']}")
    assert web_view.status == 200
    assert b"anna@reader.example" not in web_view.body
    assert b"/unsubscribe/" not in web_view.body
