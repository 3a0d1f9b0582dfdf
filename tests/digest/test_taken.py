"""Mails that still wait when an article is taken back: what they say then, and where they are given up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from test_looks import MARKS, NOW, SITE, TEMPLATES, digest_of, stored, topic

from syndicator.contexts import LOOKS
from syndicator.digest.render import render
from syndicator.digest.taken import text_without, without

if TYPE_CHECKING:
    from syndicator.model import Edition, Look

URLS = {n: f"https://wire.example/{n}" for n in range(1, 10)}


def mail(look: Look = "magazine", language: str = "en") -> Edition:
    first = [stored(n, summary=f"Oranges {n}. * Not a story.") for n in range(1, 8)]
    digest = digest_of([(topic("sea"), first), (topic("bay"), [stored(8), stored(9, url="")])])
    digest = replace(digest, language=language)
    return render(digest, TEMPLATES, SITE, edition_id="e", slot="s", marks=MARKS, now=NOW, look=look)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("look", LOOKS)
def test_what_was_taken_back_is_in_no_part_of_a_mail_and_all_else_is(look: Look, language: str) -> None:
    whole = mail(look, language)
    lead = whole.shown[0]
    assert f"Ship {lead} came in" in whole.subject
    left = without(whole, {lead: URLS[lead], 8: URLS[8], 9: ""}, ["Sea", "Bay"])
    assert left is not None
    for part in (left.html, left.text, left.subject):
        assert not [n for n in (lead, 8, 9) if f"Ship {n} " in part or f"Oranges {n}." in part]
    for n in left.shown:
        assert f"Ship {n} came in" in left.html
        assert left.text.count(f"* Ship {n} came in") == 1
        assert f"{URLS[n]}\n" in left.text
    assert left.subject == " · ".join(["Sea", "+1", whole.subject.rpartition(" · ")[2]])
    assert (left.articles, len(left.shown)) == (6, 6)
    for mark in MARKS.values():
        assert left.html.count(mark) == whole.html.count(mark)
        assert left.text.count(mark) == whole.text.count(mark)


def test_a_mail_is_given_up_that_nothing_is_left_of_or_that_is_laid_out_otherwise() -> None:
    whole = mail()
    last = whole.shown[1]
    gone = {last: URLS[last]}
    kept = without(whole, gone, ["Sea"])
    assert kept
    assert kept.subject == whole.subject, "its lead is still there"
    assert without(whole, {}, []) is whole
    assert without(whole, dict.fromkeys(whole.shown, ""), ["Sea"]) is None
    for text in (
        whole.text.replace("* Ship 3", "- Ship 3"),
        whole.text.replace("=" * 40, "", 1),
        whole.text + URLS[last],
        "",
    ):
        assert text_without(replace(whole, text=text), gone) is None
    assert without(replace(whole, html=whole.html.replace(f"<!--a{last}-->", "")), gone, ["Sea"]) is None
