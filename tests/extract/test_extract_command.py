"""`syndicator extract`, as a person and as a program use it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from syndicator.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from servers import HttpServer

GOLDEN = Path(__file__).parents[1] / "golden" / "extract"
PAGE = GOLDEN / "harbour-en.html"
KEYS = {
    "path", "url", "title", "text", "html", "published_at", "authors", "tags", "language", "canonical_url",
    "image", "obstacle",
}  # fmt: skip


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["extract", *(str(argument) for argument in arguments)])


def test_a_line_for_each_path_in_its_order(tmp_path: Path) -> None:
    zipped, empty = tmp_path / "page.html.gz", tmp_path / "empty.html"
    zipped.write_bytes(gzip.compress(PAGE.read_bytes()))
    empty.write_bytes(b"")
    urls = tmp_path / "urls.tsv"
    urls.write_text(f"{zipped}\thttps://gazette.example/news/1\nno address\n")
    paths = [PAGE, zipped, empty, tmp_path / "absent.html"]
    result = run("--jsonl", "--urls", urls, "--url", "https://base.example/", *paths)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["path"] for row in rows] == [str(path) for path in paths]
    assert [row.get("error", {}).get("kind") for row in rows] == [None, None, "empty", "file"]
    assert result.exit_code == 1
    assert set(rows[0]) == KEYS
    assert [row["url"] for row in rows[:2]] == ["https://base.example/", "https://gazette.example/news/1"]
    assert rows[0]["published_at"] == "2026-03-03T05:30:00Z"
    assert rows[0]["text"] == rows[1]["text"]


def test_bad_gzip_is_an_error_of_its_line(tmp_path: Path) -> None:
    broken, short = tmp_path / "broken.gz", tmp_path / "short.gz"
    broken.write_bytes(b"\x1f\x8bnonsense")
    short.write_bytes(gzip.compress(PAGE.read_bytes())[:-20])
    rows = [json.loads(line) for line in run("--jsonl", broken, short).stdout.splitlines()]
    assert rows[0]["error"]["kind"] == "file"
    assert rows[1]["title"] == "Ferry line Aurora resumes after nine months"


def test_text_for_a_person() -> None:
    result = run(PAGE)
    assert result.exit_code == 0
    title, facts, *_ = result.stdout.splitlines()
    assert title == "Ferry line Aurora resumes after nine months"
    assert facts.startswith(
        "The Harbour Gazette · 2026-03-03 05:30 UTC · Ines Halvorsen, Tom Brack · Transport"
    )


def test_an_address_is_fetched(http_server: Callable[..., HttpServer]) -> None:
    server = http_server({"/news/1": (PAGE.read_bytes(), {"Content-Type": "text/html; charset=utf-8"})})
    result = run("--jsonl", server.url("/news/1"))
    row = json.loads(result.stdout)
    assert row["url"] == server.url("/news/1")
    assert row["canonical_url"] == server.url("/news/2026/03/aurora-resumes")


def test_a_missing_list_of_addresses_is_told() -> None:
    result = run("--urls", "/nowhere/urls.tsv", PAGE)
    assert result.exit_code == 2


def test_help_loads_no_extractor() -> None:
    heavy = "{'trafilatura', 'lxml', 'resiliparse', 'numpy'}"
    code = f"import sys, syndicator.cli; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
