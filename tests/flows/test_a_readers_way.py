"""The whole way of a reader: sign up, confirm, choose, read, leave; and then nothing more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from browser import flags
from newsroom import Story, rss
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from program import Program
    from servers import SmtpServer

pytestmark = pytest.mark.browser

ADA = "ada@reader.example"
LINK = re.compile(r"https?://\S+/(?:confirm|preferences|unsubscribe)/[^\s>]+")


@pytest.fixture
def page(chromium: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags())
        yield browser.new_context(timezone_id="Asia/Shanghai", locale="en-GB").new_page()
        browser.close()


def plain(mail: Any) -> str:
    return mail.message.get_body(("plain",)).get_content()


def subscribes(page: Page, program: Program, smtp: SmtpServer) -> None:
    """Sign up, confirm by the link in the mail, and choose another hour on one's own page."""
    page.goto(f"{program.settings['site']['base_url']}/subscribe?topic=rivers")
    page.get_by_label("Every day", exact=True).check()
    page.get_by_label("Hour").select_option("07:00")
    page.get_by_label("Your e-mail address").fill(ADA)
    page.wait_for_timeout(3_200)  # nobody is that quick but a program
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    program.until(lambda: smtp.mails)
    page.goto(LINK.search(plain(smtp.mails[0]))[0])
    page.get_by_role("button", name="Yes, subscribe").click()
    page.get_by_role("heading", name="You are subscribed").wait_for()
    page.get_by_role("link", name="Change your subscription").click()
    page.get_by_label("At", exact=True).fill("18:30")
    page.get_by_role("button", name="Save when and how").click()
    page.get_by_role("status").wait_for()


def test_from_the_first_page_to_the_last_mail(
    embedded: Program, page: Page, http_server: Any, smtp_server: SmtpServer
) -> None:
    feed = [Story("1", "The river rises", "It rains in the hills. " * 20)]

    async def served(_: web.Request) -> web.Response:
        return web.Response(body=rss("Paper", *feed), content_type="text/xml")

    server = http_server({"/feed": served})
    embedded.sources(paper=server.url("/feed"))
    embedded.topic("rivers", any=["river*"], min_score=0, digest={"at": "06:00"})
    embedded.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": smtp_server.port})
    embedded.start()
    subscribes(page, embedded, smtp_server)
    embedded.stop()
    (reader,) = embedded.json("subscribers", "list")
    assert (reader["at"], reader["zone"]) == ("18:30", "Asia/Shanghai")
    assert reader["topics"] == {"rivers": "active"}

    del smtp_server.mails[:]
    embedded.configure(site={"base_url": "https://news.example"})  # one click needs TLS (RFC 8058)
    assert embedded.once("2027-03-01T10:29:00Z")["planned"] == 0
    assert embedded.once("2027-03-01T10:30:00Z")["sent"] == 1
    (mail,) = smtp_server.mails
    assert mail.recipients == (ADA,)
    assert "The river rises" in plain(mail)
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = LINK.search(mail.message["List-Unsubscribe"])[0].removeprefix("https://news.example")

    embedded.start()
    assert embedded.get(leave, method="POST", data=b"List-Unsubscribe=One-Click").status == 200
    embedded.stop()
    feed.insert(0, Story("2", "The river falls", "The sun is out again. " * 20))
    done = embedded.once("2027-03-02T10:30:00Z")
    assert (done["articles"], done["planned"], done["notes"]) == (1, 0, 0)
    assert len(smtp_server.mails) == 1
