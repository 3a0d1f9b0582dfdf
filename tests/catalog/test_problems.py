"""Bad files and the exact lines that an admin reads about them."""

# ruff: noqa: E501, ISC004 - the long lines are what an admin reads

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndicator.catalog import dump, load_all, load_dump, load_topics
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

GOOD = "title: T\nany: [word]\n"

TOPIC = {
    "titel: T\nany: [x]\n": [
        "1:1: titel: unknown key; did you mean 'title'?",
        "1:1: title: missing; add title: Telecom fraud",
    ],
    "title: T\nany: [x]\nzzzz: 1\n": [
        "3:1: zzzz: unknown key; known here: all, any, audience, description, digest, langs, learn, mask, min_score, none, publish, "
        "query, sources, tags, tests, title, was"
    ],
    "title: T\nany: [x]\nquery: a OR b\n": [
        "3:8: query: `query` beside `any`, `all` or `none`; write the one or the others"
    ],
    "title: T\nquery: flood OR\n": [
        '2:16: query: nothing after OR; write a word there; put it in quotation marks, "…", if you mean the text itself'
    ],
    "title: T\nquery: |\n  (flood OR drought)\n  NOT (film OR =Flood)\n  flood NEAR\n": [
        "2:8: query: NEAR without a distance; write NEAR/6: at most 6 words between; put it in quotation marks, "
        '"…", if you mean the text itself'
    ],
    "title: T\nany: [-flood]\nnone: ['NOT flood']\n": [
        "2:7: any[1]: the line holds just because something is missing; say what must be there; what must not goes "
        "into the list `none`, without NOT",
        "3:9: none[1]: the line holds just because something is missing; say what must be there; what must not goes "
        "into the list `none`, without NOT",
    ],
    "title: T\nany: [x]\naudience: staff\n": [
        "3:11: audience: 'staff' is no audience; write one such as {plan: gold}, or delete the key",
    ],
    "title: T\nany: [x]\naudience:\n  plan: gold\n  not:\n    Trial: yes\n": [
        "6:5: audience.not: 'Trial' is no name of an attribute; use small letters, digits, - and _, a letter first, "
        "at most 40",
    ],
    "title: 2026\nany: [96110]\n": [
        "1:8: title: must be text, not a number; put it in quotes",
        "2:7: any[1]: 96110 is not text; put it in quotes",
    ],
    "title:\nany: word\n": [
        "1:7: title: has no value; write one, or delete the key",
        "2:6: any: must be a list, not text; write [one, two], or a line with - for each",
    ],
    "title: ''\nany: [x]\n": ["1:8: title: empty; write a text, or delete the key"],
    'title: "a\\x07b"\nany: [x]\n': ["1:8: title: the invisible character U+0007; delete it"],
    'title: "a\\u202eb"\nany: [x]\n': ["1:8: title: the invisible character U+202E; delete it"],
    "title: T\nany: [x]\ntitle: U\n": ["3:1: title: given twice, first on line 1; keep one of them"],
    "title: T\nnone: [x]\n": [
        "1:1: the rule can only exclude; say in `any`, `all` or `tags` what belongs to the topic"
    ],
    "title: T\n": [
        "1:1: the rule is empty; say in `any`, `all`, `tags` or `query` what belongs to the topic"
    ],
    "title: T\nany:\n  - good\n  - 'it''s te*st'\n": [
        "4:14: any[2]: a star in an odd place; it stands for any ending, so only at the end: word*"
    ],
    "title: T\nany: [x]\nmask: [two words]\n": [
        '3:8: mask[1]: a mask is one word or phrase; quote it: "two words"'
    ],
    "title: T\nany: [x]\nmin_score: '3'\n": [
        "3:12: min_score: must be a number, not text; write digits, without quotes"
    ],
    "title: T\nany: [x]\nmin_score: .inf\n": ["3:12: min_score: must be a finite number; write digits"],
    "title: T\nany: [x]\nlangs: [english!]\n": [
        "3:9: langs[1]: 'english!' is no language; write a tag such as en, zh or zh-Hant"
    ],
    "title: T\nany: [x]\npublish: {formats: [rss, atomm], items: 0, content: ful}\n": [
        "3:26: publish.formats[2]: 'atomm' is not one of rss, atom, json; did you mean 'atom'?",
        "3:41: publish.items: 0 is too small; write at least 1",
        "3:53: publish.content: 'ful' is not one of full, excerpt; did you mean 'full'?",
    ],
    "title: T\nany: [x]\npublish: all\n": [
        "3:10: publish: must hold keys, not text; write key: value, indented below it, or in braces"
    ],
    "title: T\nany: [x]\ndigest:\n  at: 25:00\n  zone: Shanghai\n  days: dayly\n  max_items: 2.5\n": [
        "4:7: digest.at: '25:00' is no time of day; write hours and minutes, such as \"07:00\"",
        "5:9: digest.zone: unknown time zone 'Shanghai'; did you mean 'Asia/Shanghai'?",
        "6:9: digest.days: 'dayly' is not one of daily, weekdays, weekly; did you mean 'daily'?",
        "7:14: digest.max_items: must be a whole number, not a decimal number; write digits, without quotes",
    ],
    "title: T\nany: [x]\ndigest: {zone: ../../etc/passwd}\n": [
        "3:16: digest.zone: unknown time zone '../../etc/passwd'; write an IANA name, such as Asia/Shanghai"
    ],
    "title: T\nany: [x]\nsources: [newz]\n": [
        "3:11: sources[1]: there is no source 'newz'; did you mean 'news'?"
    ],
    "title: T\nany: [x]\ndigest: {days: hourly}\n": [
        "3:16: digest.days: 'hourly' is not one of daily, weekdays, weekly; write one of them"
    ],
    "title: T\nany: [scam]\ntests:\n  match: [A scampi dinner]\n  no_match: [The scam of the year]\n": [
        "4:11: tests.match[1]: is not in the topic: no line of `any` holds; change the rule or the test",
        "5:14: tests.no_match[1]: is in the topic: title: scam; change the rule or the test",
    ],
    "": ["1:1: the file is empty; write lines of key: value, or delete the file"],
    "- a\n- b\n": ["1:1: must hold keys with values; write lines of key: value, or delete the file"],
    "title: T\nany:\n\t- x\n": ["3:1: a tab where only spaces may stand; indent with spaces"],
    "title: a: b\n": ["1:9: a colon where no key can be; put the text in quotes"],
    b"title: caf\xe9\n": ["1:11: not UTF-8; save the file as UTF-8"],
    b"title: T\nany: [" + b"x" * 1024 * 1024 + b"]\n": ["more than 1 MB; split it"],
}

