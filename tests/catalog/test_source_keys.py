"""Every kind of source, and the secrets that open it: read when loaded, and nowhere else."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.catalog import dump, load_all, load_catalog, load_dump
from syndicator.catalog.notes import identity, notes
from syndicator.catalog.plan import due, plan
from syndicator.errors import ConfigError
from syndicator.model import Access, Catalog, Source
from syndicator.settings import Fetch, Inbound, Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

ALL_KINDS = """
sources:
  - name: page
    kind: page
    url: https://p.example/news
    select: "article h2 > a[href]"
    cookies: {consent: yes}
  - name: cut
    url: https://c.example/feed
    full_text: truncated
    auth: {username: jo, password_file: secrets/cut}
    headers:
      X-Api-Key: {env: CUT_KEY}
      Accept-Language: en, de
    proxy: {file: secrets/proxy}
    verify_tls: false
  - name: token
    url: https://t.example/feed
    auth: {bearer_env: TOKEN}
    proxy: http://proxy.example:3128
  - {name: letters, kind: newsletter, url: "lmtp:news@in.example", articles: links,
     senders: ["Ed@Paper.example", "@letters.example"]}
  - name: box
    kind: newsletter
    url: "imaps://mail.example:993/News"
    auth: {username: jo, password_env: BOX}
  - {name: dir, kind: newsletter, url: "maildir:mail/news", title: The Paper 报}
