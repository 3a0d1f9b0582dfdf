"""A topic file with a query and `publish` alone: feeds and a page, and no mail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsroom import Story, rss
from validators import FAULTS

if TYPE_CHECKING:
    from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.", tags=("Harbour",))
PLANE = Story("plane", "A plane came in", "It brought letters.")


def test_a_query_is_followed_by_feed_alone(embedded: Program):
    (embedded.config / "feed.xml").write_bytes(rss("Wire", SHIP, PLANE))
    embedded.sources(wire="file:feed.xml")
    embedded.topic(
        "ships", title="Ships", query="(ship OR boat) NOT plane", publish={"formats": ["rss", "json"]}
    )
    embedded.once("2026-11-23T10:00:00Z")
    public = embedded.folder / "var" / "public"
    assert sorted(path.name for path in (public / "topics").iterdir() if path.suffix != ".gz") == [
        "ships.html", "ships.json", "ships.rss",
    ]  # fmt: skip
    for name in ("topics/ships.rss", "topics/ships.json", "all.rss", "all.atom", "all.json"):
        body = (public / name).read_bytes()
        assert FAULTS[name.rpartition(".")[2]](body) == []
        assert SHIP.title.encode() in body
        assert PLANE.title.encode() not in body
    (item,) = json.loads((public / "all.json").read_bytes())["items"]
    assert item["tags"] == ["Ships", "Harbour"]
    embedded.start()
    answer = embedded.get("/all.atom")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    assert answer.body == (public / "all.atom").read_bytes()
    assert embedded.get("/all.html").status == 404
