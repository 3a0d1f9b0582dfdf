"""Styles and scripts that stand inside a page, so that it is one round trip; the policy that allows them."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

_LEAN: Final = {
    "css": (
        (re.compile(r"/\*.*?\*/", re.DOTALL), ""),
        (re.compile(r"\s*\n\s*"), ""),
        (re.compile(r" *([{};,>*]) *"), r"\1"),
        (re.compile(r": +|;(?=})"), lambda found: ":" if found[0][0] == ":" else ""),
    ),
    "js": (
        (re.compile(r"^ *(?://|/\*).*\n|^ +| // .*", re.MULTILINE), ""),
        (re.compile(r"\n{2,}"), "\n"),
    ),
}


def lean(text: str, kind: str) -> str:
    """Leave out comments, and what spaces `css` or `js` can spare.

    It is no minifier: it relies on how our files are written, one declaration or statement a line.
    """
    for pattern, better in _LEAN[kind]:
        text = pattern.sub(better, text)
    return text.strip()


def page_policy(style: str, script: str) -> str:
    """Write what a page may load (CSP3): of styles and scripts our own files, and these two inside it.

    Pages carry it themselves, so that a web server that has only files need not know the hashes of a release.
    """
    return (
        f"default-src 'none'; style-src 'self' {_hash(style)}; script-src 'self' {_hash(script)}; "
        "img-src 'self' https: http: data:; form-action 'self'; base-uri 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
