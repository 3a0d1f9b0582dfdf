"""Pages and mails in a real Chromium, at a phone's and a desk's width, in light and dark.

What is asserted is what can be counted; the screenshots in artefacts/ are for eyes.
"""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import newsstand
import pytest
from playwright.sync_api import sync_playwright

from syndicator.digest.notes import INLINER
from syndicator.digest.render import html_of
from syndicator.templates import environments
from syndicator.web.preview import PAGE_POLICY
from syndicator.web.security import WITH_FETCH as POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
WIDTHS = {"phone": 375, "desk": 1280}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TEMPLATES = environments()

FAULTS = (Path(__file__).parent / "look.js").read_text("utf-8")
# The engine alone: what its wrapper does, puts a script into the page, which our policy rightly refuses.
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# What our clock and the judge hear who try to reach into frames that have no script.
SANDBOX = re.compile(r"allow-scripts|recipient window's origin \('null'\)")
JUDGE = """async () => {
  const found = await axe.run(document);
  const told = ({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(" | ")}`;
  return [found.violations.map(told), found.passes.length];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    assert program, "these tests need Chromium: apt-get install chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


def rendered(name: str, *, part: bool = False) -> str:
    """The page as it is shown; of the outbox also the `part` that its script asks for."""
    template, language, context = newsstand.PAGES[name]
    if part:
        asked = {each: context[each] for each in ("site", "progress")}
        return TEMPLATES.render("web/outbox_live.html.j2", language, **asked)
    if template.startswith("email/looks/"):
        return html_of(TEMPLATES, template.split("/")[2].split(".")[0], language, **context)  # type: ignore[arg-type]
    html = TEMPLATES.render(template, language, **context)
    return INLINER.inline(html) if template.startswith("email/") else html


def serve(context: BrowserContext) -> list[str]:
    """Answer every request from memory, refuse what is not ours, and list what was refused."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        name = url.path.strip("/")
        if url.netloc == "pictures.test":
            route.fulfill(body=newsstand.picture(url.path), content_type="image/svg+xml")
        elif url.netloc == "news.test" and name.startswith("static/"):
            kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
            body = TEMPLATES.asset(f"web/{name.removeprefix('static/')}")
            route.fulfill(body=body, content_type=kinds[Path(name).suffix])
        elif url.netloc == "news.test" and name in newsstand.PAGES:
            mail = name.startswith("digest")
            policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https:" if mail else POLICY
            policy = PAGE_POLICY if name.startswith("preview") else policy
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            route.fulfill(body=rendered(name, part=url.query == "part=live"), headers=headers)
        else:
            refused.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    return refused


def opened(context: BrowserContext, name: str) -> tuple[Page, list[str]]:
    """Open a page on a day that is fixed; list what it says on the console, asks and throws."""
    noise: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: None if SANDBOX.search(said.text) else noise.append(said.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: (noise.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.clock.set_fixed_time(newsstand.NOW)
    page.goto(f"{newsstand.HOST}/{name}", wait_until="load")
    page.evaluate(AXE)
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("image => image.decode()")
    page.evaluate("scrollTo(0, 0)")
    return page, noise


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", newsstand.PAGES)
def test_page_looks_right(browser: Browser, name: str, width: str) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 900})
    refused = serve(context)
    page, noise = opened(context, name)
    ARTEFACTS.mkdir(exist_ok=True)
    mail = name.startswith("digest")
    faults = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        faults += [
            f"{scheme}: {fault}" for fault in page.evaluate(FAULTS, [16, False] if mail else [14, True])
        ]
        violations, passes = page.evaluate(JUDGE)
        faults += [f"{scheme}: axe: {violation}" for violation in violations]
        assert passes > 10  # it did look
        page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    assert (faults, noise, refused) == ([], [], [])
    assert max(map(int, re.findall(r"\d+", dark))) < 40  # dark is dark, not merely asked for


def test_faults_are_found(browser: Browser) -> None:
    """The instrument itself: a page with every fault is faulted for each."""
    page = browser.new_page(viewport={"width": 375, "height": 600})
    page.set_content(
        "<h1>One</h1><h3>Deep</h3><p style='color:#999;font-size:9px;width:600px'>grey</p>"
        "<img src='data:,'><button>x</button>"
    )
    faults = " | ".join(page.evaluate(FAULTS, [14, True]))
    page.close()
    for fault in ("contrast", "9px", "side", "no lang", "<img", "broken", "too deep", "small"):
        assert fault in faults


