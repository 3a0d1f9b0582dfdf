"""The workbench over HTTP, as a browser without script and a stranger meet it, and in a real Chromium."""

from __future__ import annotations

import html
import re
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import workshop
from browser import find_chromium, flags
from playwright.sync_api import expect, sync_playwright
from program import Answer, Program

from syndicator.web.workbench import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

SLUG = "telecom-fraud"
PATH = f"/admin/topics/{SLUG}"
WIDER = workshop.FILE.replace("none:", "  - forged      # numbers\nnone:")
NARROWER = workshop.FILE.replace("  - 电信诈骗\n", "")
OWN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("workbench"))
    feeds = workshop.feeds()
    for name, body in feeds.items():
        (program.config / f"{name}.xml").write_bytes(body)
    program.sources(**{name.replace("-", "_"): f"file:{name}.xml" for name in feeds})
    program.topic("ships", any=["ferry"])
    file(program).write_text(workshop.FILE)
    program.once()
    program.start()
    yield program
    program.close()


@pytest.fixture(autouse=True)
def _as_it_was(site: Program) -> Iterator[None]:
    """Each test finds the file as it was, and in force."""
    yield
    if file(site).read_bytes() != workshop.FILE.encode():
        site.until(lambda: is_in_force(site))  # else it might be taken over after what follows
        file(site).write_text(workshop.FILE)
        site.until(lambda: is_in_force(site))


def is_in_force(site: Program) -> bool:
    return "Saved, and in force." in site.get(PATH, Cookie=cookie(site)).body.decode()


def file(site: Program) -> Path:
    return site.config / "topics" / f"{SLUG}.yaml"


_COOKIES: dict[int, str] = {}


def cookie(site: Program) -> str:
    """The session of a browser that went in, as it is sent."""
    if site.port not in _COOKIES:
        link = site.run("admin").stdout.strip()
        answer = ask(site, urllib.parse.urlsplit(link).path, b"")
        _COOKIES[site.port] = answer.headers["set-cookie"].partition(";")[0]
    return _COOKIES[site.port]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def ask(site: Program, path: str, data: bytes, **headers: str) -> Answer:
    """POST without following a redirect."""
    request = urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", data=data, headers=OWN | headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read())


def send(site: Program, do: str, text: str = workshop.FILE, **more: str) -> Answer:
    """Press a button of the form with a text in the editor; line ends as browsers send them."""
    sent = {"held": held(site), "text": text.replace("\n", "\r\n"), "do": do} | more
    return ask(site, PATH, urllib.parse.urlencode(sent).encode(), Cookie=cookie(site))


def held(site: Program) -> str:
    page = site.get(PATH, Cookie=cookie(site)).body.decode()
    return page.partition('name="held" value="')[2].partition('"')[0]


