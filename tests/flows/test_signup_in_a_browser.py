"""Signing up in a real Chromium: with a script that knows the zone; without any, by keyboard, on a phone."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest
from browser import flags
from playwright.async_api import async_playwright
from servers import SmtpServer
from signup_desk import ADA, Desk, opened

from syndicator.model import Slot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with SmtpServer() as smtp:
        async with opened(tmp_path, smtp) as made:
            yield made


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=flags())
        yield started
        await started.close()


async def walk_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    called = "() => { const e = document.activeElement; return e.name || e.textContent.trim() }"
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate(called) == name:
            return
    raise AssertionError(f"Tab never leads to {name}")


async def test_with_a_script(desk: Desk, browser: Browser) -> None:
    context = await browser.new_context(timezone_id="Asia/Shanghai", locale="zh-CN")
    page, noise = await context.new_page(), []
    page.on("console", lambda message: noise.append(message.text))
    await page.goto(f"{desk.home.base_url}/subscribe?topic=ships")
    assert not await page.locator("#zone").is_visible(), "what the topic decides is not asked"
    await page.get_by_label("From Monday to Friday", exact=True).check()
    assert await page.locator("#zone").input_value() == "Asia/Shanghai"
    await page.get_by_label("Hour", exact=True).select_option("18:30")
    await page.get_by_label("Your e-mail address").fill(ADA)
    await page.get_by_role("button", name="Subscribe").click()
    assert await page.get_by_role("status").inner_text() == (
        "That was quick. Please press the button at the end once more."
    )
    desk.home.clock.forward(seconds=4)
    await page.get_by_role("button", name="Subscribe").click()
    await page.get_by_role("heading", name="Look into your mailbox").wait_for()
    await page.goto(desk.home.base_url + await desk.link())
    await page.get_by_role("button", name="Yes, subscribe").click()
    await page.get_by_role("heading", name="You are subscribed").wait_for()
    found = await desk.reader()
    assert found.topics == {"ships": "active"}
    assert found.subscriber.slot == Slot(frequency="weekdays", at=time(18, 30), zone="Asia/Shanghai")
    assert await context.cookies() == []
    assert noise == []


async def test_without_a_script_by_keyboard_on_a_phone(desk: Desk, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 700})
    page = await context.new_page()
    await page.goto(f"{desk.home.base_url}/subscribe")
    await page.get_by_label("Every day", exact=True).check()
    await page.get_by_label("Your e-mail address").fill(ADA)
    desk.home.clock.forward(seconds=10)
    await page.get_by_role("button", name="Subscribe").click()
    problems = page.get_by_role("alert").get_by_role("link")
    assert [await each.get_attribute("href") for each in await problems.all()] == ["#topics", "#zone"]
    assert await page.get_by_label("Your e-mail address").input_value() == ADA
    assert await page.get_by_label("Every day", exact=True).is_checked()
    await walk_to(page, "topic")
    await page.keyboard.press("Space")
    await walk_to(page, "frequency")
    await page.keyboard.press("ArrowDown")
    await walk_to(page, "zone")
    await page.keyboard.type("berlin")
    await walk_to(page, "address")
    desk.home.clock.forward(seconds=10)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Look into your mailbox").wait_for()
    await page.goto(desk.home.base_url + await desk.link())
    await walk_to(page, "Yes, subscribe")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="You are subscribed").wait_for()
    found = await desk.reader()
    assert (found.topics, found.subscriber.slot.key) == ({"ships": "active"}, "weekdays@07:00@Europe/Berlin")
