"""Taking over what admins edit: at start, at SIGHUP, and when a file of the config folder is saved.

Problems never take over: they are all logged and the last good catalog stays in force. It is in the
database too, so a restart with a broken file goes on with it. A topic that fails its own tests stays as it
was last in force, and all other edits are taken over (`catalog.edit`). What another host took over, or what
was learned, is followed without a look at the files: the folder that was edited or started with last counts
for all hosts.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator import pipeline
from syndicator.assembly import follow_keys, proved_templates
from syndicator.catalog import load_dump, load_edit
from syndicator.errors import ConfigError, TemplateError
from syndicator.notify import notify
from syndicator.pipeline.apply import Overtaken
from syndicator.pipeline.parts import log
from syndicator.store import catalogs
from syndicator.templates import own_folders

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.catalog.edit import Edit, Standing
    from syndicator.model import Plan
    from syndicator.pipeline.parts import Parts

WATCHED = ("*.yaml", "*.yml", "*/*.yaml", "*/*.yml")


async def first_catalog(parts: Parts) -> None:
    """Put the files' catalog in force, or the last good one if they have problems.

    Raises:
        ConfigError: they have problems and there is no last good one.
    """
    for fault in parts.broken_templates:
        log.error("template: the packaged one serves", problem=fault.message, hint=fault.hint)
    try:
        edit = await asyncio.to_thread(load_edit, parts.settings.config, os.environ)
        await settle(parts, edit)
    except ConfigError as error:
        if not await _go_on(parts):
            raise
        _report(error)
        log.error("the last good catalog stays in force", version=parts.current.catalog.version[:12])


async def _go_on(parts: Parts) -> bool:
    """Put the last good catalog in force again; False if there is none."""
    settings = parts.settings
    while True:
        async with parts.store.read() as conn:
            last = await catalogs.latest(conn)
        if last is None:
            return False
        catalog = load_dump(last.dump, fetch=settings.fetch, config=settings.config, environ=os.environ)
        with suppress(Overtaken):
            await pipeline.apply(parts, catalog, last.dump, base=last.id)
            return True


async def settle(parts: Parts, edit: Edit) -> Plan:
    """Put in force what of an edit can be, beside what was; again if another host was quicker."""
    while True:
        async with parts.store.read() as conn:
            last = await catalogs.latest(conn)
        standing = await asyncio.to_thread(edit.settle, last.dump if last else None)
        with suppress(Overtaken):
            base = last.id if last else 0
            done = await pipeline.apply(parts, standing.catalog, standing.dump, base=base)
            report(standing)
            return done


def report(standing: Standing) -> None:
    """Log which topics are not taken over, and why."""
    for problem in standing.failures:
        log.error("test failed", problem=str(problem))
    if standing.kept:
        log.error("these topics fail their own tests: their last good rules stay", topics=standing.kept)
    if standing.left_out:
        log.error("these topics fail their own tests and are left out", topics=standing.left_out)


def _report(error: ConfigError) -> None:
    for problem in error.problems:
        log.error("config", problem=str(problem))


class Reloader:
    """Watches the config folder and the templates; `reload` takes over what changed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen = self._look()
        self._asked = False

    def ask(self) -> None:
        """Make the next `reload` load whether or not a file changed (SIGHUP)."""
        self._asked = True

    def _look(self) -> dict[Path, tuple[int, int]]:
        settings = self._parts.settings
        files = [file for pattern in WATCHED for file in settings.config.glob(pattern)]
        for folder in own_folders(settings.config):
            files += folder.rglob("*.*")
        found = {}
        for file in files:
            try:
                stat = file.stat()
            except OSError:  # gone between two looks
                continue
            found[file] = (stat.st_mtime_ns, stat.st_size)
        return found

    async def reload(self) -> bool:
        """Take over what was edited; whether anything was. Faults are logged and change nothing."""
        await follow_keys(self._parts)
        seen = await asyncio.to_thread(self._look)
        if seen == self._seen and not self._asked:
            return await self._follow()
        self._seen, self._asked = seen, False
        notify("RELOADING=1")
        try:
            return await self._take_over()
        except Exception:  # whatever it was, the edit must not be forgotten
            self._asked = True
            raise
        finally:
            notify("READY=1")

    async def _follow(self) -> bool:
        """Take over what another host did or what was learned, and finish what an edit left undone."""
        before = self._parts.current
        if not await pipeline.catch_up(self._parts):
            return False
        return await pipeline.rematch(self._parts) or self._parts.current is not before

    async def _take_over(self) -> bool:
        parts = self._parts
        try:
            edit = await asyncio.to_thread(load_edit, parts.settings.config, os.environ)
            settings = edit.settings
            templates = await asyncio.to_thread(proved_templates, settings)
        except ConfigError as error:
            _report(error)
            log.error("nothing is taken over until this is mended")
            return False
        except TemplateError as error:
            log.error("template", problem=error.message, hint=error.hint)
            log.error("nothing is taken over until this is mended")
            return False
        look = replace(parts.settings.mail, look=settings.mail.look)
        taken = replace(parts.settings, site=settings.site, mail=look)
        if settings != taken:
            log.warning("settings other than `site` and `mail.look` take effect at the next start")
        parts.settings = taken
        parts.templates, parts.broken_templates = templates, ()
        _say(await settle(parts, edit))
        return True


def _say(plan: Plan) -> None:
    changes = {name: getattr(plan, name) for name in plan.__slots__ if getattr(plan, name)}
    log.info("reloaded", **changes)
