"""Asking hubs for subscriptions over HTTP (WebSub 5.1): one guarded POST, and what became of it as a value.

The answer to it says no more than that the hub has heard us. Whether we are subscribed it tells by asking
back at our callback (`web.websub`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from yarl import URL

from syndicator import __version__
from syndicator.fetch import headers, lease
from syndicator.fetch.access import Unusable, proxy
from syndicator.fetch.doors import open_doors
from syndicator.fetch.guard import LOCAL_DOMAINS, literal
from syndicator.fetch.trouble import WORLDLY, explain, failed
from syndicator.model import Source
from syndicator.networks import is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from syndicator.fetch.doors import Doors
    from syndicator.fetch.means import Means
    from syndicator.model import FetchFailed
    from syndicator.settings import Settings

REDIRECTS = frozenset({307, 308})
"""The only ones that ask to repeat a POST; WebSub 5.1.2 knows no others."""

MAX_REDIRECTS = 3
MAX_TIME = 20.0  # seconds, redirects included; hubs do their checks after they have answered
MAX_ANSWER = 1024
"""Bytes that are read of what a hub writes about an error."""

PASSING = frozenset({408, 425, 429})
"""Statuses of 4xx that are no refusal."""

FINAL = frozenset({"forbidden", "gone"})


def is_wanted(settings: Settings) -> bool:
    """Whether hubs may be asked: `fetch.websub`, and where that leaves it open, if hubs can reach us."""
    wish = settings.fetch.websub
    return wish == "on" or (wish == "auto" and is_reachable(settings.site.base_url))


def is_reachable(base_url: str) -> bool:
    """Whether an address can be one that others reach: no private number, no name of this house alone."""
    try:
        host = (URL(base_url).raw_host or "").rstrip(".").lower()
    except ValueError:
        return False
    if address := literal(host):
        return is_public(address)
    return "." in host and not host.endswith(LOCAL_DOMAINS)


def user_agent(settings: Settings) -> str:
    """Say who asks, and where to complain."""
    return settings.fetch.user_agent or f"syndicator/{__version__} (+{settings.site.base_url}/)"


def is_refusal(failure: FetchFailed) -> bool:
    """Whether a hub, or the guard, has said no for good: asking the same again would bring the same."""
    said_no = 400 <= failure.status < 500 and failure.status not in PASSING
    return said_no or failure.kind in FINAL


STRANGER = Source(name="hub", url="http://hub.invalid")
"""What the guard sees in a hub: publishers name hubs, admins do not, so none may be inside our network."""


class HubClient:
    """Asks hubs. Made by `opened`."""

    def __init__(self, means: Means, doors: Doors) -> None:
        self._means = means
        self._doors = doors

    async def ask(self, hub_url: str, form: Mapping[str, str]) -> FetchFailed | None:
        """Post `form` to a hub; None if it has heard us. Raises nothing but cancellation."""
        try:
            url = _checked(URL(hub_url))
        except ValueError:
            return failed("forbidden", "the address of the hub is not a valid one")
        try:
            async with asyncio.timeout(min(self._means.settings.timeout.total_seconds(), MAX_TIME)):
                for _ in range(MAX_REDIRECTS + 1):
                    answer = await self._post(url, form)
                    if not isinstance(answer, URL):
                        return answer
                    url = answer
        except TimeoutError:
            return failed("timeout", f"{url.raw_host} did not answer in time", url=url)
        except Unusable:
            return failed("proxy", "fetch.proxy is no http address")
        except WORLDLY as error:
            return explain(error, url, limit=MAX_ANSWER, key="fetch.allow_private")
        return failed("redirect", f"{url.raw_host} redirects more than {MAX_REDIRECTS} times", url=url)

    async def _post(self, url: URL, form: Mapping[str, str]) -> FetchFailed | URL | None:
        """Ask once; an address is where to ask instead. Raises what WORLDLY lists."""
        through = proxy(STRANGER, self._means.settings.proxy)
        door = await self._doors.choose(STRANGER, url, URL(STRANGER.url), through)
        headers_ = {"Accept": "text/plain, */*;q=0.1", "Accept-Encoding": "identity"}
        asking = door.session.post(
            url, data=dict(form), headers=headers_, allow_redirects=False, proxy=through
        )
        async with asking as response:
            status = response.status
            if 200 <= status < 300:
                return None
            if status in REDIRECTS and (location := response.headers.get("Location")):
                to = _checked(url.join(URL(location)))
                if url.scheme == "https" and to.scheme == "http":  # the secret would go there in clear
                    return failed("redirect", f"{url.raw_host} redirects to a place without TLS", url=url)
                return to
            said = lease.tidy((await response.content.read(MAX_ANSWER)).decode("utf-8", "replace"))
            words = f"{url.raw_host} answers {_phrase(status)}{': ' if said else ''}{said}"
            wait = headers.retry_after(response.headers, self._means.clock())
            return failed("http", words, url=url, status=status, retry_after=wait)


@asynccontextmanager
async def opened(means: Means) -> AsyncIterator[HubClient]:
    """Open a client behind the address guard, with connections of its own."""
    async with open_doors(means) as doors:
        yield HubClient(means, doors)


def _checked(url: URL) -> URL:
    """Return an address that may be asked, without fragment and user. Raises ValueError for others."""
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError("no http address")
    return url.with_user(None).with_fragment(None)


def _phrase(status: int) -> str:
    known = status in HTTPStatus._value2member_map_
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)
