"""POST /returns/PROVIDER over real HTTP: what is committed when it answers, and what strangers get."""

from __future__ import annotations

import asyncio
import base64
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import hooked
import pytest
from hooked import ARN, CERTIFICATE, PLACE, PUBLIC, SECRET, SIGNING, mailgun_failed, ses, ses_bounce
from hub import NOW, House, house
from sqlalchemy import text, update

from syndicator.deliver.hooks import PROVIDERS
from syndicator.fetch import callbacks
from syndicator.fetch.trouble import failed
from syndicator.model import Edition, FetchFailed
from syndicator.pipeline import hooks
from syndicator.pipeline.confirm import means
from syndicator.pipeline.letters import return_address
from syndicator.pipeline.purge import purge
from syndicator.settings import Mail, Returns, Webhooks
from syndicator.store import deliveries, editions, notices, subscribers
from syndicator.store import returns as rows
from syndicator.store.schema import deliveries as table
from syndicator.store.schema import return_cursors
from syndicator.web.hooks import MAX_BODY, PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.deliver.hooks.told import Posted

ON = Webhooks(ses_topics=(ARN,), postmark_secret=SECRET, mailgun_key=SIGNING, sendgrid_key=PUBLIC)
BASIC = "Basic " + base64.b64encode(f"us:{SECRET}".encode()).decode()
GONE = "550 5.1.1 user unknown"


def reader(number: int) -> str:
    return f"r{number}@reader.example"


@asynccontextmanager
async def opened(folder: Path, database: str, webhooks: Webhooks = ON, **keys: Any) -> AsyncIterator[House]:
    """Open a house with five readers who have got an edition."""
    returns = Returns(address="bounces@news.example", webhooks=webhooks, **keys)
    async with house(folder, database, mail=Mail(returns=returns)) as home:
        edition = Edition(
            id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("ships",),
            language="en", articles=1, created_at=NOW,
        )  # fmt: skip
        async with home.parts.store.write() as conn:
            await editions.add(conn, 1, edition)
            readers = []
            for number in range(1, 6):
                id_ = await subscribers.put(conn, reader(number), language="", slot=None, now=NOW)
                await subscribers.subscribe(conn, id_, ["ships", "trade"], state="active", now=NOW)
                readers.append((id_, reader(number)))
            await deliveries.plan(conn, "e1", readers, now=NOW)
            for id_, _ in readers:
                mine = update(table).where(table.c.subscriber_id == id_)
                await conn.execute(mine.values(message_id=f"<e1.{id_}@news.example>"))
        yield home


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, "sqlite") as made:
        yield made


async def post(home: House, provider: str, posted: Posted) -> int:
    url = f"{home.base_url}/returns/{provider}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            url, data=io.BytesIO(posted.body), headers=posted.headers, params=posted.query
        ) as response,
    ):
        return response.status


def mailgun(home: House, number: int, said: str = GONE, *, token: str = "", **more: Any) -> Posted:
    event = mailgun_failed(said, id=f"mg{number}", recipient=reader(number), message={}, **more)
    return hooked.mailgun(event, at=home.clock.now, token=token or f"{number:050d}")


async def listed(home: House) -> list[rows.Kept]:
    async with home.parts.store.read() as conn:
        return (await rows.list_newest(conn))[::-1]


async def reasons(home: House) -> dict[str, str]:
    async with home.parts.store.read() as conn:
        found = await subscribers.suppressed(conn, [reader(number) for number in range(1, 9)])
    return {address: each.reason for address, each in found.items()}


async def ties(home: House, number: int) -> set[str]:
    async with home.parts.store.read() as conn:
        found = await subscribers.find(conn, reader(number))
    assert found
    return set(found.topics.values())


