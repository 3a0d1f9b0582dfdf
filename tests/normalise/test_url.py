"""Links stay the publisher's; their canonical form is for comparing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.normalise.url import canonical, link


@pytest.mark.parametrize(
    ("address", "base", "usable"),
    [
        ("https://a.example/x?utm_source=rss#top", "", "https://a.example/x?utm_source=rss#top"),
        ("HTTP://A.example:80/%7ex", "", "HTTP://A.example:80/%7ex"),
        ("\n  https://a.example/long\n   /path  ", "", "https://a.example/long/path"),
        ("https://a.example/two words", "", "https://a.example/two%20words"),
        ("https://a.example/电信", "", "https://a.example/电信"),
        ("https://a.example/x\u202egnp.exe", "", "https://a.example/xgnp.exe"),
        ("/x", "https://a.example/b/c", "https://a.example/x"),
        ("x", "https://a.example/b/c", "https://a.example/b/x"),
        ("?p=2", "https://a.example/b", "https://a.example/b?p=2"),
        ("//cdn.example/x", "", "https://cdn.example/x"),
        ("//cdn.example/x", "http://a.example/", "http://cdn.example/x"),
        ("/x", "", ""),
        ("javascript:alert(1)", "https://a.example/", ""),
        ("java\nscript:alert(1)", "https://a.example/", ""),
        ("mailto:a@b.example", "", ""),
        ("ftp://a.example/", "", ""),
        ("data:text/html,x", "", ""),
        ("http://", "", ""),
        ("http://[::1", "", ""),
        ("http://a.example:99999/", "", ""),
        ("https://a.example/" + "x" * 5000, "", ""),
        ("", "https://a.example/", ""),
    ],
)
def test_link(address: str, base: str, usable: str) -> None:
    assert link(address, base) == usable


@pytest.mark.parametrize(
    "same",
    [
        ("https://a.example/x", "HTTP://A.Example.:80/x#part", "https://user@a.example:443/./y/../x"),
        ("https://a.example/", "http://a.example"),
        ("https://a.example/%7Eme/%e4", "https://a.example/~me/%E4"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2&utm_source=x&fbclid=y&mc_cid=z&spm=1.2"),
        ("https://a.example/x?ref=other", "https://a.example/x?ref=other&gclid=1"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://a.example/a b", "https://a.example/a%20b"),
    ],
)
def test_one_page_has_one_canonical_form(same: tuple[str, ...]) -> None:
    assert len({canonical(address) for address in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/watch?v=1", "https://a.example/watch?v=2"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example:8080/x", "https://a.example/x"),
        ("https://a.example/#!/1", "https://a.example/#!/2"),
        ("https://a.example/x?a=1", "https://a.example/x?a="),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ],
)
def test_two_pages_have_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_ref_goes_where_it_names_the_feeds_own_host() -> None:
    assert canonical("https://a.example/x?ref=news.example", "news.example") == "https://a.example/x"
    assert canonical("https://a.example/x?ref=main", "news.example") == "https://a.example/x?ref=main"


WEB = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(
        ["a.example", "A.EXAMPLE.", "a.example:80", "a.example:443", "u:p@bü.example", "[::1]:8080"]
    ),
    st.text("/ab.%7e%2F~;é ", max_size=12).map("/".__add__),
    st.text("?&=abutm_é%25+ ;", max_size=14).map(lambda text: text and f"?{text}"),
    st.sampled_from(["", "#x", "#!/x"]),
)


@given(st.one_of(WEB, st.text(max_size=40)), st.sampled_from(["", "a.example"]))
def test_canonical_is_idempotent(address: str, own_host: str) -> None:
    once = canonical(address, own_host)
    assert canonical(once, own_host) == once


@given(st.one_of(WEB, st.text(max_size=40)), st.one_of(WEB, st.just("")))
def test_a_link_is_followable_or_empty_and_stays(address: str, base: str) -> None:
    usable = link(address, base)
    assert usable == "" or usable.lower().startswith(("http://", "https://"))
    assert link(usable) == usable
    assert not set(usable) & set('\n\t "<>')


@pytest.mark.parametrize(
    ("path", "settled"),
    [
        ("//b/c", "//b/c"),  # not the host b
        ("/a//b", "/a//b"),
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/../../b", "/b"),
        ("/a/b/..", "/a/"),
        ("/a/b/.", "/a/b/"),
        ("/a/..b/.c", "/a/..b/.c"),
        ("//x/../c", "//c"),
        ("", "/"),
    ],
)
def test_paths_keep_all_but_dot_segments(path, settled):
    assert canonical(f"https://a.example{path}") == f"https://a.example{settled}"
