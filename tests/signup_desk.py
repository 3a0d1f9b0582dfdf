"""A served app with topics to sign up for, and a real mail server that its mails go to."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from hub import House, house

from syndicator.model import Catalog, DigestPlan, Publish, Slot, Topic
from syndicator.pipeline import notify
from syndicator.pipeline.parts import Current
from syndicator.settings import Mail, Signup
from syndicator.store import subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from servers import SmtpServer

PLAN = DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="Asia/Shanghai"))
ADA = "ada@reader.example"
FORM = {"topic": "ships", "frequency": "weekly", "at": "19:30", "zone": "berlin", "language": "en"}
LINK = re.compile(r"https?://\S+/(?:confirm|preferences)/\S+")


def topic(slug: str, title: str, **more: Any) -> Topic:
    return Topic(slug=slug, title=title, rule=None, **({"digest": PLAN} | more))


TOPICS = (
    topic("ships", "Ships & <boats>", description="What <floats>."),
    topic("trains", "Trains"),
    topic("silent", "Never mailed", digest=None),
    topic("secret", "Nobody's business", publish=Publish(private=True)),
)


class Desk:
    """A served app with topics, and the mail that leaves it."""

    def __init__(self, home: House, server: SmtpServer, session: aiohttp.ClientSession) -> None:
        self.home, self.parts, self.server, self.session = home, home.parts, server, session

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.session.get(self.home.base_url + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, *, client: str = "", headers: Any = (), **more: Any) -> tuple[int, str]:
        sent = dict(headers) | ({"X-Forwarded-For": client} if client else {})
        async with self.session.post(self.home.base_url + path, headers=sent, **more) as answer:
            self.answered = answer.headers
            answered = answer.status, await answer.text()
        await self.home.settle()
        return answered

    def token(self) -> str:
        """What a page that somebody has read for a minute carries."""
        return self.parts.tokens.form("subscribe", self.parts.clock() - timedelta(minutes=1))

    async def sign_up(self, address: str = ADA, client: str = "", **fields: Any) -> tuple[int, str]:
        data = {"form": self.token(), "address": address} | FORM | fields
        return await self.post("/subscribe", client=client, data=data)

    async def call(self, client: str = "", **fields: Any) -> tuple[int, Any]:
        body = {"address": ADA, "topics": ["ships"]} | fields
        status, text = await self.post("/api/v1/subscriptions", client=client, json=body)
        return status, text

    async def mails(self) -> list[tuple[str, str]]:
        """Send what waits; (to whom, text) of all that came since the last time."""
        await notify(self.parts)
        new, self.server.box.mails = self.server.box.mails, []
        return [(mail.recipients[0], mail.message.get_body(("plain",)).get_content()) for mail in new]

    async def link(self) -> str:
        ((_, text),) = await self.mails()
        return LINK.search(text)[0].removeprefix(self.home.base_url)

    async def reader(self, address: str = ADA) -> Any:
        async with self.parts.store.read() as conn:
            return await subscribers.find(conn, address)


@asynccontextmanager
async def opened(
    folder: Path, smtp: SmtpServer, database: str = "sqlite", **rules: Any
) -> AsyncIterator[Desk]:
    smtp.box.mails, smtp.box.replies = [], {}
    mail = Mail(transport="smtp", host="127.0.0.1", port=smtp.port, sender="desk@news.example")
    async with (
        house(folder, database, mail=mail, signup=Signup(**rules)) as home,
        aiohttp.ClientSession() as session,
    ):
        catalog = Catalog(version="1", sources={}, topics={each.slug: each for each in TOPICS})
        home.parts.current = Current(catalog=catalog, index=home.parts.current.index)
        yield Desk(home, smtp, session)
