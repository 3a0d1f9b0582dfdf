"""Who a topic's mails are for: subscriptions of readers in its segment, and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.model import Subscription, Topic


def divide(
    ties: Iterable[Subscription], topics: Mapping[str, Topic]
) -> tuple[list[Subscription], list[Subscription]]:
    """Part subscriptions into those that get mail and those whose reader a topic's audience leaves out.

    The windows of the latter move on as if mailed: what a topic sent while they were not meant was not for
    them, and whoever comes to be meant begins with what is new.
    """
    inside: list[Subscription] = []
    outside: list[Subscription] = []
    for tie in ties:
        audience = topics[tie.topic].audience
        is_meant = audience is None or audience.admits(tie.subscriber.attributes)
        (inside if is_meant else outside).append(tie)
    return inside, outside
