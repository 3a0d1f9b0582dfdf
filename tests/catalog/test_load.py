"""What becomes of good files."""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.catalog import dump, load_all, load_catalog, load_dump, load_settings, load_topic, load_topics
from syndicator.errors import ConfigError, NotFound
from syndicator.match import parse_rule
from syndicator.model import DigestPlan, Publish, Slot, Source, Topic
from syndicator.settings import Allowance, Fetch, Mail, Quiet, Relay, Returns, Settings, Site, WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

FULL_TOPIC = """
title: Telecom fraud
description: >
  Scams by phone,
  and what is done against them.
langs: [zh]
sources: [news]
tags: [Telecom-Fraud]
any: ['"phone scam"', 电信诈骗]
all: [title:诈骗]
none: [scampi]
mask: ["phone-free"]
min_score: 2
publish: {formats: [atom], items: 20, per_source: 5, content: excerpt}
digest: {at: 07:30, zone: Asia/Shanghai, days: weekdays, max_items: 7, minimum: 2}
tests: {match: [电信诈骗], no_match: [Scampi and phone-free dinners]}
"""


def test_every_key_of_a_topic_arrives(folder: Folder) -> None:
    config = folder(
        {
            "sources/a.yaml": "sources: [{name: news, url: 'file:x'}]",
            "topics/telecom-fraud.yaml": FULL_TOPIC,
        }
    )
    topic = load_catalog(config).topics["telecom-fraud"]
    assert topic == Topic(
        slug="telecom-fraud",
        title="Telecom fraud",
        description="Scams by phone, and what is done against them.",
        language="zh",
        languages=("zh",),
        sources=("news",),
        rule=parse_rule(
            any=['"phone scam"', "电信诈骗"],
            all=["title:诈骗"],
            none=["scampi"],
            mask=["phone-free"],
            tags=["Telecom-Fraud"],
        ),
        min_score=2,
        publish=Publish(formats=("atom",), items=20, per_source=5, content="excerpt"),
        digest=DigestPlan(
            slot=Slot(frequency="weekdays", at=time(7, 30), zone="Asia/Shanghai"), max_items=7, minimum=2
        ),
        fingerprint=topic.fingerprint,
    )


def test_the_least_topic_has_the_defaults_of_the_model(folder: Folder) -> None:
    config = folder({"topics/t.yml": "title: T\nall: [word]\n"})
    topic = load_topics(config / "topics")["t"]
    rule = parse_rule(all=["word"])
    assert topic == Topic(slug="t", title="T", rule=rule, fingerprint=topic.fingerprint)


def test_a_topic_may_be_mailed_only(folder: Folder) -> None:
    config = folder({"topics/t.yaml": "title: T\nany: [x]\npublish: {formats: []}\ndigest: {}\n"})
    topic = load_topics(config / "topics")["t"]
    assert topic.publish is None
    assert topic.digest == DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="UTC"))


def test_looks_arrive_and_no_other_is_taken(folder: Folder) -> None:
    config = folder(
        {
            "syndicator.yaml": "mail: {look: brief}\n",
            "topics/t.yaml": "title: T\nany: [x]\ndigest: {look: plain}\n",
        }
    )
    assert load_settings(config, {}).mail.look == "brief"
    digest = load_topics(config / "topics")["t"].digest
    assert digest
    assert digest.look == "plain"
    wrong = folder({"topics/t.yaml": "title: T\nany: [x]\ndigest: {look: plane}\n"})
    with pytest.raises(ConfigError, match=r"t\.yaml:3:\d+: digest\.look: .*plane"):
        load_topics(wrong / "topics")


