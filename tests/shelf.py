"""Names that the store's tests share; pytest's conftest cannot be imported by name from several folders."""

from __future__ import annotations

from datetime import UTC, datetime

from syndicator.model import Article

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def article(key: str, *, source: str = "wire", **fields: object) -> Article:
    given = {"title": f"Title {key}", "fingerprint": f"f-{key}", "url": f"https://{source}.example/{key}"}
    return Article(source=source, key=key, **(given | fields))  # type: ignore[arg-type]
