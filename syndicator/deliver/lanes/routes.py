"""Where the mail of a domain goes by its MX records (RFC 5321 5.1, RFC 7505). Pure: records are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_HOSTS: Final = 5  # of one domain that are tried
SECOND_LEVEL: Final = 3  # characters of names such as co.uk, com.cn


@dataclass(frozen=True, slots=True)
class Refused:
    """A domain that takes no mail; `reply` is in the form of a server's answer."""

    reply: str
    code: int


NULL: Final = Refused("556 5.1.10 the domain takes no mail (null MX, RFC 7505)", 556)
NOWHERE: Final = Refused("550 5.1.2 the domain has neither mail servers nor an address", 550)


def hosts_of(
    domain: str, records: Iterable[str], *, own: str = "", jitter: Callable[[], float]
) -> tuple[str, ...] | Refused:
    """Order the mail servers of a domain by `records` (`PREFERENCE HOST`); those that tie, by `jitter`.

    Without records it is the domain itself (implicit MX). `own` is a name of ours: what is not preferred to
    it is left out, or mail would go round in a circle.
    """
    found = []
    for record in records:
        preference, _, host = record.partition(" ")
        host = host.rstrip(".").lower()
        found.append((int(preference) if preference.isdigit() else 65535, jitter(), host))
    if not found:
        return (domain,)
    if all(not host for _, _, host in found):
        return NULL
    ours = min((preference for preference, _, host in found if own and host == own.lower()), default=None)
    hosts = [host for preference, _, host in sorted(found) if host and (ours is None or preference < ours)]
    return tuple(dict.fromkeys(hosts))[:MOST_HOSTS] or Refused("550 5.4.6 its mail server is this one", 550)


def organisation(host: str) -> str:
    """Name who runs a mail server: the last two labels, or three below a registry such as co.uk.

    A guess without a list of all registries: what it takes for one, though there are two, shares a lane.
    """
    labels = host.rstrip(".").lower().split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= SECOND_LEVEL:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])
