"""`syndicator check`: every problem of all config files at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.catalog.edit import Edit
    from syndicator.errors import Problem
    from syndicator.match.lint import Vocabulary
    from syndicator.model import Catalog
    from syndicator.settings import Settings


def check(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write the tests and what came of them as JUnit XML."),
    ] = None,
) -> None:
    """Check all config files and templates, and run the topics' own tests.

    Says what is wrong as FILE:LINE:COLUMN: KEY: what; what to do. Exit code 2 if anything is. What is no
    mistake and yet worth a look is told on stderr as a note: an address in two sources, a missing file, a
    line that another implies, a mask that masks nothing, `learn:` where nothing was learned. If there is a
    database, it says more: a stem that finds other words (scam* finds scampi), a term that never occurred, an
    attribute that no reader has.

    Example: `syndicator --config /etc/syndicator check`
    """
    from syndicator.catalog import load_edit
    from syndicator.catalog.notes import notes
    from syndicator.cli.common import say, start
    from syndicator.errors import ConfigError

    unread: list[Problem] = []
    try:
        edit = load_edit(ctx.obj.config, os.environ, unread=unread)
    except ConfigError as error:
        _write(junit, None, error.problems)
        _refuse(error.problems, json=json)
    failures = sorted(problem for problems in edit.failures.values() for problem in problems)
    failures += _template_faults(edit.settings)
    _write(junit, edit, failures)
    label = ctx.obj.config.absolute().name
    for note in [
        *(f"{problem}; fine where it is the service's alone (LoadCredential)" for problem in unread),
        *notes(ctx.obj.config, edit.catalog.sources, edit.settings.fetch.allow_private),
        *start(_lint(label, edit)),
    ]:
        say(f"note: {note}")
    if failures:
        _refuse(failures, json=json)
    if json:
        sys.stdout.write("[]\n")
    else:
        sys.stdout.write(f"{label}: {_counted(edit)}: no problems\n")


def _template_faults(settings: Settings) -> list[Problem]:
    """Find what is wrong with an admin's templates and languages: all looks are drawn with samples."""
    from syndicator.assembly import templates_of
    from syndicator.digest.proof import faults
    from syndicator.errors import Problem, TemplateError
    from syndicator.templates import own_folders, packaged

    folders = [*own_folders(settings.config), packaged()]
    if not any(each.is_dir() for each in folders if each.is_relative_to(settings.root)):
        return []
    try:
        found = faults(templates_of(settings))
    except TemplateError as error:
        found = [error]
    places = [
        next((folder for folder in folders if (folder / each.name).is_file()), folders[-1]) for each in found
    ]
    return [
        Problem(f"{_near(folder, settings.root)}/{each.name}", each.line, 0, "", each.what, each.hint)
        for folder, each in zip(places, found, strict=True)
    ]


def _near(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name


async def _lint(label: str, edit: Edit) -> list[Problem]:
    """Look for traps in the rules, beside the words of the archive if there is one."""
    from syndicator.catalog.lint import lint
    from syndicator.cli.common import say
    from syndicator.cli.rules import peek
    from syndicator.errors import SyndicatorError
    from syndicator.match.lint import pairs_of
    from syndicator.pipeline.vocabulary import vocabulary
    from syndicator.store import attributes, learned

    known: Vocabulary | None = None
    taught: dict[str, str] | None = None
    noted: list[str] | None = None
    try:
        async with peek(edit.settings) as store:
            taught, noted = {}, []
            if store:
                async with store.read() as conn:
                    taught = await learned.versions(conn)
                    noted = await attributes.names(conn)
                pairs = pairs_of(topic.rule for topic in edit.catalog.topics.values())
                known = await vocabulary(store, pairs)
    except SyndicatorError as error:
        say(f"note: the archive was not looked at: {error.message}")
    return lint(edit, label, known, taught, noted)


def _refuse(problems: Sequence[Problem], *, json: bool) -> None:
    from dataclasses import asdict

    from syndicator.cli.common import print_json, say

    if json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            say(problem.pointed())
    raise typer.Exit(2)


def _write(junit: Path | None, edit: Edit | None, problems: Sequence[Problem]) -> None:
    if junit is None:
        return
    from syndicator.catalog.junit import report
    from syndicator.cli.common import say
    from syndicator.errors import SyndicatorError

    try:
        junit.write_bytes(report(edit.tried if edit else (), problems if edit is None else ()))
    except OSError as error:
        raise SyndicatorError(f"{junit}: {error.strerror}", hint="name a file that can be written") from error
    ran = len(edit.tried) if edit else 0
    what = f"{ran:,} test{'' if ran == 1 else 's'}" if edit else "the problems; no test was run"
    say(f"wrote {junit}: {what}")


def _counted(edit: Edit) -> str:
    """Say how much there is: `12 sources, 2 topics, 30 tests`."""
    catalog: Catalog = edit.catalog
    amounts = [("source", len(catalog.sources)), ("topic", len(catalog.topics))]
    if edit.tried:
        amounts.append(("test", len(edit.tried)))
    return ", ".join(f"{amount:,} {noun}{'' if amount == 1 else 's'}" for noun, amount in amounts)
