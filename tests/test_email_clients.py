"""What mail programs do not support of what our mails use, and that docs/email-clients.md explains it.

The data are caniemail's, which `make .venv/.ready-peers` fetches. `UPDATE_DOCS=1` writes the table anew; what
it means for a reader stays as it was written, and must be written for what is new.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import newsstand
import pytest

from syndicator.digest.render import html_of
from syndicator.templates import LOOKS, environments

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.peers

DOC = Path(__file__).parents[1] / "docs" / "email-clients.md"
ROW = re.compile(r"^\| `([\w-]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
# The programs that we answer for: (family, platform) as caniemail names them, and how readers do.
PROGRAMS = {
    ("apple-mail", "ios"): "Apple Mail (iOS)",
    ("apple-mail", "macos"): "Apple Mail (macOS)",
    ("gmail", "desktop-webmail"): "Gmail (web)",
    ("gmail", "android"): "Gmail (Android)",
    ("gmail", "ios"): "Gmail (iOS)",
    ("outlook", "windows"): "Outlook (Windows)",
    ("outlook", "outlook-com"): "Outlook (web)",
    ("outlook", "macos"): "Outlook (macOS)",
    ("outlook", "ios"): "Outlook (iOS)",
    ("outlook", "android"): "Outlook (Android)",
    ("yahoo", "desktop-webmail"): "Yahoo (web)",
    ("samsung-email", "android"): "Samsung Email",
    ("thunderbird", "macos"): "Thunderbird",
    ("protonmail", "desktop-webmail"): "Proton Mail (web)",
    ("fastmail", "desktop-webmail"): "Fastmail (web)",
    ("gmx", "desktop-webmail"): "GMX (web)",
}
# Properties whose support is told under another name.
UNDER = {
    "css-background-color": "css-background-color",
    "css-border-bottom": "css-border",
    "css-border-top": "css-border",
    "css-border-color": "css-border",
    "css-border-bottom-width": "css-border",
    "css-border-bottom-style": "css-border",
    "css-padding-left": "css-padding",
    "css-padding-right": "css-padding",
    "html-h1": "html-h1-h6",
    "html-h2": "html-h1-h6",
    "html-h3": "html-h1-h6",
    "html-b": "html-strong",
}


def used(html: str) -> set[str]:
    """Name what a mail uses as caniemail does: elements, attributes, properties, units, selectors."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    names = set()
    rules = "".join(element.text or "" for element in tree.iter("style"))
    inline = ";".join(element.get("style", "") for element in tree.iter())
    for element in tree.iter():
        if isinstance(element.tag, str):
            names |= {f"html-{element.tag}", *(f"html-{name}" for name in element.attrib)}
    bodies = ";".join(re.findall(r"\{([^{}]*)\}", rules)) + ";" + inline
    declared = re.findall(r"(?:^|[;{\s])(-?[a-z-]+)\s*:\s*([^;}]+)", bodies)
    names |= {f"css-{name}" for name, _ in declared}
    values = " ".join(value for _, value in declared)
    names |= {
        f"css-unit-{'percent' if unit == '%' else unit}" for unit in re.findall(r"\d(px|em|rem|%|vw)", values)
    }
    names |= {"css-important"} if "!important" in values else set()
    names |= {"css-at-media"} if "@media" in rules else set()
    names |= {"css-at-media-prefers-color-scheme"} if "prefers-color-scheme" in rules else set()
    names |= {"css-selector-attribute"} if re.search(r"\[[\w-]+[|=\]]", rules) else set()
    names |= {"css-selector-class", "css-selector-descendant", "css-selector-grouping"}
    names |= {"html-comments", "html-doctype", "html-style", "html-mailto-links", "html-meta-color-scheme"}
    return {UNDER.get(name, name) for name in names}


def lacking(feature: dict[str, Any]) -> Iterator[str]:
    """Name the programs whose newest tested version supports a feature not, or in part."""
    for (family, platform), name in PROGRAMS.items():
        versions = feature["stats"].get(family, {}).get(platform, {})
        newest = list(versions.values())[-1] if versions else "u"
        if newest[0] in "na":
            yield name + (" in part" if newest[0] == "a" else "")


def findings() -> dict[str, str]:
    file = sorted(Path(sys.prefix).glob("caniemail-*.json"))
    assert file, "make .venv/.ready-peers fetches the data"
    features = {each["slug"]: each for each in json.loads(file[-1].read_text("utf-8"))["data"]}
    templates = environments()
    context = newsstand.mail(newsstand.section(newsstand.TOPIC, newsstand.PICTURED, more=4))
    named = set[str]()
    for look in LOOKS:
        for language in ("en", "zh"):
            named |= used(html_of(templates, look, language, **context))
    assert len(named & features.keys()) > 40, "it does look"
    found = {slug: ", ".join(lacking(features[slug])) for slug in sorted(named & features.keys())}
    return {slug: programs for slug, programs in found.items() if programs}


def test_what_mail_programs_lack_is_explained() -> None:
    text = DOC.read_text("utf-8")
    rows = {row[1]: row for row in ROW.finditer(text)}
    found = findings()
    if os.environ.get("UPDATE_DOCS"):
        lines = [
            f"| `{slug}` | {programs} | {rows[slug][3] if slug in rows else ''} |"
            for slug, programs in found.items()
        ]
        begin, end = text.index("| used |"), text.rindex("|\n") + 2
        DOC.write_text(
            text[:begin]
            + "| used | lacks in | what a reader sees |\n|---|---|---|\n"
            + "\n".join(lines)
            + "\n"
            + text[end:],
            "utf-8",
        )
        rows = {row[1]: row for row in ROW.finditer(DOC.read_text("utf-8"))}
    assert {slug: row[2] for slug, row in rows.items()} == found
    assert [slug for slug, row in rows.items() if len(row[3]) < 15] == [], "unexplained"
    for name in PROGRAMS.values():
        assert name in text


def test_what_is_used_is_found() -> None:
    html = (
        '<p style="object-fit: cover; width: 3em" dir=rtl>'
        "<style>@media all { [a] { gap: 1px !important } }</style>"
    )
    assert {"css-object-fit", "css-unit-em", "html-dir", "css-gap", "css-important", "css-at-media"} <= used(
        html
    )
    assert "css-selector-attribute" in used(html)
