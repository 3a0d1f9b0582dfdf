"""The outbox over real HTTP: who may look, what is told, and what each button does to the ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
from hub import NOW, House, house
from sqlalchemy import update

from syndicator.model import Edition
from syndicator.store import deliveries, editions, subscribers
from syndicator.store.schema import deliveries as table
from syndicator.web import door, form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

STATES = ("held", "held", "planned", "deferred", "refused", "accepted", "sending")
UNKNOWN = "sent, but no answer was read: <closed>"


@dataclass
class Room:
    """A house with seven mails, one in each state, and an admin's browser in it."""

    home: House
    session: aiohttp.ClientSession

    async def get(self, query: str = "") -> str:
        async with self.session.get(f"/admin/outbox{query}") as answer:
            assert answer.status == 200
            assert answer.headers["cache-control"] == "no-store"
            return await answer.text()

    async def press(self, do: str, **more: str) -> tuple[int, str]:
        origin = {"Origin": str(self.session._base_url)}
        where = {"allow_redirects": False, "headers": more.pop("headers", origin)}
        async with self.session.post("/admin/outbox?state=held", data={"do": do, **more}, **where) as answer:
            return answer.status, answer.headers.get("location", "")

    async def states(self) -> list[str]:
        async with self.home.parts.store.read() as conn:
            return [each.state.value for each in await deliveries.list_all(conn)]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with house(tmp_path, "sqlite") as home:
        edition = Edition(
            id="e1", slot="daily@07:00@UTC", subject="Ships & <b>more</b>", html="<p>", text="t",
            topics=("ships",), language="en", articles=1, created_at=NOW,
        )  # fmt: skip
        async with home.parts.store.write() as conn:
            await editions.add(conn, 1, edition)
            for number, state in enumerate(STATES, 1):
                address = f"r{number}@reader.example"
                id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
                await deliveries.plan(conn, "e1", [(id_, address)], now=NOW)
                said = {"state": state, "uncertain": number < 3, "reply": UNKNOWN if number < 3 else "550 no"}
                await conn.execute(update(table).where(table.c.id == number).values(**said))
            link = await door.link(conn, home.parts.tokens, home.base_url, home.parts.clock())
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(home.base_url, cookie_jar=jar) as session:
            async with session.post(urlsplit(link).path) as entered:
                assert entered.status == 200
            yield Room(home, session)


async def test_the_page_tells_and_asks(room):
    page = await room.get()
    assert "Ships &amp; &lt;b&gt;more&lt;/b&gt;" in page
    assert "Send all 2 held ones again" in page
    assert "sent, but no answer was read: &lt;closed&gt;" in page
    assert 'value="resend 1"' in page
    assert 'value="give-up 3"' in page
    assert not re.search(r'value="[a-z-]+ [67]"', page), "nothing is to be decided of those"
    live = await room.get("?part=live")
    assert live.lstrip().startswith('<div class="glance" data-undecided="2"')
    assert "<html" not in live


async def test_the_list_can_be_narrowed_and_shared(room):
    page = await room.get("?state=refused")
    listed = page.partition('id="all"')[2]
    assert "r5@reader.example" in listed
    assert "r3@reader.example" not in listed
    assert '<option value="refused" selected>' in listed
    assert "There is none." in await room.get("?address=nobody%25&edition=%00")
    assert "r5@reader.example" in await room.get(f"?state=nonsense&before={'9' * 40}&did=resend&number=x")


async def test_each_button_does_what_it_says(room):
    status, address = await room.press("resend 1")
    assert (status, address) == (303, "/admin/outbox?state=held&did=resend&number=1&left=0")
    assert "1 will be sent again at once." in await room.get(address.removeprefix("/admin/outbox"))
    for do in ("hold 3", "give-up 4", "resend 5", "resend 6", "hold 7", "give-up 7", "resend 99"):
        assert (await room.press(do))[0] == 303
    assert await room.states() == ["planned", "held", "held", "refused", "planned", "accepted", "sending"]


async def test_all_means_those_of_unknown_outcome_that_were_shown(room):
    await room.press("hold 3")
    _, address = await room.press("resend all", up_to="1")
    assert "number=1&" in address
    await room.press("give-up all", up_to="7")
    assert (await room.states())[:3] == ["planned", "refused", "held"]


async def test_nobody_else_decides(room):
    before = await room.states()
    for do in ("", "resend", "resend x", "hold all", "delete 1", "resend 1e3", f"resend {'9' * 40}"):
        assert (await room.press(do, up_to="9"))[0] == 400
    assert (await room.press("resend all", up_to="-1"))[0] == 400
    assert (await room.press("resend 1", headers={"Origin": "https://evil.example"}))[0] == 403
    room.session.cookie_jar.clear()
    assert (await room.press("resend 1"))[0] == 403
    async with room.session.get("/admin/outbox?part=live") as answer:
        assert answer.status == 403
    assert await room.states() == before


async def test_what_postgresql_cannot_be_asked_is_left_out(room: Room) -> None:
    assert form.asked({"q": " a\0\ud800b "}, "q", most=9) == "ab"
    assert form.asked({"q": "abc"}, "q", most=2) == "ab"
    page = await room.get("?address=%00ada&edition=%00e1")
    assert 'value="ada"' in page
    assert "\0" not in page
    assert "\ufffd" not in page