def words(answer: Answer) -> str:
    """The page's text, as a reader sees it."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.body.decode())))


def shelf(answer: Answer, name: str) -> str:
    """One of the lists: gained, lost or kept."""
    return answer.body.decode().partition(f'<section class="shelf {name}"')[2].partition("</section>")[0]


def number_of(site: Program, title: str) -> str:
    """The number of an article that the rule takes."""
    page = site.get(PATH, Cookie=cookie(site)).body.decode()
    found = [
        item.partition('"')[0]
        for item in page.split('<li class="candidate" id="a')[1:]
        if title in html.unescape(re.sub(r"<[^>]+>", "", item))
    ]
    return found[0]


# Over HTTP ----------------------------------------------------------------------------------------------


def test_the_file_stands_in_the_editor_and_its_rule_is_tried(site: Program) -> None:
    answer = site.get(PATH, Cookie=cookie(site))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    page = answer.body.decode()
    field = page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert html.unescape(field) == f"\n{workshop.FILE}"  # of which a browser drops the first newline
    assert "This rule is in force." in page
    assert "Looked at all 41 articles" in words(answer)
    assert "All 2 pass." in page
    assert shelf(answer, "kept").count('class="candidate"') == 16
    assert f'href="{PATH}"' in site.get("/admin", Cookie=cookie(site)).body.decode()


def test_what_is_not_saved_is_never_called_in_force(site: Program) -> None:
    for text in (workshop.FILE + "# a remark\n", workshop.FILE.replace("Scampi and", "A phone scam and")):
        page = words(send(site, "try", text))
        assert "This rule is in force" not in page
        assert "It takes the same articles as the rule in force." in page
        assert "Not saved yet." in page


def test_a_trial_shows_what_is_gained_and_lost_and_saves_nothing(site: Program) -> None:
    wider = send(site, "try", WIDER)
    assert wider.status == 200
    assert "21 now, 16 before: 5 gained, 0 lost" in wider.body.decode()
    assert shelf(wider, "gained").count('class="candidate"') == 5
    assert "Carriers must mark <mark>forged</mark> numbers" in shelf(wider, "gained")
    assert "title: forged" in shelf(wider, "gained")
    assert "Not saved yet." in wider.body.decode()
    narrower = send(site, "try", NARROWER)
    assert "11 now, 16 before: 0 gained, 5 lost" in narrower.body.decode()
    assert "<mark>电信诈骗</mark>" in shelf(narrower, "lost")
    assert 'Dropped now: <bdi lang="en">no line of `any` holds' in html.unescape(shelf(narrower, "lost"))
    assert file(site).read_text() == workshop.FILE


def test_the_chart_has_a_table_with_the_same_numbers(site: Program) -> None:
    page = send(site, "try", WIDER).body.decode()
    graph = page.partition("<figure")[2].partition("</figure>")[0]
    assert all(part in graph for part in ('role="img"', "<title", "<desc", "<table>", "</text>"))
    rows = re.findall(r'<td class="number">([\d,]+)</td>' * 3, graph.replace("\n", ""))
    assert [sum(int(row[n]) for row in rows) for n in range(3)] == [21, 5, 0]
    sources = page.partition('<table class="sources">')[2].partition("</table>")[0]
    rows = re.findall(r'<td class="number">([\d,]+)</td>' * 3, sources)
    assert [sum(int(row[n]) for row in rows) for n in range(3)] == [21, 5, 0]


@pytest.mark.parametrize(
    "text",
    [
        workshop.FILE.replace("none:", "nome:"),
        workshop.FILE.replace("any:", "any: ["),
        workshop.FILE.replace("'\"phone scam*\"'", "phone NEAR"),
        workshop.FILE.replace("title:", "sources: [harbour-pst]\ntitle:"),
        workshop.FILE.replace("none:", "none:\n  - scams"),
    ],
    ids=["key", "yaml", "rule", "source", "test"],
)
def test_problems_are_told_as_check_tells_them(site: Program, text: str) -> None:
    shown = words(send(site, "try", text))
    refused = send(site, "save", text)
    assert refused.status == 422
    assert html.escape(text) in refused.body.decode().replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert file(site).read_text() == workshop.FILE
    copy = site.folder / "config-to-check" / "config"
    (copy / "topics").mkdir(parents=True, exist_ok=True)
    (copy / "sources").mkdir(exist_ok=True)
    (copy / "sources" / "all.yaml").write_bytes((site.config / "sources" / "all.yaml").read_bytes())
    (copy / "topics" / file(site).name).write_text(text)
    for problem in _checked(site, copy):
        assert re.sub(r"\s+", " ", problem) in shown
        assert re.sub(r"\s+", " ", problem) in words(refused)


def _checked(site: Program, config: Path) -> list[str]:
    """The problems that `check` names, one a line; carets and notes aside."""
    site.config, config = config, site.config
    try:
        said = site.run("check", code=2).stderr
    finally:
        site.config = config
    return [line for line in said.splitlines() if line.startswith("config/topics/")]


def test_saving_keeps_every_byte_and_the_daemon_takes_it_over(site: Program) -> None:
    saved = send(site, "save", WIDER)
    assert (saved.status, saved.headers["location"]) == (303, f"{PATH}?saved=yes")
    assert file(site).read_bytes() == WIDER.encode()
    after = site.get(f"{PATH}?saved=yes", Cookie=cookie(site)).body.decode()
    assert "by itself within seconds" in after or "Saved, and in force." in after
    site.until(lambda: is_in_force(site))
    site.until(lambda: b"forged numbers" in site.get(f"/topics/{SLUG}.rss").body)


def test_line_ends_and_the_mark_of_byte_order_stay(site: Program) -> None:
    body = b"\xef\xbb\xbf" + workshop.FILE.replace("\n", "\r\n").encode()
    file(site).write_bytes(body)
    assert send(site, "save", WIDER).status == 303
    assert file(site).read_bytes() == b"\xef\xbb\xbf" + WIDER.replace("\n", "\r\n").encode()


def test_what_somebody_else_saved_is_not_overwritten_unasked(site: Program) -> None:
    before = held(site)
    theirs = workshop.FILE + "# theirs\n"
    file(site).write_text(theirs)
    for part in ("", "results"):
        answer = send(site, "save", WIDER, held=before, part=part)
        assert answer.status == 409
        assert file(site).read_text() == theirs
        shown = words(answer)
        assert "the file has changed on disk" in shown
        assert "-# theirs" in shown
        assert "+ - forged # numbers" in shown
    assert "# numbers" in send(site, "save", WIDER, held=before).body.decode().partition("<textarea")[2]
    found = re.search(r'value="save ([0-9a-f]{64})"', answer.body.decode())
    assert found
    assert send(site, f"save {found[1]}", WIDER, held=before).status == 303
    assert file(site).read_text() == WIDER


def test_a_file_that_is_read_only_is_left_alone(site: Program) -> None:
    file(site).chmod(0o444)
    try:
        page = site.get(PATH, Cookie=cookie(site)).body.decode()
        assert "may not write the file" in page
        answer = send(site, "save", WIDER)
        assert answer.status == 423
        assert "# numbers" in answer.body.decode()
        assert file(site).read_text() == workshop.FILE
    finally:
        file(site).chmod(0o644)


def test_articles_are_judged_and_it_is_taken_back(site: Program) -> None:
    number = number_of(site, "Norwick police close")
    told = lambda: {  # noqa: E731
        (row["title"], row["verdict"]) for row in site.json("topics", "judgements", SLUG)
    }
    accepted = send(site, f"accept {number}", WIDER)
    assert told() == {("Norwick police close a telecom fraud call centre", "accept")}
    assert f'value="forget {number}" aria-pressed="true">Accepted' in accepted.body.decode()
    assert "# numbers" in accepted.body.decode().partition("<textarea")[2], "the text goes along"
    assert "1 accepted, 0 rejected" in words(accepted)
    part = send(site, f"reject {number}", part="verdict")
    assert told() == {("Norwick police close a telecom fraud call centre", "reject")}
    assert part.body.decode().count("<button") == 3
    send(site, f"forget {number}")
    assert told() == set()
    assert send(site, "accept 99999999").status == 404
    assert send(site, "accept https://harbour-post.example/s1").status == 404


def test_hostile_headlines_stay_text(site: Program) -> None:
    page = site.get(PATH, Cookie=cookie(site)).body.decode()
    assert "&lt;script&gt;document.title=" in page
    assert "<script>document" not in page
    assert "\u202e" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_other_sites_change_nothing(site: Program, headers: dict[str, str]) -> None:
    body = urllib.parse.urlencode({"do": "save", "text": WIDER, "held": held(site)}).encode()
    assert ask(site, PATH, body, Cookie=cookie(site), **headers).status == 403
    assert file(site).read_text() == workshop.FILE


def test_without_a_session_nothing_is_seen_or_done(site: Program) -> None:
    body = urllib.parse.urlencode({"do": "save", "text": WIDER, "held": held(site)}).encode()
    for answer in (site.get(PATH), ask(site, PATH, body)):
        assert answer.status == 403
        assert b"telecom" not in answer.body
    assert file(site).read_text() == workshop.FILE


@pytest.mark.parametrize(
    "slug",
    [
        "none",
        "..%2fsyndicator",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "Telecom-Fraud",
        "telecom-fraud.yaml",
        "a%00b",
    ],
)
def test_only_topics_of_the_config_have_a_page(site: Program, slug: str) -> None:
    answer = site.get(f"/admin/topics/{slug}", Cookie=cookie(site))
    assert answer.status == 404
    if "%" not in slug:
        assert 'href="/admin"' in answer.body.decode(), "there is a way back"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"do=dance&text=x", "application/x-www-form-urlencoded", 400),
        (b"text=%ff%fe&do=try", "application/x-www-form-urlencoded", 400),
        (b"text=\xff&do=try", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
        (b"text=" + b"x" * 4_200_000, "application/x-www-form-urlencoded", 413),
        (b'{"do": "save"}', "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
    ],
    ids=["do", "utf-8", "bytes", "fields", "size", "json", "multipart"],
)
def test_what_no_form_of_ours_sends_is_refused(site: Program, body: bytes, kind: str, status: int) -> None:
    answer = ask(site, PATH, body, Cookie=cookie(site), **{"Content-Type": kind})
    assert answer.status == status


def test_a_text_that_no_file_may_be_is_told_so(site: Program) -> None:
    answer = send(site, "save", "# " + "x" * 1024 * 1024)
    assert answer.status == 422
    assert "more than 1 MB" in words(answer)
    assert "the invisible character U+0000" in words(send(site, "try", "title: a\0b\n"))


def test_a_newer_trial_of_a_session_ends_the_older() -> None:
    turns = Turns()
    first, other = turns.begin("one"), turns.begin("two")
    second = turns.begin("one")
    assert [first.is_set(), other.is_set(), second.is_set()] == [True, False, False]
    turns.end("one", first)
    assert not second.is_set()
    third = turns.begin("one")
    assert second.is_set()
    turns.end("one", third)
    turns.begin("one")
    assert not third.is_set()


# In a browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    assert program, "these tests need Chromium: apt-get install chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=flags())
        yield launched
        launched.close()


@pytest.fixture
def page(site: Program, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The workbench in a browser of its own; whatever it says on the console fails the test."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}} | getattr(request, "param", {})
    context = browser.new_context(**options)
    name, _, value = cookie(site).partition("=")
    own = f"http://127.0.0.1:{site.port}"
    context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/admin"}])
    opened = context.new_page()
    noise: list[str] = []
    opened.on("console", lambda message: noise.append(message.text) if "409" not in message.text else None)
    opened.on("pageerror", lambda error: noise.append(str(error)))
    opened.goto(own + PATH)
    yield opened
    context.close()
    assert noise == []


def type_after(page: Page, words: str, typed: str) -> None:
    """Put the caret behind some words of the editor, and type."""
    page.locator("#text").evaluate(
        "(field, words) => { const at = field.value.indexOf(words) + words.length;"
        " field.focus(); field.setSelectionRange(at, at); }",
        words,
    )
    page.keyboard.type(typed)


@pytest.mark.browser
def test_typing_a_rule_shows_what_it_gains(page: Page) -> None:
    type_after(page, "电信诈骗", "\n  - forged")
    expect(page.locator(".shelf.gained .candidate")).to_have_count(5)
    expect(page.locator(".shelf.gained mark").first).to_have_text("forged")
    expect(page.locator("#live")).to_have_text("21 now, 16 before: 5 gained, 0 lost")
    expect(page.locator("#standing")).to_have_text("Not saved yet.")
    assert page.title().startswith("Telecom fraud"), "no headline ran as a script"


@pytest.mark.browser
def test_a_problem_leads_to_its_line_and_column(page: Page) -> None:
    type_after(page, "\nnone", "x")
    place = page.locator(".problems .place")
    expect(place).to_have_text("config/topics/telecom-fraud.yaml:8:1")
    expect(page.locator(".numbers .bad")).to_have_text("8")
    place.focus()
    page.keyboard.press("Enter")
    start = page.locator("#text").evaluate("field => field.value.slice(0, field.selectionStart)")
    assert start == workshop.FILE.partition("none:")[0]


HEIGHT = "line => line.getBoundingClientRect().height"


@pytest.mark.browser
def test_long_lines_are_wrapped_and_their_numbers_stay_beside_them(page: Page) -> None:
    long = "word " * 60 + "电信" * 60 + "x" * 120
    type_after(page, "电信诈骗", f"\n  - {long}\n\n  - forged")
    field, numbers = page.locator("#text"), page.locator(".numbers > div")
    assert field.evaluate("field => field.scrollWidth <= field.clientWidth")
    one, wrapped, empty = (numbers.nth(place).evaluate(HEIGHT) for place in (6, 7, 8))
    assert wrapped > 3 * one
    assert abs(empty - one) < 1
    total = page.locator(".numbers").evaluate("column => column.getBoundingClientRect().height")
    field.evaluate("field => { field.style.height = '50px'; }")
    padding = field.evaluate("field => 2 * parseFloat(getComputedStyle(field).paddingTop)")
    assert abs(field.evaluate("field => field.scrollHeight") - padding - total) < 2, "as high as the text"
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function(
        "high => document.querySelector('.numbers').children[7].getBoundingClientRect().height > high",
        arg=wrapped,
    )


@pytest.mark.browser
def test_judging_in_place_shows_its_state(site: Program, page: Page) -> None:
    first = page.locator(".candidate").filter(has_text="Sandhaven police close").first
    first.get_by_role("button", name="Accept").click()
    expect(first.get_by_role("button", name="Accepted", pressed=True)).to_be_focused()
    first.get_by_role("button", name="Reject").click()
    expect(first.get_by_role("button", name="Rejected", pressed=True)).to_be_visible()
    assert [row["verdict"] for row in site.json("topics", "judgements", SLUG)] == ["reject"]
    first.get_by_role("button", name="Undo").click()
    expect(first.get_by_role("button", name="Undo")).to_have_count(0)
    assert site.json("topics", "judgements", SLUG) == []


@pytest.mark.browser
def test_all_of_it_by_keyboard(site: Program, page: Page) -> None:
    page.keyboard.press("Tab")
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    reached = [name for name in ("Try it", "Save to the file", "text", "Accept", "Reject") if name in seen]
    assert reached == ["Try it", "Save to the file", "text", "Accept", "Reject"]
    page.locator("#text").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("# by hand")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#standing")).to_have_text("Not saved yet.")
    page.keyboard.press("Control+s")
    expect(page.locator("#standing")).to_contain_text("Saved")
    assert file(site).read_text() == workshop.FILE + "# by hand"
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(", twice")
    page.keyboard.press("Control+s")
    site.until(lambda: file(site).read_text() == workshop.FILE + "# by hand, twice")
    expect(page.locator("#standing")).to_have_text("Saved, and in force.", timeout=20_000)


class Held:
    """Keeps the browser's first question of a kind back until it is let go."""

    def __init__(self, page: Page, do: str) -> None:
        self.first: Route | None = None
        self.sent: list[str] = []
        self.failed: list[str] = []
        self._page, self._do = page, f"do={do}"
        page.route(f"**{PATH}", self._take)
        page.on("requestfailed", lambda request: self.failed.append(request.post_data or ""))

    def let_go(self) -> None:
        """Wait until the question is there, which may be later than what the page shows of it; let it go."""
        for _ in range(200):
            if self.first:
                break
            self._page.wait_for_timeout(50)
        assert self.first
        self.first.continue_()

    def _take(self, route: Route) -> None:
        self.sent.append(route.request.post_data or "")
        if self.first is None and self._do in self.sent[-1]:
            self.first = route
        else:
            route.continue_()


