"""Traps in topics' rules, with their places in the files: told by `check`, in force all the same."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from syndicator.catalog import files, problems, yaml
from syndicator.errors import Problem
from syndicator.match.lint import Trap, traps, traps_among
from syndicator.model.segments import NOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from syndicator.catalog.edit import Edit
    from syndicator.catalog.faults import Path
    from syndicator.match.lint import Vocabulary
    from syndicator.model import Segment


def lint(
    edit: Edit,
    label: str,
    known: Vocabulary | None = None,
    taught: Collection[str] | None = None,
    noted: Collection[str] | None = None,
) -> list[Problem]:
    """Find the traps of all topics, in the order of file and line; `label` names the config folder.

    `known` are the words of the archive; without them only what shows in the rules themselves is told.
    `taught` are the topics of which something was learned, `noted` the attributes that readers have; None
    where that is not known.
    """
    names = {files.stem(name): name for name in edit.texts if name.startswith("topics/")}
    first: dict[str, str] = {}  # fingerprint → the topic that had it first
    found: list[Problem] = []
    for slug, topic in sorted(edit.catalog.topics.items()):
        told = list(chain(traps(topic.rule), traps_among(topic.rule, known) if known else ()))
        file = f"{label}/{names[slug]}"
        if told:
            found += _placed(told, yaml.read(edit.texts[names[slug]]), file)
        if taught is not None and topic.learn != "off" and slug not in taught:
            found.append(_untaught(slug, topic.learn, yaml.read(edit.texts[names[slug]]), file))
        if noted is not None and topic.audience:
            strange = [name for name in topic.audience.names if name not in noted]
            found += _unheard_of(strange, topic.audience, yaml.read(edit.texts[names[slug]]), file)
        if (twin := first.setdefault(topic.fingerprint, slug)) != slug:
            found.append(Problem(file, 0, 0, "", f"the same rule as topic '{twin}'", "delete one of them"))
    return sorted(found)


def _untaught(slug: str, mode: str, document: yaml.Document, file: str) -> Problem:
    what = f"`learn: {mode}` does nothing yet, for nothing was learned"
    return problems.at(
        document, file, ("learn",), what, f"judge articles, then: syndicator topics learn {slug}"
    )


def _unheard_of(
    strange: Sequence[str], audience: Segment, document: yaml.Document, file: str
) -> Iterator[Problem]:
    for name in strange:
        is_wanted = any(each.name == name for each in audience.wanted)
        path = ("audience", name) if is_wanted else ("audience", NOT, name)
        remedy = f"syndicator subscribers add ADDRESS --topic SLUG --set {name}=VALUE, or mend the name"
        yield problems.at(document, file, path, "no reader has this attribute", remedy)


def _placed(told: Sequence[Trap], document: yaml.Document, file: str) -> Iterator[Problem]:
    for trap in told:
        yield problems.at(document, file, _path(trap, document), trap.what, trap.remedy)


def _path(trap: Trap, document: yaml.Document) -> Path:
    """Find the value that a trap is in; a mask by its text, for one line may hold several."""
    if trap.number >= 0:
        return trap.list, trap.number
    lines = document.value.get(trap.list)
    for number, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, str) and trap.source and trap.source in line:
            return trap.list, number
    return (trap.list,)
