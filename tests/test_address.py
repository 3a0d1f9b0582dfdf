from __future__ import annotations

import pytest

from syndicator.address import Address, parse

GOOD = {
    "anna@example.org": "anna@example.org",
    "first.last+tag@sub.example.org": "first.last+tag@sub.example.org",
    "o'hara@example.org": "o'hara@example.org",
    "root@localhost": "root@localhost",
    '"two words"@example.org': '"two words"@example.org',
    '"anna"@example.org': "anna@example.org",
    r'"an\na+1"@example.org': "anna+1@example.org",
    r'"a\ b\"\\\n"@example.org': r'"a b\"\\n"@example.org',
    '"an..na"@example.org': '"an..na"@example.org',
    '""@example.org': '""@example.org',
    '"at@sign"@example.org': '"at@sign"@example.org',
    "用户@例子.中国": "用户@xn--fsqu00a.xn--fiqs8s",
    "anna@bücher.example": "anna@xn--bcher-kva.example",
    "anna@BÜCHER.example": "anna@xn--bcher-kva.example",
    "anna@[192.0.2.1]": "anna@[192.0.2.1]",
    "anna@[IPv6:2001:db8::1]": "anna@[IPv6:2001:db8::1]",
    "a_b@under_score.example": "a_b@under_score.example",
}

BAD = [
    "",
    "anna",
    "@example.org",
    "anna@",
    "anna@@example.org",
    "a b@example.org",
    "anna@exa mple.org",
    "anna@example..org",
    "anna@.example.org",
    "anna@-example.org",
    ".anna@example.org",
    "anna.@example.org",
    "an..na@example.org",
    "Anna <anna@example.org>",
    "Evil, x@evil.example <u@e>",
    "a@b.example, c@d.example",
    "a@b.example\r\nRCPT TO:<c@d.example>",
    "a@b.example\n",
    "a@b.example> SIZE=1",
    "a\x00b@example.org",
    'a"b@example.org',
    '"open@example.org',
    '"a\r\nb"@example.org',
    '"用户"@example.org',
    "(comment)anna@example.org",
    "\u202eanna@example.org",
    "an\u200bna@example.org",
    "an\ud800na@example.org",
    "a\u0085b@example.org",
    "a\u2028b@example.org",
    "anna@\u202eexample.org",
    "x" * 65 + "@example.org",
    "用" * 22 + "@example.org",
    "anna@" + "a." * 130 + "org",
    "anna@" + "例" * 80 + ".org",
]


@pytest.mark.parametrize(("text", "written"), GOOD.items())
def test_addresses(text: str, written: str) -> None:
    found = parse(text)
    assert found is not None
    assert str(found) == written
    assert found.domain.isascii()
    assert found.is_ascii == found.local.isascii()
    assert parse(written) == found


@pytest.mark.parametrize("text", BAD)
def test_no_addresses(text: str) -> None:
    assert parse(text) is None


def test_parts() -> None:
    assert parse('"a@b"@example.org') == Address('"a@b"', "example.org")