@pytest.mark.browser
def test_a_newer_question_takes_the_place_of_an_older(page: Page) -> None:
    held = Held(page, "try")
    type_after(page, "电信诈骗", "\n  - cloning")
    expect(page.locator("#busy")).to_be_visible()
    page.wait_for_function("document.body.classList.contains('is-waiting')")
    page.keyboard.type("\n  - forged")
    expect(page.locator("#live")).to_have_text("26 now, 16 before: 10 gained, 0 lost")
    assert held.first
    assert [sent == held.first.request.post_data for sent in held.failed] == [True]
    expect(page.locator("#busy")).to_be_hidden()


@pytest.mark.browser
def test_who_types_on_while_it_is_saved_saves_on(site: Program, page: Page) -> None:
    held = Held(page, "save")
    type_after(page, "电信诈骗", "\n  - forged")
    page.keyboard.press("Control+s")
    page.keyboard.type("\n  - cloning")
    page.keyboard.press("Control+Enter")  # neither this nor that may take the place of what is being saved
    page.keyboard.press("Control+s")
    page.wait_for_function("document.body.classList.contains('is-waiting')")
    held.let_go()
    expect(page.locator("#live")).to_have_text(re.compile("^26 now"))
    expect(page.locator("#standing")).to_have_text("Not saved yet.")
    page.keyboard.press("Control+s")
    expect(page.locator("#standing")).to_contain_text("Saved")
    assert "  - forged\n  - cloning\n" in file(site).read_text()
    assert not [sent for sent in held.failed if "do=save" in sent], "a try may give way, a save may not"


