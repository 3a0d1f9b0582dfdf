"""`syndicator topics learn`: from judgements to a better choice, where there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from syndicator.cli.topics.judging import Slug  # noqa: TC001 - typer reads the annotations at run time

if TYPE_CHECKING:
    from syndicator.learn.train import Lesson
    from syndicator.model import Topic

SUGGESTED: Final = 12  # words each way


def learn(
    ctx: typer.Context,
    slug: Slug,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Learn from the judged articles of a topic which of the rule's articles are wanted.

    It needs 10 accepted and 10 rejected articles, and is worth while from about 50. What is learned is kept
    only if it does better than the rule alone, by 0.01 of F1 in cross-validation, and heeded only where the
    topic says `learn: rank` or `learn: filter`. The words that tell most are offered for the rule itself.

    Example: `syndicator topics learn china`
    """
    from syndicator.cli.common import print_json, start

    topic, lesson, lifts = start(_learn(ctx, slug))
    told = _value(topic, lesson, lifts)
    if json:
        print_json(told)
    else:
        sys.stdout.write(_words(topic, lesson, told))


async def _learn(ctx: typer.Context, slug: str) -> tuple[Topic, Lesson, dict[str, float]]:
    from syndicator.cli.common import look
    from syndicator.cli.log import configure_log
    from syndicator.cli.topics.common import find
    from syndicator.clock import utc_now
    from syndicator.pipeline import learn
    from syndicator.pipeline.lifts import lifts

    configure_log("error")
    async with look(ctx.obj) as (_, catalog, store):
        topic = find(catalog, slug)
        lesson = await learn(store, topic, now=utc_now())
        return topic, lesson, await lifts(store, slug, lesson.learned.weights)


def _value(topic: Topic, lesson: Lesson, lifts: dict[str, float]) -> dict[str, Any]:
    from syndicator.learn.weigh import strongest

    figures = lesson.figures
    towards, away = strongest(lesson.learned.weights, most=SUGGESTED, lifts=lifts)
    return {
        "topic": topic.slug,
        "accepted": figures.accepted,
        "rejected": figures.rejected,
        "rule_f1": figures.rule_f1,
        "rule_min_score": lesson.min_score,
        "f1": figures.f1,
        "kept": lesson.is_better,
        "learn": topic.learn,
        "words_for": towards,
        "words_against": away,
    }


def _words(topic: Topic, lesson: Lesson, told: dict[str, Any]) -> str:
    rows = [
        f"judged      {told['accepted']:,} accepted, {told['rejected']:,} rejected",
        f"rule alone  F1 {told['rule_f1']:.3f}, at the min_score that suits it best: {lesson.min_score:g}",
        f"learned     F1 {told['f1']:.3f}, cross-validated",
        f"{'kept' if lesson.is_better else 'not kept':<12}{_outcome(topic, lesson)}",
        f"words for   {', '.join(told['words_for'])}",
        f"and against {', '.join(told['words_against'])}",
    ]
    return "\n".join(rows) + "\n"


def _outcome(topic: Topic, lesson: Lesson) -> str:
    if not lesson.is_better:
        return "it is no better than the rule; judge more articles, or take words from below into the rule"
    if topic.learn == "off":
        return f"write `learn: rank` or `learn: filter` into {topic.slug}.yaml to have it heeded"
    return f"{topic.slug}.yaml says `learn: {topic.learn}`: the stored articles are matched again"