SOURCES = {
    "sources:\n  - {name: a, url: 'https://e.example/f'}\n  - {url: 'https://e.example/g', nam: b}\n": [
        "3:5: sources[2].name: missing; add name: bbc-world",
        "3:34: sources[2].nam: unknown key; did you mean 'name'?",
    ],
    "sources:\n  - {name: Bad Name, url: 'ftp://e.example/'}\n": [
        "2:12: sources[Bad Name].name: 'Bad Name' is no name; use up to 64 small letters, digits and hyphens",
        "2:27: sources[Bad Name].url: 'ftp://e.example/' is no address; begin it with https://, http:// or file:, "
        "a newsletter's with imaps://, maildir: or lmtp:",
    ],
    "sources:\n  - {name: a, url: 'https://'}\n  - {name: b, url: 'file:'}\n": [
        "2:20: sources[a].url: 'https://' names no host; write one such as https://example.org/feed.xml",
        "3:20: sources[b].url: 'file:' names no file here; write file:path, relative to the config folder",
    ],
    "sources:\n  - {name: a, url: 'file:x', kind: fead}\n": [
        "2:36: sources[a].kind: 'fead' is not one of feed, page, newsletter; did you mean 'feed'?"
    ],
    "sources:\n  - {name: a, url: 'file:x', allow_private: yes, every: {min: 6h, max: 5m}}\n": [
        "2:45: sources[a].allow_private: must be true or false, not text; write true or false, without quotes",
        "2:63: sources[a].every.min: longer than max; make it shorter, or max longer",
    ],
    "sources:\n  - {name: a, url: 'file:x', every: {min: 30, max: 1w}}\n": [
        "2:43: sources[a].every.min: 30 is no span of time; write a number and s, m, h or d, such as 15m",
        "2:52: sources[a].every.max: '1w' is no span of time; write a number and s, m, h or d, such as 15m",
    ],
    "sources:\n  - {name: a, url: 'file:x'}\n  - {name: a, url: 'file:y'}\n": [
        "3:12: sources[a].name: there is a source 'a' already, at config/sources/bad.yaml:2; "
        "give one of them another name"
    ],
    "sources:\n  - {name: news, url: 'file:x'}\n": [],  # told at the second of the two files
}

