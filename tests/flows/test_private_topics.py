"""A private topic is nowhere that a stranger can look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsroom import Story, rss
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.")
ADDRESSES = ("", ".rss", ".atom", ".json")


def desk(program: Program, **publish: object) -> None:
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("open", any=["ship"])
    program.topic("backroom", title="What only we read", any=["ship"], publish=publish)


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_its_documents_are_kept_away_from_what_is_public(embedded):
    desk(embedded)
    assert call(embedded, "once").exit_code == 0
    public, private = embedded.folder / "var" / "public", embedded.folder / "var" / "private"
    assert {"topics/backroom.html", "topics/backroom.rss", "topics/backroom.rss.gz"} <= held(public).keys()
    assert b"What only we read" in held(public)["index.html"]

    desk(embedded, private=True)
    assert call(embedded, "once").exit_code == 0
    assert {"topics/backroom.html", "topics/backroom.rss", "topics/backroom.rss.gz"} <= held(private).keys()
    assert not [name for name in held(public) if "backroom" in name]
    assert not [
        name for name, body in held(public).items() if b"backroom" in body or b"What only we read" in body
    ]
    assert SHIP.title in json.loads(held(private)["topics/backroom.json"])["items"][0]["title"]

    desk(embedded)
    assert call(embedded, "once").exit_code == 0
    assert "topics/backroom.rss" in held(public)
    assert not held(private)


def call(program: Program, *words: str) -> Result:
    """Run a command in this process: quicker, and there are many."""
    return CliRunner().invoke(app, ["--config", str(program.config), *words])


def said(program: Program, *words: str) -> str:
    """What a command says that fails."""
    error = call(program, *words).exception
    assert isinstance(error, SyndicatorError)
    return f"{error.message} {error.hint}"


def key(program: Program, label: str, slug: str = "backroom") -> dict[str, str]:
    """Make a key; return the paths of what it opens, by format, and the token."""
    made = json.loads(call(program, "keys", "add", slug, label, "--json").stdout)
    base = program.settings["site"]["base_url"]
    paths = {name: made[name].removeprefix(base) for name in ("page", "rss", "atom", "json")}
    return paths | {"token": paths["page"].split("/")[2]}


def test_each_reader_has_an_address_that_can_be_revoked(embedded):
    desk(embedded, private=True)
    assert call(embedded, "once").exit_code == 0
    anna, bo = key(embedded, "Anna"), key(embedded, "Bo")
    assert anna["token"] != bo["token"]
    embedded.start()
    for name in ("rss", "atom", "json", "page"):
        answer = embedded.get(anna[name])
        assert answer.status == 200
        assert SHIP.title.encode() in answer.body
        assert answer.headers["cache-control"].startswith("private, ")
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "link" not in answer.headers
        assert embedded.get(anna[name], if_none_match=answer.headers["etag"]).status == 304
        assert anna["token"].encode() not in answer.body
        assert b"/topics/backroom" not in answer.body.replace(b"/topics/backroom.atom", b""), "only as an id"
    page = embedded.get(anna["page"]).body
    assert b'href="backroom.rss"' in page, "relative, so that it leads to the reader's own"
    assert embedded.get(anna["rss"], "DELETE").status == 405

    assert call(embedded, "keys", "revoke", "backroom", "Anna").exit_code == 0
    assert {name: embedded.get(anna[name]).status for name in ("rss", "page")} == {"rss": 404, "page": 404}
    assert embedded.get(bo["rss"]).status == 200
    unknown = embedded.get(f"/private/{'A' * 43}/backroom.rss")
    revoked = embedded.get(anna["rss"])
    assert (unknown.status, unknown.body) == (404, revoked.body)
    assert {n: v for n, v in unknown.headers.items() if n != "date"} == {
        n: v for n, v in revoked.headers.items() if n != "date"
    }
    for ending in ADDRESSES:  # those of everybody are as those of no topic
        backroom, none = embedded.get(f"/topics/backroom{ending}"), embedded.get(f"/topics/none{ending}")
        assert (backroom.status, backroom.body) == (404, none.body)
    listed = json.loads(call(embedded, "keys", "list", "backroom", "--json").stdout)
    assert [(one["label"], bool(one["revoked_at"])) for one in listed] == [("Anna", True), ("Bo", False)]
    assert key(embedded, "Anna")["token"] != anna["token"], "the label is free again"


def test_the_key_is_in_no_file_and_no_log_and_opens_nothing_else(embedded):
    desk(embedded, private=True)
    embedded.topic("vault", any=["ship"], publish={"private": True})
    assert call(embedded, "once").exit_code == 0
    made = call(embedded, "keys", "add", "backroom", "Anna")
    token = made.stdout.split("/private/")[1].partition("/")[0]
    assert len(token) == 43
    assert token not in made.stderr
    embedded.start()
    broken = embedded.folder / "var" / "private" / "topics" / "backroom.atom"
    broken.unlink()
    broken.mkdir()  # a fault of ours is logged with its address
    assert embedded.get(f"/private/{token}/backroom.atom").status == 500
    assert embedded.get(f"/private/{token}/backroom.rss").status == 200
    assert "/private/…/backroom.atom" in embedded.log()
    for path in (
        f"/private/{token}/vault.rss",
        f"/private/{token}/open.rss",
        f"/private/{token}/backroom.html",
        f"/private/{token}/backroom.rss.gz",
        f"/private/{token}/..%2f..%2fsyndicator.db",
        f"/private/{token}/",
        f"/private/{token}",
        f"/private/{token[:-1]}/backroom",
        f"/private/{token}x/backroom",
        f"/private/%00{token}/backroom",
        f"/private/{token.swapcase()}/backroom",
        "/private/",
    ):
        assert embedded.get(path).status == 404, path
    embedded.stop()
    for file in embedded.folder.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file


def test_what_keys_are_for(embedded):
    desk(embedded, private=True)
    assert "everybody may read it" in said(embedded, "keys", "add", "open", "Anna")
    assert "did you mean backroom" in said(embedded, "keys", "add", "backrom", "Anna")
    assert call(embedded, "keys", "add", "backroom", "Anna").exit_code == 0
    assert "has a key that works" in said(embedded, "keys", "add", "backroom", "Anna")
    assert "none of 'Bo' works" in said(embedded, "keys", "revoke", "backroom", "Bo")
    assert "Anna" in call(embedded, "keys", "list").stdout
    assert json.loads(call(embedded, "topics", "list", "--json").stdout)[0]["private"] is True


def test_digests_of_a_private_topic_lead_nobody_astray(embedded):
    """What is mailed of it has no address of its own, and its page on the web cannot be guessed."""
    desk(embedded, private=True)
    embedded.run(
        "subscribers", "add", "a@reader.example", "--topic", "backroom", "--confirmed", "--at", "07:00"
    )
    call(
        embedded, "subscribers", "add", "b@reader.example", "--topic", "open", "--confirmed", "--at", "07:00"
    )
    assert call(embedded, "once", "--now", "2027-03-01T08:00:00Z").exit_code == 0
    mails = [path.read_text() for path in (embedded.folder / "var" / "mail" / "new").iterdir()]
    (mail,) = [text for text in mails if "a@reader.example" in text]
    assert SHIP.title in mail
    assert "/topics/backroom" not in mail.replace("=\n", "")
    listed = json.loads(call(embedded, "editions", "list", "--json").stdout)
    private, public = sorted(listed, key=lambda edition: edition["topics"] != ["backroom"])
    embedded.start()
    shown = embedded.get(f"/editions/{private['id']}")
    assert (shown.status, shown.headers["x-robots-tag"]) == (200, "noindex, nofollow")
    assert shown.headers["cache-control"].startswith("private")
    assert "x-robots-tag" not in embedded.get(f"/editions/{public['id']}").headers
