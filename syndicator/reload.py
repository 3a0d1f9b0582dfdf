"""Taking over what admins edit: at start, at SIGHUP, and when a file of the config folder is saved.

Problems never take over: they are all logged and the last good catalog stays in force. It is in the
database too, so a restart with a broken file goes on with it. A topic that fails its own tests stays as it
was last in force, and all other edits are taken over (`catalog.edit`).
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator import pipeline
from syndicator.assembly import templates_of
from syndicator.catalog import load_dump, load_edit
from syndicator.errors import ConfigError, TemplateError
from syndicator.notify import notify
from syndicator.pipeline.parts import log
from syndicator.store import catalogs, learned

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.catalog.edit import Standing
    from syndicator.model import Plan
    from syndicator.pipeline.parts import Parts
    from syndicator.settings import Settings
    from syndicator.templates import Templates

WATCHED = ("*.yaml", "*.yml", "*/*.yaml", "*/*.yml")


async def first_catalog(parts: Parts) -> None:
    """Put the files' catalog in force, or the last good one if they have problems.

    Raises:
        ConfigError: they have problems and there is no last good one.
        TemplateError: a template does not compile.
    """
    for fault in parts.templates.check():
        raise fault
    async with parts.store.read() as conn:
        last = await catalogs.latest(conn)
    try:
        edit = await asyncio.to_thread(load_edit, parts.settings.config, os.environ)
        standing = await asyncio.to_thread(edit.settle, last[1] if last else None)
        report(standing)
        catalog, text = standing.catalog, standing.dump
    except ConfigError as error:
        if last is None:
            raise
        _report(error)
        log.error("the last good catalog stays in force", version=last[0][:12])
        text = last[1]
        catalog = load_dump(
            text, fetch=parts.settings.fetch, config=parts.settings.config, environ=os.environ
        )
    await pipeline.apply(parts, catalog, text)


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
        files += (settings.root / "templates").rglob("*.*")
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
        seen = await asyncio.to_thread(self._look)
        if seen == self._seen and not self._asked and not await self._is_taught():
            return False
        self._seen, self._asked = seen, False
        notify("RELOADING=1")
        try:
            return await self._take_over()
        except Exception:  # whatever it was, the edit must not be forgotten
            self._asked = True
            raise
        finally:
            notify("READY=1")

    async def _is_taught(self) -> bool:
        """Whether something was learned or forgotten since the catalog was put in force."""
        async with self._parts.store.read() as conn:
            versions = await learned.versions(conn)
        return versions != {topic: one.version for topic, one in self._parts.current.learned.items()}

    async def _take_over(self) -> bool:
        parts = self._parts
        try:
            edit = await asyncio.to_thread(load_edit, parts.settings.config, os.environ)
            async with parts.store.read() as conn:
                last = await catalogs.latest(conn)
            standing = await asyncio.to_thread(edit.settle, last[1] if last else None)
            settings = edit.settings
            templates = await asyncio.to_thread(_checked, settings)
        except ConfigError as error:
            _report(error)
            log.error("nothing is taken over until this is mended")
            return False
        except TemplateError as error:
            log.error("template", problem=error.message, hint=error.hint)
            return False
        if replace(settings, site=parts.settings.site) != parts.settings:
            log.warning("settings other than `site` take effect at the next start")
        parts.settings = replace(parts.settings, site=settings.site)
        parts.templates = templates
        report(standing)
        _say(await pipeline.apply(parts, standing.catalog, standing.dump))
        return True


def _checked(settings: Settings) -> Templates:
    templates = templates_of(settings)
    for fault in templates.check():
        raise fault
    return templates


def _say(plan: Plan) -> None:
    changes = {name: getattr(plan, name) for name in plan.__slots__ if getattr(plan, name)}
    log.info("reloaded", **changes)
