"""The program as its users run it: a config folder of its own, and the command in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import zygote

if TYPE_CHECKING:
    import subprocess

ROOT = Path(__file__).parents[1]
TOPICS = ROOT / "config" / "topics"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP request brought; header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Program:
    """`syndicator` on a folder of its own. Config files are JSON, which YAML contains."""

    def __init__(self, folder: Path, *, database: str = "sqlite") -> None:
        self.folder, self.config = folder, folder / "config"
        self.port = free_port()
        self.settings: dict[str, Any] = {
            "site": {"title": "The Desk", "base_url": f"http://127.0.0.1:{self.port}"},
            "database": database.replace("postgresql+psycopg", "postgresql"),
            "web": {"port": self.port},
            "mail": {"from": "The Desk <desk@desk.example>"},
            "fetch": {"allow_private": ["127.0.0.0/8"]},
        }
        if database.startswith("sqlite"):
            self.settings["database"] = "sqlite"
        self.process: zygote.Forked | None = None
        self.said: TextIO | None = None  # what the daemon says
        for name in ("sources", "topics"):
            (self.config / name).mkdir(parents=True, exist_ok=True)
        self.configure()

    def configure(self, **sections: Any) -> None:
        for name, value in sections.items():
            old = self.settings.get(name)
            self.settings[name] = old | value if isinstance(old, dict) else value
        (self.config / "syndicator.yaml").write_text(json.dumps(self.settings))

    def sources(self, **urls: str) -> None:
        listed = [{"name": name.replace("_", "-"), "url": url} for name, url in urls.items()]
        (self.config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))

    def topic(self, slug: str, **fields: Any) -> None:
        text = json.dumps({"title": slug.title(), **fields}, ensure_ascii=False)
        (self.config / "topics" / f"{slug}.yaml").write_text(text)

    def shipped_topics(self) -> None:
        for file in TOPICS.glob("*.yaml"):
            (self.config / "topics" / file.name).write_bytes(file.read_bytes())
        (self.config / "aliases.yaml").write_bytes((TOPICS.parent / "aliases.yaml").read_bytes())

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "syndicator", "--config", str(self.config), *arguments]

    def run(self, *arguments: str, code: int = 0, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        words = ["--config", str(self.config), *arguments]
        done = zygote.run(words, env=environ(), folder=self.folder, timeout=timeout)
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def once(self, now: str = "") -> dict[str, int]:
        return self.json("once", *(["--now", now] if now else []))

    def start(self) -> None:
        """Start the daemon, and wait until it says that it runs."""
        self.end_of_output()
        ours, theirs = os.pipe()
        self.said = os.fdopen(ours)
        with (self.folder / "daemon.log").open("w") as log:
            words = ["--config", str(self.config), "run"]
            self.process = zygote.Forked(words, env=environ(), out=theirs, err=log.fileno())
        os.close(theirs)
        first = self.said.readline()
        assert "is running" in first, self.log()

    def end_of_output(self) -> None:
        """Read no more of what the daemon says."""
        if self.said:
            self.said.close()
            self.said = None

    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    def stop(self, number: int = signal.SIGTERM, timeout: float = 15) -> float:
        """Stop the daemon; return the seconds it took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout)
        self.end_of_output()
        return time.monotonic() - began

    def get(self, path: str, method: str = "GET", data: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, method=method, data=data, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, _lower(answer.headers), answer.read())

    def until(self, condition: Any, timeout: float = 60) -> Any:
        """Wait until a call gives something true, and return it."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.1)
        raise AssertionError(f"it never came true; the log says\n{self.log()}")

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.end_of_output()


def environ() -> dict[str, str]:
    """The environment without what would configure the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNDICATOR_")}
    return kept | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
