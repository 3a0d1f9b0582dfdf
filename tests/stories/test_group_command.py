"""`syndicator group` on files and pipes: answers in order, bad lines named, the contract's keys."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from copies import BAKERY, HARBOUR, RIVER_ZH
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.cli.lines import MAX_LINE

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-01T08:00:00Z"
ROWS = [
    {"id": "a", "title": "The ferry stops", "text": HARBOUR, "published_at": AT},
    {"id": 7, "title": "Brot", "html": f"<p>{BAKERY}</p>", "published_at": AT, "source": "x", "lang": "en"},
    {"id": "c", "title": "No more boats", "html": f"<h1>x</h1><p>{HARBOUR}</p>", "published_at": AT},
    {"id": "zh", "title": "防洪墙", "text": RIVER_ZH, "published_at": None, "unknown": 1},
    {"id": "zh2", "title": "江城", "text": RIVER_ZH},
]


def call(*arguments: str, stdin: bytes = b""):
    return CliRunner().invoke(app, ["group", *arguments], input=stdin)


def file(folder: Path, *lines: bytes) -> str:
    path = folder / "articles.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def test_each_line_is_answered_in_its_order(tmp_path: Path) -> None:
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in ROWS]
    done = call(file(tmp_path, *lines[:2], b"", *lines[2:]))
    assert done.exit_code == 0, done.output
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "a", "story": "a"},
        {"id": 7, "story": "7"},
        {"id": "c", "story": "a"},
        {"id": "zh", "story": "zh"},
        {"id": "zh2", "story": "zh"},
    ]
    assert call("-", stdin=b"\n".join(lines)).stdout == done.stdout


def test_why_names_the_other_and_the_reasons(tmp_path: Path) -> None:
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in ROWS]
    first, brot, copy, *_ = map(json.loads, call(file(tmp_path, *lines), "--why").stdout.splitlines())
    assert (first, brot) == ({"id": "a", "story": "a"}, {"id": 7, "story": "7"})
    assert (copy["story"], copy["with"]) == ("a", "a")
    assert copy["because"][0] == "one story: the shorter text stands in the longer one"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not an object with an id"),
        (b'{"title": "x"}', "not an object with an id"),
        (b'{"id": 1, "title": 5}', "title is no text"),
        (b'{"id": 1, "published_at": "yesterday"}', "published_at is no time"),
        (b'{"id": 1, "published_at": 5}', "published_at is no text"),
        (b'{"id": "\\ud800"}', "half a character"),
        (b"[" * 5000, "nested too deep"),
        (b'{"id": 1, "title": "' + b"x" * MAX_LINE + b'"}', "longer than 16 MiB"),
    ],
)
def test_a_bad_line_is_named_and_the_others_answered(tmp_path: Path, line: bytes, why: str) -> None:
    good = json.dumps(ROWS[0]).encode()
    done = call(file(tmp_path, good, line, good.replace(b'"a"', b'"b"')))
    assert done.exit_code == 1
    assert f"articles.jsonl:2: {why}" in done.stderr
    assert "try: one object a line" in done.stderr
    assert [json.loads(line)["story"] for line in done.stdout.splitlines()] == ["a", "a"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = call(str(tmp_path / "none.jsonl"))
    assert done.exit_code == 2
    assert done.stdout == ""


def test_it_needs_no_config_folder(tmp_path: Path) -> None:
    line = json.dumps({"id": 1, "title": "\x00 odd \u202e", "text": "\u200b"}).encode()
    command = [sys.executable, "-m", "syndicator", "--config", str(tmp_path / "none"), "group", "-"]
    done = subprocess.run(command, input=line, capture_output=True, check=True)
    assert json.loads(done.stdout) == {"id": 1, "story": "1"}