async def test_reports_have_the_effects_of_mails(tmp_path: Path, database_url: str) -> None:
    """By our name for the message, by our token, by the address, or not at all."""
    async with opened(tmp_path, database_url) as home:
        named = {
            "event": "complained", "id": "mg1", "recipient": "alias@x.example",
            "message": {"headers": {"message-id": "e1.1@news.example"}},
        }  # fmt: skip
        assert await post(home, "mailgun", hooked.mailgun(named, at=NOW)) == 204
        complaint = {"RecordType": "SpamComplaint", "ID": 7, "Email": reader(2).upper()}
        assert await post(home, "postmark", hooked.postmark(complaint)) == 204
        events = [
            {"event": "unsubscribe", "email": reader(3), "sg_event_id": "sg1"},
            {"event": "bounce", "type": "bounce", "email": reader(4), "sg_event_id": "sg2",
             "reason": "550 5.7.1 spam"},
            {"event": "bounce", "type": "bounce", "email": reader(8), "sg_event_id": "sg3", "reason": GONE},
        ]  # fmt: skip
        assert await post(home, "sendgrid", hooked.sendgrid(events, at=NOW)) == 204
        bounce = ses_bounce(
            said=GONE, address="elsewhere@x.example", source=return_address(home.parts, "bounce", 5)
        )

        async def get(url: str) -> bytes:
            assert url == PLACE
            return CERTIFICATE

        assert await hooks.take(home.parts, "ses", ses(bounce, at=NOW), hooks.Certificates(get, {})) is None
        assert [(each.kind, each.delivery, each.reason, each.effect) for each in await listed(home)] == [
            ("complaint", 1, "complaint", "suppressed"),  # where the reader's mail goes on to
            ("complaint", 2, "complaint", "suppressed"),
            ("unsubscribe", 3, "", "ended"),
            ("bounce", 4, "spam", "told"),
            ("bounce", None, "user-unknown", ""),
            ("bounce", 5, "user-unknown", ""),  # of another address than the reader's
        ]
        assert await reasons(home) == {reader(1): "complaint", reader(2): "complaint"}
        left = [number for number in range(1, 6) if await ties(home, number) == {"ended"}]
        assert left == [1, 2, 3]


async def test_what_is_told_again_changes_nothing_and_a_token_is_good_once(
    tmp_path: Path, database_url: str
) -> None:
    async with opened(tmp_path, database_url) as home:
        first = mailgun(home, 1)
        for _ in range(3):
            assert await post(home, "mailgun", first) == 204
        assert await post(home, "mailgun", mailgun(home, 1, token="b" * 50)) == 204, "with a token of its own"
        assert len(await listed(home)) == 1
        assert await post(home, "mailgun", mailgun(home, 2, token=f"{1:050d}")) == 403
        assert await reasons(home) == {reader(1): "user-unknown"}
        both = [post(home, "mailgun", mailgun(home, number, token="c" * 50)) for number in (3, 4)]
        assert sorted(await asyncio.gather(*both)) == [204, 403], "at the same moment"
        home.clock.forward(hours=20)
        await purge(home.parts)
        assert await post(home, "mailgun", mailgun(home, 2, token=f"{1:050d}")) == 403
        home.clock.forward(hours=6)
        await purge(home.parts)
        async with home.parts.store.read() as conn:
            assert not (await conn.execute(return_cursors.select())).all()


async def test_an_answer_of_success_comes_after_the_commit(home: House) -> None:
    """What could not be committed is told again, with the same token."""
    async with home.parts.store.write() as conn:
        await conn.execute(text("ALTER TABLE suppressions RENAME TO away"))
    assert await post(home, "mailgun", mailgun(home, 1)) >= 500
    assert await listed(home) == []
    async with home.parts.store.write() as conn:
        await conn.execute(text("ALTER TABLE away RENAME TO suppressions"))
    assert await post(home, "mailgun", mailgun(home, 1)) == 204
    assert await reasons(home) == {reader(1): "user-unknown"}


