"""Logging in by each mechanism, as a server hears it; tokens that change; the name that EHLO gives."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from smtp_script import POLITE, ScriptedServer

from syndicator.deliver.dialogue import MAX_TOKEN
from syndicator.deliver.lanes.answers import sign_of
from syndicator.deliver.smtp import SmtpTransport
from syndicator.deliver.transport import Letter, Outcome, send
from syndicator.model import Sign
from syndicator.settings import Mail

if TYPE_CHECKING:
    from pathlib import Path

LETTER = Letter(
    sender="n@a.example", recipient="r@b.example", message=b"Subject: s\r\n\r\nbody\r\n", name="e.1"
)
CHALLENGE = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"  # RFC 2195 2
ANSWER = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def offering(*mechanisms: str, **script: str) -> dict[str, str]:
    """A server that takes no message without a login."""
    greeting = POLITE["EHLO"].replace("250-SIZE", f"250-AUTH {' '.join(mechanisms)}\r\n250-SIZE")
    return {"EHLO": greeting, **script}


async def attempt(server: ScriptedServer, **keys: str) -> Outcome:
    mail = Mail(transport="smtp", host=server.host, port=server.port, timeout=timedelta(seconds=20))
    transport = SmtpTransport(replace(mail, username="tim", password="tanstaaftanstaaf", **keys))  # type: ignore[arg-type]

    async def begin() -> None:
        return None

    outcome = await send(transport, LETTER, begin)
    await transport.close()
    return outcome


@pytest.mark.parametrize(
    ("mechanism", "script", "said"),
    [
        ("CRAM-MD5", {"AUTH": f"334 {CHALLENGE}", ANSWER.upper(): "235 in"}, ["AUTH CRAM-MD5", ANSWER]),
        ("PLAIN", {"AUTH": "235 in"}, ["AUTH PLAIN " + coded("\0tim\0tanstaaftanstaaf")]),
        (
            "LOGIN",
            {"AUTH": "334 UGFzc3dvcmQ6", coded("tanstaaftanstaaf").upper(): "235 in"},
            ["AUTH LOGIN " + coded("tim"), coded("tanstaaftanstaaf")],
        ),
    ],
)
async def test_a_password(mechanism: str, script: dict[str, str], said: list[str]) -> None:
    async with ScriptedServer(offering(mechanism, **script)) as server:
        assert (await attempt(server)).kind == "accepted"
        assert server.said[0][1 : 1 + len(said)] == said


async def test_a_token_is_read_anew_at_each_login(tmp_path: Path) -> None:
    file = tmp_path / "token"
    async with ScriptedServer(offering("PLAIN", "XOAUTH2", AUTH="235 in")) as server:
        for token in ("first", "second"):
            file.write_text(f"{token}\n")
            assert (await attempt(server, auth="xoauth2", password_at=str(file))).kind == "accepted"
        said = [coded(f"user=tim\1auth=Bearer {token}\1\1") for token in ("first", "second")]
        assert [lines[1] for lines in server.said] == [f"AUTH XOAUTH2 {each}" for each in said]


@pytest.mark.parametrize("text", [None, "", "two\nlines", "x" * (MAX_TOKEN + 1)])
async def test_a_token_that_cannot_be_read_stops_the_lane(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text)
    async with ScriptedServer(offering("XOAUTH2", AUTH="235 in")) as server:
        outcome = await attempt(server, auth="xoauth2", password_at=str(file))
        assert (outcome.kind, sign_of(outcome)) == ("deferred", Sign.DOWN)
        assert "access token" in outcome.reply


async def test_a_login_that_is_refused_is_an_alarm() -> None:
    async with ScriptedServer(offering("PLAIN", AUTH="535 5.7.8 no")) as server:
        outcome = await attempt(server)
        assert (outcome.kind, sign_of(outcome)) == ("deferred", Sign.LOGIN)
        assert "tanstaaf" not in outcome.reply


async def test_the_name_of_this_machine_may_be_told() -> None:
    async with ScriptedServer(offering("PLAIN", AUTH="235 in")) as server:
        await attempt(server, helo="mail.news.example")
        assert server.said[0][0] == "EHLO mail.news.example"