"""
ENVIRON = {"CUT_KEY": "key-secret", "TOKEN": "bearer-secret", "BOX": "box-secret"}
FILES = {
    "secrets/cut": "cut-secret\n",
    "secrets/proxy": "http://u:proxy-secret@proxy.example:3128\n",
    "sources/a.yaml": ALL_KINDS,
    "syndicator.yaml": "inbound: {lmtp: '127.0.0.1:2424'}",
}


def test_every_kind_of_source_arrives(folder: Folder) -> None:
    _, catalog = load_all(folder(FILES), ENVIRON)
    assert catalog.sources == {
        "page": Source(
            name="page",
            kind="page",
            url="https://p.example/news",
            select="article h2 > a[href]",
            access=Access(cookies=(("consent", "yes"),)),
        ),
        "cut": Source(
            name="cut",
            url="https://c.example/feed",
            full_text="truncated",
            access=Access(
                username="jo",
                password="cut-secret",
                headers=(("X-Api-Key", "key-secret"), ("Accept-Language", "en, de")),
                proxy="http://u:proxy-secret@proxy.example:3128",
                verify_tls=False,
            ),
        ),
        "token": Source(
            name="token",
            url="https://t.example/feed",
            access=Access(bearer="bearer-secret", proxy="http://proxy.example:3128"),
        ),
        "letters": Source(
            name="letters",
            kind="newsletter",
            url="lmtp:news@in.example",
            articles="links",
            senders=("ed@paper.example", "letters.example"),
        ),
        "box": Source(
            name="box",
            kind="newsletter",
            url="imaps://mail.example:993/News",
            access=Access(username="jo", password="box-secret"),
        ),
        "dir": Source(name="dir", kind="newsletter", url="maildir:mail/news", title="The Paper 报"),
    }


def test_secrets_are_in_no_dump_no_version_and_no_repr(folder: Folder) -> None:
    config = folder(FILES)
    settings, catalog = load_all(config, ENVIRON)
    text = dump(config)
    for told in (text, repr(catalog), repr(settings)):
        assert "-secret" not in told
    assert load_dump(text, config=config, environ=ENVIRON) == catalog
    bare = load_dump(text)
    assert bare.version == catalog.version
    plain = (("Accept-Language", "en, de"),)
    assert bare.sources["cut"].access == Access(username="jo", headers=plain, verify_tls=False)


def test_a_secret_that_is_gone_does_not_take_the_last_good_catalog_along(folder: Folder) -> None:
    config = folder(FILES)
    text = dump(config)
    (config / "secrets" / "cut").unlink()
    catalog = load_dump(text, config=config, environ={})
    assert catalog.sources["cut"].access.password == ""
    assert catalog.sources["token"].access.bearer == ""


@pytest.mark.parametrize("secret", [b"", b"one\ntwo", b"\xff\xfe-secret", b"x" * 5000, b"a\x00b"])
def test_a_strange_secret_is_one_problem_and_is_not_repeated(folder: Folder, secret: bytes) -> None:
    config = folder({**FILES, "secrets/cut": secret})
    with pytest.raises(ConfigError) as caught:
        load_all(config, ENVIRON)
    assert str(caught.value) == (
        "config/sources/a.yaml:11:41: sources[cut].auth.password_file: 'secrets/cut': must hold the value "
        "alone, on one line; write the value into that file"
    )


def test_missing_secrets_are_problems_with_their_places(folder: Folder) -> None:
    config = folder({**FILES, "secrets/proxy": "ftp://u:proxy-secret@x"})
    (config / "secrets" / "cut").unlink()
    with pytest.raises(ConfigError) as caught:
        load_all(config, {"TOKEN": "t", "BOX": "b"})
    assert [(each.line, each.column, each.key, each.what) for each in caught.value.problems] == [
        (11, 41, "sources[cut].auth.password_file", "'secrets/cut': no such file or directory"),
        (13, 18, "sources[cut].headers.X-Api-Key", "the environment has no CUT_KEY"),
        (15, 12, "sources[cut].proxy", "no address of a proxy"),
    ]


def test_a_secret_may_be_a_credential_of_systemd(folder: Folder, tmp_path: Path) -> None:
    config = folder(FILES)
    (config / "secrets" / "cut").unlink()
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "cut").write_text("from-systemd")
    _, catalog = load_all(config, {**ENVIRON, "CREDENTIALS_DIRECTORY": str(tmp_path / "given")})
    assert catalog.sources["cut"].access.password == "from-systemd"


def test_a_pipe_for_a_secret_holds_nobody_up(folder: Folder) -> None:
    config = folder(FILES)
    (config / "secrets" / "cut").unlink()
    os.mkfifo(config / "secrets" / "cut")
    with pytest.raises(ConfigError, match="is no file"):
        load_all(config, ENVIRON)


WRONG = {  # one source → what is said of it, after its place
    "url: 'https://e.example', kind: newsletter": "url: a https: address goes with kind: feed or kind: page",
    "url: 'maildir:m'": "url: a maildir: address goes with kind: newsletter",
    "url: 'maildir:', kind: newsletter": "url: 'maildir:' names no folder",
    "url: 'imaps://u:pw-secret@h/x', kind: newsletter": "url: a login does not belong in the address",
    "url: 'imaps:///x', kind: newsletter": "url: 'imaps:///x' names no mailbox",
    "url: 'lmtp:nobody', kind: newsletter": "url: 'nobody' is no mail address",
    "url: 'lmtp:a@b.example', kind: newsletter": "url: no mail arrives here; set inbound.lmtp",
    "url: 'file:x', select: 'a'": "select: means nothing for kind: feed",
    "url: 'https://e.example', kind: page, select: 'a['": "select: no selector",
    "url: 'https://e.example', articles: links": "articles: means nothing for kind: feed",
    "url: 'https://e.example', senders: [a.example]": "senders: means nothing for kind: feed",
    "url: 'https://e.example', kind: page, full_text: always": "full_text: means nothing for kind",
    "url: 'file:x', headers: {A: b}": "headers: means nothing for a file: address",
    "url: 'http://e.example', verify_tls: false": "verify_tls: means nothing for a http: address",
    "url: 'https://e.example', headers: {Authorization: x-secret}": "headers.Authorization: a secret",
    "url: 'https://e.example', headers: {host: x}": "headers.host: set by every pull itself",
    "url: 'https://e.example', headers: {'a b': x}": "headers.a b: 'a b' is no name of a header",
    "url: 'https://e.example', headers: {A: {from: x}}": "headers.A: a mapping is neither text nor a place",
    "url: 'https://e.example', headers: {A: \"b\\r\\nC: d\"}": "headers.A: the invisible character U+000D",
    "url: 'https://e.example', headers: [a]": "headers: must hold names with values, not a list",
    "url: 'https://e.example', cookies: {a: 'b; c'}": "cookies.a: holds what no cookie may",
    "url: 'https://e.example', cookies: {a: {env: 'A B'}}": "cookies.a: 'A B' is no name of a variable",
    "url: 'https://e.example', proxy: 'socks://x'": "proxy: no address of a proxy",
    "url: 'https://e.example', proxy: 'http://u:pw-secret@x:1'": "proxy: a password does not belong",
    "url: 'https://e.example', auth: {password: pw-secret}": "auth.password: a secret does not belong",
    "url: 'https://e.example', auth: {}": "auth: says nothing",
    "url: 'https://e.example', auth: {username: u}": "auth.username: needs password_file beside it",
    "url: 'https://e.example', auth: {password_env: P}": "auth.password_env: needs username beside it",
    "url: 'https://e.example', auth: {username: u, password_file: p, bearer_env: B}": "auth.bearer_env: st",
    "url: 'https://e.example', auth: {bearer_file: p, bearer_env: B}": "auth.bearer_env: stands beside",
}


@pytest.mark.parametrize("written", WRONG)
def test_what_does_not_fit_is_said_once(folder: Folder, written: str) -> None:
    config = folder({"sources/a.yaml": f"sources:\n  - {{name: a, {written}}}\n"})
    with pytest.raises(ConfigError) as caught:
        load_all(config, {})
    (problem,) = caught.value.problems
    said = f"{problem.key}: {problem.what}; {problem.remedy}".removeprefix("sources[a].")
    assert said.startswith(WRONG[written])
    assert problem.remedy
    assert problem.line == 2
    assert "-secret" not in str(problem)


def test_two_sources_cannot_share_an_address_of_mail(folder: Folder) -> None:
    text = (
        "sources:\n  - {name: a, kind: newsletter, url: 'lmtp:n@in.example'}\n"
        "  - {name: b, kind: newsletter, url: 'lmtp:N@in.example'}\n"
    )
    config = folder({**FILES, "sources/a.yaml": text})
    with pytest.raises(ConfigError) as caught:
        load_all(config, {})
    assert str(caught.value) == (
        "config/sources/a.yaml:3:38: sources[b].url: the address belongs to the source at "
        "config/sources/a.yaml:2; give each source an address of its own"
    )


def test_every_new_key_of_the_settings_arrives(folder: Folder) -> None:
    text = (
        "fetch: {spacing: 3s, robots: false, pages: 7, proxy_file: proxy, websub: 'off'}\n"
        "inbound: {lmtp: /run/in.sock, max_bytes: 20000}\nretention: {articles: 30d}\n"
    )
    settings, _ = load_all(folder({"syndicator.yaml": text, "proxy": "http://u:p-secret@x.example:1/\n"}), {})
    assert settings.fetch == Fetch(
        spacing=timedelta(seconds=3),
        robots=False,
        pages=7,
        proxy="http://u:p-secret@x.example:1",
        websub="off",
    )
    assert settings.inbound == Inbound(lmtp="/run/in.sock", max_bytes=20_000)
    assert settings.retention == Retention(articles=timedelta(days=30))
    assert "p-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fetch: {proxy: 'http://x:1', proxy_file: y}", "fetch.proxy_file: stands beside proxy"),
        ("fetch: {proxy_file: y}", "fetch.proxy_file: 'y': no such file"),
        ("fetch: {websub: maybe}", "fetch.websub: 'maybe' is not one of auto, on, off"),
        ("inbound: {lmtp: 2424}", "inbound.lmtp: must be text"),
        ("inbound: {lmtp: ':2424'}", "inbound.lmtp: ':2424' is no place to listen at"),
        ("inbound: {lmtp: 'localhost:99999'}", "inbound.lmtp: 'localhost:99999' is no place"),
    ],
)
def test_wrong_settings(folder: Folder, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_all(folder({"syndicator.yaml": text}), {})
    assert said in str(caught.value)


# Notes ------------------------------------------------------------------------------------------------


def test_notes_say_what_is_worth_a_look(folder: Folder) -> None:
    text = """sources:
  - {name: a, url: 'https://www.e.example/feed/'}
  - {name: b, url: 'http://e.example/feed?utm_source=x'}
  - {name: c, url: 'https://u:pw-secret@f.example/'}
  - {name: d, url: 'file:gone.xml'}
  - {name: e, url: 'https://g.example/', verify_tls: false}
  - {name: f, url: 'http://h.example/', auth: {bearer_env: B}}
  - {name: g, url: 'file:here.xml'}
