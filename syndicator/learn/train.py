"""Judgements → `Learned`, where it does better than the rule alone. Deterministic.

The order of things: features of all judged articles; cross-validation, which gives each article a chance by a
model that has not seen it, and each part a threshold from the other parts; the rule alone, with a `min_score`
for each part from the other parts too; a model of all judgements, which is better only if it beats that by
`MARGIN`. What is told is the mean over several ways to cut the judgements into parts.

The only module that needs scikit-learn, the extra `learn`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from syndicator.errors import SyndicatorError
from syndicator.learn.features import POINTS, features, is_word
from syndicator.learn.record import MOST_VERDICTS, MOST_WEIGHTS, made
from syndicator.model import Figures, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syndicator.model import Judgement, Learned, Match

    Row = Mapping[str, float]
    Judged = tuple[Judgement, Match | None]  # with what the rule says of the article
    Fold = tuple[list[int], list[int]]  # judgements to learn from, and to be asked

LEAST: Final = 10  # accepted, and rejected, articles
ENOUGH: Final = 50  # judged articles, from which on it is worth while
MARGIN: Final = 0.01  # of F1, that the model must be better by
FOLDS: Final = 5
ROUNDS: Final = 3  # ways to cut the judgements into folds
STRENGTH: Final = 2.0  # scikit-learn's C
DIGITS: Final = 5  # of weights that are kept
NEVER: Final = -1.0  # points, and chance, of what the rule does not find
RAREST: Final = 2  # articles that a word must be in
CHANCES: Final = tuple(step / 40 for step in range(4, 29))  # thresholds that are tried: 0.1 to 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What came of learning: the figures, the model whether good or not, and whether to switch it on."""

    learned: Learned
    figures: Figures
    min_score: float  # at which the rule alone does best
    is_better: bool


class TooFew(SyndicatorError):
    """There are not enough judgements to learn from."""


def check(judged: Sequence[Judged]) -> None:
    """Raise TooFew where there are not enough judgements of both kinds."""
    accepted = sum(judgement.verdict == "accept" for judgement, _ in judged)
    rejected = len(judged) - accepted
    if min(accepted, rejected) < LEAST:
        raise TooFew(
            f"too few judgements: {accepted} accepted, {rejected} rejected",
            hint=f"judge at least {LEAST} of each; from about {ENOUGH} on it is worth while",
        )
    if len(judged) > MOST_VERDICTS:
        raise TooFew(f"more than {MOST_VERDICTS:,} judgements", hint="forget old ones")


def train(topic: str, judged: Sequence[Judged]) -> Lesson:
    """Learn from the judgements of a topic; the order in which they come does not matter.

    Raises:
        TooFew: there are fewer than `LEAST` accepted or rejected articles.
        SyndicatorError: scikit-learn is not installed.
    """
    check(judged)
    _need_library()
    judged = sorted(judged, key=lambda one: (one[0].article.source, one[0].article.key))
    rows = [features(judgement.article, match) for judgement, match in judged]
    wanted = [judgement.verdict == "accept" for judgement, _ in judged]
    points = [match.score if match else NEVER for _, match in judged]
    threshold, ours, rule = _validated(rows, wanted, points)
    accepted = sum(wanted)
    figures = Figures(accepted=accepted, rejected=len(judged) - accepted, rule_f1=rule, f1=ours)
    weights, bias = _Fit(rows, wanted).plain()
    learned = made(
        topic,
        weights=weights,
        bias=bias,
        threshold=threshold,
        verdicts={reference(judgement.article): judgement.verdict == "accept" for judgement, _ in judged},
        figures=figures,
    )
    return Lesson(
        learned=learned,
        figures=figures,
        min_score=_best(points, wanted, _steps(points)),
        is_better=ours >= rule + MARGIN,
    )


def f1(wanted: Iterable[bool], given: Iterable[bool]) -> float:
    """Return the harmonic mean of precision and recall; 0 where nothing right was given."""
    pairs = list(zip(wanted, given, strict=True))
    right = sum(want and give for want, give in pairs)
    wrong = sum(want != give for want, give in pairs)
    return 2 * right / (2 * right + wrong) if right else 0.0


def _need_library() -> None:
    try:
        import sklearn  # noqa: F401, PLC0415  a third of a second, for those who learn
    except ImportError as error:
        raise SyndicatorError(
            "scikit-learn is not installed: nothing can be learned",
            hint="pip install 'syndicator[learn]', or in a clone .venv/bin/pip install -e '.[learn]'; "
            "what was learned before works without it",
        ) from error


