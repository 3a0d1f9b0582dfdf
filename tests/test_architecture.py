"""The plan of the house, as far as a machine can hold it: sizes, purity, docstrings, the layout.

Which module may import which is the business of import-linter (`make lint`).
"""

from __future__ import annotations

import ast
import fnmatch
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "syndicator"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

MODULE_LINES = 300
FUNCTION_LINES = 40  # without decorators and docstring
LONGER = {  # path, or path:function → the lines it may have, and why
}
UNSPLIT = "store/migrations/versions/"  # a migration tells one story in one function

PURE = (
    "model/",
    "errors.py",
    "text/",
    "card.py",
    "filters.py",
    "schedule.py",
    "hosts.py",
    "networks.py",
    "controls.py",
    "likeness.py",
    "store/evidence.py",
    "store/homes.py",
    "fetch/signature.py",
    "discover.py",
    "extract/",
    "fetch/manners.py",
    "fetch/freshness.py",
    "fetch/rhythm.py",
    "fetch/moved.py",
    "fetch/health.py",
    "fetch/headers.py",
    "fetch/links.py",
    "fetch/codecs.py",
    "fetch/body.py",
    "fetch/access.py",
    "fetch/target.py",
    "fetch/lease.py",
    "deliver/retry.py",
    "deliver/bounce/",
    "deliver/hooks/",
    "deliver/lanes/",
    "deliver/refusal.py",
    "deliver/standing/",
    "parse/",
    "normalise/",
    "match/",
    "learn/",
    "stories/",
    "publish/",
    "digest/",
)
IMPURE_IMPORTS = {
    "aiohttp",
    "aiosmtplib",
    "asyncio",
    "os",
    "pathlib",
    "procrastinate",
    "random",
    "socket",
    "sqlalchemy",
    "starlette",
    "time",
}
CLOCKS = {"now", "utcnow", "today"}

TOP_LEVEL = {
    ".ci",
    ".git",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "LICENSE-APACHE",
    "Makefile",
    "README.md",
    "bench",
    "config",
    "docs",
    "pyproject.toml",
    "syndicator",
    "systemd",
    "templates",
    "tests",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def is_pure(module: str) -> bool:
    return module.startswith(tuple(p for p in PURE if p.endswith("/"))) or module in PURE


def length(function: Function) -> int:
    """Lines from `def` to the end, less the docstring."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    docstring = ast.get_docstring(function, clean=False) is not None
    return whole - ((first.end_lineno or 0) - first.lineno + 1) * docstring


def functions(module: str) -> Iterator[Function]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, Function))


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public classes, functions and methods with their dotted names; not what is nested in functions."""
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def imports(module: str) -> Iterator[str]:
    """Top-level names of all imported packages, wherever the import stands."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def is_overload(node: ast.ClassDef | Function) -> bool:
    marks = (mark for mark in node.decorator_list if isinstance(mark, ast.Name))
    return any(mark.id in ("overload", "override") for mark in marks)


def lines(module: str) -> int:
    return len((PACKAGE / module).read_text(encoding="utf-8").splitlines())


def oversize() -> Iterator[tuple[str, int, int]]:
    """What is longer than the general limit: name, lines, and what it may have."""
    for module in MODULES:
        if lines(module) > MODULE_LINES:
            yield module, lines(module), LONGER.get(module, (MODULE_LINES,))[0]
        if not module.startswith(UNSPLIT):
            for function in functions(module):
                name = f"{module}:{function.name}"
                if length(function) > FUNCTION_LINES:
                    yield name, length(function), LONGER.get(name, (FUNCTION_LINES,))[0]


def test_modules_and_functions_are_short() -> None:
    found = list(oversize())
    assert not [f"{name} has {size} lines" for name, size, limit in found if size > limit]
    assert set(LONGER) <= {name for name, _, _ in found}, "an exception is no longer needed"


def test_pure_modules_know_neither_world_nor_clock() -> None:
    faults = []
    for module in filter(is_pure, MODULES):
        calls = [node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
        called = {call.attr for call in calls if isinstance(call, ast.Attribute)}
        faults += [f"{module} imports {name}" for name in IMPURE_IMPORTS & set(imports(module))]
        faults += [f"{module} calls {name}()" for name in CLOCKS & called]
    assert not faults


def test_every_public_name_says_what_it_is() -> None:
    faults = [module for module in MODULES if tree(module).body and not ast.get_docstring(tree(module))]
    for module in MODULES:
        named = [(name, node) for name, node in public(tree(module).body) if not is_overload(node)]
        faults += [f"{module}: {name}" for name, node in named if not ast.get_docstring(node)]
    assert not faults


def test_what_is_imported_is_declared() -> None:
    """A package that comes only because another one wants it may be gone with that one's next release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]["learn"]
    declared = {canonical(requirement) for requirement in [*project["dependencies"], *optional]}
    makers = packages_distributions()
    foreign = {
        name: module
        for module in MODULES
        for name in imports(module)
        if name != PACKAGE.name and name not in sys.stdlib_module_names
    }
    missing = {
        name for name in foreign if not declared & {canonical(maker) for maker in makers.get(name, [])}
    }
    assert not {name: foreign[name] for name in missing}


def canonical(requirement: str) -> str:
    """Return the package's name of a requirement, as PEP 503 spells it."""
    name = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


def test_nothing_rebinds_a_global() -> None:
    assert not [
        module for module in MODULES for node in ast.walk(tree(module)) if isinstance(node, ast.Global)
    ]


def test_top_level_is_as_planned() -> None:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    found = {path.name for path in ROOT.iterdir()}
    kept = {name for name in found if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)}
    assert kept <= TOP_LEVEL


def test_the_measures_measure() -> None:
    sample = ast.parse('def f(a):\n    """One\n\n    two."""\n    import os\n    return a.now()\n')
    [function] = [node for node in sample.body if isinstance(node, Function)]
    assert length(function) == 3
    assert [name for name, _ in public(sample.body)] == ["f"]
    assert is_pure("match/grammar.py")
    assert not is_pure("fetch/http.py")
