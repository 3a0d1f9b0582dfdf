"""`syndicator doctor`: whether mail will be welcome, and the installation is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.deliver.standing import Finding


def doctor(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Leave out what needs the network.")] = False,
    sending: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The IP address that receivers see our mail come from.")
    ] = "",
    dns: Annotated[
        str,
        typer.Option("--dns", metavar="ADDRESS[:PORT]", help="Ask this name server instead of the system's."),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check what mail and readers depend on, and say what to do. Nothing is sent and nothing changed.

    The records of the DNS (SPF, DKIM, DMARC and alignment, MX, PTR), the mail server (TLS, login, size), the
    pages as readers reach them, the clock, the disk, the templates and the database. Each line is `ok`,
    `look` (it may be meant so) or `wrong`; exit code 1 if anything is wrong.

    Example: `syndicator doctor --sending 192.0.2.25`
    """
    from syndicator.cli.common import print_json, start
    from syndicator.clock import utc_now
    from syndicator.pipeline.doctor import examine

    _check(sending, dns)
    settings = ctx.obj.settings()
    found = start(examine(settings, clock=utc_now, network=not offline, server=dns, sending=sending))
    if json:
        print_json(
            [
                {"check": one.check, "level": one.level, "said": one.said, "remedy": one.remedy}
                for one in found
            ]
        )
    else:
        _print(found)
    if any(one.level == "wrong" for one in found):
        raise typer.Exit(1)


def _check(sending: str, dns: str) -> None:
    from ipaddress import ip_address

    from syndicator.deliver.names import place

    if sending:
        try:
            ip_address(sending)
        except ValueError:
            raise typer.BadParameter(f"'{sending}' is no IP address", param_hint="--sending") from None
    if dns:
        try:
            place(dns)
        except ValueError:
            what = f"'{dns}' is no IP address with or without a port"
            raise typer.BadParameter(what, param_hint="--dns") from None


def _print(found: Sequence[Finding]) -> None:
    from syndicator.cli.common import put, say

    for one in found:
        put(f"{one.level:<6} {one.check:<12} {one.said}")
        if one.level != "ok" and one.remedy:
            put(f"{'':<19} → {one.remedy}")
    counts = {level: sum(one.level == level for one in found) for level in ("wrong", "look")}
    say(f"{len(found)} checks: {counts['wrong']} wrong, {counts['look']} to look at")
