from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from syndicator.digest.tokens import Tokens

TOKENS = Tokens(["new key", "old key"])


@given(st.integers(0, 2**63), st.text(max_size=40))
def test_what_goes_in_comes_out(subscriber: int, edition: str) -> None:
    token = TOKENS.unsubscribe(subscriber, edition)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token)
    assert TOKENS.read_unsubscribe(token) == (subscriber, edition)
    assert TOKENS.unsubscribe(subscriber, edition) == token


def test_a_token_is_short() -> None:
    assert len(TOKENS.unsubscribe(1_000_000, "0123456789abcdef01234567")) <= 100


def test_keys_are_turned_over() -> None:
    before = Tokens(["old key"]).unsubscribe(7, "china")
    assert TOKENS.read_unsubscribe(before) == (7, "china")
    after = TOKENS.unsubscribe(7, "china")
    assert Tokens(["new key"]).read_unsubscribe(after) == (7, "china")
    assert Tokens(["old key"]).read_unsubscribe(after) is None


@given(st.text())
def test_anything_else_is_nobodys(text: str) -> None:
    assert TOKENS.read_unsubscribe(text) is None


def test_a_changed_token_is_nobodys() -> None:
    token = TOKENS.unsubscribe(7, "china")
    for at in range(len(token) - 1):  # the last character holds bits that say nothing
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert TOKENS.read_unsubscribe(changed) is None
    assert TOKENS.read_unsubscribe(token + "A" * 4000) is None


def test_a_token_for_another_purpose_is_nobodys() -> None:
    other = URLSafeSerializer("new key", salt="another purpose").dumps([7, "china"])
    assert TOKENS.read_unsubscribe(str(other)) is None


@pytest.mark.parametrize("keys", [[], [""], ["key", ""]])
def test_no_key_no_tokens(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Tokens(keys)


@given(st.sampled_from(["bounce", "unsubscribe"]), st.integers(0, 2**63))
def test_tokens_of_addresses(purpose, delivery: int) -> None:
    token = TOKENS.mail(purpose, delivery)
    assert re.fullmatch(r"[a-z0-9-]{1,31}", token)
    assert TOKENS.read_mail(token) == TOKENS.read_mail(token.upper()) == (purpose, delivery)
    assert Tokens(["old key"]).read_mail(token) is None
    assert TOKENS.read_mail(Tokens(["old key"]).mail(purpose, delivery)) == (purpose, delivery)


def test_a_changed_token_of_an_address_is_nobodys() -> None:
    token = TOKENS.mail("bounce", 77)
    assert TOKENS.read_mail("u" + token[1:]) is None, "another purpose"
    for place in range(len(token)):
        for letter in "ab2":
            changed = token[:place] + letter + token[place + 1 :]
            assert changed == token or TOKENS.read_mail(changed) is None
    assert TOKENS.read_mail("x" * 5_000) is None


@given(st.text(max_size=60))
def test_anything_else_is_no_token_of_an_address(text: str) -> None:
    assert TOKENS.read_mail(text) is None
