"""The life of a subscription at a hub, transition by transition, with a fixed `now`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch import lease
from syndicator.model.hubs import Hub

from .origin import NOW

A, B = "https://a.example/hub", "https://b.example/hub"
TOPIC = "https://wire.example/feed"
WISHED = Hub(
    id=1, source="wire", hub_url=A, hub_urls=(A, B), topic_url=TOPIC, token="t1", secret="s1", next_at=NOW
)
FRESH = ("t2", "s2")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def asked(hub: Hub = WISHED, now=NOW) -> Hub:
    return lease.ask(hub, now=now, base_url="https://we.example")


def verified(hub: Hub | None = None, seconds="864000", now=NOW, jitter=0.0) -> Hub:
    return lease.verified(hub or asked(), now=now, seconds=seconds, jitter=jitter)


# Asking -----------------------------------------------------------------------------------------------


def test_asking_presumes_that_nothing_comes_of_it():
    waits, hub = [], WISHED
    for _ in range(12):
        hub = asked(hub)
        assert hub.state == "asked"
        assert hub.asked_until == hub.next_at
        waits.append(hub.next_at - NOW)
    assert waits[:3] == [HOUR, HOUR, HOUR]
    assert waits == sorted(waits)
    assert waits[-1] == DAY


def test_the_form():
    form = lease.form(asked())
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://we.example/websub/t1",
        "hub.verify": "async",
        "hub.lease_seconds": "864000",
        "hub.secret": "s1",
    }
    leaving = lease.ask(
        replace(asked(), state="leaving"), now=NOW, base_url="https://we-are-elsewhere.example"
    )
    assert lease.form(leaving) == {
        "hub.mode": "unsubscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://we.example/websub/t1",
        "hub.verify": "async",
    }, "the callback under which the hub knows us, and no secret"


def test_a_renewal_leaves_a_running_lease_as_it_is():
    held = verified()
    renewing = asked(held, NOW + 9 * DAY)
    assert (renewing.state, renewing.lease_until) == ("verified", held.lease_until)
    late = asked(held, NOW + 11 * DAY)
    assert late.state == "asked"


@pytest.mark.parametrize(
    ("attempts", "change", "spent"),
    [
        (0, {}, False),
        (2, {}, False),
        (3, {}, True),
        (3, {"state": "verified", "lease_until": NOW + DAY}, False),
        (3, {"state": "verified", "lease_until": NOW}, True),
        (0, {"state": "leaving"}, True),
        (0, {"state": "leaving", "lease_until": NOW + DAY}, False),
        (0, {"state": "leaving", "lease_until": NOW}, True),
        (3, {"state": "leaving", "lease_until": NOW + DAY}, True),
    ],
)
def test_when_asking_is_no_use(attempts, change, spent):
    assert lease.is_spent(replace(WISHED, attempts=attempts, **change), NOW) is spent


def test_failures_wait_longer_and_longer_and_as_long_as_the_hub_says():
    hub = asked()
    first = lease.failed(hub, now=NOW, problem=" no\n\x00answer ", retry_after=None)
    assert (first.next_at, first.problem) == (NOW + 10 * MINUTE, "no answer")
    assert first.asked_until == first.next_at, "the request may have arrived all the same"
    second = lease.failed(asked(first), now=NOW, problem="", retry_after=None)
    assert second.next_at == NOW + 20 * MINUTE
    asks_for = lease.failed(hub, now=NOW, problem="", retry_after=3 * HOUR)
    assert asks_for.next_at == NOW + 3 * HOUR


def test_a_refusal_turns_to_the_next_hub_and_after_the_last_to_rest():
    second = lease.refused(asked(), now=NOW, problem="400", fresh=FRESH)
    assert (second.hub_url, second.state, second.next_at, second.problem) == (B, "wished", NOW, "400")
    assert (second.token, second.secret) == FRESH, "what one hub knows is not given to another"
    rest = lease.refused(asked(second), now=NOW, problem="403", fresh=("t3", "s3"))
    assert (rest.hub_url, rest.state, rest.next_at) == (A, "refused", NOW + 7 * DAY)
    silent = lease.pass_over(asked(second), now=NOW, fresh=FRESH)
    assert (silent.hub_url, silent.next_at) == (A, NOW + DAY)


def test_a_hub_that_will_not_renew_keeps_its_promise():
    held = verified()
    hub = lease.refused(asked(held, NOW + 9 * DAY), now=NOW + 9 * DAY, problem="400", fresh=FRESH)
    assert (hub.hub_url, hub.token, hub.lease_until) == (A, "t1", held.lease_until)
    assert hub.next_at == held.lease_until
    assert lease.is_spent(hub, hub.next_at), "then it is another's turn"


def test_a_hub_that_the_feed_names_no_more_is_followed_by_the_first():
    hub = replace(asked(), hub_urls=(B,))
    assert lease.pass_over(hub, now=NOW, fresh=FRESH).hub_url == B


# What the hub says ------------------------------------------------------------------------------------

GOOD = {"mode": "subscribe", "topic": TOPIC, "challenge": "c"}


@pytest.mark.parametrize(
    ("hub", "change", "agreed"),
    [
        (asked(), {}, True),
        (asked(), {"topic": TOPIC + "/"}, False),
        (asked(), {"topic": ""}, False),
        (asked(), {"challenge": ""}, False),
        (asked(), {"challenge": "c" * 2048}, True),
        (asked(), {"challenge": "c" * 2049}, False),
        (asked(), {"challenge": "a\nb"}, False),
        (asked(), {"challenge": "\x00"}, False),
        (asked(), {"mode": "unsubscribe"}, False),
        (asked(), {"mode": "publish"}, False),
        (asked(), {"mode": ""}, False),
        (WISHED, {}, False),  # we never asked
        (asked(now=NOW - HOUR), {}, False),  # that long ago that we are about to ask again
        (asked(now=NOW - HOUR + MINUTE), {}, True),
        (verified(), {}, True),  # the answer was lost, or a lease is reconfirmed
        (verified(asked(now=NOW - 2 * HOUR), seconds="60", now=NOW - 2 * HOUR), {}, False),
        (replace(asked(), state="refused"), {}, False),
        (replace(asked(), state="leaving"), {}, False),
        (replace(asked(), state="leaving"), {"mode": "unsubscribe"}, True),
        (replace(WISHED, state="leaving"), {"mode": "unsubscribe"}, False),
    ],
)
def test_what_we_agree_to(hub, change, agreed):
    assert lease.agrees(hub, **(GOOD | change), now=NOW) is agreed


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        ("864000", 10 * DAY),
        (" 3600 ", HOUR),
        ("60", MINUTE),
        ("1", MINUTE),
        ("0", MINUTE),
        ("2592000", 30 * DAY),
        ("2592001", 30 * DAY),
        ("9" * 5000, 30 * DAY),
        ("", DAY),
        ("-5", DAY),
        ("1e9", DAY),
        ("๑๐", DAY),
        ("86400.0", DAY),
    ],
)
def test_how_long_a_lease_is(seconds, span):
    assert lease.duration(seconds) == span


@pytest.mark.parametrize(
    ("seconds", "jitter", "renewed_after"),
    [
        ("864000", 0.0, 9 * DAY),  # a tenth before its end
        ("864000", 0.999999, timedelta(days=9.5)),
        ("2592000", 0.0, 29 * DAY),  # a day before its end
        ("36000", 0.0, 9 * HOUR),
        ("60", 0.0, 10 * MINUTE),  # no hub is asked every minute
    ],
)
def test_when_a_lease_is_renewed(seconds, jitter, renewed_after):
    hub = verified(seconds=seconds, jitter=jitter)
    assert abs(hub.next_at - NOW - renewed_after) < MINUTE
    assert (hub.state, hub.attempts, hub.problem) == ("verified", 0, "")


def test_a_denial_ends_a_lease_whenever_it_comes():
    hub = lease.denied(verified(), now=NOW, reason="go <b>away</b>\u202e", fresh=FRESH)
    assert (hub.state, hub.hub_url, hub.lease_until) == ("wished", B, None)
    assert hub.problem == "denied: go <b>away</b>"
    assert len(lease.denied(verified(), now=NOW, reason="x" * 9999, fresh=FRESH).problem) == 200


# Pushes -----------------------------------------------------------------------------------------------


def looked(hub, now, **more):
    return lease.look(hub, now=now, **({"changed_at": None, "paused_until": None} | more))


def test_a_push_makes_a_look_due_but_not_more_than_one_a_minute():
    hub = lease.heard(verified(), NOW)
    assert hub.look_at == NOW
    assert lease.is_waiting(hub)
    hub, due = looked(hub, NOW)
    assert due
    assert not lease.is_waiting(hub)
    for seconds in (1, 30, 59):
        again = lease.heard(hub, NOW + timedelta(seconds=seconds))
        assert again.look_at == NOW + MINUTE
    assert lease.heard(hub, NOW + 5 * MINUTE).look_at == NOW + 5 * MINUTE


def test_looks_go_on_until_the_news_is_found_or_hope_is_lost():
    hub, due = looked(lease.heard(verified(), NOW), NOW)
    times = []
    while hub.look_at:
        times.append(hub.look_at - NOW)
        hub, due = looked(hub, hub.look_at)
        assert due
    assert times == [2 * MINUTE, 12 * MINUTE]
    hub, _ = looked(lease.heard(verified(), NOW), NOW)
    hub, due = looked(hub, hub.look_at, changed_at=NOW + MINUTE)
    assert (hub.look_at, due) == (None, False)


def test_the_first_look_is_made_though_something_else_has_changed_just_now():
    assert looked(lease.heard(verified(), NOW), NOW, changed_at=NOW)[1]


def test_a_server_that_asked_for_a_pause_gets_it():
    hub, due = looked(lease.heard(verified(), NOW), NOW, paused_until=NOW + HOUR)
    assert (hub.look_at, hub.looks, due) == (NOW + HOUR, 0, False)
    assert looked(hub, NOW + HOUR, paused_until=NOW + HOUR)[1]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "fail", "refuse", "verify", "deny", "hear", "look", "wait"]),
        st.integers(0, 3_000_000),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_there_is_a_next_time_within_bounds(steps):
    """No order of events leaves a subscription stuck, asks a hub all the time, or mixes keys of two hubs."""
    now, hub, keys = NOW, WISHED, {"t1": A}
    for number, (step, seconds) in enumerate(steps):
        fresh = (f"t{number + 2}", f"s{number + 2}")
        match step:
            case "ask" if hub.next_at <= now:
                if lease.is_spent(hub, now):
                    hub = lease.pass_over(hub, now=now, fresh=fresh)
                else:
                    hub = asked(hub, now)
                    assert hub.next_at >= now + HOUR
            case "fail":
                hub = lease.failed(hub, now=now, problem="x", retry_after=None)
            case "refuse":
                hub = lease.refused(hub, now=now, problem="x", fresh=fresh)
            case "verify" if lease.agrees(hub, **GOOD, now=now):
                hub = lease.verified(hub, now=now, seconds=str(seconds), jitter=0.5)
                assert hub.next_at >= now + 10 * MINUTE
            case "deny":
                hub = lease.denied(hub, now=now, reason="x", fresh=fresh)
            case "hear":
                hub = lease.heard(hub, now)
            case "look" if hub.look_at and hub.look_at <= now:
                before = hub.looked_at
                hub, due = looked(hub, now)
                assert not due or before is None or now - before >= MINUTE
            case "wait":
                now += timedelta(seconds=seconds)
        assert hub.next_at is not None
        assert hub.next_at - now <= 30 * DAY
        assert keys.setdefault(hub.token, hub.hub_url) == hub.hub_url


# What a feed says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "usable"),
    [
        ([A], (A,)),
        (["http://h.example/", A, B, A], (A, B, "http://h.example/")),
        (["/hub", "ftp://h.example/", "javascript:alert(1)", "https:///x", "https://[::", ""], ()),
        (["https://user:pw@h.example/"], ()),
        (
            [
                "https://h.example/\x00",
                "https://h.example/a b",
                "https://h.example/\n",
                "https://中.example/",
            ],
            (),
        ),
        (["https://h.example/" + "a" * 2048], ()),
        ([f"https://h{n}.example/" for n in range(99)], tuple(f"https://h{n}.example/" for n in range(4))),
    ],
)
def test_which_hubs_can_be_asked(given_, usable):
    assert lease.usable(given_, TOPIC) == (usable, TOPIC if usable else "")


@pytest.mark.parametrize("topic", ["", "/feed", "urn:x", "https://wire.example/\x00"])
def test_without_a_topic_there_is_nothing_to_subscribe_to(topic):
    assert lease.usable([A], topic) == ((), "")
