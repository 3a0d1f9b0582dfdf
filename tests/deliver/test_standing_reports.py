"""What servers told of themselves, judged: TLS, size, pages, clock, disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.deliver.standing import reports
from syndicator.deliver.standing.reports import MEGABYTE, Page, Relay

NOW = datetime(2026, 11, 27, tzinfo=UTC)
WELL = {"server": "mail.example:587", "tls": "TLSv1.3", "expires_at": NOW + timedelta(days=60)}


@pytest.mark.parametrize(
    ("seen", "levels"),
    [
        ({"logged_in": "anna"}, ["ok", "ok", "ok"]),
        ({"trouble": "refused"}, ["wrong"]),
        ({"expires_at": NOW + timedelta(days=9)}, ["ok", "look", "ok"]),
        ({"tls": ""}, ["ok", "look", "ok"]),
        ({"tls": "", "is_here": True}, ["ok", "ok", "ok"]),
        ({"tls": "", "logged_in": "anna"}, ["ok", "wrong", "ok"]),
        ({"size": 0}, ["ok", "ok", "ok"]),
        ({"size": 100_000}, ["ok", "ok", "ok"]),
        ({"size": 49_999}, ["ok", "ok", "wrong"]),
        ({"size": 60_000}, ["ok", "ok", "look"]),
    ],
)
def test_relay(seen, levels):
    found = reports.relay(Relay(**{**WELL, **seen}), largest=50_000, now=NOW)
    assert [one.level for one in found] == levels
    assert all(bool(one.remedy) for one in found if one.level != "ok")


HEALTHY = {"url": "https://n.example/healthz", "status": 200, "body": b'{"status":"ok"}'}


@pytest.mark.parametrize(
    ("seen", "levels"),
    [
        ({}, ["ok", "ok"]),
        ({"url": "http://n.example/healthz"}, ["ok", "look"]),
        ({"status": 301}, ["wrong", "ok"]),
        ({"body": b"<h1>It works!</h1>"}, ["wrong", "ok"]),
        ({"trouble": "refused", "status": 0}, ["wrong", "ok"]),
    ],
)
def test_base_url(seen, levels):
    assert [one.level for one in reports.base(Page(**{**HEALTHY, **seen}))] == levels


@pytest.mark.parametrize(
    ("page", "level"),
    [
        (Page(url="x", status=200, kind="text/html; charset=utf-8"), "ok"),
        (Page(url="x", status=200, kind="application/json"), "wrong"),
        (Page(url="x", status=404, kind="text/html"), "wrong"),
        (Page(url="x", trouble="timed out"), "wrong"),
        (None, "look"),
    ],
)
def test_unsubscribe(page, level):
    assert reports.leaving(page).level == level


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (60, "ok"), (-61, "look"), (300, "look"), (301, "wrong")]
)
def test_clock(seconds, level):
    assert reports.clock(NOW, NOW + timedelta(seconds=seconds), "theirs").level == level


@pytest.mark.parametrize(("megabytes", "level"), [(1024, "ok"), (1023, "look"), (255, "wrong")])
def test_disk(megabytes, level):
    assert reports.disk(megabytes * MEGABYTE, "/var").level == level
