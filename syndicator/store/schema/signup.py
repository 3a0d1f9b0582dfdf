"""Signing up: mails to one person that no edition is, and who has asked how often."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Flag, Instant, Json

transactional = Table(
    "transactional",  # mails to one person, each asked for by a deed: confirm this, your link is that
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, index=True),
    Column("language", Text, nullable=False, server_default=""),
    Column("subscriber_id", BigInt, ForeignKey("subscribers.id", ondelete="CASCADE"), index=True),
    Column("facts", Json, nullable=False),  # what the template is given; emptied once it is over
    Column("waiting", Text, unique=True),  # kind and address, until it is begun: a newer one takes its place
    Column("state", Text, nullable=False),  # as of deliveries
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("uncertain", Integer, nullable=False, server_default=text("0")),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("reply", Text, nullable=False, server_default=""),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),  # later it would be of no use
    Column("updated_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", BigInt, nullable=False, server_default=text("0")),
    Index(None, "state", "due_at"),
    **COUNTED,
)

signups = Table(
    "signups",  # what somebody chose at the last sign-up of a reader, until that is confirmed
    metadata,
    Column(
        "subscriber_id", BigInt, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    Column("topics", Json, nullable=False),
    Column("tied", Json, nullable=False),  # those of them whose pending subscription was made for it
    Column("language", Text, nullable=False),
    Column("frequency", Text),  # with `at` and `zone`: the schedule; NULL: the topic's
    Column("at", Text),
    Column("zone", Text),
    Column("adds", Flag, nullable=False),  # to what the reader has: then their schedule stays as it is
    Column("made_at", Instant, nullable=False, index=True),
    **STRICT,
)  # fmt: skip

signup_attempts = Table(
    "signup_attempts",  # what the limits count; nobody can be read out of it, and a day later it is gone
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("who", Text, nullable=False),  # a keyed hash of an address or a network; empty: anybody
    Column("at", Instant, nullable=False),
    Index(None, "who", "at"),
    Index(None, "at"),
    **COUNTED,
)
