"""What an admin is told to do: each failure that is not ours to wait out has a remedy, found by its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from yarl import URL

from syndicator.fetch.guard import AddressRefused
from syndicator.fetch.health import health
from syndicator.fetch.remedy import hint, remedy
from syndicator.fetch.trouble import STATUSES, explain, refused
from syndicator.model import Access, Source, SourceState

HERE = URL("https://a.example/")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", [*STATUSES, 500, 502])
@pytest.mark.parametrize("what", ["feed", "page"])
def test_refusals_have_a_remedy(status: int, what: str) -> None:
    message = refused(status, HERE, retry_after=None, what=what).message
    assert hint(message), message
    assert "feed" not in message or what == "feed"


def test_what_is_private_has_the_key_that_helps() -> None:
    error = AddressRefused("10.0.0.1 is a private address")
    own = explain(error, HERE, limit=1)
    hub = explain(error, HERE, limit=1, key="fetch.allow_private")
    assert hint(own.message).startswith("allow_private: true")
    assert hint(hub.message).startswith("fetch.allow_private")


@pytest.mark.parametrize(
    "message",
    [
        "the name a.example does not resolve",
        "no connection to a.example: connection refused",
        "the certificate of a.example is not to be trusted: it has expired",
        "a.example was not done after 60 seconds",
        "a.example does not want robots to read this page (robots.txt)",
        "maildir:/nope cannot be read as a Maildir: no such file or directory",
        "file:a.xml cannot be read: permission denied",
        "the selector '.x' finds no link on the page",
        "no links to articles were found on the page",
        "mail.example does not accept the name and password",
    ],
)
def test_failures_have_a_remedy(message: str) -> None:
    assert hint(message)


def test_what_nobody_can_mend_has_none() -> None:
    assert remedy("is not a feed") is None
    assert hint("") == ""


def test_a_refusal_is_ours_where_we_have_shown_who_we_are() -> None:
    source = Source(name="a", url=str(HERE))
    message = refused(403, HERE, retry_after=None).message
    state = SourceState(name="a", url=source.url, state="failing", failures=1, last_error=message)
    assert health(state, source, NOW).word == "failing"
    known = replace(source, access=Access(bearer="x"))
    assert health(state, known, NOW).word == "stuck"