def test_every_key_of_a_source_arrives(folder: Folder) -> None:
    config = folder(
        {
            "sources/a.yaml": "sources:\n"
            "  - {name: least, url: 'https://e.example/f'}\n"
            "  - {name: full, url: 'file:x.xml', kind: feed, language: zh-Hant, tags: [China, 中国],\n"
            "     allow_private: true, every: {min: 5m, max: 6h}}\n"
            "  - {name: slow, url: 'file:y', every: {min: 3d}}\n"
            "  - {name: fast, url: 'file:z', every: {max: 1m}}\n"
        }
    )
    fetch = Fetch(min_interval=timedelta(minutes=20), max_interval=timedelta(hours=48))
    assert load_catalog(config, fetch=fetch).sources == {
        "least": Source(
            name="least",
            url="https://e.example/f",
            min_interval=timedelta(minutes=20),
            max_interval=timedelta(hours=48),
        ),
        "full": Source(
            name="full",
            url="file:x.xml",
            language="zh-Hant",
            tags=("China", "中国"),
            allow_private=True,
            min_interval=timedelta(minutes=5),
            max_interval=timedelta(hours=6),
        ),
        "slow": Source(
            name="slow", url="file:y", min_interval=timedelta(days=3), max_interval=timedelta(days=3)
        ),
        "fast": Source(
            name="fast", url="file:z", min_interval=timedelta(minutes=1), max_interval=timedelta(minutes=1)
        ),
    }


@pytest.mark.parametrize("files", [{}, {"syndicator.yaml": ""}, {"syndicator.yaml": "\ufeff# nothing\n"}])
def test_without_keys_the_settings_are_their_defaults(folder: Folder, files: dict[str, str]) -> None:
    config = folder(files)
    root = config.parent
    assert load_settings(config, {}) == Settings(config=config, root=root, state=root / "var")


def test_every_key_of_the_settings_arrives(folder: Folder) -> None:
    config = folder(
        {
            "secrets/smtp": "geheim\n",
            "syndicator.yaml": """
site: {title: Nachrichten, base_url: https://n.example/, language: de, languages: [de],
       contact: me@n.example}
state: data
database: postgresql://db/news
web: {host: "::1", port: 9000}
mail:
  transport: smtp
  from: '"Doe, Jo" <jo@n.example>'
  host: mail.n.example
  port: 587
  security: starttls
  username: jo
  password_file: secrets/smtp
  connections: 3
  uncertain: hold
  timeout: 30s
  give_up: 2d
  returns: {address: back@n.example, from: "maildir:back", per_day: 7, suppress_per_day: 0}
fetch: {min_interval: 1m, max_interval: 2h, concurrency: 8, per_host: 1, timeout: 10s, max_bytes: 1000000,
        allow_private: [10.0.0.0/8, intranet.n.example, "::1"], user_agent: Me/1}
""",
        }
    )
    settings = load_settings(config, {})
    assert settings.state == config.parent / "data"
    assert settings.database_url == "postgresql+psycopg://db/news"
    assert settings.site == Site(
        title="Nachrichten",
        base_url="https://n.example",
        language="de",
        languages=("de",),
        contact="me@n.example",
    )
    assert (settings.web.host, settings.web.port) == ("::1", 9000)
    assert settings.mail == Mail(
        transport="smtp",
        sender_name="Doe, Jo",
        sender="jo@n.example",
        host="mail.n.example",
        port=587,
        security="starttls",
        username="jo",
        password="geheim",
        connections=3,
        uncertain="hold",
        timeout=timedelta(seconds=30),
        give_up=timedelta(days=2),
        returns=Returns(address="back@n.example", place="maildir:back", per_day=7, suppress_per_day=0),
    )
    assert settings.fetch == Fetch(
        min_interval=timedelta(minutes=1),
        max_interval=timedelta(hours=2),
        concurrency=8,
        per_host=1,
        timeout=timedelta(seconds=10),
        max_bytes=1_000_000,
        allow_private=("10.0.0.0/8", "intranet.n.example", "::1"),
        user_agent="Me/1",
    )
    assert "geheim" not in repr(settings)