SETTINGS = {
    "web: {port: '8080'}\n": [
        "1:13: web.port: must be a whole number, not text; write digits, without quotes"
    ],
    "web: {port: 70000}\n": ["1:13: web.port: 70000 is too large; write at most 65535"],
    "web: 8080\n": [
        "1:6: web: must hold keys, not a number; write key: value, indented below it, or in braces"
    ],
    "mail:\n  dkim: {domain: example.org}\n": [
        "2:9: mail.dkim.key_file: missing; add key_file: dkim.pem",
        "2:9: mail.dkim.selector: missing; add selector: s2026",
    ],
    "mail:\n  dkim: {selector: -a, key_file: no.pem}\n": [
        "2:20: mail.dkim.selector: '-a' is no name of a key; use letters, digits, dots and hyphens, such as "
        "s2026"
    ],
    "mail:\n  dkim: {selector: a, key_file: no.pem}\n": [
        "2:33: mail.dkim.key_file: 'no.pem': no such file or directory; make one with `syndicator dkim new`"
    ],
    "mail:\n  dkim: {selector: a, key_file: syndicator.yaml}\n": [
        "2:33: mail.dkim.key_file: 'syndicator.yaml': holds no private key in PEM that can be read; make one "
        "with `syndicator dkim new`"
    ],
    'mail: {from: "News <news@example.org>\\r\\nBcc: x@y.example"}\n': [
        "1:14: mail.from: the invisible character U+000D; delete it"
    ],
    "mail: {from: 'a@example.org, b@example.org'}\n": [
        "1:14: mail.from: 'a@example.org, b@example.org' is no mail address; write one address, such as "
        "news@example.org"
    ],
    "mail: {from: 'Evil, x@evil.example <u@example.org>'}\n": [
        '1:14: mail.from: more than one address; write one; a comma in the name wants quotes: "Last, First" <…>'
    ],
    "mail: {route: direct, security: tls}\n": [
        "1:33: mail.security: the servers of recipients speak no TLS from the start; write none (TLS where it "
        "is offered) or starttls (TLS or nothing)"
    ],
    "mail:\n  host: a.example\n  relays: [{host: b.example}]\n": [
        "2:9: mail.host: stands beside relays, which have their own; delete it"
    ],
    "mail:\n  relays: [{host: b.example}, {host: b.example, username: me}]\n": [
        "2:59: mail.relays[2].username: needs password_file beside it; give both, or delete username"
    ],
    "mail:\n  relays: [{host: b.example}, {host: b.example}]\n": [
        "2:31: mail.relays[2]: a second relay 'b.example:25'; give each a name of its own"
    ],
    "mail: {relays: [{host: b.example, username: me, password_file: no}]}\n": [
        "1:64: mail.relays[1].password_file: 'no': no such file or directory; write the value into that file"
    ],
    "mail: {resolver: dns.example}\n": [
        "1:18: mail.resolver: 'dns.example' is no name server; write an address, such as 127.0.0.1 or "
        "127.0.0.1:5353"
    ],
    "mail: {warm_up: {start: tomorrow, per_day: []}}\n": [
        "1:25: mail.warm_up.start: 'tomorrow' is no day; write one such as 2026-12-01",
        "1:44: mail.warm_up.per_day: has too few entries; give at least 1",
    ],
    "mail: {quiet: {from: 22, to: '06:00'}}\n": [
        '1:22: mail.quiet.from: 22 is no time of day; write hours and minutes, such as "07:00"'
    ],
    "mail: {username: news}\n": [
        "1:18: mail.username: needs password_file beside it; give both, or delete username"
    ],
    "mail: {username: news, password_file: secret}\n": [
        "1:39: mail.password_file: 'secret': no such file or directory; write the value into that file"
    ],
    "site: {base_url: news.example.org}\n": [
        "1:18: site.base_url: 'news.example.org' is no address of a site; write one such as "
        "https://news.example.org"
    ],
    "database: mysql://root:geheim@db/x\n": [
        "1:11: database: neither sqlite nor an address of PostgreSQL; write sqlite or postgresql://HOST/NAME"
    ],
    "fetch: {min_interval: 2d, allow_private: [10.0.0.1/8]}\n": [
        "1:43: fetch.allow_private[1]: '10.0.0.1/8' is no network: 10.0.0.1/8 has host bits set; write one such as "
        "192.168.0.0/16"
    ],
    "fetch: {min_interval: 2d}\n": [
        "1:23: fetch.min_interval: longer than max_interval; make it shorter, or max_interval longer"
    ],
    "fetch: {max_bytes: 1}\n": ["1:20: fetch.max_bytes: 1 is too small; write at least 10000"],
}


