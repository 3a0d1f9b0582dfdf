"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from syndicator.model import Cadence

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BigInt = BigInteger().with_variant(Integer(), "sqlite")
Blob = LargeBinary


class Instant(TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite.

    Integers sort and compare as instants do, which ISO text with mixed precision does not.
    A naive value is a programming error and is refused.
    """

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's native type."""
        native = DateTime(timezone=True) if dialect.name == "postgresql" else Integer()
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write an aware instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return value if dialect.name == "postgresql" else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an aware instant in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            instant: datetime = value
            return instant.astimezone(UTC)
        return EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A span of time in whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Write seconds."""
        del dialect
        return None if value is None else int(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Read seconds."""
        del dialect
        return None if value is None else timedelta(seconds=value)


class Json(TypeDecorator[Any]):
    """A small JSON value: JSONB on PostgreSQL, text on SQLite (STRICT knows no JSON type)."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's native type."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write a value."""
        if dialect.name == "postgresql" or value is None:
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read a value."""
        return value if dialect.name == "postgresql" or value is None else json.loads(value)


class Flag(TypeDecorator[bool]):
    """A boolean: native on PostgreSQL, 0 or 1 on SQLite."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's native type."""
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else Integer())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        """Write a boolean."""
        return value if value is None or dialect.name == "postgresql" else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """Read a boolean."""
        del dialect
        return None if value is None else bool(value)


class Cadenced(TypeDecorator[Cadence]):
    """A `Cadence` as the JSON text of what it asks for; spans in whole seconds."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Cadence | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write what is asked for, and nothing else."""
        if value is None:
            return None
        spans = {"ttl": value.ttl, "update_every": value.update_every}
        lists = {"skip_hours": value.skip_hours, "skip_days": value.skip_days}
        said = {name: int(span.total_seconds()) for name, span in spans.items() if span is not None}
        return json.dumps(said | {name: list(listed) for name, listed in lists.items() if listed})

    def process_result_value(self, value: str | None, dialect: Dialect) -> Cadence | None:  # noqa: ARG002
        """Read it back."""
        if value is None:
            return None
        said = json.loads(value)
        return Cadence(
            ttl=_seconds(said.get("ttl")),
            update_every=_seconds(said.get("update_every")),
            skip_hours=tuple(said.get("skip_hours", ())),
            skip_days=tuple(said.get("skip_days", ())),
        )


def _seconds(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
