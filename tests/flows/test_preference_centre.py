"""A reader's own page in Chromium: at a phone's width, by keyboard alone, without JavaScript, to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import flags
from lobby import ADA, lobby
from playwright.async_api import async_playwright

from syndicator.store import holdings, subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from lobby import Lobby
    from playwright.async_api import Locator, Page

pytestmark = pytest.mark.browser

NEW = "ada@new.example"
MOST_STOPS = 60


@pytest.fixture
async def desk(tmp_path, smtp_server) -> AsyncIterator[Lobby]:
    async with lobby(tmp_path, smtp_server) as made:
        yield made


@pytest.fixture
async def page(chromium: Path) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        context = await browser.new_context(
            viewport={"width": 375, "height": 700}, java_script_enabled=False, locale="en-US"
        )
        yield await context.new_page()
        assert await context.cookies() == []
        await browser.close()


async def reach(page: Page, wanted: Locator) -> None:
    """Press the Tab key until this has the focus."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"no Tab key leads to {wanted}")


async def press(page: Page, name: str) -> None:
    """Go to a button and press it; the next page is there then."""
    await reach(page, page.get_by_role("button", name=name, exact=True))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def fill(page: Page, label: str, keys: str) -> None:
    await reach(page, page.get_by_label(label, exact=True))
    await page.keyboard.type(keys)


async def said(page: Page) -> str:
    return await page.get_by_role("status").inner_text()


async def link_for(desk: Lobby, address: str) -> str:
    """The link in the only mail that came, and that it came to this address."""
    ((to, _, link),) = await desk.mailed()
    assert to == address
    return desk.base_url + link


async def test_from_the_first_choice_to_the_last(desk: Lobby, page: Page) -> None:
    id_ = await desk.reader(ADA, "china")
    await page.goto(f"{desk.base_url}/preferences/{await desk.token(id_)}")

    await reach(page, page.get_by_role("checkbox", name="电信诈骗"))
    await page.keyboard.press("Space")
    await press(page, "Save topics")
    assert await said(page) == "Saved: these are your topics now."
    assert await desk.ties(id_) == {"china": "active", "fraud": "active"}

    await fill(page, "How often", "Monday")
    await fill(page, "At", "0630P")
    await fill(page, "Time zone", "Asia/Shanghai")
    await fill(page, "Format", "text")
    await press(page, "Save when and how")
    assert await said(page) == "Saved: your mails come like this now."
    async with desk.parts.store.read() as conn:
        found = (await subscribers.get(conn, id_)).subscriber
    assert (found.slot.key, found.format) == ("weekdays@18:30@Asia/Shanghai", "text")
    standfirst = page.locator(".standfirst")
    assert "Monday, November 30, 2026, at 18:30 (Shanghai time)" in await standfirst.inner_text()

    await fill(page, "Until", "12242026")
    await press(page, "Pause")
    assert "pause until Thursday, December 24, 2026" in await standfirst.inner_text()
    await press(page, "Go on now")
    assert await said(page) == "Done: your mails go on."

    await press(page, "Mail me the link")
    await page.goto(await link_for(desk, ADA))
    await press(page, "Open")
    await fill(page, "New address", NEW)
    await press(page, "Mail the link")
    assert NEW in await said(page)
    await page.goto(await link_for(desk, NEW))
    await press(page, "Yes, send them here")
    assert await page.get_by_role("heading", level=1).inner_text() == "Your mails come here now"
    await link_for(desk, ADA)

    await page.goto(f"{desk.base_url}/preferences")
    await fill(page, "Your e-mail address", NEW)
    await press(page, "Mail me the link")
    await page.goto(await link_for(desk, NEW))
    await press(page, "Open")
    assert NEW in await page.locator("main").inner_text()
    await press(page, "Erase me")
    async with desk.parts.store.read() as conn:
        assert (await holdings.of(conn, id_))["reader"]["address"] == NEW, "not yet"
    await press(page, "Erase it all")
    assert await page.get_by_role("heading", level=1).inner_text() == "You are erased"
    async with desk.parts.store.read() as conn:
        assert await subscribers.get(conn, id_) is None
        assert await subscribers.find(conn, NEW) is None
