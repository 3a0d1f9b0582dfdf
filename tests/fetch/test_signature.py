"""Signatures of pushes: right ones pass, all others do not."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.signature import METHODS, Check

BODY = b"<feed/>" * 100


def signed(method: str, secret: str = "key", body: bytes = BODY) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


def is_good(field: str, *, secret: str = "key", body: bytes = BODY) -> bool:
    check = Check(secret, field)
    check.feed(body)
    return check.is_good()


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_of_the_standard(method):
    assert is_good(signed(method))
    assert is_good(f" {signed(method).upper()} "), "hexadecimal in capitals, spaces around"
    assert not is_good(signed(method), secret="other")
    assert not is_good(signed(method), body=BODY + b" ")
    assert not is_good(signed(method)[:-1])
    assert not is_good(signed(method) + "0")


@pytest.mark.parametrize(
    "field",
    [
        "",
        "sha256",
        "sha256=",
        "=" + "0" * 64,
        signed("sha256").partition("=")[2],
        signed("md5").replace("md5", "sha256"),
        signed("md5"),
        signed("sha224"),
        "none=" + "0" * 40,
        signed("sha256").replace("sha256", "sha512"),
        f"{signed('sha1')},{signed('sha256')}",
        "sha256=" + "é" * 64,
        "sha256=" + "0" * 1_000_000,
    ],
)
def test_what_signs_nothing(field):
    assert not is_good(field)


def test_rfc_2202_case_2():
    field = "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert is_good(field, secret="Jefe", body=b"what do ya want for nothing?")


@given(st.lists(st.binary(max_size=50)), st.sampled_from(sorted(METHODS)))
def test_a_body_in_parts_is_the_body(parts, method):
    check = Check("key", signed(method, body=b"".join(parts)))
    for part in parts:
        check.feed(part)
    assert check.is_good()


@given(st.text(max_size=150))
def test_no_text_breaks_it(field):
    assert not is_good(field)
