"""The keys of `signup` and web.proxies, from a file to the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.catalog import load_settings
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.settings import Settings


def load(folder: Path, text: str) -> Settings:
    (folder / "syndicator.yaml").write_text(text)
    return load_settings(folder, {})


def test_domains_are_gathered_and_folded(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("# ours\n\nMailinator.example  # throw-away\n@Trash.example.\n")
    (tmp_path / "long.txt").write_bytes("\ufeffпочта.example\r\nmailinator.example\r\n".encode())
    keys = "signup: {blocked: [BÜCHER.example], blocked_files: [mine.txt, long.txt], per_hour: 9}"
    found = load(tmp_path, keys).signup
    assert found.blocked == {
        "xn--bcher-kva.example", "mailinator.example", "trash.example", "xn--80a1acny.example",
    }  # fmt: skip
    assert found.per_hour == 9
    closed = load(tmp_path, "signup: {open: false}\nweb: {proxies: [10.0.0.0/8]}")
    assert (closed.site.signup, closed.web.proxies) == (False, ("10.0.0.0/8",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("signup: {blocked: [a b.example]}", "'a b.example' is no domain; write one such as mail.example"),
        ("signup: {blocked_files: [nowhere]}", "signup.blocked_files[1]: 'nowhere': no such file"),
        ("signup: {blocked_files: [bad]}", "'bad', line 2: 'no one' is no domain; write one domain a line"),
        ("signup: {blocked_files: [latin]}", "'latin': is no UTF-8 text"),
        ("signup: {blocked_files: [.]}", "'.': is no file"),
        ("signup: {origins: ['https://a.example/path']}", "is no origin"),
        ("signup: {origins: [a.example]}", "is no origin"),
        ("signup: {per_hour: 0}", "per_hour"),
        ("web: {proxies: [proxy.example]}", "'proxy.example' is no address or network"),
        ("web: {proxies: ['*']}", "is no address or network"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad").write_text("good.example\nno one\n")
    (tmp_path / "latin").write_bytes(b"caf\xe9.example\n")
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
