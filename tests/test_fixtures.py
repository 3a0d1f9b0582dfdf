"""The fixtures are what they say: real servers, and a fresh database for each test."""

from __future__ import annotations

import asyncio
import smtplib
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from servers import is_unchanged
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers import HttpServer, SmtpServer

MONDAY, TUESDAY = "Mon, 23 Nov 2026 00:00:00 GMT", "Tue, 24 Nov 2026 00:00:00 GMT"


def status(url: str, **headers: str) -> int:
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_each_test_gets_an_empty_database(empty_database_url: str, turn: str) -> None:
    engine = create_async_engine(empty_database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_here (id INTEGER)"))  # fails where it exists
    await engine.dispose()


def test_http_server_answers_from_its_pages_and_remembers_who_asked(
    http_server: Callable[..., HttpServer],
) -> None:
    server = http_server({"/a": b"one", "/gone": (b"", {}, 410)})
    with urlopen(server.url("/a"), timeout=10) as answer:
        assert (answer.status, answer.read()) == (200, b"one")
        etag = answer.headers["ETag"]
    assert status(server.url("/a"), If_None_Match=etag) == 304
    server.pages["/a"] = b"two"
    assert status(server.url("/a"), If_None_Match=etag) == 200
    assert [status(server.url(path)) for path in ("/gone", "/none")] == [410, 404]
    assert [visit.status for visit in server.visits("/a")] == [200, 304, 200]
    assert server.log[1].headers["if-none-match"] == etag


def test_http_server_closes_while_an_answer_hangs(http_server: Callable[..., HttpServer]) -> None:
    async def never(request: object) -> None:
        await asyncio.sleep(3600)

    server = http_server({"/": never})
    with pytest.raises(TimeoutError):
        urlopen(server.url(), timeout=0.2)


@pytest.mark.parametrize(
    ("asked", "has", "unchanged"),
    [
        ({}, {"ETag": '"a"'}, False),
        ({"If-None-Match": '"a"'}, {"ETag": '"a"'}, True),
        ({"If-None-Match": 'W/"a"'}, {"ETag": '"a"'}, True),
        ({"If-None-Match": '"b", "a"'}, {"ETag": '"a"'}, True),
        ({"If-None-Match": "*"}, {"ETag": '"a"'}, True),
        ({"If-None-Match": '"b"'}, {}, False),
        ({"If-None-Match": '"b"', "If-Modified-Since": TUESDAY}, {"Last-Modified": MONDAY}, False),
        ({"If-Modified-Since": TUESDAY}, {"Last-Modified": MONDAY}, True),
        ({"If-Modified-Since": MONDAY}, {"Last-Modified": MONDAY}, True),
        ({"If-Modified-Since": MONDAY}, {"Last-Modified": TUESDAY}, False),
        ({"If-Modified-Since": "yesterday"}, {"Last-Modified": MONDAY}, False),
    ],
)
def test_conditional_requests(asked: dict[str, str], has: dict[str, str], unchanged: bool) -> None:
    assert is_unchanged(asked, has) is unchanged


def test_smtp_server_keeps_what_it_takes_and_refuses_as_told(smtp_server: SmtpServer) -> None:
    smtp_server.box.replies["gone@reader.test"] = "550 5.1.1 no such user"
    letter = b"Subject: =?utf-8?b?5paw6Ze7?=\r\n\r\n.one\r\n"
    with smtplib.SMTP(smtp_server.host, smtp_server.port, local_hostname="client.test", timeout=10) as client:
        refused = client.sendmail("a@news.test", ["ada@reader.test", "gone@reader.test"], letter)
        smtp_server.box.data_reply = "451 4.3.0 later"
        with pytest.raises(smtplib.SMTPDataError, match="later"):
            client.sendmail("a@news.test", ["ada@reader.test"], letter)
    assert list(refused) == ["gone@reader.test"]
    [mail] = smtp_server.mails
    assert (mail.sender, mail.recipients, mail.data) == ("a@news.test", ("ada@reader.test",), letter)
    assert mail.message["Subject"] == "新闻"