async def test_a_long_report_is_taken_whole(home: House) -> None:
    events = [
        {"event": "spamreport", "email": reader(number % 5 + 1), "sg_event_id": str(number // 2)}
        for number in range(4 * hooks.AT_ONCE)
    ]
    for _ in range(2):
        assert await post(home, "sendgrid", hooked.sendgrid(events, at=NOW)) == 204
    assert len(await listed(home)) == 2 * hooks.AT_ONCE, "each id once"
    assert set(await reasons(home)) == {reader(number) for number in range(1, 6)}


async def test_a_day_has_an_end(tmp_path: Path) -> None:
    async with opened(tmp_path, "sqlite", per_day=2, suppress_per_day=1) as home:
        assert await post(home, "mailgun", mailgun(home, 1)) == 204
        assert await post(home, "mailgun", mailgun(home, 2)) == 204
        assert await post(home, "mailgun", mailgun(home, 3)) == 503
        assert [each.effect for each in await listed(home)] == ["suppressed", "limit"]
        async with home.parts.store.read() as conn:
            assert "more came back than a day may bring" in {
                each.text for each in await notices.list_open(conn)
            }
        home.clock.forward(days=2)
        assert await post(home, "mailgun", mailgun(home, 3)) == 204
        assert reader(3) in await reasons(home)


async def test_it_is_off_unless_configured(tmp_path: Path) -> None:
    only = Webhooks(postmark_secret=SECRET)
    async with opened(tmp_path, "sqlite", only) as home:
        report = hooked.postmark({})
        found = {name: await post(home, name, report) for name in (*PROVIDERS, "nobody")}
    assert found == {"postmark": 204} | dict.fromkeys(("ses", "mailgun", "sendgrid", "nobody"), 404)


async def test_strangers_have_limits(home: House) -> None:
    assert await post(home, "mailgun", hooked.Posted(b"x" * (MAX_BODY + 1))) == 413
    assert await post(home, "mailgun", hooked.Posted(b"{}")) == 400
    assert await post(home, "postmark", hooked.postmark({}, secret="guess")) == 401
    assert await post(home, "postmark", hooked.Posted(b"{}", {"authorization": BASIC})) == 204
    assert await post(home, "ses", ses(ses_bounce(), TopicArn=ARN + "x")) == 403
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{home.base_url}/returns/mailgun") as response:
            assert response.status == 405
        statuses = set()
        for _ in range(PER_MINUTE):
            async with session.post(f"{home.base_url}/returns/mailgun", data=b"{}") as response:
                statuses.add(response.status)
                wait = response.headers.get("Retry-After")
    assert (statuses, wait) == ({400, 429}, "60")
    home.clock.forward(minutes=1)
    assert await post(home, "mailgun", mailgun(home, 1)) == 204


async def test_certificates_are_asked_for_once_and_topics_confirmed(home: House) -> None:
    asked: list[str] = []
    answers: list[bytes | FetchFailed] = [
        failed("timeout", "late"),
        b"<html>",
        CERTIFICATE,
        failed("dns", "no"),
        b"<ok/>",
    ]

    async def get(url: str) -> bytes | FetchFailed:
        asked.append(url)
        return answers.pop(0)

    certificates = hooks.Certificates(get, {})
    confirmation = ses("You have chosen", kind="SubscriptionConfirmation", at=NOW)
    taken = [await hooks.take(home.parts, "ses", confirmation, certificates) for _ in range(4)]
    assert [each and each.status for each in taken] == [503, 503, 503, None]
    assert asked[:3] == [PLACE] * 3
    assert all(
        url.startswith("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&")
        for url in asked[3:]
    )
    bounce = ses(ses_bounce(said=GONE, address=reader(1)), at=NOW)
    assert await hooks.take(home.parts, "ses", bounce, certificates) is None
    assert len(asked) == 5
    assert await reasons(home) == {reader(1): "user-unknown"}


async def test_what_is_asked_for_is_guarded_and_short(home: House, http_server: Any) -> None:
    server = http_server({"/pem": (b"x" * 100, {}), "/moved": (b"", {})})
    assert isinstance(await hooks.get(home.parts, server.url("/pem")), FetchFailed), "no private place"
    async with callbacks.opened(means(home.parts), allow_private=("127.0.0.0/8",)) as client:
        assert await client.get(server.url("/pem"), limit=10) == b"x" * 10
        assert isinstance(await client.get(server.url("/none"), limit=10), FetchFailed)
