"""Where readers come in: the pages on a database, a mail server that their links go to, and one clock."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import uvicorn
from sqlalchemy.engine import make_url

from syndicator.assembly import assemble
from syndicator.digest.tokens import bond_of
from syndicator.model import Catalog, DigestPlan, Publish, Rule, Slot, Topic
from syndicator.pipeline.transactional import notify
from syndicator.settings import Mail, Settings, Site
from syndicator.store import Store, leave, preferences, subscribers
from syndicator.store.preferences import Manner
from syndicator.web.app import create

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from servers import SmtpServer

    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ADA = "ada@reader.example"
BERLIN = Slot(frequency="daily", at=time(7), zone="Europe/Berlin")


def topic(slug: str, title: str, **fields: Any) -> Topic:
    return Topic(slug=slug, title=title, rule=Rule(), **fields)


TOPICS = (
    topic("china", "China & <b>more</b>", description="What happens there.", digest=DigestPlan(slot=BERLIN)),
    topic("fraud", "电信诈骗", language="zh", digest=DigestPlan(slot=replace(BERLIN, at=time(18)))),
    topic("ships", "Ships"),
    topic("board", "Secret", publish=Publish(private=True)),
)


@dataclass
class Lobby:
    """`smtp` has what was mailed; `moment` is the program's time."""

    parts: Parts
    smtp: SmtpServer
    http: aiohttp.ClientSession
    moment: datetime = NOW

    @property
    def base_url(self) -> str:
        return self.parts.settings.site.base_url

    async def reader(self, address: str = ADA, *topics: str, state: str = "active", **more: Any) -> int:
        told = {"language": "", "slot": None} | more
        async with self.parts.store.write() as conn:
            id_ = await subscribers.put(conn, address, now=self.moment, **told)
            await subscribers.subscribe(conn, id_, topics or ("china",), state=state, now=self.moment)
            return id_

    async def token(self, id_: int, purpose: Any = "preferences", *, more: str = "") -> str:
        """A token as mails have it, or links that were asked for."""
        async with self.parts.store.read() as conn:
            found = await subscribers.get(conn, id_)
            manner = (await preferences.manners(conn, [id_])).get(id_, Manner())
        assert found
        bond = bond_of(subscribers.key(found.subscriber.address), manner.secret)
        return self.parts.tokens.reader(purpose, id_, self.moment, bond=bond, more=more)

    async def ties(self, id_: int) -> dict[str, str]:
        async with self.parts.store.read() as conn:
            return {tie.topic: tie.state for tie in await leave.ties(conn, id_)}

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(self.base_url + path) as answer:
            self.headers = answer.headers
            return answer.status, await answer.text()

    async def post(
        self, path: str, *form: tuple[str, str], headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, str]:
        """Send a form; a redirect is followed by `get` of the path that is returned as text."""
        named = {"content-type": "application/x-www-form-urlencoded"} | (headers or {})
        data = urlencode([*form, *fields.items()])
        async with self.http.post(
            self.base_url + path, data=data, allow_redirects=False, headers=named
        ) as answer:
            self.headers = answer.headers
            said = await answer.text()
            return answer.status, urlsplit(answer.headers["location"]).path if answer.status == 303 else said

    async def mailed(self) -> list[tuple[str, str, str]]:
        """Send what waits; what came since last time: to whom, the subject, and the path of the link."""
        before = len(self.smtp.mails)
        await notify(self.parts)
        found = []
        for mail in self.smtp.mails[before:]:
            part = mail.message.get_body(("plain",))
            assert part
            link = re.search(rf"{re.escape(self.base_url)}(/\S+)", part.get_content())
            found.append((mail.recipients[0], str(mail.message["Subject"]), link[1] if link else ""))
        return sorted(found)

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


_empty: dict[str, bytes] = {}  # a database of today without rows: to copy takes less than to upgrade


async def _begin(settings: Settings) -> None:
    file = Path(make_url(settings.database_url).database or "")
    if "sqlite" not in _empty:
        store = Store(settings.database_url)
        await store.upgrade()
        await store.close()
        _empty["sqlite"] = file.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_empty["sqlite"])


@asynccontextmanager
async def lobby(folder: Path, smtp: SmtpServer, *, database: str = "sqlite") -> AsyncIterator[Lobby]:
    """Serve the pages in this process."""
    (folder / "config").mkdir(exist_ok=True)
    listener = await asyncio.to_thread(socket.create_server, ("127.0.0.1", 0))
    settings = Settings(
        config=folder / "config", root=folder, state=folder / "var", database=database,
        site=Site(
            title="The Desk", base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            contact="editor@news.example",
        ),
        mail=Mail(transport="smtp", sender="desk@news.example", host="127.0.0.1", port=smtp.port),
    )  # fmt: skip
    if database == "sqlite":
        await _begin(settings)
    here: list[Lobby] = []
    async with assemble(settings, clock=lambda: here[0].moment if here else NOW) as parts:
        catalog = Catalog(version="1", sources={}, topics={each.slug: each for each in TOPICS})
        parts.current = replace(parts.current, catalog=catalog)
        config = uvicorn.Config(create(parts), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        with contextlib.ExitStack() as stack:
            stack.callback(listener.close)
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                async with aiohttp.ClientSession() as http:
                    here.append(Lobby(parts, smtp, http))
                    yield here[0]
            finally:
                server.should_exit = True
                await task
