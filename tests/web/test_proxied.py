"""The web servers of docs/ hand on to the daemon all that no file can answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syndicator.web import documents
from syndicator.web.app import ROUTES

DOCS = Path(__file__).parents[2] / "docs"
FILES = re.compile(r"/(topics|static|privacy|robots\.txt|sitemap.*|favicon\.ico)(/|$)")
SECRETS = (
    "/admin/enter/x",
    "/confirm/x",
    "/editions/x",
    "/preferences/x",
    "/private/x/sea.rss",
    "/returns/x",
    "/unsubscribe/x",
    "/websub/x",
)


def asked() -> list[str]:
    """Give an address of each route that no file answers."""
    paths = [route.path for route in ROUTES if route.path not in documents.SITES]
    return [re.sub(r"\{.*?\}", "x", path) for path in paths if not FILES.match(path)]


def handed_on(server: str, path: str) -> bool:
    text = (DOCS / server).read_text()
    if server == "nginx.conf":
        return bool(re.match(re.findall(r"\n    location ~ (\S+) \{\n.*max_body", text)[0], path))
    listed = re.findall(r"@daemon path (.*)", text)[0].split()
    return any(path == each or (each.endswith("*") and path.startswith(each[:-1])) for each in listed)


@pytest.mark.parametrize("server", ["nginx.conf", "Caddyfile"])
def test_each_address_of_the_daemon_leads_to_it(server):
    assert {"/hub", "/search", "/private/x/x", "/websub/x"} <= {*asked()}
    assert [path for path in asked() if not handed_on(server, path)] == []
    assert not handed_on(server, "/topics/sea")


def test_paths_that_are_secrets_are_not_logged():
    text = (DOCS / "nginx.conf").read_text()
    (quiet,) = re.findall(r"location ~ (\S+) \{\n\s+access_log off;", text)
    assert [path for path in SECRETS if not re.match(quiet, path)] == []
    assert not re.match(quiet, "/search")
    assert not re.match(quiet, "/admin")
