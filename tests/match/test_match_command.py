"""`syndicator match` as a program: real files and pipes in, lines out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = {
    "china": "title: China\nany: [china, 中国]\ntags: [China]\n",
    "fraud": "title: Fraud\nany: ['\"telecom fraud*\"', 电信诈骗]\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "config" / "topics"
    made.mkdir(parents=True)
    for slug, text in TOPICS.items():
        (made / f"{slug}.yaml").write_text(text, encoding="utf-8")
    return made


def run(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, list[object], str]:
    program = [sys.executable, "-c", "from syndicator.cli import main; main()"]
    done = subprocess.run(
        [*program, *map(str, arguments)], input=stdin, capture_output=True, check=False, timeout=120
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_each_line_is_answered_in_its_order(folder: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "title": "Telecom fraudsters leave China", "text": ""},
        {"id": 2, "title": "Rain", "html": "<p>China</p><p>and China</p>", "lang": None, "tags": []},
        {
            "id": "c",
            "title": "Rain",
            "tags": ["CHINA"],
            "source": "wire",
            "author": "A. Writer",
            "url": "https://e.org",
        },
        {"id": "d", "title": "Rain", "unknown": {}},
        {"id": "e", "title": "电信诈骗"},
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    assert run("match", file, "--topics", folder) == (
        0,
        [
            {
                "id": "a",
                "topics": [
                    {"slug": "china", "score": 3, "because": ["title: china"]},
                    {"slug": "fraud", "score": 3, "because": ["title: telecom fraud*"]},
                ],
            },
            {"id": 2, "topics": [{"slug": "china", "score": 4, "because": ["lead: china ×2"]}]},
            {"id": "c", "topics": [{"slug": "china", "score": 4, "because": ["tag: CHINA"]}]},
            {"id": "d", "topics": []},
            {"id": "e", "topics": [{"slug": "fraud", "score": 3, "because": ["title: 电信诈骗"]}]},
        ],
        "",
    )


def test_bad_lines_are_named_and_the_others_answered(folder: Path) -> None:
    lines = [
        b'{"id": 1, "title": "China"}',
        b"{",
        b'["id"]',
        b'{"title": "China"}',
        b'{"id": 5, "title": ["China"]}',
        b'{"id": 6, "title": "\xff"}',
        b'{"id": 7, "tags": [1]}',
        b'{"id": "\\ud800"}',
        b'{"id": 9, "text": ' + b"[" * 100_000,
        b'{"id": 10, "text": "' + b"x" * (16 * 1024 * 1024) + b'"}',
        b'{"id": 11, "title": "\xe4\xb8\xad\xe5\x9b\xbd"}',
    ]
    code, answers, words = run("--config", folder.parent, "match", "-", stdin=b"\n".join(lines))
    assert code == 1
    assert [answer["id"] for answer in answers] == [1, 11]  # type: ignore[index]
    assert [line.split(":")[1] for line in words.splitlines() if line.startswith("-:")] == [*"23456789", "10"]
    assert words.count("  try: ") == 9


def test_no_such_file_or_folder_is_a_fault_of_usage(folder: Path, tmp_path: Path) -> None:
    assert run("match", tmp_path / "none.jsonl", "--topics", folder)[0] == 2
    assert run("match", "-", "--topics", tmp_path / "none")[0] == 2


def test_a_topic_that_cannot_be_read_stops_before_the_first_answer(folder: Path) -> None:
    (folder / "bad.yaml").write_text("title: Bad\nany: ['scam OR']\n", encoding="utf-8")
    code, answers, words = run("match", "-", "--topics", folder, stdin=b'{"id": 1, "title": "China"}\n')
    assert (code, answers) == (2, [])
    assert "bad.yaml:2:" in words
    assert "nothing after OR" in words
