"""`check` and `schema` as an admin runs them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

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


def test_tests_that_fail_are_problems_and_go_to_junit(app: typer.Typer, folder: Folder) -> None:
    good = "title: G\nany: [w]\ntests: {match: [a w]}\n"
    bad = 'title: T\nany: [x]\ntests:\n  match: [x]\n  no_match: [{title: "<x> & y", text: z}]\n'
    config = folder({"topics/good.yaml": good, "topics/t.yaml": bad})
    report = config.parent / "report.xml"
    result = CliRunner().invoke(app, ["check", "--junit", str(report)])
    said = (
        "config/topics/t.yaml:5:14: tests.no_match[1]: is in the topic: title: x; change the rule or the test"
    )
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"wrote {report}: 3 tests\n{said}\n")
    suites = ElementTree.parse(report).getroot()
    told = [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites]
    assert told == [("good", "1", "0"), ("t", "2", "1")]
    case = suites.findall("testsuite/testcase")[2]
    assert (case.get("classname"), case.get("name")) == ("topics.t", "no_match: <x> & y")
    assert (case.get("file"), case.get("line")) == ("config/topics/t.yaml", "5")
    failure = case.find("failure")
    assert failure is not None
    assert failure.text == said

    folder({"topics/t.yaml": "title: T\nany: [x]\n"})
    result = CliRunner().invoke(app, ["check", "--junit", str(report)])
    assert result.stdout == "config: 0 sources, 2 topics, 1 test: no problems\n"
    assert result.stderr == f"wrote {report}: 1 test\n"
    assert [suite.get("name") for suite in ElementTree.parse(report).getroot()] == ["good"]


def test_files_that_cannot_be_read_are_failures_in_junit_too(app: typer.Typer, folder: Folder) -> None:
    config = folder({"topics/t.yaml": "titel: T\nany: [x]"})
    report = config.parent / "report.xml"
    result = CliRunner().invoke(app, ["check", "--junit", str(report)])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        2,
        f"wrote {report}: the problems; no test was run",
    )
    (suite,) = ElementTree.parse(report).getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("config", "2", "2")


def test_learn_without_anything_learned_is_noted(app: typer.Typer, folder: Folder) -> None:
    folder({"topics/t.yaml": "title: T\nany: [x]\nlearn: filter\n"})
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert result.stderr == (
        "note: config/topics/t.yaml:3:8: learn: `learn: filter` does nothing yet, for nothing was learned; "
        "judge articles, then: syndicator topics learn t\n"
    )


def test_a_secret_that_only_the_service_can_read_is_no_problem(app: typer.Typer, folder: Folder) -> None:
    mail = "mail: {username: u, password_file: pw, dkim: {selector: s, key_file: k.pem}}"
    folder({"topics/t.yaml": "title: T\nany: [x]", "syndicator.yaml": mail})
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert [line.partition("; ")[0] for line in result.stderr.splitlines()] == [
        "note: config/syndicator.yaml:1:36: mail.password_file: 'pw': no such file or directory",
        "note: config/syndicator.yaml:1:70: mail.dkim.key_file: 'k.pem': no such file or directory",
    ]
