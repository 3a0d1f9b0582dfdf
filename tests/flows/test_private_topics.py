"""A private topic is nowhere that a stranger can look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsroom import Story, rss

if TYPE_CHECKING:
    from pathlib import Path

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
    embedded.once()
    public, private = embedded.folder / "var" / "public", embedded.folder / "var" / "private"
    assert {"topics/backroom.html", "topics/backroom.rss", "topics/backroom.rss.gz"} <= held(public).keys()
    assert b"What only we read" in held(public)["index.html"]

    desk(embedded, private=True)
    embedded.once()
    assert {"topics/backroom.html", "topics/backroom.rss", "topics/backroom.rss.gz"} <= held(private).keys()
    assert not [name for name in held(public) if "backroom" in name]
    assert not [
        name for name, body in held(public).items() if b"backroom" in body or b"What only we read" in body
    ]
    assert SHIP.title in json.loads(held(private)["topics/backroom.json"])["items"][0]["title"]

    desk(embedded)
    embedded.once()
    assert "topics/backroom.rss" in held(public)
    assert not held(private)


def test_its_addresses_are_as_those_of_no_topic(embedded):
    desk(embedded, private=True)
    embedded.once()
    embedded.start()
    assert embedded.get("/topics/open.rss").status == 200
    for ending in ADDRESSES:
        backroom, none = embedded.get(f"/topics/backroom{ending}"), embedded.get(f"/topics/none{ending}")
        assert (backroom.status, backroom.body) == (none.status, none.body) == (404, none.body)
