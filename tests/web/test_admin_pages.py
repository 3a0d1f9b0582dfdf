"""The admin pages: who gets in, by what, and what they see."""

from __future__ import annotations

import re
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Answer, Program

from syndicator.digest.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("admin"))
    (program.config / "feed.xml").write_bytes(rss("Wire", Story("ship", "A ship came in", "Oranges.")))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.once()
    program.start()
    yield program
    program.close()


def path_of(site: Program) -> str:
    link = site.run("admin").stdout.strip()
    assert link.startswith(f"{site.settings['site']['base_url']}/admin/enter/")
    return link.removeprefix(site.settings["site"]["base_url"])


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def post(site: Program, path: str, data: bytes = b"", **headers: str) -> Answer:
    """POST without following a redirect."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1:{site.port}{path}"
    request = urllib.request.Request(url, method="POST", data=data, headers=named)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read())


def entered(site: Program) -> str:
    """Return the cookie of a browser that went in."""
    return post(site, path_of(site)).headers["set-cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def session(site: Program) -> str:
    """The cookie of a browser that went in."""
    return entered(site)


def test_the_link_shows_a_button_and_the_button_opens(site: Program) -> None:
    path = path_of(site)
    looked = site.get(path)
    assert looked.status == 200
    assert "set-cookie" not in looked.headers
    assert looked.headers["cache-control"] == "no-store"
    assert re.search(rf'<form method="post" action="{re.escape(path)}">', looked.body.decode())
    opened = post(site, path)
    assert (opened.status, opened.headers["location"]) == (303, "/admin")
    said = opened.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=strict", "path=/admin", "max-age=43200"):
        assert word in said
    assert "secure" not in said, "the site is http"


def test_who_has_no_session_is_told_how_to_get_one(site: Program) -> None:
    for cookie in ("", "syndicator_admin=", "syndicator_admin=x.y", f"syndicator_admin={'a' * 5000}"):
        answer = site.get("/admin", Cookie=cookie)
        assert answer.status == 403
        assert b"syndicator admin" in answer.body
        assert b"ships" not in answer.body


def test_a_link_is_no_session(site: Program) -> None:
    token = path_of(site).rpartition("/")[2]
    assert site.get("/admin", Cookie=f"syndicator_admin={token}").status == 403


def test_the_first_page_tells_what_comes_in_and_goes_out(site: Program, session: str) -> None:
    answer = site.get("/admin", Cookie=session)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    page = answer.body.decode()
    assert '>Ships</a></th><td class="number">1</td>' in page
    assert "1 of 1 sources are well" in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_other_sites_change_nothing(site: Program, session: str, headers: dict[str, str]) -> None:
    assert post(site, "/admin/leave", Cookie=session, **headers).status == 403


def test_leaving_ends_this_session_wherever_its_cookie_is(site: Program, session: str) -> None:
    mine = entered(site)
    left = post(site, "/admin/leave", Cookie=mine, Sec_Fetch_Site="same-origin")
    assert left.status == 200
    assert 'syndicator_admin=""' in left.headers["set-cookie"]
    assert site.get("/admin", Cookie=mine).status == 403, "a copy of the cookie works no more"
    assert site.get("/admin", Cookie=session).status == 200, "others stay"
    own = f"http://127.0.0.1:{site.port}"
    assert post(site, "/admin/leave", Cookie=entered(site), Origin=own).status == 200


def test_leaving_everywhere_ends_all_sessions_and_links(site: Program) -> None:
    browsers, unused = [entered(site), entered(site)], path_of(site)
    assert b"browsers that are open here" in site.get("/admin", Cookie=browsers[0]).body
    left = post(site, "/admin/leave", b"everywhere=yes", Cookie=browsers[0], Sec_Fetch_Site="same-origin")
    assert left.status == 200
    assert b"Everybody has left" in left.body
    for cookie in browsers:
        assert site.get("/admin", Cookie=cookie).status == 403
    assert post(site, unused).status == 403
    assert site.get("/admin", Cookie=entered(site)).status == 200, "a new link opens the door again"


def test_a_link_opens_once(site: Program) -> None:
    path = path_of(site)
    assert site.get(path).status == 200
    assert site.get(path).status == 200, "looking uses nothing up"
    assert post(site, path).status == 303
    assert site.get(path).status == 403
    again = post(site, path)
    assert again.status == 403
    assert "set-cookie" not in again.headers


def test_an_admins_token_ends_and_serves_one_purpose() -> None:
    tokens = Tokens(["new key", "old key"])
    until = NOW + timedelta(minutes=15)
    token = tokens.admin("link", "ann", until)
    assert tokens.read_admin("link", token, NOW) == "ann"
    assert tokens.read_admin("session", token, NOW) is None
    assert tokens.read_admin("link", token, until) is None
    assert Tokens(["other key"]).read_admin("link", token, NOW) is None
    assert tokens.read_admin("link", tokens.unsubscribe(1, "a"), NOW) is None
    assert tokens.read_unsubscribe(token) is None
    assert Tokens(["newest", "new key"]).read_admin("link", token, NOW) == "ann"
    for other in ("", "ä", "a" * 5000, token[:-1], token + "x"):
        assert tokens.read_admin("link", other, NOW) is None


def test_without_a_database_there_is_nothing_to_lead_to(tmp_path: object) -> None:
    program = Program(tmp_path)  # type: ignore[arg-type]
    assert "syndicator run" in program.run("admin", code=1).stderr


# The next mail ----------------------------------------------------------------------------------------

NEXT = "/admin/digests/ships"


@pytest.fixture(scope="module")
def later(site: Program) -> str:
    """The cookie of a browser that went in after all others had to leave."""
    return entered(site)


def test_a_link_leads_on_to_a_topics_next_mail(site: Program) -> None:
    link = site.run("digest", "preview", "ships").stdout.strip()
    path = link.removeprefix(site.settings["site"]["base_url"])
    assert path.endswith("?to=digests/ships")
    assert f'action="{path}"' in site.get(path).body.decode()
    assert post(site, path).headers["location"] == NEXT
    stray = f"{path_of(site)}?to=digests/a/../..//evil.example"
    assert post(site, stray).headers["location"] == "/admin"
    assert site.run("digest", "preview", "shps", code=1).stderr.startswith("topic: there is no 'shps'")


def test_the_next_mail_is_shown_in_all_looks(site: Program, later: str) -> None:
    assert site.get(NEXT).status == 403
    assert site.get(f"{NEXT}/mail").status == 403
    assert site.get("/admin/digests/boats", Cookie=later).status == 404
    assert f'href="{NEXT}"' in site.get("/admin", Cookie=later).body.decode()
    answer = site.get(NEXT, Cookie=later)
    page = answer.body.decode()
    assert "frame-src 'self'" in answer.headers["content-security-policy"]
    assert "Ships: A ship came in" in page
    assert "KB of 90 KB at most" in page
    assert "* A ship came in" in page, "the text part"
    assert page.count('sandbox="allow-popups"') == 4
    for look, only in (
        ("magazine", 'class="cell first line"'),
        ("brief", "One story"),
        ("plain", "1 story in Ships."),
    ):
        frame = site.get(f"{NEXT}/mail?look={look}&scheme=light", Cookie=later)
        assert only in frame.body.decode()
        assert "@media not all {" in frame.body.decode()
        assert "sandbox allow-popups" in frame.headers["content-security-policy"]
        assert "script-src" not in frame.headers["content-security-policy"]
        assert frame.headers["cache-control"] == "no-store"
    dark = site.get(f"{NEXT}/mail?scheme=dark", Cookie=later).body.decode()
    assert "@media all {" in dark
    assert "prefers-color-scheme: dark" not in dark
    assert "/unsubscribe/preview" in dark
    assert site.get(f"{NEXT}/mail?scheme=mauve", Cookie=later).status == 404
    chinese = site.get(f"{NEXT}/mail?language=zh&look=brief", Cookie=later).body.decode()
    assert '<html lang="zh">' in chinese


def test_the_next_mail_as_one_reader_gets_it(site: Program, later: str) -> None:
    add = ("subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed")
    site.run(*add, "--at", "06:30", "--zone", "Asia/Shanghai", "--language", "zh")
    page = site.get(f"{NEXT}?as=Anna%40reader.example", Cookie=later).body.decode()
    assert "anna@reader.example · zh" in page
    assert "06:30</time> (Shanghai time)" in page
    frame = site.get(f"{NEXT}/mail?as=anna%40reader.example", Cookie=later).body.decode()
    assert "anna@reader.example" in frame
    assert '<html lang="zh">' in frame
    nobody = site.get(f"{NEXT}?as=%3Cb%3E%40x.example", Cookie=later)
    assert nobody.status == 200
    assert "Nobody with the address &lt;b&gt;@x.example gets mails of Ships." in nobody.body.decode()
    assert site.get(f"{NEXT}/mail?as=bob%40reader.example", Cookie=later).status == 404
