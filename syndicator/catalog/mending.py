"""Lines that YAML takes for something else than a text, written so that it takes them for one. Pure.

Rules are full of what means something to YAML: a line that begins with a quotation mark or an @, a colon.
"""

from __future__ import annotations

import re
from typing import Final

from syndicator.match import FIELDS

LONGEST: Final = 200  # characters of a line that is shown again

_ITEM: Final = re.compile(r"(?P<before>[ ]*(?:-[ ]+|query:[ ]+))(?P<text>[^\s\[{].*)")
_OPENED: Final = re.compile(r"""(?P<text>(?:"[^"]*"|'[^']*')?)[ ]*$""")
_TELLING: Final = ('"', "'", "@", "`", "%")  # what an item cannot begin with, unless all of it is quoted
_QUOTED_WHOLE: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_REMARK: Final = re.compile(r"\s+#.*$")
_KEY: Final = re.compile(r"(?<![^\s(-])([A-Za-z]+):[ ]+(?=\S)")


def quoted(line: str, column: int) -> str:
    """Return an item of a list, or a query, all of it in single quotes; empty if there is none at `column`.

    Only those: lines of other kinds may hold what is not to be repeated in a message.
    """
    if len(line) > LONGEST:
        return ""
    if found := _ITEM.match(line):
        before, text = found["before"].lstrip(), _REMARK.sub("", found["text"]).strip()
    else:
        before, text = "", _in_brackets(line, column)
    if not text.startswith(_TELLING) or _QUOTED_WHOLE.fullmatch(text):
        return ""
    return before + single(_as_phrases(text) if text.startswith("'") else text)


def _in_brackets(line: str, column: int) -> str:
    """Return the item between brackets that goes on at `column`, behind a closed quotation mark or not."""
    before = line[: column - 1]
    opened = _OPENED.search(before)
    if not opened or before.rfind("[") <= before.rfind("{"):
        return ""
    return re.split(r"[,\]]", before[opened.start() :] + line[column - 1 :])[0].strip()


def _as_phrases(text: str) -> str:
    """Write what stood between single quotes between double ones: no sign of a rule was meant by them."""
    return re.sub(r"'([^'\"]*)'", r'"\1"', text)


def unspaced(line: str, column: int = 1) -> str:
    """Return what stands at `column` (from 1) as text where a key of YAML was read: `title: x` as `title:x`.

    What is no field of rules is put in quotation marks. Empty if there is nothing to show.
    """
    text = _REMARK.sub("", line[column - 1 :]).strip()
    text = text.removeprefix("- ").strip()
    if not text or len(line) > LONGEST or not _KEY.search(text):
        return ""
    if any(name.lower() not in FIELDS for name in _KEY.findall(text)):
        return f"""'"{text}"'""" if not re.search(r"[\"'\[\]]", text) else ""
    mended = _KEY.sub(r"\1:", text)
    return single(mended) if re.search(r":\s|\s#|^[\"'@\[{&*!|>%`]", mended) else mended


def single(text: str) -> str:
    """Write a text between single quotes."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
