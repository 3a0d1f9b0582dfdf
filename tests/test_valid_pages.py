"""What the Nu Html Checker, which the W3C runs, says of our pages and style sheets: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import newsstand
import pytest
from newsroom import Story, rss
from program import Program

from syndicator.digest.render import html_of
from syndicator.templates import environments, packaged
from syndicator.web.editions import for_browsers

pytestmark = pytest.mark.peers

LIVE = (
    "/",
    "/topics/ships",
    "/preferences",
    "/preferences/over",
    "/search",
    "/search?q=ship",
    "/search?q=-ship",
    "/nothing",
    "/topics/shps",
    "/admin",
)


def checked(*files: Path) -> list[str]:
    """All that it has to say of HTML, CSS and SVG files."""
    jars = sorted(Path(sys.prefix).glob("vnu-*.jar"))
    assert jars, "make .venv/.ready-peers fetches the checker"
    options = ["--also-check-css", "--also-check-svg", "--format", "json", "--stdout", "--exit-zero-always"]
    command = ["java", "-Xss4m", "-jar", str(jars[-1]), *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    said = json.loads(done.stdout)["messages"]
    return [f"{Path(each['url']).name}:{each.get('lastLine')}: {each['message']}" for each in said]


def test_every_page_as_it_is_rendered(tmp_path: Path) -> None:
    templates = environments()
    for name, (template, language, context) in newsstand.PAGES.items():
        if template.startswith("email/looks/"):
            look: Any = template.split("/")[2].split(".")[0]
            html = for_browsers(html_of(templates, look, language, **context))
        else:
            html = templates.render(template, language, **context)
            html = for_browsers(html) if template.startswith("email/") else html
        (tmp_path / f"{name}.html").write_text(html, "utf-8")
    sheets = [path for path in (packaged() / "web").iterdir() if path.suffix in (".css", ".svg")]
    assert len(sheets) > 3
    assert checked(*tmp_path.glob("*.html"), *sheets) == []


def test_pages_of_a_running_daemon(tmp_path: Path) -> None:
    program = Program(tmp_path / "site")
    hostile = Story("x", '<b>"Ship" & co</b> \u202e', "<script>ship</script> & more", ("a\tb", "<i>"))
    (program.config / "feed.xml").write_bytes(
        rss("Wi<re & Co", Story("s", "A ship came in", "Oranges."), hostile)
    )
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"], title='Ships & "boats" <b>')
    program.run(
        "subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed", "--at", "07:00"
    )
    program.once("2030-01-02T08:00:00Z")
    program.start()
    try:
        edition = f"/editions/{program.json('editions', 'list')[0]['id']}"
        for number, path in enumerate((*LIVE, edition)):
            (tmp_path / f"{number}.html").write_bytes(program.get(path).body)
    finally:
        program.close()
    assert checked(*sorted(tmp_path.glob("*.html"))) == []


def test_the_checker_does_check(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!doctype html><title>x</title><html lang=en><p><table></p><img src=x><b id=a><b id=a>")
    assert len(checked(bad)) >= 3