@pytest.mark.browser
def test_a_change_on_disk_loses_neither_text(site: Program, page: Page) -> None:
    theirs = workshop.FILE + "# theirs\n"
    file(site).write_text(theirs)
    type_after(page, "电信诈骗", "\n  - forged")
    page.get_by_role("button", name="Save to the file").click()
    expect(page.get_by_role("heading", name="the file has changed on disk")).to_be_visible()
    assert "- forged" in page.locator("#text").input_value()
    assert file(site).read_text() == theirs
    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.locator(".told.good")).to_be_visible()
    assert file(site).read_text() == workshop.FILE.replace("电信诈骗", "电信诈骗\n  - forged")


@pytest.mark.browser
@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_the_same_without_script(site: Program, page: Page) -> None:
    page.locator("#text").fill(WIDER)
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".shelf.gained .candidate")).to_have_count(5)
    page.locator(".shelf.gained .candidate").first.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("button", name="Accepted")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Accepted")).to_have_count(0)
    assert page.locator("#text").input_value() == WIDER
    page.get_by_role("button", name="Save to the file").click()
    expect(page.locator(".told.good")).to_contain_text("Saved")
    assert file(site).read_text() == WIDER


@pytest.mark.browser
@pytest.mark.parametrize("page", [{"viewport": {"width": 375, "height": 700}}], indirect=True)
def test_on_a_phone_nothing_scrolls_to_the_side(page: Page) -> None:
    long = workshop.FILE.replace("none:", f"  - forged\n  - {'x' * 300}\nnone:").replace(
        "title:drill", "drill"
    )
    page.locator("#text").fill(long)
    expect(page.locator(".shelf.gained .candidate").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.locator("#text").fill(long.replace("none:", f"{'y' * 300}:"))
    expect(page.locator(".problems")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
