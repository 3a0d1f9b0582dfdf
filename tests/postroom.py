"""An outbox as it looks in a bad hour, for pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from syndicator.model import Delivery, DeliveryStatus
from syndicator.pipeline.destinations import Destination
from syndicator.pipeline.progress import BOUND, Cause, Progress, Running
from syndicator.store.outbox import Asked
from syndicator.web.outbox import Sheet, Told

STATES = DeliveryStatus
UNKNOWN = "sent, but no answer was read: the mail server closed the connection"


def mail(number: int, state: DeliveryStatus, reply: str, now: datetime, *, uncertain: int = 0) -> Delivery:
    return Delivery(
        id=number, edition="5b1c0f4e2d7a", subscriber=number, uncertain=uncertain, reply=reply, attempts=2,
        address=f"a.reader.with.a.rather.long.name.{number}@mail.harbour-city.example", state=state,
        due_at=now + timedelta(minutes=17),
    )  # fmt: skip


def progress(now: datetime) -> Progress:
    held = tuple(mail(n, STATES.HELD, UNKNOWN, now, uncertain=1) for n in (17, 23, 31))
    running = Running(
        edition="5b1c0f4e2d7a", subject="Telecom fraud: 41 arrested in one night · 24 Nov", total=90_000,
        waiting=51_200, deferred=310, held=3, per_minute=5230.4, ends_at=now + timedelta(minutes=10),
    )  # fmt: skip
    stuck = Running(
        edition="77", subject="电信诈骗：多地警方联合行动 <b>& co</b>", total=12, waiting=5,
        deferred=0, held=0, per_minute=0.0, ends_at=None,
    )  # fmt: skip
    refusals = (
        (STATES.DEFERRED, "rate", True, 288, "421 4.7.28 Our system has detected an unusual rate of mail"),
        (STATES.DEFERRED, "", False, 22, "cannot use the mail server mx.example:25: timed out"),
        (STATES.REFUSED, "user-unknown", False, 41, "550 5.1.1 <nobody@mail.example>: user unknown"),
    )
    causes = tuple(
        Cause(state=state, reason=reason, is_ours=ours, times=times, example=said, newest_at=now)
        for state, reason, ours, times, said in refusals
    )
    states = {
        "planned": 51_000, "leased": 190, "sending": 10, "deferred": 310, "held": 3, "accepted": BOUND,
        "refused": 57,
    }  # fmt: skip
    slowed = (
        Destination(
            name="gmail.com", state="waits", until=now + timedelta(minutes=7), reason=refusals[0][4],
            connections=1, most=4, per_minute=600, today=412, queued=51_000,
        ),
        Destination(
            name="relay smtp.example:587", state="narrow", until=None, reason="452 4.3.1 too much at once",
            connections=3, most=10, per_minute=None, today=None, queued=0,
        ),
    )  # fmt: skip
    return Progress(
        at=now, states=states, per_minute=5230.4, running=(running, stuck), more_running=1, causes=causes,
        undecided=held, uncertain={"held": 3, "accepted": 12}, slowed=slowed,
    )  # fmt: skip


def sheet(now: datetime) -> Sheet:
    said = {STATES.ACCEPTED: "250 2.0.0 kept", STATES.DEFERRED: "450 4.2.1 try again later"}
    listed = [mail(n, state, said.get(state, ""), now) for n, state in enumerate(STATES, 40)]
    return Sheet(
        progress=progress(now), asked=Asked(address="reader", state="deferred"), states=[*STATES],
        listed=listed, here="/admin/outbox?address=reader", older="/admin/outbox?before=3",
        newest="/admin/outbox", told=Told("resend", 12, 1),
    )  # fmt: skip


def quiet(now: datetime) -> Sheet:
    nothing = Progress(
        at=now, states={}, per_minute=0.0, running=(), more_running=0, causes=(), undecided=(), uncertain={}
    )
    return Sheet(progress=nothing, asked=Asked(), states=[*STATES], here="/admin/outbox")