def test_script_tells_relative_times_and_copies(browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    serve(context)
    page, _ = opened(context, "topic")
    time = page.locator(".items time").first
    assert time.inner_text() == "2 hours ago"
    assert time.get_attribute("title") == "Nov 24, 2026, 04:30 UTC"
    button = page.get_by_role("button", name="Copy")
    button.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "https://news.test/topics/telecom-fraud.rss"
    context.close()


def test_page_is_whole_without_script(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    serve(context)
    page = context.new_page()
    page.goto(f"{newsstand.HOST}/topic")
    assert page.locator(".items time").first.inner_text() == "Nov 24, 2026, 04:30 UTC"
    assert page.get_by_role("button").all_inner_texts() == ["Subscribe", "Search"]
    page.locator(".items summary").first.click()
    assert page.get_by_text("title: fraud").is_visible()
    context.close()


# A stop of a walk with the Tab key: what it is, whether it can be seen, and what a screen reader calls it.
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  at.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length);
  return {
    at: Number(at.dataset.stop),
    place: [...document.querySelectorAll("*")].indexOf(at),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= 0
      && box.right <= innerWidth + 1,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    name: (at.ariaLabel || at.textContent || at.value || "").trim(),
  };
}"""
TABBABLE = """() => [...document.querySelectorAll(
  'a[href], button:not([disabled]), input:not([type=hidden], [type=radio]:not(:checked)), textarea, ' +
  'select, summary, [tabindex="0"]'
)].filter(e => e.checkVisibility()).length"""
WALKED = (
    "index", "topic", "topic-zh", "search-found", "error", "unsubscribe", "subscribe", "door", "admin",
    "outbox",
)  # fmt: skip


@pytest.mark.parametrize("name", WALKED)
def test_the_tab_key_walks_through_the_page_in_order(browser: Browser, name: str) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 700})
    serve(context)
    page, _ = opened(context, name)
    stops = []
    for _ in range(page.evaluate(TABBABLE) + 1):
        page.keyboard.press("Tab")
        if (stop := page.evaluate(STOP)) is None:
            break
        stops.append(stop)
    count = page.evaluate(TABBABLE)
    context.close()
    assert [stop["at"] for stop in stops] == list(range(count)), "each once, and no trap"
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)
    assert [stop for stop in stops if not (stop["seen"] and stop["ring"] and stop["name"])] == []


def test_the_outbox_looks_again_unless_somebody_stands_in_it(browser: Browser) -> None:
    context = browser.new_context()
    serve(context)
    page, noise = opened(context, "outbox")
    look = "document.querySelector('.tally').id = 'old'; look().then(() => document.querySelector('#old'))"
    assert page.evaluate(f"{look}.then(found => found === null)")
    page.locator(".tally a").first.focus()
    assert page.evaluate(f"{look}.then(found => found !== null)"), "the keyboard's place stays"
    assert page.locator("#pulse").inner_text() == "This page looks again by itself every five seconds."
    context.close()
    assert noise == []


def test_a_disclosure_opens_by_keyboard(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 700})
    serve(context)
    page, _ = opened(context, "topic")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    device = page.get_by_role("link", name="A reader on this device")
    assert device.is_visible()
    assert device.get_attribute("href") == "feed://news.test/topics/telecom-fraud.rss"
    feedly = page.get_by_role("link", name="Feedly").get_attribute("href")
    assert (
        feedly
        == "https://feedly.com/i/subscription/feed%2Fhttps%3A%2F%2Fnews.test%2Ftopics%2Ftelecom-fraud.rss"
    )
    context.close()


def test_landmarks_and_headings_tell_the_page(browser: Browser) -> None:
    context = browser.new_context()
    serve(context)
    page, _ = opened(context, "topic")
    for role in ("banner", "main", "contentinfo", "search"):
        assert page.get_by_role(role).count() == 1, role
    assert page.get_by_role("navigation", name="Site").count() == 1
    regions = [each.get_attribute("aria-labelledby") for each in page.get_by_role("region").all()]
    assert regions == ["door-reader", "door-mail", "latest"]
    heads = page.get_by_role("heading", level=2).all_inner_texts()
    assert heads == ["Follow in a reader", "Get it by e-mail", "Latest"]
    assert page.get_by_role("heading", level=3).count() == len(newsstand.CARDS)
    spoken = page.locator(".items h3").evaluate_all(
        "all => all.map(e => [e.closest('[lang]').lang, e.matches(':dir(rtl)')])"
    )
    assert ["ar", True] in spoken
    assert ["zh", False] in spoken
    assert all(
        told == [card.language or "en", card.dir == "rtl"]
        for told, card in zip(spoken, newsstand.CARDS, strict=True)
    )
    context.close()


@pytest.mark.parametrize("name", ["index", "topic", "topic-zh", "search-found", "error", "unsubscribe"])
def test_a_page_is_one_round_trip(browser: Browser, name: str) -> None:
    """What is asked for beside the page: pictures, and those only when they come into view."""
    context = browser.new_context(viewport={"width": 375, "height": 500})
    serve(context)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{newsstand.HOST}/{name}", wait_until="networkidle")
    context.close()
    assert [url for url in asked if url != newsstand.IMAGE] == [f"{newsstand.HOST}/{name}"]


def test_nothing_moves_while_the_page_loads(browser: Browser) -> None:
    """The layout shift that browsers measure, with a picture that comes late."""
    context = browser.new_context(viewport={"width": 1280, "height": 2500})
    serve(context)
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true })"
    )
    page.clock.set_fixed_time(newsstand.NOW)
    page.goto(f"{newsstand.HOST}/topic", wait_until="networkidle")
    page.wait_for_function("document.images[0].complete")
    assert page.evaluate("window.shift") < 0.01
    context.close()


def test_keyboard_reaches_the_articles_at_once(browser: Browser) -> None:
    context = browser.new_context()
    serve(context)
    page, _ = opened(context, "topic")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to the content"
    box = focused.bounding_box()
    assert box
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()
