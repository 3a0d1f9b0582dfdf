"""What came of the topics' tests as JUnit XML, which every CI reads. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from syndicator.catalog.trying import Tried
    from syndicator.errors import Problem

_NO_CHARACTERS: Final = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")  # XML 1.0, 2.2

CONFIG: Final = "config"  # the suite of what keeps the files from being read


def report(tried: Iterable[Tried], problems: Sequence[Problem] = ()) -> bytes:
    """Write one suite a topic and one for `problems` of the files, each test or problem a case."""
    suites = [_suite(topic, [_case(each) for each in group]) for topic, group in groupby(tried, _topic)]
    suites += [_suite(CONFIG, [(_opening(CONFIG, str(p.file)), p) for p in problems])] if problems else []
    body = "\n".join(suites).translate(_NO_CHARACTERS)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n{body}\n</testsuites>\n'.encode()


def _topic(each: Tried) -> str:
    return each.topic


def _case(each: Tried) -> tuple[str, Problem | None]:
    return _opening(f"topics.{each.topic}", f"{each.list}: {each.title}"), each.problem


def _opening(group: str, name: str) -> str:
    return f"    <testcase classname={quoteattr(group)} name={quoteattr(name)}"


def _suite(name: str, cases: Sequence[tuple[str, Problem | None]]) -> str:
    failures = sum(problem is not None for _, problem in cases)
    opening = f'  <testsuite name={quoteattr(name)} tests="{len(cases)}" failures="{failures}">'
    return "\n".join([opening, *_lines(cases), "  </testsuite>"])


def _lines(cases: Iterable[tuple[str, Problem | None]]) -> Iterator[str]:
    for opening, problem in cases:
        if problem is None:
            yield f"{opening}/>"
            continue
        yield f'{opening} file={quoteattr(problem.file)} line="{problem.line}">'
        yield f"      <failure message={quoteattr(problem.what)}>{escape(str(problem))}</failure>"
        yield "    </testcase>"
