"""What strangers wrote steers no terminal, by whichever way it gets there."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program
from rich.panel import Panel
from rich.text import Text
from typer.testing import CliRunner

from syndicator.cli import app, terminal
from syndicator.cli.log import _formatter, _plain

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "rail\x1b]0;owned\x07way\x9b31m \u202etrain\x08\x7f"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_words_on_both_streams(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.put(HOSTILE)
    terminal.say(HOSTILE)
    terminal.print_table(["a"], [[HOSTILE]], empty="")
    for stream in capsys.readouterr():
        assert "rail" in stream
        assert not STEERS.search(stream)


def test_all_that_rich_draws(capsys: pytest.CaptureFixture[str]) -> None:
    screen = terminal.screen(80)
    for drawn in (HOSTILE, Text(HOSTILE, style="bold"), Panel(HOSTILE, title=HOSTILE)):
        screen.print(drawn)
    screen.print(HOSTILE, HOSTILE, style="dim")
    said = capsys.readouterr().out
    assert said.count("rail") == 6
    assert not STEERS.search(said)


def test_json_keeps_its_value_and_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_json({"title": HOSTILE})
    said = capsys.readouterr().out
    assert json.loads(said) == {"title": HOSTILE}
    assert not STEERS.search(said)


def test_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    logged = _plain(None, "", {"event": "cannot pull", "error": HOSTILE, "names": (HOSTILE,)})
    assert not STEERS.search("".join(map(str, logged.values())))
    record = logging.LogRecord("lib", logging.WARNING, "", 0, "odd header %s", (HOSTILE,), None)
    assert _formatter().format(record) == "WARNING lib: odd header rail]0;ownedway31m train"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Program:
    program = Program(tmp_path_factory.mktemp("hostile"))
    (program.config / "feed.xml").write_bytes(rss("Wire", Story("ship", "A ship came in", "Oranges.")))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.once()
    return program


def test_judgements_of_strangers(desk: Program, tmp_path: Path) -> None:
    good = {
        "source": "wire",
        "key": HOSTILE,
        "verdict": "accept",
        "by": HOSTILE,
        "at": "2026-11-01T00:00:00Z",
    }
    lines = [
        good | {"title": HOSTILE, "text": HOSTILE, "tags": [HOSTILE]},
        good | {"topic": HOSTILE},
        good | {"verdict": HOSTILE},
        [HOSTILE],
    ]
    file = tmp_path / "told.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    for words in (
        ("judgements", "ships", "--import", str(file)),
        ("judgements", "ships"),
        ("judgements", "ships", "--json"),
        ("judgements", "ships", "--export", "-"),
        ("judge", "ships", HOSTILE, "accept"),
        ("judge", "ships", "rail", "forget"),
    ):
        done = CliRunner().invoke(app, ["--config", str(desk.config), "topics", *words])
        said = f"{done.stdout}{done.stderr}"
        assert said or done.exception
        assert not STEERS.search(said), words


def test_an_error_of_the_program(desk: Program) -> None:
    done = desk.run("topics", "judge", "ships", HOSTILE, "accept", code=1)
    assert "there is no" in done.stderr
    assert not STEERS.search(done.stderr)
