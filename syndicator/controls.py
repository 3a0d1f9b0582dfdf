"""Characters that no reader sees and that spoil what is around them: never shown, never stored."""

from __future__ import annotations

import re
from typing import Final

# C0 but tab and line ends, DEL, C1, surrogates, non-characters, and the marks that turn text around (UAX 9).
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")
_MARK: Final = re.compile(f"[\r\u2028\u2029{_CONTROLS.pattern[1:]}")  # either: one scan where there is none


def without_controls(text: str) -> str:
    """Drop control characters and bidi controls; tab and newline stay, other line ends become newlines."""
    if text.isprintable() or _MARK.search(text) is None:  # the first is quicker, and enough for most titles
        return text
    return _CONTROLS.sub("", _LINE_END.sub("\n", text))
