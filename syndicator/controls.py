"""Characters that no reader sees and that spoil what is around them: never shown, never stored."""

from __future__ import annotations

import re
from typing import Final

# C0 but tab and line ends, DEL, C1, surrogates, non-characters, and the marks that turn text around (UAX 9).
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")
# All but these: where there are none, going over what is sound takes two thirds of the time of a search.
_SOUND: Final = re.compile(
    "[\n\t -~\u00a0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe"
    "\uff00-\ufffd\U00010000-\U0010ffff]*+"
)


def without_controls(text: str) -> str:
    """Drop control characters and bidi controls; tab and newline stay, other line ends become newlines."""
    if text.isprintable() or _SOUND.fullmatch(text):  # the first is quicker, and enough for most titles
        return text
    return _CONTROLS.sub("", _LINE_END.sub("\n", text))
