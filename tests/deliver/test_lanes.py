"""The rules of lanes, as tables with a fixed time: what an answer says, pauses, growth, limits, shares."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from syndicator.deliver.lanes import quota
from syndicator.deliver.lanes.answers import sign_of
from syndicator.deliver.lanes.board import ALL, Board, relay_lane
from syndicator.deliver.lanes.lane import LONGEST, STEP, after
from syndicator.deliver.lanes.share import Shares
from syndicator.deliver.transport import Outcome
from syndicator.model import Lane, Sign, Used
from syndicator.settings import Allowance, Mail, Relay, WarmUp

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
FRESH = Lane(name="mx.example")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def outcome(kind: str, reply: str, step: str = "RCPT") -> Outcome:
    code = reply.partition(" ")[0]
    return Outcome(kind=kind, reply=reply, code=int(code) if code.isdigit() else 0, step=step)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "reply", "step", "sign"),
    [
        ("accepted", "250 2.0.0 kept", "message", Sign.FINE),
        ("refused", "550 5.1.1 User unknown", "RCPT", Sign.FINE),  # it works, and the recipient is gone
        ("refused", "550 5.7.1 Spam message rejected", "message", Sign.OURS),
        ("refused", "550 5.7.515 Access denied, sending domain does not pass", "message", Sign.OURS),
        ("deferred", "450 4.2.0 Greylisted, try again in 300 seconds", "RCPT", Sign.LETTER),
        ("deferred", "451 4.7.1 Greylisting in action", "RCPT", Sign.LETTER),
        ("deferred", "452 4.2.2 Mailbox full", "RCPT", Sign.LETTER),
        ("deferred", "452 4.3.1 Insufficient system storage", "RCPT", Sign.SLOW),
        ("deferred", "452 4.5.3 Too many recipients", "RCPT", Sign.SLOW),
        ("deferred", "454 Throttling failure: Maximum sending rate exceeded.", "message", Sign.SLOW),
        ("deferred", "454 4.7.0 TLS not available", "RCPT", Sign.LETTER),
        ("deferred", "451 4.7.500 Server busy. Please try again later", "MAIL", Sign.SLOW),
        ("deferred", "451 4.7.651 The mail server has been temporarily rate limited", "MAIL", Sign.SLOW),
        ("deferred", "421 4.7.0 Try again later, closing connection", "MAIL", Sign.BUSY),
        ("deferred", "421 4.7.28 Our system has detected an unusual rate", "message", Sign.SILENCE),
        ("deferred", "450 4.7.28 Our system has detected an unusual rate", "RCPT", Sign.SILENCE),
        ("deferred", "421 4.2.1 The user is receiving too much", "RCPT", Sign.BUSY),
        ("deferred", "cannot use the mail server: refused", "connect", Sign.DOWN),
        ("deferred", "554 no service here", "connect", Sign.DOWN),
        ("deferred", "421 too many connections", "connect", Sign.BUSY),
        ("deferred", "535 5.7.8 bad credentials", "login", Sign.LOGIN),
        ("deferred", "554 5.7.1 Client host blocked using Spamhaus", "connect", Sign.OURS),
        ("deferred", "530 5.7.0 Must issue a STARTTLS command first", "connect", Sign.LOGIN),
        ("deferred", "530 5.7.0 Authentication required", "MAIL", Sign.LOGIN),
        ("deferred", "550 5.7.1 sender blocked by policy, spam", "MAIL", Sign.OURS),
        ("deferred", "553 5.1.8 Sender address rejected: no such domain", "MAIL", Sign.OURS),
        ("deferred", "501 5.5.4 Syntax error in parameters", "MAIL", Sign.LETTER),
        ("deferred", "552 5.3.4 Message size exceeds fixed limit", "MAIL", Sign.LETTER),
        ("deferred", "the mail server closed the connection", "", Sign.LETTER),  # between two messages
        ("uncertain", "sent, but no answer was read", "", Sign.BUSY),
    ],
)
def test_what_an_answer_says_of_the_lane(kind: str, reply: str, step: str, sign: Sign) -> None:
    assert sign_of(outcome(kind, reply, step)) == sign


@pytest.mark.parametrize(
    ("sign", "pauses"),
    [
        (Sign.SLOW, [10, 20, 40, 80, 160, 320, 640, 900, 900]),
        (Sign.BUSY, [10, 20, 40]),
        (Sign.DOWN, [5, 10, 20, 40, 80, 160, 320, 640, 900]),
        (Sign.LOGIN, [300, 600, 900]),
        (Sign.SILENCE, [600, 600]),
    ],
)
def test_pauses_double_up_to_fifteen_minutes(sign: Sign, pauses: list[int]) -> None:
    lane, now = FRESH, NOW
    for seconds in pauses:
        lane = after(lane, sign, now, connections=8)
        assert lane.until == now + timedelta(seconds=seconds)
        assert lane.waits(lane.until - SECOND)
        assert not lane.waits(lane.until)
        now = lane.until
    assert timedelta(seconds=900) == LONGEST


def test_what_many_connections_hear_at_once_is_one_event() -> None:
    lane = after(FRESH, Sign.BUSY, NOW, connections=10)
    assert after(lane, Sign.BUSY, NOW + SECOND, connections=10) is lane
    assert after(lane, Sign.FINE, NOW + SECOND, connections=10) is lane
    silent = after(lane, Sign.SILENCE, NOW + SECOND, connections=10)
    assert (silent.until, silent.width) == (NOW + SECOND + 10 * MINUTE, 1)
    assert after(silent, Sign.SILENCE, NOW + MINUTE, connections=10) is silent


def test_after_the_silence_one_connection_and_slow_growth() -> None:
    lane = after(FRESH, Sign.SILENCE, NOW, words="421 4.7.28 slow down", connections=4)
    later, widths = lane.until or NOW, Counter[int]()
    for _ in range(1000):
        widths[lane.width] += 1
        lane = after(lane, Sign.FINE, later, connections=4)
        if lane.is_clean:
            break
    assert widths == {1: STEP, 2: 2 * STEP, 3: 3 * STEP}
    assert lane == FRESH


def test_a_narrow_lane_is_halved_again_and_failures_are_forgotten() -> None:
    lane = after(FRESH, Sign.SLOW, NOW, connections=10)
    assert (lane.width, lane.failures) == (5, 1)
    later = lane.until or NOW
    for _ in range(STEP):
        lane = after(lane, Sign.FINE, later, connections=10)
    assert (lane.width, lane.failures) == (5, 0)
    lane = after(lane, Sign.BUSY, later, connections=10)
    assert (lane.width, lane.until) == (2, later + 10 * SECOND)
    for _ in range(5):
        lane = after(lane, Sign.SLOW, lane.until or later, connections=10)
    assert lane.width == 1


def test_only_several_refusals_of_us_close_a_lane() -> None:
    once = after(FRESH, Sign.OURS, NOW, connections=4)
    assert (once.until, once.is_alarm) == (None, False)
    assert after(once, Sign.FINE, NOW, connections=4).refusals == 0
    lane = after(after(once, Sign.OURS, NOW), Sign.OURS, NOW, words="550 5.7.1 spam", connections=4)
    assert (lane.until, lane.width, lane.is_alarm) == (NOW + timedelta(hours=1), 1, True)
    assert lane.reason == "550 5.7.1 spam"


def test_a_greylisted_letter_says_nothing() -> None:
    assert after(FRESH, Sign.LETTER, NOW) is FRESH
    assert after(FRESH, Sign.FINE, NOW) is FRESH


# By the minute and by the day ---------------------------------------------------------------------


def test_no_minute_has_more_than_its_letters() -> None:
    used, sent = None, []
    for second in range(0, 300, 5):
        granted, used = quota.take(used, 1000, NOW + second * SECOND, per_minute=90, warm_up=None)
        sent.append(granted)
    assert sum(sent) == 15 + 90 * 295 // 60
    assert max(sum(sent[n : n + 12]) for n in range(1, 48)) <= 90
    assert quota.take(None, 3, NOW, per_minute=90, warm_up=None)[0] == 3


WARM = WarmUp(start=date(2026, 12, 1), per_day=(50, 100, 500), growth=2)


@pytest.mark.parametrize(
    ("day", "most"),
    [
        (date(2026, 11, 30), 0),
        (date(2026, 12, 1), 50),
        (date(2026, 12, 3), 500),
        (date(2026, 12, 4), 1000),
        (date(2026, 12, 8), 16_000),
        (date(2027, 12, 8), None),
        (date(9999, 12, 31), None),
    ],
)
def test_a_warm_up_grows_until_it_is_over(day: date, most: int | None) -> None:
    assert quota.a_day(WARM, day) == most
    assert quota.a_day(None, day) is None


def test_a_day_has_its_letters_and_the_next_one_more() -> None:
    granted, used = quota.take(None, 40, NOW, per_minute=0, warm_up=WARM)
    assert granted == 40
    granted, used = quota.take(used, 40, NOW + MINUTE, per_minute=0, warm_up=WARM)
    assert (granted, used.today) == (10, 50)
    used = quota.give_back(used, 3)
    granted, used = quota.take(used, 40, NOW + MINUTE, per_minute=0, warm_up=WARM)
    assert granted == 3
    midnight = quota.tomorrow(NOW)
    assert midnight == datetime(2026, 12, 2, tzinfo=UTC)
    assert quota.take(used, 400, midnight, per_minute=0, warm_up=WARM)[0] == 100


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    used = Used(tokens=4, at=NOW + MINUTE, day=date(2026, 12, 1))
    assert quota.take(used, 9, NOW, per_minute=60, warm_up=None)[0] == 4


# Shares and queues ---------------------------------------------------------------------


def test_shares_follow_the_weights_and_are_mixed() -> None:
    shares = Shares({"a": 5, "b": 2, "c": 1})
    dealt = [shares.deal(("a", "b", "c")) for _ in range(80)]
    assert Counter(dealt) == {"a": 50, "b": 20, "c": 10}
    assert all("b" in dealt[n : n + 8] for n in range(72))
    assert Counter(shares.deal(("b", "c")) for _ in range(30)) == {"b": 20, "c": 10}


def test_a_letter_queues_by_itself_where_its_lane_is_slow() -> None:
    mail = Mail(domains={"slow.example": Allowance(per_minute=6), "wide.example": Allowance(connections=2)})
    board = Board(mail)
    assert board.queue_of("a@Slow.example") == "slow.example"
    assert board.queue_of("a@wide.example") == ""
    assert board.queue_of("a@any.example") == ""
    board.note("wide.example", outcome("deferred", "421 later"), NOW)
    assert board.queue_of("a@wide.example") == "wide.example"
    assert [each.name for each in board.changed()] == ["wide.example"]
    assert board.has_changed, "not before it is committed"
    board.put(Lane(name="new.example"))
    board.committed()
    assert [each.name for each in board.changed()] == ["new.example"]


def test_every_lane_has_its_turn() -> None:
    board = Board(Mail())
    assert board.turn(["b", "a", "c"]) == ["a", "b", "c"]
    board.served("b")
    assert board.turn(["a", "b", "c"]) == ["c", "a", "b"]
    assert board.turn(["a", "d"]) == ["d", "a"]


def test_a_clock_that_was_wrong_shuts_no_lane() -> None:
    far = NOW + timedelta(days=3650)
    assert not Lane(name="a", until=far).waits(NOW)
    assert Lane(name="a", until=NOW + timedelta(hours=1)).waits(NOW)
    used = quota.take(None, 9, far, per_minute=60, warm_up=None)[1]
    used = quota.take(used, 0, NOW, per_minute=60, warm_up=None)[1]
    assert used.at == NOW
    assert quota.take(used, 9, NOW + MINUTE, per_minute=60, warm_up=None)[0] == 9


def test_what_was_heard_here_is_not_undone_by_older_rows() -> None:
    board = Board(Mail(relays=(Relay(name="one"), Relay(name="two")), warm_up=WARM))
    board.note(relay_lane("one"), outcome("deferred", "421 later"), NOW)
    board.learn([Lane(name=relay_lane("one")), Lane(name=ALL, until=NOW + MINUTE)])
    assert [each.name for each in board.open_relays(NOW)] == ["two"]
    assert board.first_open(NOW) == NOW
    assert board.until(ALL, NOW) == NOW + MINUTE
    board.changed()
    board.committed()
    board.learn([])
    assert len(board.open_relays(NOW)) == 2
    assert {each.name for each in board.all()} == {ALL, "relay one", "relay two"}
