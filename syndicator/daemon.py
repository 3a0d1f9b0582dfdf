"""The daemon: ticks that hint, workers that do, the web in the same loop, signals and systemd.

APScheduler gives ticks and nothing more: a tick says "there may be work", rows say whether there is. A lost
or doubled tick does no harm. SIGTERM and SIGINT drain, SIGHUP and a saved config file reload.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.errors import SyndicatorError
from syndicator.lock import only_one
from syndicator.model import Job, Verb
from syndicator.notify import notify, watchdog_seconds
from syndicator.pipeline.parts import log
from syndicator.post import Post
from syndicator.queue.local import LocalQueue
from syndicator.reload import Reloader, first_catalog
from syndicator.web.app import create
from syndicator.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.pipeline.parts import Parts
    from syndicator.queue.hints import Hints
    from syndicator.settings import Settings

TICKS: dict[Verb, int] = {
    "pull": 5,
    "publish": 5,
    "confirm": 5,
    "distribute": 15,
    "compose": 15,
    "notify": 5,
    "deliver": 5,
    "reap": 30,
    "apply": 5,
    "renew": 15,
    "purge": 3600,
    "read": 15,
    "returns": 60,
    "count": 3600,
}  # seconds
DRAIN = 8.0  # seconds for what is under way; SIGTERM to end takes at most 10
SOON = 2.0  # seconds for what was cancelled to put itself in order


async def run(settings: Settings, announce: Callable[[Settings], None]) -> None:
    """Run until a signal says stop; `announce` is called once everything works.

    Raises:
        DaemonRunning: another daemon holds this database.
        ConfigError: the files have problems and there is no last good catalog.
        SyndicatorError: the port is taken, the database is too new, a template fails …
    """
    with only_one(settings):
        async with assemble(settings) as parts:
            reloader = Reloader(parts)  # looks at the files before they are loaded, so that no edit is missed
            await first_catalog(parts)
            await pipeline.recover(parts)
            with listen(settings) as listener:
                await _serve(parts, reloader, listener, announce)


def listen(settings: Settings) -> socket.socket:
    """Open the web's socket before anything else is promised."""
    host, port = settings.web.host, settings.web.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512, reuse_port=False)
    except OSError as error:
        number = error.errno or 0  # below zero for a name that does not resolve
        why = os.strerror(number).lower() if number > 0 else error.strerror or str(error)
        raise SyndicatorError(
            f"web: cannot listen on {host}:{port}: {why}",
            hint="stop what uses it, or set web.port in syndicator.yaml to another",
        ) from error


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the daemon's decide."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Capture nothing."""
        yield


def _server(parts: Parts) -> _Server:
    return _Server(
        uvicorn.Config(
            create(parts),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(parts.settings.web.proxies),
            date_header=False,  # uvicorn's may be a second old, before a Last-Modified; see web.security
            timeout_graceful_shutdown=3,
            limit_concurrency=1_000,
            h11_max_incomplete_event_size=32_768,
        )
    )


async def _serve(
    parts: Parts, reloader: Reloader, listener: socket.socket, announce: Callable[[Settings], None]
) -> None:
    loop, stop = asyncio.get_running_loop(), parts.stopping

    def hint(verb: Verb) -> None:
        queue.hint(Job(verb=verb))

    def reload() -> None:
        reloader.ask()
        hint("apply")

    post = Post(parts, lambda: hint("pull"))
    queue = LocalQueue(Workers(parts, reloader, post, hint).table(), stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    server, scheduler = _server(parts), _ticks(queue)
    web = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    work = asyncio.create_task(queue.run(), name="queue")
    beat = asyncio.create_task(_watchdog(), name="watchdog")
    try:
        async with post.office():
            await _until_started(server, web)
            scheduler.start()
            announce(parts.settings)
            notify("READY=1")
            ended = asyncio.create_task(stop.wait())
            await asyncio.wait({ended, web, work}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
    finally:
        stop.set()
        notify("STOPPING=1")
        log.info("stopping")
        if scheduler.running:
            scheduler.shutdown(wait=False)
        server.should_exit = True
        queue.wake()
        beat.cancel()
        await _drain({web, work})


async def _drain(tasks: set[asyncio.Task[None]]) -> None:
    """Let tasks finish, then cancel them, then read how they ended."""
    _, late = await asyncio.wait(tasks, timeout=DRAIN - SOON)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=SOON)
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error


async def _until_started(server: uvicorn.Server, web: asyncio.Task[None]) -> None:
    while not server.started and not web.done():  # noqa: ASYNC110  uvicorn tells nobody
        await asyncio.sleep(0.01)


def _ticks(queue: Hints) -> AsyncIOScheduler:
    """Make the few interval jobs of a process, in memory: late ones run once, none is dropped."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for verb, seconds in TICKS.items():
        scheduler.add_job(queue.hint, "interval", seconds=seconds, args=[Job(verb=verb)], id=verb)
        queue.hint(Job(verb=verb))
    return scheduler


async def _watchdog() -> None:
    """Tell systemd that the loop still turns, at twice the pace it asks for."""
    seconds = watchdog_seconds(os.environ)
    while seconds:
        notify("WATCHDOG=1")
        await asyncio.sleep(seconds / 2)
