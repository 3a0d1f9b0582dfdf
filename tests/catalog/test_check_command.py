"""`check` and `schema` as an admin runs them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from syndicator.catalog import document, schema
from syndicator.cli import check as check_module
from syndicator.cli import schema as schema_module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def app(tmp_path: Path) -> typer.Typer:
    """The two commands on the config folder of `folder`."""
    app = typer.Typer()
    app.command("check")(check_module.check)
    app.command("schema")(schema_module.schema)

    @app.callback()
    def options(ctx: typer.Context) -> None:
        ctx.obj = SimpleNamespace(config=tmp_path / "config")

    return app


def test_success_is_one_line(app: typer.Typer, folder: Folder) -> None:
    sources = "sources: [{name: a, url: 'file:x'}]"
    folder({"sources/a.yaml": sources, "topics/t.yaml": "title: T\nany: [x]", "x": ""})
    result = CliRunner().invoke(app, ["check"])
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "config: 1 source, 1 topic: no problems\n",
        "",
    )
    assert json.loads(CliRunner().invoke(app, ["check", "--json"]).stdout) == []


def test_problems_go_to_stderr_with_exit_2(app: typer.Typer, folder: Folder) -> None:
    folder({"topics/t.yaml": "titel: T\nany: [x]", "syndicator.yaml": "web: {port: -1}"})
    result = CliRunner().invoke(app, ["check"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "config/syndicator.yaml:1:13: web.port: -1 is too small; write at least 0",
        "config/topics/t.yaml:1:1: titel: unknown key; did you mean 'title'?",
        "config/topics/t.yaml:1:1: title: missing; add title: Telecom fraud",
    ]


def test_problems_as_json(app: typer.Typer, folder: Folder) -> None:
    folder({"syndicator.yaml": "web: {port: -1}"})
    result = CliRunner().invoke(app, ["check", "--json"])
    assert (result.exit_code, result.stderr) == (2, "")
    assert json.loads(result.stdout) == [
        {
            "file": "config/syndicator.yaml",
            "line": 1,
            "column": 13,
            "key": "web.port",
            "what": "-1 is too small",
            "remedy": "write at least 0",
            "excerpt": "",
        }
    ]


def test_schemas_are_printed_and_written(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "topic"])
    assert (result.exit_code, result.stdout) == (0, document.json_schema("topic"))
    assert CliRunner().invoke(app, ["schema", "--write", str(tmp_path / "new")]).exit_code == 0
    written = {path.name: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert written == {document.file_name(kind): document.json_schema(kind) for kind in schema.FILES}
    assert set(schema_module.FileKind) == set(schema.FILES)


def test_nothing_to_do_is_a_question_of_usage(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["schema"]).exit_code == 2
