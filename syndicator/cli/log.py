"""The log of commands that run for long: words on a terminal, key=value lines elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from syndicator.cli.common import rfc3339
from syndicator.controls import without_controls

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def configure_log(level: str = "info") -> None:
    """Send log lines to stderr: coloured words on a terminal, key=value lines elsewhere."""
    import logging

    import structlog

    terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)
        if terminal
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
            structlog.processors.format_exc_info,
            _plain,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries speak through `logging`; only their warnings matter to an admin.
    spoken = logging.StreamHandler(sys.stderr)
    spoken.setFormatter(_formatter())
    logging.basicConfig(handlers=[spoken], level=logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _formatter() -> Any:
    """Make what writes the words of libraries, in which strangers' words may stand."""
    import logging

    class Formatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return without_controls(super().format(record))

    return Formatter("%(levelname)s %(name)s: %(message)s")


def _plain(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write instants and tuples as people read them, drop what is empty and what steers a terminal."""
    from datetime import datetime

    shown: dict[str, Any] = {}
    for name, value in event.items():
        if value is None or value in ("", ()):
            continue
        if isinstance(value, datetime):
            value = rfc3339(value)  # noqa: PLW2901
        elif isinstance(value, tuple | list):
            value = ",".join(str(item) for item in value)  # noqa: PLW2901
        shown[name] = without_controls(value) if isinstance(value, str) else value
    return shown
