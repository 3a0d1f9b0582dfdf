"""`syndicator doctor`: whether mail will be welcome, and the installation is sound."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
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
    send: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Only send the newest digest of public topics there."),
    ] = "",
    read: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judge such a mail, its source saved whole; - is standard input."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check what mail and readers depend on, and say what to do. Nothing is changed; only --send sends.

    The records of the DNS (SPF, DKIM, DMARC and alignment, MX, PTR), the mail server (TLS, login, size), the
    pages as readers reach them, the clock, the disk, the templates and the database. Each line is `ok`,
    `look` (it may be meant so) or `wrong`; exit code 1 if anything is wrong.

    Of a mail that came back: its header and signatures, alignment, the DMARC policy, what the receiver noted,
    the one-click button and the link to leave.

    Example: `syndicator doctor --sending 192.0.2.25`
    """
    from syndicator.cli.common import start
    from syndicator.clock import utc_now
    from syndicator.pipeline.doctor import examine

    _check(sending, dns)
    settings = ctx.obj.settings()
    if send:
        start(_send(ctx, send))
    elif read is not None:
        from syndicator.pipeline.testmail import read_back

        _tell(start(read_back(settings, _source(read), network=not offline, server=dns)), json=json)
    else:
        found = start(examine(settings, clock=utc_now, network=not offline, server=dns, sending=sending))
        _tell(found, json=json)


def _tell(found: Sequence[Finding], *, json: bool) -> None:
    from syndicator.cli.common import print_json

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


async def _send(ctx: typer.Context, recipient: str) -> None:
    from syndicator import address
    from syndicator.assembly import assemble
    from syndicator.cli.common import in_force, say
    from syndicator.errors import ConfigError
    from syndicator.pipeline.testmail import send_test

    if address.parse(recipient) is None:
        raise typer.BadParameter(f"'{recipient}' is no e-mail address", param_hint="--send")
    settings = ctx.obj.settings()
    async with assemble(settings) as parts:
        try:
            topics = (await in_force(ctx.obj, settings, parts.store))[0].topics
        except ConfigError:  # a mail of built-in words needs none
            topics = {}
        outcome, name = await send_test(parts, recipient, topics)
    say(f"{outcome.kind}: {outcome.reply}")
    if outcome.kind != "accepted":
        raise typer.Exit(1)
    say(f"Save the whole source of {name} from the mailbox, then: syndicator doctor --read FILE")


def _source(path: Path) -> bytes:
    """Read a mail from a file or standard input, within a limit."""
    import sys

    from syndicator.deliver.standing.received import MAX_BYTES
    from syndicator.errors import SyndicatorError

    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "save the whole source of the mail there"
        raise SyndicatorError(f"{path}: {error.strerror or error}".lower(), hint=hint) from error
    if len(raw) > MAX_BYTES:
        raise SyndicatorError(f"{path}: larger than {MAX_BYTES:,} bytes", hint="give one mail, not a mailbox")
    return raw


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
