"""A small IMAP server (RFC 3501): enough for a client that reads, and tricks to try it with."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

USER, PASSWORD = "reader", 'pass "word" ü'


@dataclass
class ImapServer:
    """Serves `mails` (by UID) of `folder`. `log` has every command; `say` replaces answers by command."""

    mails: dict[int, bytes] = field(default_factory=dict)
    folder: str = '"INBOX"'
    validity: int = 7
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    greeting: bytes = b"* OK ready\r\n"
    say: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    port: int = 0
    open: int = 0

    async def start(self, tls: ssl.SSLContext | None = None) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        # Clients that speak TLS, or go away, are what some tests are about.
        with contextlib.suppress(OSError, ValueError, IndexError, asyncio.CancelledError):
            writer.write(self.greeting)
            while line := (await reader.readline()).decode("utf-8", "replace").strip():
                tag, _, command = line.partition(" ")
                self.log.append(command)
                name = command.split()[1 if command.startswith("UID") else 0].upper()
                if name in self.say:
                    writer.write(self.say[name].replace(b"TAG", tag.encode()))
                elif name == "AUTHENTICATE":
                    writer.write(b"+ \r\n")
                    self.log.append(base64.b64decode(await reader.readline()).decode())
                    self._answer(writer, tag, ok=self.log[-1] == f"\0{USER}\0{PASSWORD}")
                else:
                    self._do(writer, tag, name, command)
                await writer.drain()
                if name == "LOGOUT":
                    break
        self.open -= 1
        writer.close()

    def _do(self, writer: asyncio.StreamWriter, tag: str, name: str, command: str) -> None:
        ok = True
        if name == "CAPABILITY":
            writer.write(f"* CAPABILITY {self.capabilities}\r\n".encode())
        elif name == "LOGIN":
            ok = shlex.split(command)[1:] == [USER, PASSWORD]
        elif name in ("EXAMINE", "SELECT"):
            ok = command.partition(" ")[2] == self.folder
            writer.write(f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n".encode())
        elif name == "SEARCH":
            first = int(re.findall(r"UID (\d+):\*", command)[0])
            newest = [max(self.mails)] if self.mails else []
            found = {uid for uid in self.mails if uid >= first} | set(newest)  # RFC 3501 6.4.8
            writer.write(" ".join(["* SEARCH", *map(str, sorted(found))]).encode() + b"\r\n")
        elif name == "FETCH":
            uid, limit = map(int, re.findall(r"FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command)[0])
            if uid in self.mails:
                raw = self.mails[uid][:limit]
                writer.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, len(raw), raw))
        self._answer(writer, tag, ok=ok)

    def _answer(self, writer: asyncio.StreamWriter, tag: str, *, ok: bool) -> None:
        writer.write(f"{tag} {'OK done' if ok else 'NO refused'}\r\n".encode())
