"""The path of an article, verb by verb; each verb calls the stages in order and leaves deciding to them.

    apply    what admins wrote → the catalog in force               (apply.py)
    catch_up what another host put in force → here too              (apply.py)
    rematch  rules that changed → matches of stored articles        (rematch.py)
    pull     due sources → fetch → parse → normalise → store, match (pull.py)
    publish  stale topics → documents → files                       (publish.py)
    confirm  who asks to follow our feeds → followers               (confirm.py)
    distribute  new documents → pushed to followers, hubs pinged    (distribute.py)
    compose  due slots → editions and planned deliveries            (compose.py)
    deliver  planned deliveries → a mail server or Maildir          (deliver.py)
    notify   mails to one person → a mail server or Maildir         (transactional.py)
    reap     what dead workers held → back to the queue             (deliver.py)
    renew    hubs that feeds name → subscriptions, asked and renewed (renew.py)
    collect  what came back by mail → rows, and what follows        (returns.py)
    purge    what no feed shows any more → names alone              (purge.py)
    read     the words of articles in topics → what is searched     (search.py)
    count    subscriptions → how many read a topic today            (count.py)
    learn    a topic's judgements → what was learned of them        (learn.py)
    recover  all that a dead process held, at the start of the next

Every verb reads what is due from rows and may be called at any time, twice, or not at all: a call is only
a hint. `once` calls all of them until nothing is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.pipeline.apply import apply, catch_up
from syndicator.pipeline.compose import compose
from syndicator.pipeline.confirm import confirm
from syndicator.pipeline.count import count
from syndicator.pipeline.deliver import deliver, reap
from syndicator.pipeline.distribute import distribute
from syndicator.pipeline.learn import learn
from syndicator.pipeline.parts import Summary
from syndicator.pipeline.publish import publish
from syndicator.pipeline.pull import pull
from syndicator.pipeline.purge import purge
from syndicator.pipeline.rematch import rematch
from syndicator.pipeline.renew import renew
from syndicator.pipeline.returns import collect
from syndicator.pipeline.search import read
from syndicator.pipeline.transactional import notify
from syndicator.store import followers, pauses, sources, transactional

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.pipeline.parts import Parts

__all__ = [
    "apply",
    "catch_up",
    "collect",
    "compose",
    "confirm",
    "count",
    "deliver",
    "distribute",
    "learn",
    "notify",
    "once",
    "publish",
    "pull",
    "purge",
    "read",
    "reap",
    "recover",
    "rematch",
    "renew",
]

ROUNDS = 10_000  # a bound, so that a fault of ours cannot turn `once` into a loop without end


async def recover(parts: Parts) -> None:
    """Take back at once what a dead process held, whatever its leases say, where no other can hold any.

    That is so on an embedded database, for whoever starts has its lock; elsewhere leases must run out. The
    pauses that hosts asked for go on.
    """
    async with parts.store.read() as conn:
        parts.fetcher.keep(await pauses.running(conn, parts.clock()))
    if parts.settings.is_embedded:
        await reap(parts, everything=True)
        async with parts.store.write() as conn:
            await sources.release(conn)
            await followers.release(conn)
            await transactional.reap(conn, now=parts.clock(), everything=True)


async def once(parts: Parts, progress: Callable[[str, Summary], None] | None = None) -> Summary:
    """Do everything that is due, in the order of the path, and return what was done."""
    total = Summary()
    await reap(parts)
    await collect(parts)
    verbs = (pull, publish, distribute, compose, notify, deliver)
    for name, verb in ((verb.__name__, verb) for verb in verbs):
        for _ in range(ROUNDS):
            did = total.add(await verb(parts))
            if progress:
                progress(name, total)
            if not did:
                break
    await count(parts)
    return total
