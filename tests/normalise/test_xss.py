"""Nothing active survives cleaning: seen in the parsed result, and by what a real browser does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import browser
import html5lib
import pytest
from payloads import PAYLOADS
from playwright.sync_api import sync_playwright

from syndicator.normalise import clean
from syndicator.normalise.policies import Name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page, Route

BASE = "https://site.example/posts/1"
POLICIES = get_args(Name)
WRAPPED = (
    "{}",
    "<p><b>{}</b></p>",
    "<table><tr><td>{}",
    "<table>{}</table>",
    "<a href='/x'>{}",
    "<img src='/l.jpg'>{}",
    "<iframe src=//f.example>{}",
    "<ul><li>{}<li>x</ul>",
    "<pre>{}</pre>",
    "<video src=/v.mp4>{}</video>",
)
FOREIGN = {
    "applet", "base", "button", "dialog", "embed", "fencedframe", "form", "frame", "frameset", "iframe",
    "input", "link", "map", "math", "meta", "noscript", "object", "script", "select", "slot", "style", "svg",
    "template", "textarea", "title", "track",
}  # fmt: skip
ADDRESSES = {
    "action", "background", "cite", "data", "formaction", "href", "longdesc", "poster", "src", "srcset",
    "xlink:href",
}  # fmt: skip
NEVER = {
    "accesskey", "autofocus", "class", "contenteditable", "download", "form", "id", "is", "name", "nonce",
    "ping", "slot", "srcdoc", "style", "tabindex", "target", "usemap",
}  # fmt: skip


def active(html: str) -> list[str]:
    """Name what a browser would run, load as code, or let take over the page."""
    found = []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag in FOREIGN:
            found.append(str(element.tag))
        for name, value in element.attrib.items():
            harmless = value.startswith(("http://", "https://", "mailto:")) if name in ADDRESSES else True
            if (
                str(name).startswith(("on", "data-", "hx-", "v-", "ng-", "x-"))
                or name in NEVER
                or not harmless
            ):
                found.append(f"{name}={value}")
    return found


def test_there_are_enough_payloads_and_the_test_sees_them() -> None:
    assert len(PAYLOADS) >= 250
    assert active("<img src=x onerror=alert(1)><script>") == ["src=x", "onerror=alert(1)", "script"]
    assert sum(bool(active(payload)) for payload in PAYLOADS) > 0.8 * len(PAYLOADS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("base", ["", BASE])
def test_no_payload_survives(policy: Name, base: str) -> None:
    found: dict[str, str] = {}
    for payload in PAYLOADS:
        for wrapped in WRAPPED:
            html = wrapped.format(payload)
            found.setdefault(clean(html, base, policy), html)
    for cleaned, html in found.items():
        assert active(cleaned) == [], html
        assert clean(cleaned, base, policy) == cleaned, html


def test_what_is_stored_survives_no_better_elsewhere() -> None:
    for stored in {clean(payload, BASE) for payload in PAYLOADS}:
        for policy in POLICIES:
            shown = clean(stored, policy=policy)
            assert active(shown) == [], stored
            assert clean(shown, policy=policy) == shown, stored


# In a browser -----------------------------------------------------------------------------------------------

TRAP = """
    if (window === top) window.ran = [];
    window.alert = window.confirm = window.prompt = window.print =
        () => top.ran.push(document.body?.dataset.payload || window.name || "?");
"""
# Touch everything as a visitor might; what leads away is held.
TOUCH = """
async () => {
    const kinds = "pointerover mouseover mouseenter focus keyup copy wheel toggle animationstart error load";
    addEventListener("submit", event => event.preventDefault(), true);
    for (const element of document.querySelectorAll("main *")) {
        for (const kind of kinds.split(" ")) element.dispatchEvent(new Event(kind, {bubbles: true}));
        if (!element.closest("a[href^='http'], a[href^='mailto']"))
            element.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
    }
    await new Promise(resolve => setTimeout(resolve, 300));
    return window.ran;
}
"""
INSERT = """
all => {
    for (const html of all) {
        const section = document.createElement("section");
        document.querySelector("main").append(section);
        section.innerHTML = html;
    }
}
"""
IN_FRAMES = """
async payloads => {
    const frames = payloads.map(([name, payload]) => {
        const frame = Object.assign(document.createElement("iframe"), {name, srcdoc: payload});
        document.body.append(frame);
        return frame;
    });
    await new Promise(resolve => setTimeout(resolve, 700));
    frames.forEach(frame => frame.remove());
    return window.ran;
}
"""
PASSIVE = {"image", "media"}


class Visit:
    """A page of its own in a real browser, with what it asked for and where it went."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[tuple[str, str]] = []
        self.html = ""
        page.add_init_script(TRAP)
        page.route("**/*", self._answer)
        page.on("dialog", lambda dialog: dialog.dismiss())

    def _answer(self, route: Route) -> None:
        request = route.request
        if request.url == "https://page.test/":
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
            return
        self.asked.append((request.resource_type, request.url))
        route.abort()

    def ran(self, html: str) -> list[str]:
        """Show `html` inside a page, touch everything, and tell what ran."""
        self.html = f"<!DOCTYPE html><title>t</title><body data-payload=page><main>{html}</main></body>"
        self.page.goto("https://page.test/", wait_until="load")
        return list(self.page.evaluate(TOUCH))


@pytest.fixture
def visit(chromium: Path) -> Iterator[Visit]:
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", *browser.flags()]
        )
        yield Visit(program.new_page())
        program.close()


@pytest.mark.browser
@pytest.mark.parametrize("policy", POLICIES)
def test_a_browser_runs_nothing(visit: Visit, policy: Name) -> None:
    cleaned = [
        clean(wrapped.format(payload), BASE, policy) for payload in PAYLOADS for wrapped in WRAPPED[:4]
    ]
    sections = "".join(f"<section>{html}</section>" for html in cleaned)
    assert visit.ran(sections) == []
    assert {kind for kind, _ in visit.asked} <= PASSIVE, visit.asked
    assert visit.page.url == "https://page.test/"
    assert visit.page.locator("main > section").count() == len(cleaned), "nothing leaves its section"

    visit.page.evaluate(INSERT, cleaned)  # read by the other of a browser's two parsers
    assert visit.page.evaluate(TOUCH) == []
    assert {kind for kind, _ in visit.asked} <= PASSIVE, visit.asked


@pytest.mark.browser
def test_the_browser_test_can_fail(visit: Visit) -> None:
    """Raw payloads, each in a frame of its own, do run: the trap is set."""
    visit.ran("")
    named = [[str(number), payload] for number, payload in enumerate(PAYLOADS)][::4]
    ran = [
        name
        for start in range(0, len(named), 25)
        for name in visit.page.evaluate(IN_FRAMES, named[start : start + 25])
    ]
    assert len(set(ran)) > 20
    assert visit.ran("<b onclick=alert(1)>x</b><details open ontoggle=alert(1)>")
