"""What our hub makes of what it is asked, and how it sends: tables of cases."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from syndicator.model.followers import Follower, Intent, Wish
from syndicator.publish import following
from syndicator.publish.following import Refusal

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
BASE = "https://news.example"
GOOD = {
    "hub.mode": "subscribe",
    "hub.callback": "https://reader.example/take?id=%7E1&x=a+b",
    "hub.topic": f"{BASE}/topics/ships.atom",
    "hub.secret": "s",
}


def follower(**changes) -> Follower:
    made = Follower(id=1, kind="callback", callback="https://r.example/", topic="ships", format="atom",
                    topic_url=f"{BASE}/topics/ships.atom")  # fmt: skip
    return replace(made, **changes)


# Requests ---------------------------------------------------------------------------------------------


def test_a_request_is_read_as_it_stands():
    assert following.read_request(GOOD, BASE) == Wish(
        mode="subscribe",
        callback=GOOD["hub.callback"],
        topic="ships",
        format="atom",
        topic_url=GOOD["hub.topic"],
        secret="s",
        lease=timedelta(days=10),
        host="reader.example",
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"hub.mode": ""}, 400),
        ({"hub.mode": "publish"}, 400),
        ({"hub.mode": "denied"}, 400),
        ({"hub.callback": ""}, 400),
        ({"hub.callback": "ftp://reader.example/"}, 400),
        ({"hub.callback": "https://"}, 400),
        ({"hub.callback": "https://me:pw@reader.example/"}, 400),
        ({"hub.callback": "https://reader.example/#part"}, 400),
        ({"hub.callback": "https://reader.example/a b"}, 400),
        ({"hub.callback": "https://reader.example/\r\nHost: x"}, 400),
        ({"hub.callback": "https://reader.example:0/"}, 400),
        ({"hub.callback": "https://reader.example:99999/"}, 400),
        ({"hub.callback": "https://[::1/"}, 400),
        ({"hub.callback": "https://reader.example/" + "a" * 2048}, 400),
        ({"hub.callback": "https://中.example/"}, 400),
        ({"hub.secret": "a" * 200}, 400),
        ({"hub.secret": "é" * 100}, 400),
        ({"hub.secret": "a\x00b"}, 400),
        ({"hub.topic": ""}, 404),
        ({"hub.topic": "https://other.example/topics/ships.atom"}, 404),
    ],
)
def test_what_is_refused(changes, status):
    refusal = following.read_request(GOOD | changes, BASE)
    assert isinstance(refusal, Refusal)
    assert refusal.status == status
    assert refusal.why.isascii()


def test_the_longest_secret_is_kept():
    assert following.read_request(GOOD | {"hub.secret": "é" * 99}, BASE).secret == "é" * 99


SHIPS = ("ships", "atom")


@pytest.mark.parametrize(
    ("url", "base", "found"),
    [
        (f"{BASE}/topics/ships.atom", BASE, SHIPS),
        (f"{BASE}/topics/ships.json", BASE, ("ships", "json")),
        (f"{BASE}/all.rss", BASE, ("", "rss")),
        ("HTTPS://News.Example:443/topics/ships.atom", BASE, SHIPS),
        ("https://news.example./topics/%73hips%2Eatom?", BASE, SHIPS),
        ("http://news.example:80/topics/ships.atom", "http://news.example", SHIPS),
        ("http://127.0.0.1:8080/topics/ships.atom", "http://127.0.0.1:8080", SHIPS),
        (f"{BASE}/a%20b/topics/ships.atom", f"{BASE}/a%20b", SHIPS),
        (f"{BASE}/topics/ships.atom", f"{BASE}/below", None),
        ("http://news.example/topics/ships.atom", BASE, None),
        (f"{BASE}:8443/topics/ships.atom", BASE, None),
        (f"{BASE}/topics/ships.atom?x=1", BASE, None),
        (f"{BASE}/topics/ships", BASE, None),
        (f"{BASE}/topics/ships.html", BASE, None),
        (f"{BASE}/topics/ships.atom.gz", BASE, None),
        (f"{BASE}/topics/ships/archive/1.atom", BASE, None),
        (f"{BASE}/topics/../all.rss", BASE, None),
        (f"{BASE}/topics/Ships.atom", BASE, None),
        (f"{BASE}/opml", BASE, None),
        (f"{BASE}/topics/%FF.atom", BASE, None),
        ("https://news.example@evil.example/all.rss", BASE, None),
        ("https://news.example.evil.example/all.rss", BASE, None),
    ],
)
def test_our_feeds_however_they_are_spelled(url, base, found):
    assert following.document_of(url, base) == found
    if found:
        again = following.address_of(base, *found)
        assert following.document_of(again, base) == found


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("", timedelta(days=10)),
        ("soon", timedelta(days=10)),
        ("-5", timedelta(days=10)),
        ("1e9", timedelta(days=10)),
        ("٣٦٠٠", timedelta(days=10)),
        ("0", timedelta(minutes=5)),
        ("60", timedelta(minutes=5)),
        ("3600", timedelta(hours=1)),
        ("864000000", timedelta(days=30)),
        ("9" * 4000, timedelta(days=30)),
    ],
)
def test_leases_have_bounds(said, span):
    assert following.lease(said) == span


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix", ""),
    ],
)
def test_neighbours_are_counted_together(address, counted):
    assert following.network(address) == counted


# Questions --------------------------------------------------------------------------------------------


def intent(callback: str, **changes) -> Intent:
    made = Intent(
        id=1,
        mode="subscribe",
        callback=callback,
        topic="ships",
        format="atom",
        topic_url=f"{BASE}/topics/ships.atom",
        lease=timedelta(hours=1),
        host="r.example",
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("callback", "begins"),
    [
        ("https://r.example", "https://r.example?hub.mode="),
        ("https://r.example/?", "https://r.example/?hub.mode="),
        ("https://r.example/a?b", "https://r.example/a?b&hub.mode="),
        ("https://r.example/a?b=%2f%7e+c&", "https://r.example/a?b=%2f%7e+c&hub.mode="),
    ],
)
def test_the_callbacks_own_query_stays_to_the_byte(callback, begins):
    url = following.question(intent(callback), "x&y=1")
    assert url.startswith(begins)
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked["hub.challenge"] == "x&y=1"
    assert asked["hub.lease_seconds"] == "3600"


def test_who_leaves_is_asked_about_no_lease_and_who_is_denied_about_nothing():
    leaving = following.question(intent("https://r.example/", mode="unsubscribe"), "x")
    assert dict(parse_qsl(urlsplit(leaving).query)).keys() == {"hub.mode", "hub.topic", "hub.challenge"}
    denied = following.question(intent("https://r.example/", mode="denied", reason="so & so"), "")
    asked = dict(parse_qsl(urlsplit(denied).query))
    assert asked == {"hub.mode": "denied", "hub.topic": f"{BASE}/topics/ships.atom", "hub.reason": "so & so"}


# Pushes -----------------------------------------------------------------------------------------------


def test_a_push_says_what_it_is_and_who_sends_it():
    fields = following.push_fields(
        follower(secret="é"), b"body", ("https://a.example/h", "https://b.example/")
    )
    assert fields == {
        "Content-Type": "application/atom+xml; charset=utf-8",
        "Link": '<https://a.example/h>; rel="hub", <https://b.example/>; rel="hub", '
        f'<{BASE}/topics/ships.atom>; rel="self"',
        "X-Hub-Signature": f"sha256={hmac.new('é'.encode(), b'body', hashlib.sha256).hexdigest()}",
    }
    assert "X-Hub-Signature" not in following.push_fields(follower(), b"body", ())


def test_waits_are_spread_and_bounded():
    for attempts in (0, 1, 5, 50, 5000):
        waits = [
            following.failed(
                follower(attempts=attempts), now=NOW, problem="x", retry_after=None, jitter=j
            ).due_at
            - NOW
            for j in (0, 0.999)
        ]
        assert waits[0] < waits[1]
        assert waits[0] >= timedelta(seconds=45)
        assert waits[1] <= timedelta(hours=8)
    far = following.failed(follower(), now=NOW, problem="", retry_after=timedelta(days=900), jitter=0)
    assert far.due_at == NOW + timedelta(days=1)


def test_when_a_follower_is_lost():
    since = NOW - timedelta(days=3)
    assert following.is_lost(follower(failing_since=since), NOW)
    assert not following.is_lost(follower(failing_since=since), NOW - timedelta(seconds=1))
    assert not following.is_lost(follower(), NOW)
    hub = follower(kind="hub", failing_since=since)
    assert not following.is_lost(hub, NOW)
    assert following.is_worrying(hub, NOW)
    assert not following.is_worrying(follower(failing_since=since), NOW)