def problems(config: Path) -> list[str]:
    try:
        load_all(config, {})
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def expected(file: str, lines: list[str]) -> list[str]:
    return [f"{file}:{line}" if line[0].isdigit() else f"{file}: {line}" for line in lines]


NEWS = "sources: [{name: news, url: 'https://e.example/f'}]\n"


@pytest.mark.parametrize(("text", "lines"), TOPIC.items())
def test_topic_files(folder: Folder, text: str | bytes, lines: list[str]) -> None:
    config = folder({"sources/news.yaml": NEWS, "topics/bad.yaml": text})
    assert problems(config) == expected("config/topics/bad.yaml", lines)


@pytest.mark.parametrize(("text", "lines"), SOURCES.items())
def test_source_files(folder: Folder, text: str, lines: list[str]) -> None:
    config = folder({"sources/bad.yaml": text, "sources/news.yaml": NEWS})
    found = [line for line in problems(config) if "bad.yaml:" in line.partition(" ")[0]]
    assert found == expected("config/sources/bad.yaml", lines)


@pytest.mark.parametrize(("text", "lines"), SETTINGS.items())
def test_settings_files(folder: Folder, text: str, lines: list[str]) -> None:
    found = problems(folder({"syndicator.yaml": text}))
    assert found == expected("config/syndicator.yaml", lines)
    assert "geheim" not in "".join(found)


