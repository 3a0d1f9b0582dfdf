"""Mail servers and limits of mail as frozen values, with the passwords that their keys name read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syndicator.catalog.fields import Said
from syndicator.settings import Allowance, Quiet, Relay, WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.catalog.faults import Path
    from syndicator.catalog.schema import MailKeys
    from syndicator.catalog.schema.lanes import RelayKeys, WarmUpKeys
    from syndicator.catalog.secrets import Vault


def read(keys: MailKeys, vault: Vault, report: Callable[[Path, Said], None]) -> dict[str, Any]:
    """Make what `settings.Mail` has of servers, limits and hours."""
    return {
        "relays": _relays(keys, vault, report),
        "password_at": _token_file(vault, keys),
        "auth": keys.auth,
        "helo": keys.helo or "",
        "route": keys.route,
        "allow_private": tuple(keys.allow_private),
        "resolver": keys.resolver or "",
        **_limits(keys),
    }


def _relays(keys: MailKeys, vault: Vault, report: Callable[[Path, Said], None]) -> tuple[Relay, ...]:
    """Make the relays; a password that cannot be read is reported, and empty."""
    found: list[Relay] = []
    for number, each in enumerate(keys.relays):
        password = ""
        try:
            password = vault.file(each.password_file) if each.password_file else ""
        except Said as said:
            report(("mail", "relays", number, "password_file"), said)
        relay = Relay(
            name=each.name or f"{each.host}:{each.port}",
            host=each.host,
            port=each.port,
            security=each.security,
            username=each.username or "",
            password=password,
            password_at=_token_file(vault, each),
            auth=each.auth,
            weight=each.weight,
            connections=each.connections,
            per_connection=each.per_connection,
            per_minute=each.per_minute or 0,
        )
        if relay.name in {other.name for other in found}:
            again = Said(f"a second relay '{relay.name}'", "give each a name of its own")
            report(("mail", "relays", number), again)
        found.append(relay)
    return tuple(found)


def _token_file(vault: Vault, keys: MailKeys | RelayKeys) -> str:
    """Say where an access token is read from, at each login anew; empty where a password is kept instead."""
    if keys.auth != "xoauth2" or not keys.password_file or vault.config is None:
        return ""
    return str(vault.place(keys.password_file))


def _limits(keys: MailKeys) -> dict[str, Any]:
    return {
        "domains": {
            domain.lower(): Allowance(
                connections=each.connections or 0,
                per_connection=each.per_connection or 0,
                per_minute=each.per_minute or 0,
                warm_up=_warm_up(each.warm_up),
            )
            for domain, each in keys.domains.items()
        },
        "warm_up": _warm_up(keys.warm_up),
        "quiet": keys.quiet and Quiet(start=keys.quiet.start, end=keys.quiet.end, strict=keys.quiet.strict),
        **({"spread": keys.spread} if keys.spread else {}),
    }


def _warm_up(keys: WarmUpKeys | None) -> WarmUp | None:
    if keys is None:
        return None
    return WarmUp(start=keys.start, per_day=tuple(keys.per_day), growth=keys.growth)
