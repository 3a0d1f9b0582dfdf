"""A topic whose own tests fail is not taken over: its last good rule stays, and all other edits count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsroom import Story, rss

if TYPE_CHECKING:
    from pathlib import Path

    from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.")
TRAIN = Story("train", "A train came in", "It brought coal.")
TRAM = Story("tram", "A tram came in", "It brought nobody.")


def desk(program: Program, http_server) -> None:
    server = http_server({"/wire": rss("Wire", SHIP, TRAIN, TRAM)})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship"], tests={"match": ["A ship came in"]})
    program.topic("rails", any=["train"])


def spoil(program: Program) -> None:
    """A mistake in one topic, and beside it a good edit of another."""
    program.topic("ships", any=["boat"], tests={"match": ["A ship came in"]})
    program.topic("rails", any=["train", "tram"])


def titles(program: Program, slug: str) -> set[str]:
    """What the feed holds that the daemon serves."""
    answer = program.get(f"/topics/{slug}.json")
    return {item["title"] for item in json.loads(answer.body)["items"]} if answer.status == 200 else set()


def test_the_good_edit_is_in_force_and_the_other_keeps_its_rule_on_restart_too(embedded, http_server):
    desk(embedded, http_server)
    embedded.start()
    embedded.until(lambda: titles(embedded, "rails") == {TRAIN.title})
    spoil(embedded)
    embedded.until(lambda: titles(embedded, "rails") == {TRAIN.title, TRAM.title})
    assert titles(embedded, "ships") == {SHIP.title}
    log = embedded.log()
    assert "config/topics/ships.yaml:1:" in log
    assert "fail their own tests: their last good rules stay" in log
    embedded.stop()

    embedded.start()
    embedded.until(lambda: titles(embedded, "rails") == {TRAIN.title, TRAM.title})
    assert titles(embedded, "ships") == {SHIP.title}
    embedded.stop()

    embedded.topic("ships", any=["ship", "boat"], tests={"match": ["A ship came in"]})
    embedded.start()
    embedded.until(lambda: titles(embedded, "ships") == {SHIP.title})
    assert "fail their own tests" not in embedded.log()


def test_every_command_agrees_and_says_so(embedded: Program, http_server):
    desk(embedded, http_server)
    embedded.once()
    spoil(embedded)
    done = embedded.run("once")
    assert "topic ships: its own tests fail; what was last in force stays" in done.stderr
    assert SHIP.title in embedded.run("feed", "ships").stdout
    assert TRAM.title in embedded.run("feed", "rails").stdout
    said = [alarm for alarm in embedded.json("status")["alarms"] if "ships" in alarm]
    assert said[0].startswith("config/topics/ships.yaml:1:")
    assert said[1] == "topic ships: its own tests fail; what was last in force stays"
    assert "alarm: topic ships:" in embedded.run("status").stderr
    assert "config/topics/ships.yaml:1:" in embedded.run("check", code=2).stderr


def test_at_a_first_start_the_topic_is_left_out_loudly(embedded: Program, http_server, tmp_path: Path):
    desk(embedded, http_server)
    spoil(embedded)
    embedded.start()
    embedded.until(lambda: titles(embedded, "rails") == {TRAIN.title, TRAM.title})
    assert embedded.get("/topics/ships.json").status == 404
    assert "fail their own tests and are left out" in embedded.log()
    alarms = embedded.json("status")["alarms"]
    assert "topic ships: its own tests fail, and it is left out" in alarms
    embedded.topic("ships", any=["ship"], tests={"match": ["A ship came in"]})
    embedded.until(lambda: titles(embedded, "ships") == {SHIP.title})


def test_sources_can_be_added_while_a_test_fails(embedded: Program, http_server):
    desk(embedded, http_server)
    spoil(embedded)
    server = http_server({"/more": rss("More", SHIP)})
    embedded.run("sources", "add", server.url("/more"), "--name", "more", "--allow-private")
    assert "more" in (embedded.config / "sources" / "added.yaml").read_text()
