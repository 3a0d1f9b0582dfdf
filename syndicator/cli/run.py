"""`syndicator run`: the daemon."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syndicator import __version__

if TYPE_CHECKING:
    from syndicator.settings import Mail, Settings


def run(
    ctx: typer.Context,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the daemon: pull, publish and mail on schedule until stopped.

    SIGTERM or Ctrl-C stops it within ten seconds, SIGHUP makes it read the config again (it also does so
    by itself when a file is saved).

    Example: `syndicator --config config run`
    """
    from syndicator.cli.log import configure_log

    if log_level not in ("debug", "info", "warning", "error"):
        raise typer.BadParameter(f"'{log_level}' is no level; try info", param_hint="--log-level")
    configure_log(log_level)
    import uvloop

    from syndicator.daemon import run as run_daemon

    uvloop.run(run_daemon(ctx.obj.settings(sends=True), _announce))


def _announce(settings: Settings) -> None:
    """Say where to look; on stdout, for it is what the command gives."""
    mail = settings.mail
    to = f"{settings.maildir} (a Maildir)" if mail.transport == "maildir" else _servers(mail)
    database = settings.state / "syndicator.db" if settings.is_embedded else "PostgreSQL"
    host = f"[{settings.web.host}]" if ":" in settings.web.host else settings.web.host
    lines = [
        f"syndicator {__version__} is running",
        f"  pages     http://{host}:{settings.web.port}/",
        f"  feeds     http://{host}:{settings.web.port}/opml (all of them, for a feed reader)",
        f"  mail      {to}",
        *_inbound(settings),
        f"  files     {settings.public}",
        f"  database  {database}",
        f"  config    {settings.config} (an edit is taken over when you save it)",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _servers(mail: Mail) -> str:
    if mail.route == "direct":
        return "the servers of its recipients (SMTP)"
    return f"{', '.join(each.name for each in mail.relays) or f'{mail.host}:{mail.port}'} (SMTP)"


def _inbound(settings: Settings) -> list[str]:
    """Say what arrives by LMTP, and where."""
    returns, at = settings.mail.returns, f"at {settings.inbound.lmtp} (LMTP)"
    if not settings.inbound.lmtp:
        return []
    if returns.address and returns.place == "lmtp":
        return [f"  returns arrive for {returns.address} {at}"]
    return [f"  newsletters arrive {at}"]
