"""Pure: which requests go to the same publisher's machines, so that these are asked with one restraint."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

HTTP = ("http", "https")
LOCALHOST = "localhost"


def host_group(url: str) -> str:
    """Return the group of hosts that requests to `url` are limited and spaced with; empty where none are.

    It is the name of the host without a leading `www.`, whatever the port; of an address its usual spelling.
    Not the registrable domain: thousands of strangers share one (blogs below a provider's name, on machines
    that are made for it), and the list of such names would have to be kept fresh. The price is that two
    names of one machine count as two.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if parts.scheme.lower() not in HTTP:
        return ""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return host.removeprefix("www.")


def is_here(group: str) -> bool:
    """Whether a group is the machine that we run on, and nobody's patience is at stake."""
    try:
        return ip_address(group).is_loopback
    except ValueError:
        return group == LOCALHOST or group.endswith("." + LOCALHOST)
