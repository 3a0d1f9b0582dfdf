"""Real newsletters, and mails that other readers stumbled over: none crashes, the known facts are found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from letters import wrapped

from syndicator.normalise import clean
from syndicator.parse.newsletter import read

if TYPE_CHECKING:
    from pathlib import Path


def test_no_mail_crashes(corpus: Path) -> None:
    mails = sorted((corpus / "newsletters").rglob("*.eml"))
    assert len(mails) > 70
    for path in mails:
        mail = read(path.read_bytes())
        for entry in mail.entries:
            assert clean(entry.content) or entry.title, path


def test_issues_are_issues(corpus: Path) -> None:
    lines = (corpus / "newsletters" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    for expected in map(json.loads, lines):
        mail = read(wrapped((corpus / expected["path"]).read_bytes()))
        assert (mail.kind == "issue") == expected["is_issue"], expected["path"]
        if expected["view_online"]:  # most are redirects that say nothing; one of those is better than none
            assert mail.entries[0].url, expected["path"]
