"""The errors of syndicator, one small tree.

    SyndicatorError
    ├── ConfigError      what an admin wrote cannot be used; carries every problem of every file
    ├── ParseError       bytes that are no feed, page or mail we can read
    ├── StoreError       the database refused, is locked, full or away
    │   ├── SchemaTooNew     a newer syndicator made this database
    │   └── DaemonRunning    another daemon holds this database
    ├── TemplateError    a template failed; carries its name and line
    ├── DeliveryError    a message could not be handed over
    └── NotFound         a name that an admin typed and that does not exist

Expected outcomes (not modified, no match, recipient refused) are values, not errors; see `model`.
Each error says what and why in one line; `hint` says what to do about it. Errors of libraries are
translated at the adapter that met them, chained with `from`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence


class SyndicatorError(Exception):
    """What went wrong in one line, and in `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in one config file; `line` and `column` count from 1, 0 where the whole file is meant.

    `excerpt` is that line, where a place within a text is meant.
    """

    file: str
    line: int
    column: int
    key: str
    what: str
    remedy: str
    excerpt: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Render as `file:line:column: key: what is wrong; what to do`."""
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        said = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return f"{place}: {self.key}: {said}" if self.key else f"{place}: {said}"

    def pointed(self) -> str:
        """Render with the line below it and a caret under the place, where both are known."""
        if not self.excerpt.strip() or not self.column:
            return str(self)
        start = max(0, self.column - 60)
        shown = self.excerpt[start : start + 100]
        # A space as wide as the character above it, so that the caret stands right in Chinese lines too.
        blank = "".join(
            char if char == "\t" else "\u3000" if east_asian_width(char) in "WF" else " "
            for char in shown[: self.column - 1 - start]
        )
        return f"{self}\n  {shown}\n  {blank}^"


class ConfigError(SyndicatorError):
    """Every problem of every config file, in the order of file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ParseError(SyndicatorError):
    """Bytes that cannot be read; `kind` is one word (empty, not-a-feed, too-deep, too-big …).

    `url` is where to act, if anywhere: what confirms a subscription.
    """

    def __init__(self, kind: str, message: str, *, hint: str = "", url: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.url = url

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle all of it: errors come back from the processes in which large documents are read."""
        return _parse_error, (self.kind, self.message, self.hint, self.url)


def _parse_error(kind: str, message: str, hint: str, url: str) -> ParseError:
    return ParseError(kind, message, hint=hint, url=url)


class StoreError(SyndicatorError):
    """The database refused, is locked, full or away."""


class SchemaTooNew(StoreError):
    """A newer syndicator made this database; this one must not touch it."""


class DaemonRunning(StoreError):
    """Another daemon holds this database."""


class TemplateError(SyndicatorError):
    """A template failed at `name`, `line` (from 1; 0 if unknown)."""

    def __init__(self, name: str, line: int, message: str, *, hint: str = "") -> None:
        place = f"{name}:{line}" if line else name
        super().__init__(f"{place}: {message}", hint=hint)
        self.name = name
        self.line = line
        self.what = message


class DeliveryError(SyndicatorError):
    """A message could not be handed over, for a reason that is not the recipient's."""


class NotFound(SyndicatorError):
    """A name that an admin typed and that does not exist."""
