"""Characters that no reader sees and that spoil what is around them: never shown, never stored."""

from __future__ import annotations

import re
from typing import Final

_BEYOND: Final = range(1, 17)  # the planes of Unicode; the last two places of each are non-characters
# C0 but tab and line ends, DEL, C1, surrogates, non-characters, and the marks that turn text around (UAX 9).
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
    f"\ufdd0-\ufdef{''.join(chr(n << 16 | 0xFFFE) + chr(n << 16 | 0xFFFF) for n in _BEYOND)}]"
)
_LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")
# All but these: where there are none, going over what is sound takes two thirds of the time of a search.
_SOUND: Final = re.compile(
    "[\n\t -~\u00a0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufdcf"
    f"\ufdf0-\ufefe\uff00-\ufffd{''.join(f'{chr(n << 16)}-{chr(n << 16 | 0xFFFD)}' for n in _BEYOND)}]*+"
)
# The part of them that json.dumps does not escape by itself.
_RAW: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

_BAD_REFERENCE: Final = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|5529[6-9]|55[3-9]\d\d|56\d\d\d|57[0-2]\d\d|573[0-3]\d|5734[0-3]|6553[45])"
    r"(?!\d)|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)


def without_controls(text: str) -> str:
    """Drop control characters and bidi controls; tab and newline stay, other line ends become newlines."""
    if text.isprintable() or _SOUND.fullmatch(text):  # the first is quicker, and enough for most titles
        return text
    return _CONTROLS.sub("", _LINE_END.sub("\n", text))


def in_json(text: str) -> str:
    """Escape in a text of JSON what a terminal may obey and JSON leaves as it is; the value stays."""
    return text if text.isprintable() else _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_bad_references(html: str) -> str:
    """Drop references to characters that XML cannot hold (`&#11;`): libxml2 reads them, but writes none."""
    return _BAD_REFERENCE.sub("", html) if "&#" in html else html