def test_every_problem_of_all_files_in_one_run(folder: Folder) -> None:
    config = folder(
        {
            "syndicator.yaml": "web: {prot: 1}\nmail: {port: 0}\n",
            "sources/a.yaml": NEWS,
            "sources/b.yml": NEWS,
            "topics/china.yaml": "titel: C\nany: [x]\n",
            "topics/china.yml": GOOD,
            "topics/Upper.yaml": GOOD,
            "topics/notes.txt": "",
            "topics/broken.yaml": "title: [\n",
        }
    )
    assert problems(config) == [
        "config/sources/b.yml:1:18: sources[news].name: there is a source 'news' already, at "
        "config/sources/a.yaml:1; give one of them another name",
        "config/syndicator.yaml:1:7: web.prot: unknown key; did you mean 'port'?",
        "config/syndicator.yaml:2:14: mail.port: 0 is too small; write at least 1",
        "config/topics/Upper.yaml: 'Upper' cannot be a topic's address; rename it: small letters, digits and "
        "hyphens, at most 64",
        "config/topics/broken.yaml:2:1: a value is missing; write one, or close the bracket that is open",
        "config/topics/china.yaml:1:1: titel: unknown key; did you mean 'title'?",
        "config/topics/china.yaml:1:1: title: missing; add title: Telecom fraud",
        "config/topics/china.yml: there is a topic 'china' already, in config/topics/china.yaml; rename or delete "
        "one of them",
        "config/topics/notes.txt: neither .yaml nor .yml, so it is not read; rename it, or move it out of this "
        "folder",
    ]


def test_a_broken_source_file_does_not_accuse_topics(folder: Folder) -> None:
    config = folder({"sources/a.yaml": "sources: [", "topics/t.yaml": GOOD + "sources: [elsewhere]\n"})
    assert [line.split(":")[0] for line in problems(config)] == ["config/sources/a.yaml"]


def test_what_is_no_file_is_told(folder: Folder, tmp_path: Path) -> None:
    config = folder({"topics/deep/x.yaml": GOOD})
    (config / "topics" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (config / "topics" / "folder.yaml").mkdir()
    assert problems(config) == [
        "config/topics/deep: neither .yaml nor .yml, so it is not read; rename it, or move it out of this folder",
        "config/topics/folder.yaml: not a file; move it out of this folder",
        "config/topics/gone.yaml: not a file; move it out of this folder",
    ]


def test_a_missing_folder_is_told_once(tmp_path: Path) -> None:
    assert problems(tmp_path / "conf") == ["conf: no such folder; give it with --config DIR"]
    with pytest.raises(ConfigError, match=r"^t/topics: no such folder"):
        load_topics(tmp_path / "t" / "topics")


def test_environment_is_blamed_for_what_it_says(folder: Folder) -> None:
    config = folder({})
    with pytest.raises(ConfigError) as caught:
        load_all(config, {"SYNDICATOR_WEB_PORT": "http", "SYNDICATOR_DATABASE": "mysql://"})
    assert [str(problem) for problem in caught.value.problems] == [
        "environment: SYNDICATOR_DATABASE: neither sqlite nor an address of PostgreSQL; write sqlite or "
        "postgresql://HOST/NAME",
        "environment: SYNDICATOR_WEB_PORT: must be a whole number, not text; write digits, without quotes",
    ]


FRAGMENTS = st.sampled_from(
    (b"title: |any: |- |[|]|{|}|'|\"|\n|  |&a |*a|digest:\n|sources:\n|name: |x|0|\xff|\0|!!|mail: |from: |tests: |: ")
    .split(b"|")
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["syndicator.yaml", "sources/a.yaml", "topics/a.yaml", "topics/b.yaml"]),
        st.binary(max_size=80) | st.lists(FRAGMENTS, max_size=25).map(b"".join),
    )
)
def test_nothing_but_config_errors_leaves(folder: Folder, files: dict[str, bytes]) -> None:
    config = folder(
        {"syndicator.yaml": "", "sources/a.yaml": NEWS, "topics/a.yaml": GOOD, "topics/b.yaml": GOOD}
    )
    folder(files)
    for line in problems(config):
        assert line.isprintable()
        assert line.startswith("config/")
    try:
        assert load_dump(dump(config)).version
    except ConfigError:
        assert problems(config)


@settings(deadline=None)
@given(st.text(max_size=40) | st.recursive(st.none() | st.text(), st.lists).map(repr))
def test_a_damaged_dump_is_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError, match="stored catalog: not readable"):
        load_dump(text)
