"""`syndicator articles`, in this process: what is listed and shown, and refusals that say what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

SHIP = Story("ship", "A ship came in", "It brought oranges.", tags=("Harbour",))
RAIN = Story("rain", "Rain at last", "It rained.", date="Mon, 23 Nov 2026 09:00:00 +0000")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("desk"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP, RAIN))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.once("2026-11-23T10:00:00Z")
    yield program
    program.close()


def call(desk: Program, *words: str) -> Result:
    return CliRunner().invoke(app, ["--config", str(desk.config), "articles", *words])


def test_the_newest_come_first_and_a_topic_holds_its_own(desk):
    listed = json.loads(call(desk, "list", "--json").stdout)
    assert [each["title"] for each in listed] == [RAIN.title, SHIP.title]
    assert [
        each["title"] for each in json.loads(call(desk, "list", "--topic", "ships", "--json").stdout)
    ] == [SHIP.title]
    table = call(desk, "list", "--limit", "1").stdout
    assert RAIN.title in table
    assert SHIP.title not in table


def test_an_article_is_shown_with_its_topics(desk):
    shown = call(desk, "show", "https://wire.example/ship").stdout
    for said in (SHIP.title, "ships", "Harbour", "2026-11-23T08:00:00Z", "urn:uuid:"):
        assert said in shown
    assert "retracted" not in shown


def test_what_was_taken_back_is_listed_and_shown_with_its_reason(desk):
    assert "no article was taken back" in call(desk, "list", "--retracted").stderr
    done = call(desk, "retract", "https://wire.example/rain", "--reason", " It was\n dry ", "--by", "Bo")
    assert "it was in no topic" in done.stderr
    assert "by Bo: It was dry" in call(desk, "show", "https://wire.example/rain").stdout
    assert "It was dry" in call(desk, "list", "--retracted").stdout
    assert "is back; it matches no topic" in call(desk, "restore", "https://wire.example/rain").stderr


@pytest.mark.parametrize("words", [("show",), ("retract",), ("restore",)])
def test_an_article_that_is_not_there_is_refused(desk, words):
    done = call(desk, *words, "https://wire.example/never")
    assert isinstance(done.exception, NotFound)
    assert "'https://wire.example/never'" in str(done.exception)


def test_what_was_taken_back_is_in_no_topic(desk):
    assert call(desk, "list", "--retracted", "--topic", "ships").exit_code == 2