def test_relays_and_limits_arrive(folder: Folder) -> None:
    config = folder(
        {
            "token": "geheim\n",
            "syndicator.yaml": """
mail:
  transport: smtp
  helo: mail.n.example
  relays:
    - {host: a.example}
    - {name: b, host: b.example, port: 465, security: tls, username: me, password_file: token, auth: xoauth2,
       weight: 3, connections: 2, per_connection: 7, per_minute: 90}
  domains: {Slow.Example: {connections: 1, per_connection: 5, per_minute: 6,
            warm_up: {start: 2026-12-02, per_day: [9], growth: 1.5}}}
  warm_up: {start: "2026-12-01", per_day: [50, 100]}
  quiet: {from: "22:00", to: "06:30", strict: true}
  spread: 30m
""",
        }
    )
    mail = load_settings(config, {}).mail
    assert mail.relays == (
        Relay(name="a.example:25", host="a.example"),
        Relay(
            name="b", host="b.example", port=465, security="tls", username="me", password="geheim",
            password_at=str(config / "token"), auth="xoauth2", weight=3, connections=2, per_connection=7,
            per_minute=90,
        ),
    )  # fmt: skip
    slow = WarmUp(start=date(2026, 12, 2), per_day=(9,), growth=1.5)
    assert mail.domains == {
        "slow.example": Allowance(connections=1, per_connection=5, per_minute=6, warm_up=slow)
    }
    assert mail.warm_up == WarmUp(start=date(2026, 12, 1), per_day=(50, 100))
    assert mail.quiet == Quiet(start=time(22), end=time(6, 30), strict=True)
    assert (mail.spread, mail.helo) == (timedelta(minutes=30), "mail.n.example")
    config = folder(
        {"syndicator.yaml": "mail: {route: direct, allow_private: [10.0.0.0/8], resolver: '::1'}"}
    )
    mail = load_settings(config, {}).mail
    assert (mail.route, mail.allow_private, mail.resolver) == ("direct", ("10.0.0.0/8",), "::1")


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("news@example.org", "", "news@example.org"),
        ("<news@example.org>", "", "news@example.org"),
        ("News <news@example.org>", "News", "news@example.org"),
        ("新闻 摘要 <news@example.org>", "新闻 摘要", "news@example.org"),
        ('"A, B" <news@localhost>', "A, B", "news@localhost"),
    ],
)
def test_senders(folder: Folder, written: str, name: str, address: str) -> None:
    config = folder({"syndicator.yaml": f"mail: {{from: '{written}'}}"})
    mail = load_settings(config, {}).mail
    assert (mail.sender_name, mail.sender) == (name, address)


def test_the_environment_wins(folder: Folder, tmp_path: Path) -> None:
    config = folder({"syndicator.yaml": "web: {port: 1, host: 0.0.0.0}\nstate: a\n"})
    environ = {
        "SYNDICATOR_WEB_PORT": "0",
        "SYNDICATOR_STATE": str(tmp_path / "b"),
        "SYNDICATOR_DATABASE": "postgres://db/x",
    }
    settings = load_settings(config, environ)
    assert (settings.web.port, settings.web.host) == (0, "0.0.0.0")
    assert settings.state == tmp_path / "b"
    assert settings.database == "postgres://db/x"
    assert load_settings(config, dict.fromkeys(environ, "")).web.port == 1


def test_a_password_comes_from_systemd_where_the_file_is_missing(folder: Folder, tmp_path: Path) -> None:
    config = folder({"syndicator.yaml": "mail: {username: u, password_file: secrets/smtp}"})
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "smtp").write_text("from systemd")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert load_settings(config, environ).mail.password == "from systemd"
    folder({"secrets/smtp": "from the file\r\n"})
    assert load_settings(config, environ).mail.password == "from the file"


@pytest.mark.parametrize("secret", [b"", b"\n", b"one\ntwo\n", b"\xff", b"x" * 5000])
def test_a_strange_password_is_refused_and_never_shown(folder: Folder, secret: bytes) -> None:
    config = folder({"syndicator.yaml": "mail: {username: u, password_file: pw}", "pw": secret})
    with pytest.raises(ConfigError) as caught:
        load_settings(config, {})
    assert str(caught.value) == (
        "config/syndicator.yaml:1:36: mail.password_file: 'pw': must hold the value alone, on one line; "
        "write the value into that file"
    )


def test_a_pipe_never_holds_the_start(folder: Folder) -> None:
    config = folder(
        {"syndicator.yaml": "mail: {username: u, password_file: pw}", "topics/t.yaml": "title: T"}
    )
    os.mkfifo(config / "pw")
    os.mkfifo(config / "topics" / "pipe.yaml")
    with pytest.raises(ConfigError) as caught:
        load_all(config, {})
    assert [problem.what for problem in caught.value.problems][:1] == ["'pw': is no file"]
    assert "config/topics/pipe.yaml: not a file" in str(caught.value)


