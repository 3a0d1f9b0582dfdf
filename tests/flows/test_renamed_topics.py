"""A topic's file gets another name, or goes: readers by feed and by mail are led along, or told."""

from __future__ import annotations

import json

import pytest
from newsroom import Story, rss
from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.")
WELD = Story("weld", "Shipyard hires ninety welders", "The port of Riga builds ferries again.")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """`ships` was mailed and became `harbour` before the next article; `gone` went; `hidden` was private."""
    program = Program(tmp_path_factory.mktemp("desk"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"], digest={"at": "07:00"})
    program.topic("gone", any=["ship*"])
    program.topic("hidden", any=["ship*"], publish={"private": True})
    program.run("subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed")
    program.once("2027-03-01T08:00:00Z")
    program.before = json.loads(feed(program, "ships"))
    program.atom = (program.folder / "var" / "public" / "topics" / "ships.atom").read_text()
    for slug in ("ships", "gone", "hidden"):
        (program.config / "topics" / f"{slug}.yaml").unlink()
    program.topic("harbour", any=["ship*"], digest={"at": "07:00"}, was=["ships"])
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP, WELD))
    program.once("2027-03-03T08:00:00Z")
    program.start()
    yield program
    program.close()


def feed(program, slug):
    return (program.folder / "var" / "public" / "topics" / f"{slug}.json").read_text()


def test_the_reader_gets_each_article_once(desk):
    mails = [path.read_text() for path in (desk.folder / "var" / "mail" / "new").iterdir()]
    assert len(mails) == 2
    assert sum(SHIP.title in mail for mail in mails) == 1
    assert sum(WELD.title in mail for mail in mails) == 1
    assert desk.json("subscribers", "list")[0]["topics"] == {"harbour": "active"}


def test_old_addresses_lead_to_the_new(desk):
    base = desk.settings["site"]["base_url"]
    for ending in ("", ".rss", ".atom", ".json"):
        answer = desk.get(f"/topics/ships{ending}")  # follows
        assert answer.status == 200
        assert answer.body == desk.get(f"/topics/harbour{ending}").body
    moved = _ask(desk, "/topics/ships/archive/3.atom")
    assert moved == (301, f"{base}/topics/harbour/archive/3.atom")
    assert _ask(desk, "/topics/ships.xml") == (301, f"{base}/topics/harbour.rss")
    assert not list((desk.folder / "var").rglob("ships.*"))


def _ask(program, path):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers.get("Location")


def test_the_feed_and_its_entries_are_the_same(desk):
    after = json.loads(feed(desk, "harbour"))
    assert {item["id"] for item in desk.before["items"]} < {item["id"] for item in after["items"]}
    id_ = desk.atom.partition("<id>")[2].partition("</id>")[0]
    assert f"<id>{id_}</id>" in (desk.folder / "var" / "public" / "topics" / "harbour.atom").read_text()


def test_what_is_gone_says_so(desk):
    for path in ("/topics/gone", "/topics/gone.rss", "/topics/gone.atom", "/topics/gone/archive/1.json"):
        answer = desk.get(path)
        assert answer.status == 410
        assert "text/html" in answer.headers["content-type"]
        assert b"has ended" in answer.body
    for path in ("/topics/hidden", "/topics/hidden.rss", "/topics/never", "/topics/never.rss"):
        assert desk.get(path).status == 404, "what was never open is as what never was"


def test_an_old_mail_still_unsubscribes(desk):
    for mail in (desk.folder / "var" / "mail" / "new").iterdir():
        text = mail.read_text().replace("\n ", "")
        if SHIP.title in text:
            link = text.partition("List-Unsubscribe: <")[2].partition(">")[0]
    path = link.removeprefix(desk.settings["site"]["base_url"])
    assert desk.get(path, "POST", b"List-Unsubscribe=One-Click").status == 200
    assert desk.json("subscribers", "list")[0]["topics"] == {"harbour": "ended"}


def test_a_name_leads_to_one_topic(embedded):
    embedded.sources(wire="file:feed.xml")
    embedded.topic("a", any=["x"], was=["old", "b", "a"])
    embedded.topic("b", any=["x"], was=["old"])
    said = embedded.run("check", code=2).stderr
    assert "topics/a.yaml:1:" in said
    assert "there is a topic 'b'" in said
    assert "'a' was 'old' too" in said
    assert "there is a topic 'a'" not in said, "it may name itself, so that its first name stays its feeds'"
