"""The connection below imaplib: to a checked address, with a bound on what the server may say.

imaplib reads as many bytes as a server announces and waits as long as it trickles. Its documentation names
the methods that a connection of another kind replaces: `open`, `read`, `readline`, `send`, `shutdown`.
"""

from __future__ import annotations

import imaplib
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from io import BufferedReader

    from typing_extensions import Buffer

CONNECTING = 20.0
"""Seconds that one address has to answer; the pull as a whole has its own limit."""


class TooMuch(Exception):
    """The server says more than it may."""


class Line:
    """One connection to `host` at one of `addresses`, `port`; TLS where there is a context.

    Everything blocks but `abort`, which may be called by any thread and ends all that blocks.
    """

    def __init__(self, host: str, addresses: tuple[str, ...], port: int, tls: ssl.SSLContext | None) -> None:
        self._host, self._addresses, self._port, self._tls = host, addresses, port, tls
        self._socket: socket.socket | None = None
        self._stream: BufferedReader | None = None
        self._is_aborted = False
        self._room = 0
        self._imap: imaplib.IMAP4 | None = None

    @property
    def imap(self) -> imaplib.IMAP4:
        """The protocol; RuntimeError before `begin`."""
        if self._imap is None:
            raise RuntimeError("the line is not open")
        return self._imap

    def begin(self, *, room: int) -> None:
        """Connect and read the greeting; the server may say `room` bytes until `allow` gives more."""
        self._room = room
        self._imap = _Imap(self)

    def allow(self, more: int) -> None:
        """Let the server say so many bytes more."""
        self._room += more

    def abort(self) -> None:
        """End what blocks; the thread that it blocks closes the connection (`close`)."""
        self._is_aborted = True
        if self._socket is not None:
            with suppress(OSError):  # past TLS, whose own good-bye would wait
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; for the thread that uses it."""
        self.abort()
        if self._stream is not None:
            self._stream.close()  # it holds the socket open
        if self._socket is not None:
            self._socket.close()

    def connect(self) -> socket.socket:
        """Connect to the first address that answers. Raises OSError, and those of TLS."""
        error: OSError = OSError("no address")
        for address in self._addresses:
            try:
                plain = socket.create_connection((address, self._port), timeout=CONNECTING)
            except OSError as met:
                error = met
                continue
            self._socket = plain
            if self._tls is not None:
                self._socket = self._tls.wrap_socket(plain, server_hostname=self._host)
            self._socket.settimeout(None)  # `abort` ends what takes too long
            if self._is_aborted:
                self.abort()
            return self._socket
        raise error

    def read(self, size: int) -> bytes:
        """Read a literal, whose size the server has announced. Raises TooMuch."""
        self._spend(size)
        return self._reader().read(size)

    def readline(self) -> bytes:
        """Read a line. Raises TooMuch."""
        line = self._reader().readline(self._room + 1)
        self._spend(len(line))
        return line

    def _reader(self) -> BufferedReader:
        if self._stream is None:
            if self._socket is None:
                raise OSError("not connected")
            self._stream = self._socket.makefile("rb")
        return self._stream

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise TooMuch


class _Imap(imaplib.IMAP4):
    """imaplib's protocol over a Line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Connect; the line knows where to."""
        del host, port, timeout
        self.sock = self._line.connect()

    def read(self, size: int) -> bytes:
        """Read a literal."""
        return self._line.read(size)

    def readline(self) -> bytes:
        """Read a line."""
        return self._line.readline()

    def send(self, data: Buffer) -> None:
        """Send a part of a command."""
        self.sock.sendall(data)

    def shutdown(self) -> None:
        """Close the connection."""
        self._line.close()
