"""An admin takes an article back: it is nowhere, Atom says so, and no pull brings it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from newsroom import Story, rss

if TYPE_CHECKING:
    from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.")
CARGO = Story("cargo", "The ship left again", "It took the peels.", date="Mon, 23 Nov 2026 09:00:00 +0000")
LATER = Story("ship", "A big ship came in", "It brought oranges and lemons.")
AT = "{http://purl.org/atompub/tombstones/1.0}"
FORMATS = ("rss", "atom", "json")


def published(program: Program, name: str = "topics/ships") -> dict[str, bytes]:
    public = program.folder / "var" / "public"
    return {ending: (public / f"{name}.{ending}").read_bytes() for ending in FORMATS}


def deletions(atom: bytes) -> list[tuple[str, str]]:
    found = ElementTree.fromstring(atom).findall(f"{AT}deleted-entry")
    return [(each.get("ref") or "", each.findtext(f"{AT}comment") or "") for each in found]


def test_what_is_taken_back_leaves_everything_until_it_is_given_back(embedded):
    feed = embedded.config / "feed.xml"
    feed.write_bytes(rss("Wire", SHIP, CARGO))
    embedded.sources(wire="file:feed.xml")
    embedded.topic("ships", any=["ship"])
    embedded.topic("arrivals", any=["came"])
    embedded.once("2026-11-23T10:00:00Z")
    before = published(embedded)
    (item,) = [each for each in json.loads(before["json"])["items"] if each["title"] == SHIP.title]

    said = embedded.run("articles", "retract", item["url"], "--reason", "Withdrawn", "--by", "Anna").stderr
    assert "it leaves arrivals, ships" in said
    embedded.once("2026-11-23T10:01:00Z")
    after = published(embedded)
    for format_, body in after.items():
        assert SHIP.title.encode() not in body, format_
        assert CARGO.title.encode() in body, format_
    assert deletions(after["atom"]) == [(item["id"], "Withdrawn")]
    assert deletions(published(embedded, "all")["atom"]) == [(item["id"], "Withdrawn")]
    page = (embedded.folder / "var" / "public" / "topics" / "ships.html").read_bytes()
    assert SHIP.title.encode() not in page
    old, new = (ElementTree.fromstring(each["atom"]).findtext("{*}updated") for each in (before, after))
    assert new > old, "the feed changed"
    (taken,) = embedded.json("articles", "list", "--retracted")
    assert (taken["title"], taken["by"], taken["reason"]) == (SHIP.title, "Anna", "Withdrawn")

    feed.write_bytes(rss("Wire", LATER, CARGO))  # the publisher changes it: it is still taken back
    embedded.topic("ships", any=["ship", "lemons"])  # and so it is when the rule changes
    embedded.once("2026-11-23T12:00:00Z")
    assert LATER.title.encode() not in published(embedded)["rss"]
    shown = embedded.json("articles", "show", item["url"])
    assert (shown["title"], shown["topics"], shown["retracted"]["by"]) == (LATER.title, [], "Anna")

    assert "is back in arrivals, ships" in embedded.run("articles", "restore", item["url"]).stderr
    embedded.once("2026-11-23T12:01:00Z")
    back = published(embedded)
    assert [each["id"] for each in json.loads(back["json"])["items"]].count(item["id"]) == 1
    assert deletions(back["atom"]) == []
    assert "was not taken back" in embedded.run("articles", "restore", item["url"], code=1).stderr


def test_a_mail_that_waits_goes_without_what_was_taken_back(embedded, smtp_server):
    embedded.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": smtp_server.port})
    (embedded.config / "feed.xml").write_bytes(rss("Wire", SHIP, CARGO))
    embedded.sources(wire="file:feed.xml")
    embedded.topic("ships", any=["ship"], digest={"at": "07:00"})
    embedded.topic("arrivals", any=["came"], digest={"at": "07:00"})
    for name, slug in (("anna", "ships"), ("bob", "arrivals")):
        address = f"{name}@reader.example"
        embedded.run("subscribers", "add", address, "--topic", slug, "--confirmed")
        smtp_server.box.replies[address] = "451 4.7.1 try later"
    assert embedded.once("2027-03-01T08:00:00Z")["deferred"] == 2
    (taken,) = [each for each in embedded.json("articles", "list") if each["title"] == SHIP.title]
    embedded.run("articles", "retract", taken["url"], "--reason", "court")
    smtp_server.box.replies.clear()
    done = embedded.once("2027-03-01T10:00:00Z")
    assert (done["sent"], done["refused"]) == (1, 1)
    message = smtp_server.mails[-1].message
    assert CARGO.title in message.get_body(["plain"]).get_content()
    for part in (message.get_body(["plain"]), message.get_body(["html"])):
        assert SHIP.title not in part.get_content()
    assert SHIP.title not in message["subject"]
    (refused,) = [each for each in embedded.json("deliveries", "list") if each["state"] == "refused"]
    assert "an article in it was taken back" in json.dumps(refused)
