"""Which edition a test mail shows: it may go to a service outside."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lobby import NOW, lobby

from syndicator.model import Edition
from syndicator.pipeline.testmail import send_test
from syndicator.store import editions

if TYPE_CHECKING:
    from pathlib import Path

    from servers import SmtpServer


async def test_only_what_anybody_may_have_is_sent_as_a_test(tmp_path: Path, smtp_server: SmtpServer) -> None:
    async with lobby(tmp_path, smtp_server) as desk:
        topics = desk.parts.current.catalog.topics
        told = [("china",), ("board",), ("china", "board"), ("gone",)]
        async with desk.parts.store.write() as conn:
            for number, names in enumerate(told):
                at = NOW + timedelta(hours=number)
                made = Edition(
                    id=f"e{number}", slot="daily@07:00@UTC", subject=f"On {names}", html="<p>", text="t",
                    topics=names, language="en", articles=1, created_at=at,
                )  # fmt: skip
                await editions.add(conn, number + 1, made)
        for known, subject in ((topics, "On ('china',)"), ({}, "A test mail of The Desk")):
            await send_test(desk.parts, "test@outside.example", known)
            assert str(smtp_server.mails[-1].message["Subject"]) == subject
