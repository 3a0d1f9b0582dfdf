"""An article as it was, in a few bytes: what a page of the archive needs, whatever becomes of the article.

Left out are the plain text, which no document shows, and what only one database knows: numbers and stories.
So the same article gives the same bytes in every database.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from syndicator.model import Article, Enclosure, StoredArticle

_OURS = frozenset({"id", "article", "score", "seq", "story", "also_in"})  # what one database, or a day, knows
_ARTICLE = tuple(each.name for each in fields(Article))
_STORED = tuple(each.name for each in fields(StoredArticle) if each.name not in _OURS)


def bare(stored: StoredArticle) -> StoredArticle:
    """Leave out what a snapshot does not hold; `read(write(stored))` is the same as `bare(stored)`."""
    article = replace(stored.article, text="", wire="")
    kept = {name: getattr(stored, name) for name in _STORED}
    return StoredArticle(id=0, article=article, **kept)


def write(stored: StoredArticle) -> bytes:
    """Make the snapshot of an article."""
    plain = bare(stored)
    said = {name: value for name, value in asdict(plain.article).items() if value}
    said |= {name: getattr(plain, name) for name in _STORED}
    return zlib.compress(json.dumps(said, ensure_ascii=False, default=datetime.isoformat).encode())


def read(body: bytes) -> StoredArticle:
    """Read a snapshot; fields that this program does not know are passed over."""
    said: dict[str, Any] = json.loads(zlib.decompress(body))
    told = {name: _value(name, said[name]) for name in said}
    article = Article(**{name: told[name] for name in _ARTICLE if name in told})
    return StoredArticle(id=0, article=article, **{name: told[name] for name in _STORED if name in told})


def _value(name: str, value: Any) -> Any:
    if name == "enclosures":
        return tuple(Enclosure(**each) for each in value)
    if name.endswith("_at") and value:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
