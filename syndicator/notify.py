"""Words to systemd (sd_notify(3)): a datagram to the socket it names.

By hand, for it is one datagram: the packages that do it are unmaintained or want a compiler.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def notify(state: str) -> None:
    """Send a state such as `READY=1`; nothing happens where no service manager listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        try:
            sock.sendto(state.encode(), address)
        except OSError:  # a service manager that went away is no reason to stop
            return


def watchdog_seconds(environ: Mapping[str, str]) -> float:
    """Read how often systemd wants a sign of life, in seconds; 0 for never."""
    for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if for_us and microseconds.isdigit() else 0.0
