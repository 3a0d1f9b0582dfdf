"""The topics' own tests: articles that a rule must and must not take, tried whenever it is loaded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.catalog import problems
from syndicator.match import Index, trace
from syndicator.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.catalog.schema import TestArticle, TopicFile
    from syndicator.catalog.yaml import Document
    from syndicator.errors import Problem
    from syndicator.model import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one test of a topic; `problem` says where it stands and what failed, None if nothing."""

    topic: str
    list: str  # the one it stands in: match or no_match
    title: str
    problem: Problem | None


def attempt(topic: Topic, keys: TopicFile, document: Document, file: str) -> Iterator[Tried]:
    """Run the tests of one topic, in their order."""
    if not (keys.tests.match or keys.tests.no_match):
        return
    index = Index([topic])
    for name, tests in (("match", keys.tests.match), ("no_match", keys.tests.no_match)):
        for number, test in enumerate(tests):
            found = index.match(article(test, topic))
            what = ""
            if name == "match" and not found:
                said = trace(topic, article(test, topic)).verdict
                what = f"is not in the topic: {said.removeprefix('dropped: ')}"
            elif name == "no_match" and found:
                what = f"is in the topic: {'; '.join(found[0].because)}"
            place = ("tests", name, number)
            remedy = "change the rule or the test"
            problem = problems.at(document, file, place, what, remedy) if what else None
            yield Tried(topic=topic.slug, list=name, title=test.title, problem=problem)


def article(test: TestArticle, topic: Topic) -> Article:
    """Make the article of a test; one that names no source is from the first that the topic names."""
    return Article(
        source=test.source or next(iter(topic.sources), ""),
        key="test",
        title=test.title,
        text=test.text,
        language=test.lang or "",
        tags=tuple(test.tags),
    )
