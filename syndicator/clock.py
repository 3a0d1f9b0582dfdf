"""The one clock of the program. Everything pure gets its time as an argument that begins here."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)
