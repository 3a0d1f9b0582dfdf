"""What is wrong with a line of a rule: the error, and the words of it that more than one module says."""

from __future__ import annotations

from typing import Final

from syndicator.errors import SyndicatorError

QUOTE_IT: Final = 'put it in quotation marks, "…", if you mean the text itself'


class RuleError(SyndicatorError):
    """A line that is no rule: what is wrong, at which column (from 1), and what to do."""

    def __init__(self, message: str, column: int, remedy: str) -> None:
        super().__init__(message, hint=remedy)
        self.column = column

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.hint
