from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from syndicator.digest.tokens import LASTS, Purpose, Tokens, bond_of

TOKENS = Tokens(["new key", "old key"])
NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
BOND = bond_of("anna@reader.example", "")


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


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_a_readers_token_ends_with_its_time(purpose: Purpose) -> None:
    token = TOKENS.reader(purpose, 7, NOW, bond=BOND)
    assert re.fullmatch(r"[A-Za-z0-9._-]{20,110}", token)
    for after in (timedelta(0), LASTS[purpose] - timedelta(seconds=1)):
        found = TOKENS.read_reader(purpose, token, NOW + after)
        assert found is not None
        assert (found.subscriber, found.more) == (7, "")
        assert TOKENS.is_bound(found, BOND)
    assert TOKENS.read_reader(purpose, token, NOW + LASTS[purpose]) is None


@pytest.mark.parametrize("made", get_args(Purpose))
def test_a_readers_token_is_for_one_purpose(made: Purpose) -> None:
    token = TOKENS.reader(made, 7, NOW)
    opens = [purpose for purpose in get_args(Purpose) if TOKENS.read_reader(purpose, token, NOW)]
    assert opens == [made]
    assert TOKENS.read_unsubscribe(token) is None
    assert TOKENS.read_reader("preferences", TOKENS.unsubscribe(7, "e"), NOW) is None


@pytest.mark.parametrize(
    ("address", "secret", "holds"),
    [
        ("anna@reader.example", "", True),
        ("anna@reader.example", "changed", False),
        ("anna@elsewhere.example", "", False),
        ("", "", False),
    ],
)
def test_a_readers_token_dies_with_what_it_is_bound_to(address: str, secret: str, holds: bool) -> None:
    found = TOKENS.read_reader("preferences", TOKENS.reader("preferences", 7, NOW, bond=BOND), NOW)
    assert found is not None
    assert TOKENS.is_bound(found, bond_of(address, secret)) is holds


def test_readers_tokens_outlive_a_new_key() -> None:
    token = Tokens(["old key"]).reader("move", 7, NOW, bond=BOND, more="new@reader.example")
    found = TOKENS.read_reader("move", token, NOW)
    assert found is not None
    assert (found.more, TOKENS.is_bound(found, BOND)) == ("new@reader.example", True)
    assert Tokens(["newest"]).read_reader("move", token, NOW) is None
    assert not Tokens(["newest"]).is_bound(found, BOND)
    assert Tokens(["old key"]).read_reader("move", TOKENS.reader("move", 7, NOW), NOW) is None


def test_a_readers_token_lets_nobody_try_addresses() -> None:
    codes = set()
    for tokens in (TOKENS, Tokens(["another key"])):
        found = tokens.read_reader("preferences", tokens.reader("preferences", 7, NOW, bond=BOND), NOW)
        assert found is not None
        codes.add(found.code)
    assert len(codes) == 2, "what stands for the address cannot be made without a key"


@given(st.text(max_size=200))
def test_anything_else_is_no_readers_token(text: str) -> None:
    assert TOKENS.read_reader("preferences", text, NOW) is None


def test_keys_are_told_apart() -> None:
    assert TOKENS.are_of(["new key", "old key"])
    assert not TOKENS.are_of(["old key", "new key"])
    assert not TOKENS.are_of(["new key"])
