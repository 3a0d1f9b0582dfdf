"""The command line: one file per noun. Data goes to stdout, words to stderr.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 another daemon holds the database. Heavy libraries are
imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from syndicator import __version__
from syndicator.cli import (
    admin,
    articles,
    backtest,
    bounce,
    check,
    deliveries,
    digest,
    dkim,
    doctor,
    editions,
    explain,
    export,
    extract,
    feed,
    followers,
    group,
    keys,
    lanes,
    match,
    messages,
    once,
    parse,
    plan,
    preview,
    returns,
    run,
    schema,
    sources,
    status,
    stories,
    subscribers,
    suppressions,
    tokens,
    topics,
    usage,
)
from syndicator.cli.common import Context, say
from syndicator.errors import ConfigError, DaemonRunning, SyndicatorError

app = typer.Typer(
    cls=usage.Commands,
    name="syndicator",
    help="Turn many sources into a few things worth reading: topic feeds and e-mail digests.",
    epilog="Start with `syndicator run`, then open the address that it prints.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RUNNING, RULES, LOOKING, FILES = "Run", "Try rules", "Look and manage", "Files"
app.command("run", rich_help_panel=RUNNING)(run.run)
app.command("once", rich_help_panel=RUNNING)(once.once)
app.command("status", rich_help_panel=RUNNING)(status.status)
app.command("admin", rich_help_panel=RUNNING)(admin.admin)
app.command("check", rich_help_panel=RUNNING)(check.check)
app.command("doctor", rich_help_panel=RUNNING)(doctor.doctor)
app.command("plan", rich_help_panel=RULES)(plan.plan)
app.command("preview", rich_help_panel=RULES)(preview.preview)
app.command("explain", rich_help_panel=RULES)(explain.explain)
app.command("backtest", rich_help_panel=RULES)(backtest.backtest)
app.add_typer(sources.app, name="sources", rich_help_panel=LOOKING)
app.add_typer(topics.app, name="topics", rich_help_panel=LOOKING)
app.add_typer(articles.app, name="articles", rich_help_panel=LOOKING)
app.add_typer(stories.app, name="stories", rich_help_panel=LOOKING)
app.add_typer(keys.app, name="keys", rich_help_panel=LOOKING)
app.add_typer(subscribers.app, name="subscribers", rich_help_panel=LOOKING)
app.add_typer(editions.app, name="editions", rich_help_panel=LOOKING)
app.add_typer(deliveries.app, name="deliveries", rich_help_panel=LOOKING)
app.add_typer(lanes.app, name="lanes", rich_help_panel=LOOKING)
app.add_typer(followers.app, name="followers", rich_help_panel=LOOKING)
app.add_typer(returns.app, name="returns", rich_help_panel=LOOKING)
app.add_typer(suppressions.app, name="suppressions", rich_help_panel=LOOKING)
app.add_typer(dkim.app, name="dkim", rich_help_panel=LOOKING)
app.add_typer(tokens.app, name="tokens", rich_help_panel=LOOKING)
app.command("feed", rich_help_panel=LOOKING)(feed.feed)
app.command("digest", rich_help_panel=LOOKING)(digest.digest)
app.command("digest plan", rich_help_panel=LOOKING)(digest.plan)
app.command("digest preview", rich_help_panel=LOOKING)(digest.preview)
app.command("digest send", rich_help_panel=LOOKING)(digest.send)
app.command("digest why", rich_help_panel=LOOKING)(digest.why)
app.command("export", rich_help_panel=FILES)(export.export)
app.command("parse", rich_help_panel=FILES)(parse.parse)
app.command("extract", rich_help_panel=FILES)(extract.extract)
app.command("match", rich_help_panel=FILES)(match.match)
app.command("group", rich_help_panel=FILES)(group.group)
app.command("bounce", rich_help_panel=FILES)(bounce.bounce)
app.command("messages", rich_help_panel=FILES)(messages.messages)
app.command("schema", rich_help_panel=FILES)(schema.schema)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"syndicator {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    config: Annotated[
        Path,
        typer.Option("--config", envvar="SYNDICATOR_CONFIG", metavar="DIR", help="The config folder."),
    ] = Path("config"),
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    ctx.obj = Context(config=config)


def main() -> None:
    """Run the command line; every planned error becomes a line or two on stderr and an exit code."""
    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            say(str(problem))
        sys.exit(2)
    except SyndicatorError as error:
        say(error.message)
        if error.hint:
            say(f"  try: {error.hint}")
        sys.exit(3 if isinstance(error, DaemonRunning) else 1)
    finally:
        _flush()


def _flush() -> None:
    """Flush while silence is still possible: whoever read our output may have enough (`… | head`)."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