"""
    config = folder({"sources/a.yaml": text, "here.xml": ""})
    catalog = load_catalog(config, environ={"B": "b-secret"})
    found = [(note.line, note.key, note.what) for note in notes(config, catalog.sources)]
    assert found == [
        (3, "sources[b].url", "the same address as 'a'"),
        (4, "sources[c].url", "a password stands in the address"),
        (5, "sources[d].url", "there is no such file now"),
        (6, "sources[e].verify_tls", "anybody on the way can pretend to be this source"),
        (7, "sources[f].auth", "the secret travels unencrypted"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://e.example/feed", "http://www.e.example/feed/", True),
        ("https://e.example/feed?a=1", "https://e.example/feed?a=2", False),
        ("https://e.example/feed", "https://e.example:8443/feed", False),
        ("file:a.xml", "file:b.xml", False),
        ("lmtp:a@e.example", "lmtp:a@e.example", True),
    ],
)
def test_the_same_place(one: str, other: str, same: bool) -> None:
    assert (identity(one) == identity(other)) is same


# Plan -------------------------------------------------------------------------------------------------

BEFORE = Source(name="a", url="https://e.example/")
CHANGES = [
    ({"url": "https://f.example/"}, True),
    ({"kind": "page"}, True),
    ({"select": "a"}, True),
    ({"full_text": "always"}, True),
    ({"articles": "links"}, True),
    ({"allow_private": True}, True),
    ({"access": Access(password="new")}, True),
    ({"max_interval": timedelta(hours=1)}, True),
    ({"max_interval": timedelta(hours=48)}, False),
    ({"min_interval": timedelta(hours=1)}, False),
    ({"language": "zh"}, False),
    ({"tags": ("China",)}, False),
]


@pytest.mark.parametrize(("change", "is_due"), CHANGES, ids=lambda value: str(value)[:40])
def test_which_changes_make_a_source_due_at_once(change: dict[str, object], is_due: bool) -> None:
    after = replace(BEFORE, **change)  # type: ignore[arg-type]
    old, new = (
        Catalog(version=str(n), sources={"a": each}, topics={}) for n, each in enumerate((BEFORE, after))
    )
    assert plan(old, new).sources_changed == ("a",)
    assert due(old, new) == (("a",) if is_due else ())
    assert due(None, new) == due(new, new) == ()


def test_the_dump_is_what_was_written(folder: Folder) -> None:
    assert json.loads(dump(folder(FILES))) == {"sources/a.yaml": ALL_KINDS}
