"""Judgements as lines of JSON, to keep beside the topic files, to share, and to read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from syndicator.controls import in_json, without_controls
from syndicator.learn.features import LONGEST
from syndicator.model import Article, Judgement

if TYPE_CHECKING:
    from syndicator.model import Verdict

LONGEST_LINE: Final = 1024 * 1024  # octets
MOST: Final = 20_000  # judgements of one topic
LONGEST_NAME: Final = 1_000  # octets of a source's name or a key: PostgreSQL files both in one index
SHORT: Final = 2_000  # characters of a name, an address, a headline
MANY: Final = 100  # tags, authors
VERDICTS: Final[tuple[Verdict, ...]] = ("accept", "reject")


class BadLine(Exception):
    """A line that is no judgement; the message says why."""


def kept(article: Article) -> Article:
    """Return what a judgement keeps of an article: all that a rule and the features read, cut to size."""
    return Article(
        source=article.source,
        key=article.key,
        url=article.url[:SHORT],
        title=article.title[:SHORT],
        text=(article.text or article.summary)[:LONGEST],
        tags=tuple(tag[:SHORT] for tag in article.tags[:MANY]),
        authors=tuple(author[:SHORT] for author in article.authors[:MANY]),
        language=article.language[:SHORT],
    )


def to_value(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as an object of JSON."""
    return judgement.row | {"at": judgement.at.isoformat().replace("+00:00", "Z")}


def to_line(judgement: Judgement) -> str:
    """Write a judgement as one line of JSON."""
    return in_json(json.dumps(to_value(judgement), ensure_ascii=False))


def from_line(line: bytes, *, topic: str) -> Judgement:
    """Read a line that `to_line` wrote, as a judgement for `topic`. Raises BadLine."""
    if len(line) > LONGEST_LINE:
        raise BadLine("longer than 1 MiB")
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise BadLine("nested too deep") from error
    except ValueError as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadLine("not an object")
    if row.get("topic", topic) != topic:
        raise BadLine(f"of another topic: {without_controls(str(row['topic']))[:70]}")
    texts = {name: _text(row, name) for name in ("title", "text", "language", "url")}
    names = {name: _text(row, name, needed=True) for name in ("source", "key")}
    lists = {name: _texts(row, name) for name in ("tags", "authors")}
    said = {"topic": topic, "verdict": _verdict(row), "by": _text(row, "by")[:SHORT], "at": _instant(row)}
    told = Judgement.of(names | texts | lists | said)
    return replace(told, article=kept(told.article))


def _verdict(row: dict[str, Any]) -> Verdict:
    for verdict in VERDICTS:
        if row.get("verdict") == verdict:
            return verdict
    raise BadLine(f"verdict is neither {' nor '.join(VERDICTS)}")


def _instant(row: dict[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(_text(row, "at", needed=True))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadLine("at is no time") from error


def _text(row: dict[str, Any], key: str, *, needed: bool = False) -> str:
    value = row.get(key, "")
    if not isinstance(value, str) or (needed and not value):
        raise BadLine(f"{key} is no text")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadLine(f"{key} has characters that are none")
    if not needed:
        return without_controls(value)
    if len(value.encode()) > LONGEST_NAME:
        raise BadLine(f"{key} is longer than {LONGEST_NAME:,} octets")
    return value  # names are compared, and so stay as they are


def _texts(row: dict[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise BadLine(f"{key} is no list of texts")
    return tuple(_text({key: each}, key) for each in value[:MANY])
