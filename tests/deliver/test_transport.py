from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syndicator.deliver.transport import MAX_REPLY, words


def test_words() -> None:
    assert words("250-two\r\n250 lines") == "250-two 250 lines"
    assert words("a\x00\x1b[31mb\u202e\udcffc") == "a [31mb \ufffdc"
    assert words("x" * 10_000) == "x" * (MAX_REPLY - 1) + "…"


@given(st.text())
def test_any_reply_becomes_one_line(reply: str) -> None:
    said = words(reply)
    said.encode()
    assert len(said) <= MAX_REPLY
    assert len(said.splitlines()) <= 1
    assert words(said) == said
