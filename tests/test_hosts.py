from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.hosts import host_group, is_here


@pytest.mark.parametrize(
    ("url", "group"),
    [
        ("https://www.News.example:8443/feed?x", "news.example"),
        ("http://ann:secret@news.example./", "news.example"),
        ("http://blog.news.example/", "blog.news.example"),
        ("http://www.www.example/", "www.example"),
        (" https://10.0.0.1/ ", "10.0.0.1"),
        ("http://[2001:DB8::0:1]:80/", "2001:db8::1"),
        ("http://[fe80::1%25eth0]/", "fe80::1"),
        ("file:samples/a.xml", ""),
        ("maildir:mail", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_host_groups(url: str, group: str) -> None:
    assert host_group(url) == group


@given(st.text())
def test_any_text_has_a_group(url: str) -> None:
    assert isinstance(host_group("http://" + url), str)


@pytest.mark.parametrize("group", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost"])
def test_this_machine(group: str) -> None:
    assert is_here(group)


@pytest.mark.parametrize("group", ["10.0.0.1", "news.example", "localhost.example", ""])
def test_other_machines(group: str) -> None:
    assert not is_here(group)
