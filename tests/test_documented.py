"""What the documents say and what the program does are the same."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest
from reference import commands, render

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "commands.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KNOWN = dict(commands())
GROUPS = {words[0] for words in KNOWN if len(words) > 1}
GLOBAL = {"--config", "--version", "--help", "-h"}
HELP = {"--help", "-h"}


def test_the_reference_is_up_to_date():
    made = render()
    if os.environ.get("UPDATE_DOCS"):
        REFERENCE.write_text(made, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == made, (
        "UPDATE_DOCS=1 .venv/bin/pytest tests/test_documented.py"
    )


@pytest.mark.parametrize("words", KNOWN, ids=" ".join)
def test_every_command_is_explained(words):
    command = KNOWN[words]
    assert "Example: " in command.help
    for parameter in command.params:
        assert parameter.help, f"{' '.join(words)}: {parameter.name} has no help"
    section = (
        REFERENCE.read_text(encoding="utf-8").partition(f"\n## {' '.join(words)}\n")[2].partition("\n## ")[0]
    )
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert all(f"`{name}`" in section for name in parameter.opts)


def calls(text: str) -> list[str]:
    """The calls of the program in a page: lines of code, and code within a line."""
    found = re.findall(r"(?m)^(?: {4}|\t|\$ )?(?:\S*/)?(?:sudo .*?)?syndicator((?: +[^\s#`|;&]\S*)+)", text)
    found += re.findall(r"`(?:\S*/)?syndicator((?: +[^`\s]+)+)`", text)
    return [call.partition(" #")[0] for call in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_call_in_the_documents_is_one_that_the_program_knows(page):
    in_code = "\n".join(
        line
        for block in re.split(r"(?m)^```.*$", page.read_text(encoding="utf-8"))[1::2]
        for line in block.splitlines()
    )
    inline = " ".join(f"`{code}`" for code in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")))
    for call in [*calls(in_code), *calls(inline)]:
        tokens = shlex.split(call)
        names = [token for token in tokens if re.fullmatch(r"[a-z]+", token)]
        assert names or {token for token in tokens if token.startswith("-")} <= GLOBAL, call
        if not names or "COMMAND" in tokens:
            continue
        start = next(i for i, token in enumerate(tokens) if token in GROUPS | {w[0] for w in KNOWN})
        words = (tokens[start],) if tokens[start] not in GROUPS else tuple(tokens[start : start + 2])
        if (joined := " ".join(tokens[start : start + 2]),) in KNOWN:  # `digest plan`, beside `digest SLUG`
            words = (joined,)
        if len(words) == 1 and words[0] in GROUPS:  # `syndicator sources` alone shows its help
            continue
        assert words in KNOWN, f"{page.name}: syndicator{call}"
        known = {name for parameter in KNOWN[words].params for name in parameter.opts} | HELP
        used = {
            token.partition("=")[0].strip("[]")
            for token in tokens[start:]
            if token.strip("[").startswith("--")
        }
        assert used <= known, f"{page.name}: syndicator{call}"
        before = {token.partition("=")[0] for token in tokens[:start] if token.startswith("--")}
        assert before <= GLOBAL, f"{page.name}: syndicator{call}"


def test_calls_are_found():
    """The guard of the test above: it must see what it is meant to judge."""
    assert calls("    syndicator feed china --format atom\n") == [" feed china --format atom"]
    assert calls("see `syndicator check` and `.venv/bin/syndicator once --json`") == [
        " check",
        " once --json",
    ]
    assert sum(len(calls(page.read_text(encoding="utf-8"))) for page in PAGES) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_documents_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target or target.startswith(("#", "mailto:")):
            continue
        path = page.parent / unquote(target.partition("#")[0])
        assert path.exists(), f"{page.name}: {target}"