def test_json_is_read_as_well(folder: Folder) -> None:
    config = folder(
        {"topics/t.yaml": '{"title": "T \\ud83d\\ude00", "any": ["x"],\n\t"digest": {"at": "07:00"}}'}
    )
    assert load_topics(config / "topics")["t"].title == "T 😀"


def test_left_over_files_are_passed_over(folder: Folder) -> None:
    names = [
        ".hidden.yaml",
        ".#t.yaml",
        "t.yaml~",
        "#t.yaml#",
        "t.yaml.bak",
        "t.yaml.dpkg-old",
        ".t.yaml.swp",
    ]
    config = folder({f"topics/{name}": "[broken" for name in names} | {"topics/t.yaml": "title: T\nany: [x]"})
    assert list(load_catalog(config).topics) == ["t"]


def test_a_dump_is_the_same_catalog_again(folder: Folder) -> None:
    config = folder(
        {
            "sources/a.yaml": "sources: [{name: news, url: 'file:x'}]  # 新闻\n",
            "topics/telecom-fraud.yaml": FULL_TOPIC,
            "topics/t.yml": "title: T\nany: [x]",
        }
    )
    _, catalog = load_all(config, {})
    text = dump(config)
    assert load_dump(text) == catalog == load_catalog(config)
    (config / "topics" / "t.yml").write_text("title: [")
    with pytest.raises(ConfigError):
        load_all(config, {})
    assert load_dump(text) == catalog  # the last good one outlives broken files


def test_the_version_is_of_the_text_and_of_the_rhythm(folder: Folder) -> None:
    config = folder({"topics/t.yaml": "title: T\nany: [x]\n"})
    before = load_catalog(config).version
    assert load_catalog(config).version == before
    assert load_catalog(config, fetch=Fetch(min_interval=timedelta(minutes=1))).version != before
    folder({"topics/t.yaml": "title: U\nany: [x]\n"})
    assert load_catalog(config).version != before


@pytest.mark.parametrize(
    ("change", "deciding"),
    [
        ("title: Other\nany: [x]\n", False),
        ("title: T\nany: [x]\ndigest: {at: 08:00}\npublish: {items: 1}\ndescription: D\n", False),
        ("any: [x]  # a comment\ntitle: T\nmin_score: 3.0\n", False),
        ("title: T\nany: [y]\n", True),
        ("title: T\nall: [x]\n", True),
        ("title: T\nany: [x]\nnone: [y]\n", True),
        ("title: T\nany: [x]\nmask: [y]\n", True),
        ("title: T\nany: [x]\ntags: [y]\n", True),
        ("title: T\nany: [x]\nlangs: [en]\n", True),
        ("title: T\nany: [x]\nsources: [a]\n", True),
        ("title: T\nany: [x]\nmin_score: 4\n", True),
    ],
)
def test_the_fingerprint_is_of_what_decides_the_matches(folder: Folder, change: str, deciding: bool) -> None:
    config = folder({"topics/t.yaml": "title: T\nany: [x]\n"})
    before = load_topics(config / "topics")["t"].fingerprint
    folder({"topics/t.yaml": change})
    assert (load_topics(config / "topics")["t"].fingerprint != before) is deciding


def test_one_topic_is_read_whatever_is_wrong_with_others(folder: Folder) -> None:
    config = folder(
        {
            "aliases.yaml": "vessel: [ship]\n",
            "topics/ships.yml": "title: S\nany: ['@vessel']\nsources: [gone]\ntests: {match: [Rain]}\n",
            "topics/broken.yaml": "title: [",
        }
    )
    topic, failures = load_topic(config, "ships")
    assert (topic.slug, topic.sources, len(failures)) == ("ships", ("gone",), 1)
    assert failures[0].file == "config/topics/ships.yml"
    edited, failures = load_topic(config, "ships", "title: Edited\nany: [boat]\n")
    assert (edited.title, failures) == ("Edited", ())
    assert load_topic(config, "new", "title: New\nany: [boat]\n")[0].slug == "new"
    with pytest.raises(NotFound) as unknown:
        load_topic(config, "shipz")
    assert unknown.value.hint == "did you mean ships?"
    with pytest.raises(ConfigError) as caught:
        load_topic(config, "ships", "title: [")
    assert str(caught.value).startswith("config/topics/ships.yml:1:")
