"""Adding sources to files: every byte of an admin's stays, and nothing is written that does not load."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.catalog import load_catalog, yaml
from syndicator.catalog.append import CannotAppend, append
from syndicator.catalog.write import add_sources, file_stem, name_for
from syndicator.errors import ConfigError, SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

NEW: dict[str, Any] = {"name": "new", "url": "https://n.example/f?a=1#x", "tags": ["China", "a: b", "no"]}
TEXTS = [
    "",
    "# nothing yet\n\n\n",
    "# top\nsources:\n  # one\n  - {name: a, url: 'https://e.example/a'}  # behind\n  # end\n",
    "sources:\n- name: a\n  url: https://e.example/a\n\n# end, after a blank line\n\n",
    "sources:\n      - name: a\n        url: https://e.example/a",
    "sources:\n  - name: a\n    url: https://e.example/a\n    every:\n      min: 5m   # often\r\n",
    "sources:\n  - url: https://e.example/a\n    name: >-\n      a\n\n",
    "sources: [{name: a, url: 'https://e.example/a'}]  # in one line\n",
    "sources: [\n  {name: a, url: 'https://e.example/a'},\n]\n",
    "sources: []\n",
    "\ufeffsources:\n  - {name: a, url: 'https://e.example/a'}\n",
    '{"sources": [{"name": "a", "url": "https://e.example/a"}]}',
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_there_stays_byte_by_byte(folder: Folder, text: str) -> None:
    if text.lstrip().startswith("# nothing"):
        with pytest.raises(CannotAppend):
            append(text, [NEW])
        return
    before = yaml.read(text).value or {"sources": []}
    made = append(text, [NEW, NEW | {"name": "newer"}])
    document = yaml.read(made)
    assert document.faults == []
    assert document.value == {"sources": [*before["sources"], NEW, NEW | {"name": "newer"}]}
    kept = os.path.commonprefix([text, made])  # noqa: RUF071 - of characters is meant
    assert made.endswith(text[len(kept) :])  # nothing but one piece has been put in


values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30),
    st.booleans(),
    st.lists(
        st.sampled_from(["yes", "null", "1e3", "0x1f", "- a", "#", "中国", "a, b", "x: y", "~", " a ", ""])
    ),
)


@given(values, st.sampled_from([text for text in TEXTS if text and not text.startswith("# n")]))
def test_any_value_comes_back(value: Any, text: str) -> None:
    made = yaml.read(append(text, [{"name": "x", "value": value}]))
    if not made.faults:  # an invisible character is refused when it is read
        assert made.value["sources"][-1] == {"name": "x", "value": value}


def test_sources_are_added_and_load(folder: Folder) -> None:
    config = folder({"sources/a.yaml": TEXTS[2], "topics/t.yaml": "title: T\nany: [x]\n"})
    (config / "sources" / "a.yaml").chmod(0o640)
    path = add_sources(config, {}, "a.yaml", [NEW])
    assert path == config / "sources" / "a.yaml"
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text().startswith(TEXTS[2].removesuffix("  # end\n"))
    assert path.read_text().endswith("  # end\n")
    source = load_catalog(config).sources["new"]
    assert (source.url, source.tags) == (NEW["url"], ("China", "a: b", "no"))
    add_sources(config, {}, "made.yaml", [NEW | {"name": "first"}])
    assert (config / "sources" / "made.yaml").read_text().startswith("# yaml-language-server")
    assert sorted(each.name for each in (config / "sources").iterdir()) == ["a.yaml", "made.yaml"]


REFUSED: list[tuple[dict[str, str], str, dict[str, Any], str]] = [
    ({}, "../x.yaml", NEW, "is no name of a file"),
    ({}, ".hidden.yaml", NEW, "is no name of a file"),
    ({}, "x.txt", NEW, "is no name of a file"),
    ({}, "a.yaml", NEW | {"name": "a"}, "there is a source 'a' already"),
    ({}, "a.yaml", NEW | {"url": "ftp://x"}, "is no address"),
    ({}, "a.yaml", NEW | {"colour": "red"}, "unknown key"),
    ({"sources/b.yaml": "sources:\n  - {name: b}\n"}, "a.yaml", NEW, "url: missing"),
]


@pytest.mark.parametrize(("files", "file", "item", "said"), REFUSED)
def test_nothing_is_written_that_does_not_load(
    folder: Folder, files: dict[str, str], file: str, item: dict[str, Any], said: str
) -> None:
    config = folder({"sources/a.yaml": TEXTS[2], **files})
    before = {path.name: path.read_bytes() for path in (config / "sources").iterdir()}
    with pytest.raises((ConfigError, SyndicatorError)) as caught:
        add_sources(config, {}, file, [item])
    assert said in f"{caught.value} {caught.value.hint}"
    assert before == {path.name: path.read_bytes() for path in (config / "sources").iterdir()}


def test_anchors_are_no_hindrance(folder: Folder) -> None:
    config = folder({"sources/b.yaml": "sources: &x\n  - {name: b, url: 'file:x'}\n"})
    add_sources(config, {}, "b.yaml", [NEW])
    assert set(load_catalog(config).sources) == {"b", "new"}


def test_a_folder_that_cannot_be_written(folder: Folder) -> None:
    config = folder({"syndicator.yaml": ""})
    (config / "sources").symlink_to("/proc/self/nowhere")
    with pytest.raises(SyndicatorError):
        add_sources(config, {}, "a.yaml", [NEW])


NAMES = [
    ("BBC News - World", "https://feeds.example/x", "bbc-news-world"),
    ("Krebs on Security", "https://e.example", "krebs-on-security"),
    ("Der Spiegel – für Österreich", "https://e.example", "der-spiegel-fur-osterreich"),
    ("人民网", "https://www.people.example/rss", "people-example"),
    ("人民网 RSS", "https://www.people.example/rss", "people-example"),
    ("", "https://www.e.example/rss", "e-example"),
    ("", "file:samples/wire.rss", "wire"),
    ("", "x:", "x"),
    ("", "…:", "source"),
    ("It's a very long title that goes on for ever", "x:", "its-a-very-long-title-that-goes-on-for"),
    ("taken", "https://e.example", "taken-3"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "url", "name"), NAMES)
def test_names_are_made_of_titles(title: str, url: str, name: str) -> None:
    assert name_for(title, url, {"taken", "taken-2"}) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("maildir:/home/jo/Maildir", "jo"),
        ("maildir:box", "box"),
        ("maildir:/var/mail/news%20letters/", "news-letters"),
        ("maildir:/home/jo/Maildir/.Trains", "trains"),
        ("maildir:Maildir", "source"),
        ("imaps://mail.example.org/Newsletters", "newsletters"),
        ("imaps://mail.example.org/INBOX", "mail-example-org"),
        ("imap://mail.example.org", "mail-example-org"),
        ("lmtp:letters@in.example.org", "letters"),
    ],
)
def test_names_of_mailboxes(url: str, name: str) -> None:
    assert name_for("", url, ()) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("in", "in"), ("a", "a"), ("My feeds", "my-feeds"), ("订阅", "imported"), ("-", "imported")],
)
def test_names_of_files(text: str, name: str) -> None:
    assert file_stem(text) == name
