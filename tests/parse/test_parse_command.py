"""`syndicator parse`, as a person and as a program use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from letters import HOME, letter
from typer.testing import CliRunner

from syndicator.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from servers import HttpServer

GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
ARTICLE = {
    "id", "guid", "url", "title", "published_at", "updated_at", "authors", "tags", "language", "summary",
    "content_html", "text", "image", "enclosures",
}  # fmt: skip


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["parse", *(str(argument) for argument in arguments)])


def test_a_line_for_each_path_in_its_order(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body>no feed")
    paths = [GOLDEN / "rss-news.xml", page, tmp_path / "absent.xml", GOLDEN / "json-odd.json"]
    result = run("--jsonl", "--url", "https://base.example/f", *paths)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["path"] for row in rows] == [str(path) for path in paths]
    assert [row.get("error", {}).get("kind") for row in rows] == [None, "not-a-feed", "file", None]
    assert result.exit_code == 1
    assert set(rows[0]["feed"]) == {"title", "url", "language", "format"}
    assert set(rows[0]["articles"][0]) == ARTICLE
    assert rows[0]["articles"][0]["published_at"] == "2026-03-03T05:30:00Z"


def test_a_table_for_a_person() -> None:
    result = run(GOLDEN / "rss-news.xml")
    assert result.exit_code == 0
    assert "The Harbour & Hill Gazette · rss20 · 2 articles" in result.stdout
    assert "Ferry line Aurora resumes" in result.stdout


def test_what_is_wrong_goes_to_stderr(tmp_path: Path) -> None:
    result = run(tmp_path / "absent.xml")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "absent.xml: cannot be opened: No such file or directory" in result.stderr


def test_a_newsletter_is_an_article(tmp_path: Path) -> None:
    issue, damaged, empty = tmp_path / "issue.eml", tmp_path / "HEADLESS.EML", tmp_path / "empty.eml"
    issue.write_bytes(letter())
    damaged.write_bytes(b"From: \r\xc2\x80\n\n")
    empty.touch()
    result = run("--jsonl", issue, damaged, empty)
    found, other, nothing = (json.loads(line) for line in result.stdout.splitlines())
    assert found["feed"] == {
        "title": "The Weekly Letter", "url": "https://letter.example/", "language": "", "format": "mail",
    }  # fmt: skip
    (article,) = found["articles"]
    assert set(article) == ARTICLE
    assert article["title"] == "Rivers rise"
    assert article["url"] == "https://letter.example/issues/7"
    assert article["published_at"] == "2026-11-03T07:30:00Z"
    assert "Unsubscribe" not in article["text"]
    assert "articles" not in other
    assert nothing["error"]["kind"] == "empty"
    assert result.exit_code == 1


def test_a_mail_that_is_no_issue_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "confirm.eml"
    path.write_bytes(
        letter(
            f'<p>Please confirm your subscription: <a href="{HOME}/confirm?t=9">Confirm</a></p>',
            Subject="Please confirm your subscription",
        )
    )
    (row,) = map(json.loads, run("--jsonl", path).stdout.splitlines())
    assert row["error"]["kind"] == "confirmation"
    assert row["error"]["message"]
    result = run(path)
    assert result.exit_code == 1
    assert f"{HOME}/confirm?t=9" in result.stderr


def test_an_address_is_fetched(http_server: Callable[..., HttpServer]) -> None:
    body = (GOLDEN / "rss-news.xml").read_bytes()
    server = http_server({"/feed": (body, {"Content-Type": "text/html"})})
    result = run("--jsonl", server.url("/feed"), server.url("/absent"))
    found, missing = (json.loads(line) for line in result.stdout.splitlines())
    assert len(found["articles"]) == 2
    assert missing["error"]["kind"] in {"http", "gone"}
    assert result.exit_code == 1


def test_output_is_utf8_and_complete_in_any_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "syndicator", "parse", "--jsonl", *[str(GOLDEN / "gbk-says-utf8.xml")] * 3],
        capture_output=True,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[0])["articles"][0]["title"] == "警方通报：电信诈骗团伙在边境落网"
