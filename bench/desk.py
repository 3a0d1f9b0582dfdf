"""The program under measurement, as its users run it: a config folder, the shipped topics, SQLite.

`opened` gives the parts of the program in this process, with a clock that can be moved ahead, so that a
source is due without waiting for it; `daemon` starts the real daemon in a process of its own.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.cli.common import configure_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from syndicator.pipeline.parts import Parts

ROOT: Final = Path(__file__).parents[1]
TOPIC: Final = "china"  # the shipped topic that changes are looked for in
CALM, BUSY = {"min": "1h", "max": "1h"}, {"min": "1s", "max": "1s"}
SOON: Final = timedelta(seconds=2)  # after which a busy source is due
LATER: Final = timedelta(hours=2)  # after which every source is


@dataclass(slots=True)
class Clock:
    """The true time, moved ahead by whoever wants sources to be due."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a config; the state will lie beside it."""

    folder: Path
    port: int

    @classmethod
    def write(cls, folder: Path, calm: Mapping[str, str], busy: Mapping[str, str] | None = None) -> Desk:
        """Write the config: sources (name → address) that seldom change, and such as change each second."""
        config, port = folder / "config", _free_port()
        settings: dict[str, Any] = {
            "site": {"title": "The Desk", "base_url": f"http://127.0.0.1:{port}"},
            "web": {"port": port},
            "mail": {"from": "The Desk <desk@desk.example>"},
            "fetch": {"allow_private": ["127.0.0.0/8"]},
        }
        listed = [{"name": name, "url": url, "every": CALM} for name, url in calm.items()]
        listed += [{"name": name, "url": url, "every": BUSY} for name, url in (busy or {}).items()]
        for part in ("sources", "topics"):
            (config / part).mkdir(parents=True)
        (config / "syndicator.yaml").write_text(json.dumps(settings))
        (config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))
        for file in (ROOT / "config" / "topics").glob("*.yaml"):
            (config / "topics" / file.name).write_bytes(file.read_bytes())
        (config / "aliases.yaml").write_bytes((ROOT / "config" / "aliases.yaml").read_bytes())
        return cls(folder, port)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def published(self) -> Path:
        """The topic's feed as a file."""
        return self.folder / "var" / "public" / "topics" / f"{TOPIC}.atom"

    @property
    def url(self) -> str:
        """The topic's feed as the daemon serves it."""
        return f"http://127.0.0.1:{self.port}/topics/{TOPIC}.atom"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Parts, Clock]]:
        """Open the program here; log lines are made as the daemon makes them, and go to a file.

        It makes no pause between two requests to one host: all hosts are this machine.
        """
        clock = Clock()
        settings, catalog = load_all(self.config, {})
        settings = replace(settings, fetch=replace(settings.fetch, spacing=timedelta(0)))
        with self._logging():
            async with assemble(settings, clock=clock) as parts:
                await pipeline.apply(parts, catalog, dump(self.config))
                yield parts, clock

    @contextmanager
    def _logging(self) -> Iterator[None]:
        with self.log.open("a") as file, redirect_stderr(file):
            configure_log("info")
            yield

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Run the daemon, ready when this is entered."""
        command = [sys.executable, "-m", "syndicator", "--config", str(self.config), "run"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNDICATOR_")}
        with (
            self.log.open("a") as log,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=kept
            ) as process,
        ):
            try:
                assert process.stdout
                if "is running" not in process.stdout.readline():
                    raise RuntimeError(f"the daemon does not start:\n{self.log.read_text()}")
                yield
            finally:
                process.send_signal(signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