def _validated(
    rows: Sequence[Row], wanted: Sequence[bool], points: Sequence[float]
) -> tuple[float, float, float]:
    """Return the threshold for all judgements, and the F1 to expect of the model and of the rule alone.

    Both are treated alike: what they need to decide, a threshold or a `min_score`, is chosen by the parts
    that they are not judged by.
    """
    thresholds, ours, rules = [], [], []
    for seed in range(ROUNDS):
        folds = _folds(wanted, seed)
        chances = [0.0] * len(rows)
        for learnt, asked in folds:
            fit = _Fit([rows[i] for i in learnt], [wanted[i] for i in learnt])
            for i, chance in zip(asked, fit.chances([rows[i] for i in asked]), strict=True):
                chances[i] = chance if points[i] >= 0 else NEVER  # the model never adds
        thresholds.append(_best(chances, wanted, CHANCES))
        ours.append(_crossed(chances, wanted, folds, CHANCES))
        rules.append(_crossed(points, wanted, folds, _steps(points)))
    mean = [round(sum(column) / ROUNDS, DIGITS) for column in (thresholds, ours, rules)]
    return mean[0], mean[1], mean[2]


def _crossed(
    values: Sequence[float], wanted: Sequence[bool], folds: Iterable[Fold], tried: Sequence[float]
) -> float:
    """Return the F1 where each fold is decided by the limit that suits the others best."""
    kept = [False] * len(values)
    for learnt, asked in folds:
        limit = _best([values[i] for i in learnt], [wanted[i] for i in learnt], tried)
        for i in asked:
            kept[i] = values[i] >= limit
    return f1(wanted, kept)


def _best(values: Sequence[float], wanted: Sequence[bool], tried: Sequence[float]) -> float:
    """Return the limit with the best F1; of several the middle one."""
    scores = [f1(wanted, (value >= limit for value in values)) for limit in tried]
    best = max(scores)
    good = [limit for limit, score in zip(tried, scores, strict=True) if score == best]
    return good[len(good) // 2]


def _steps(points: Iterable[float]) -> list[float]:
    """List the scores that a rule's `min_score` could tell apart."""
    return sorted({point for point in points if point >= 0}) or [0.0]


def _folds(wanted: Sequence[bool], seed: int) -> list[Fold]:
    """Cut the judgements into parts with as many accepted ones each."""
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    cutter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    parts = cutter.split([[0]] * len(wanted), list(wanted))
    return [(learnt.tolist(), asked.tolist()) for learnt, asked in parts]


class _Fit:
    """A logistic regression over weighted features."""

    def __init__(self, rows: Sequence[Row], wanted: Sequence[bool]) -> None:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

        spread = Counter(name for row in rows for name in row)
        common = [name for name, articles in spread.items() if articles >= RAREST or name == POINTS]
        names = sorted(common, key=lambda name: (-spread[name], name))[:MOST_WEIGHTS]
        self._scale = {name: _rarity(spread[name], len(rows)) if is_word(name) else 1.0 for name in names}
        self._places = {name: place for place, name in enumerate(names)}
        self._model: Any = LogisticRegression(
            C=STRENGTH, class_weight="balanced", solver="liblinear", random_state=0, max_iter=1_000
        )
        self._model.fit(self._matrix(rows), list(wanted))

    def chances(self, rows: Sequence[Row]) -> list[float]:
        """Return the chance of each article to belong."""
        chances: list[float] = self._model.predict_proba(self._matrix(rows))[:, 1].tolist()
        return chances

    def plain(self) -> tuple[dict[str, float], float]:
        """Return weights and bias as plain numbers, for a dot product with `features`."""
        pulls = self._model.coef_[0].tolist()
        weights = {
            name: round(pulls[place] * self._scale[name], DIGITS) for name, place in self._places.items()
        }
        return {name: weight for name, weight in weights.items() if weight}, round(
            float(self._model.intercept_[0]), DIGITS
        )

    def _matrix(self, rows: Sequence[Row]) -> Any:
        from scipy.sparse import csr_matrix  # noqa: PLC0415  scikit-learn brings it

        values: list[float] = []
        places: list[int] = []
        ends = [0]
        for row in rows:
            known = [(name, value) for name, value in row.items() if name in self._places]
            values += [value * self._scale[name] for name, value in known]
            places += [self._places[name] for name, _ in known]
            ends.append(len(values))
        return csr_matrix((values, places, ends), shape=(len(rows), len(self._places)))


def _rarity(spread: int, articles: int) -> float:
    """Weigh a word by how few articles it is in: inverse document frequency, smoothed."""
    return math.log((1 + articles) / (1 + spread)) + 1
