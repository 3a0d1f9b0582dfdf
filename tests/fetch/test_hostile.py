"""Publishers of every kind, at simulated time. What is judged is the server's log, not what we think."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.model import Fetched, FetchFailed, SourceState

from .hostile import INNER, Names, conditional, desk, feed, gaps, in_turn, redirect
from .origin import NOW, Asked, Origin, answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BROKEN = answer(b"Oops", status="500 Oops")


@asynccontextmanager
async def inner_server() -> AsyncIterator[Origin]:
    """A machine in our own network, which nobody but we should reach."""
    inner = Origin()
    try:
        server = await asyncio.start_server(inner.serve, INNER, 0)
    except OSError:
        pytest.skip("this machine has no second loopback address")
    inner.port = server.sockets[0].getsockname()[1]
    async with server:
        yield inner


# Not too early ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "fields", "wait"),
    [
        ("", ["Cache-Control: public", "Cache-Control: max-age=7200"], 2 * HOUR),
        ("", ["Cache-Control: max-age=7200", "Age: 1800"], 1.5 * HOUR),
        ("", ["Date: Thu, 01 Jan 1970 00:00:00 GMT", "Expires: Thu, 01 Jan 1970 03:00:00 GMT"], 3 * HOUR),
        ("<ttl>180</ttl>", [], 3 * HOUR),
        ("<ttl>180</ttl>", ["Cache-Control: max-age=60"], 3 * HOUR),
        ("<ttl>60</ttl>", ["Cache-Control: max-age=14400"], 4 * HOUR),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", [], 6 * HOUR),
        ("<ttl>525600</ttl>", [], 12 * HOUR),  # a year: as long as the admin lets it
    ],
)
@pytest.mark.parametrize("changes", [True, False])
async def test_a_publishers_wish_is_kept_over_304s(
    origin: Origin, tmp_path: Path, channel: str, fields: list[str], wait: timedelta, changes: bool
) -> None:
    async with desk(origin, tmp_path) as d:
        body = feed("1", channel=channel)
        play = in_turn(*[answer(feed(str(n), channel=channel), *fields) for n in range(99)])
        url = "news.example/feed"
        d.add("a", url, play if changes else conditional(body, '"1"', *fields), max_interval=12 * HOUR)
        await d.run(days=4)
        found = gaps(d.asked(url))
        assert len(found) >= 5
        assert min(found) >= wait
        assert max(found) <= max(2 * wait, DAY / 2)


async def test_skipped_hours_and_days_are_quiet(origin: Origin, tmp_path: Path) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(8, 20))
    channel = f"<skipHours>{hours}</skipHours><skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", conditional(feed("1", channel=channel), '"1"'))
        d.now = datetime(2026, 11, 2, 6, tzinfo=NOW.tzinfo)
        await d.run(days=20)
        times = d.asked("news.example/feed")
        assert len(times) > 20
        assert not [at for at in times if at.hour in range(8, 20) or at.weekday() >= 5]


@pytest.mark.parametrize(
    ("status", "wish", "wait"),
    [
        ("429 Slow Down", "Retry-After: 36000", 10 * HOUR),
        ("503 Busy", "Retry-After: 864000", 10 * DAY),
        ("503 Busy", "Retry-After: Wed, 04 Nov 2026 09:30:00 GMT", 2 * DAY),
        ("429 Slow Down", "X: y", 15 * MINUTE),
    ],
)
async def test_a_host_that_wants_peace_gets_it_for_all_its_feeds(
    origin: Origin, tmp_path: Path, status: str, wish: str, wait: timedelta
) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("loud", "news.example/0", in_turn(answer(b"No", wish, status=status), answer(feed("1"))))
        for n in range(1, 9):
            d.add(f"s{n}", f"www.news.example/{n}", answer(feed("1")))
        d.add("other", "other.example/feed", answer(feed("1")))
        await d.run(days=wait / DAY)
        assert [asked.path for asked in origin.log if "news.example" in asked.host] == ["/0"]
        assert d.asked("other.example/feed")
        assert all(state.failures == (state.name == "loud") for state in d.states.values())
        await d.run(days=wait / DAY + 1)
        assert {asked.path for asked in origin.log} >= {f"/{n}" for n in range(9)}


async def test_feeds_in_flight_are_turned_away_when_their_host_wants_peace(
    origin: Origin, tmp_path: Path
) -> None:
    async with desk(origin, tmp_path, per_host=1) as d:
        no = answer(b"No", "Retry-After: 600", status="429 Slow Down")
        sources = [d.add(f"s{n}", f"news.example/{n}", no) for n in range(20)]
        assert d.fetcher
        results = await asyncio.gather(*(d.fetcher.fetch(s, SourceState(name=s.name)) for s in sources))
        assert len(origin.log) == 1
        kinds = [result.kind for result in results if isinstance(result, FetchFailed)]
        assert (kinds.count("http"), kinds.count("paused")) == (1, 19)
        assert all(r.retry_after == 10 * MINUTE for r in results if isinstance(r, FetchFailed))


# Not too often ----------------------------------------------------------------------------------------


async def test_a_broken_source_is_asked_ever_more_seldom(origin: Origin, tmp_path: Path) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", BROKEN)
        await d.run(days=7)
        found = gaps(d.asked("news.example/feed"))
        doubled = [min(15 * MINUTE * 2**n, DAY) for n in range(len(found))]
        assert 12 <= len(found) <= 16
        assert all(0.9 * wish <= gap <= 1.1 * wish for wish, gap in zip(doubled, found, strict=True))


async def test_gone_is_asked_once(origin: Origin, tmp_path: Path) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", answer(b"", status="410 Gone"))
        await d.run(days=30)
        assert len(origin.log) == 1


@pytest.mark.parametrize(
    "body", [b"<html><body>Sorry, we are being mended</body></html>", b"", b"\x00" * 99, b"<" * 50_000]
)
async def test_an_error_page_with_200_is_a_failure_and_changes_nothing(
    origin: Origin, tmp_path: Path, body: bytes
) -> None:
    async with desk(origin, tmp_path) as d:
        good = answer(feed("1"), 'ETag: "good"')
        d.add("a", "news.example/feed", in_turn(good, answer(body, 'ETag: "bad"'), good))
        await d.run(days=1)
        sent = [asked.fields.get("if-none-match") for asked in origin.log]
        assert sent[:3] == [None, '"good"', '"good"']
        assert isinstance(d.brought[1], FetchFailed)
        assert d.states["a"].failures == 0


@pytest.mark.parametrize("etag", ['W/"5-gzip"', "no quotes, really", '"a;b=c"', '"é"'])
async def test_validators_go_back_verbatim_and_are_left_out_now_and_then(
    origin: Origin, tmp_path: Path, etag: str
) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", conditional(feed("1"), etag, "Last-Modified: Never, 99 Foo"))
        await d.run(days=29)
        sent = [asked.fields.get("if-none-match") for asked in origin.log[1:]]
        assert {asked.fields.get("if-modified-since") for asked in origin.log[1:]} == {"Never, 99 Foo", None}
        assert set(sent) == {etag.encode().decode("latin-1"), None}
        assert 3 <= sent.count(None) <= 5, "once a week"
        assert sum(isinstance(result, Fetched) for result in d.brought) == 1


async def test_one_host_is_asked_with_restraint_and_holds_nobody_up(origin: Origin, tmp_path: Path) -> None:
    begun: dict[str, list[float]] = {}

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        begun.setdefault(asked.host, []).append(asyncio.get_running_loop().time())
        writer.write(redirect(302, "/feed") if asked.path != "/feed" else answer(feed("1")))

    origin.plays |= {f"/{n}": play for n in range(12)} | {"/feed": play}
    async with desk(origin, tmp_path, spacing=timedelta(seconds=0.05), concurrency=4) as d:
        crowd = [d.add(f"c{n}", f"news.example/{n}") for n in range(12)]
        others = [d.add(f"o{n}", f"o{n}.example/feed", play) for n in range(20)]
        assert d.fetcher
        start = asyncio.get_running_loop().time()
        results = await asyncio.gather(
            *(d.fetcher.fetch(s, SourceState(name=s.name)) for s in crowd + others)
        )
    assert all(isinstance(result, Fetched) for result in results)
    times = begun.pop("news.example")
    assert len(times) == 24
    # Measured where they arrive: the network may bring two closer together, not all of them.
    assert times[-1] - times[0] >= 23 * 0.05 * 0.9
    assert max(max(host) for host in begun.values()) - start < times[-1] - start


# Not to where nobody may go ---------------------------------------------------------------------------


async def test_no_redirect_leads_into_our_own_network(origin: Origin, tmp_path: Path) -> None:
    async with inner_server() as inner:
        names = Names(inner_example=INNER, trap_example="169.254.169.254", six_example="::ffff:127.0.0.2")
        async with desk(origin, tmp_path, names=names) as d:
            ways = [f"http://{INNER}", "http://inner.example", "http://inner.example.", "http://2130706434"]
            ways += ["http://0x7f.2", "http://0177.0.0.2", f"http://[::ffff:{INNER}]", f"http://[::{INNER}]"]
            ways += ["http://[64:ff9b::7f00:2]", "http://[2002:7f00:2::]", "http://[2001:db8::5efe:7f00:2]"]
            ways += ["http://six.example", "http://trap.example", "http://１２７.0.0.2", "http://localhost"]
            for n, way in enumerate(ways):
                d.add(f"s{n}", f"news.example/{n}", redirect(301 + n % 2, f"{way}:{inner.port}/"))
            await d.run(days=0.01)
        assert len(origin.log) == len(ways)
        assert inner.log == []
        assert {r.kind for r in d.brought if isinstance(r, FetchFailed)} <= {"forbidden", "dns", "redirect"}


async def test_a_name_that_changes_its_address_is_checked_again(origin: Origin, tmp_path: Path) -> None:
    async with inner_server() as inner:
        names = Names()
        async with desk(origin, tmp_path, names=names) as d:
            d.add("a", "news.example/feed", answer(feed("1"), "Connection: close"))
            await d.run(days=0.001)
            names.book["news.example"] = INNER
            d.states["a"] = SourceState(name="a")
            assert d.fetcher
            await asyncio.sleep(0)
            source = d.sources["a"]
            moved = source.url.replace("news.example", "other.example")
            names.book["other.example"] = INNER
            got = await d.fetcher.page(moved, source)
        assert isinstance(got, FetchFailed)
        assert got.kind == "forbidden"
        assert inner.log == []


# Where it lives ---------------------------------------------------------------------------------------


async def test_a_moved_feed_is_adopted_after_a_day_and_given_up_when_it_fails(
    origin: Origin, tmp_path: Path
) -> None:
    async with desk(origin, tmp_path) as d:
        new = f"http://new.example:{origin.port}/feed"
        origin.play("new.example/feed", in_turn(*[answer(feed(str(n))) for n in range(900)]))
        d.add("a", "old.example/feed", redirect(301, new), max_interval=HOUR)
        await d.run(days=0.9)
        assert d.said == []
        assert len(d.asked("old.example/feed")) == len(d.asked("new.example/feed"))
        await d.run(days=1)
        assert d.said == [f"has moved for good to {new}: write that into its file"]
        known = len(d.asked("old.example/feed"))
        await d.run(days=1)
        assert len(d.asked("old.example/feed")) == known, "the old place is left alone"
        origin.play("new.example/feed", BROKEN)
        origin.play("old.example/feed", answer(feed("back")))
        await d.run(days=1)
        assert d.said[1:] == ["new.example fails: asking the configured address again"]
        assert d.states["a"].state == "ok"
        assert "if-none-match" not in [a for a in origin.log if a.host == "old.example"][known].fields


async def test_a_captive_portal_moves_nobody(origin: Origin, tmp_path: Path) -> None:
    async with desk(origin, tmp_path) as d:
        portal = f"http://portal.example:{origin.port}/login"
        origin.play("portal.example/login", answer(b"<html>Log in</html>"))
        d.add("a", "news.example/feed", in_turn(*[redirect(301, portal)] * 9, answer(feed("1"))))
        await d.run(days=9)
        assert d.said == []
        assert d.states["a"].state == "ok"
