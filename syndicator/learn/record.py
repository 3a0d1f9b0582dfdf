"""`Learned` as a small JSON value, and back: words and numbers, nothing that could run.

What comes back from a database may be of another version or damaged, so every value is looked at.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from syndicator.model import Figures, Learned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Topic

FORM: Final = 1  # goes up when features or numbers come to mean something else: what was learned is void
MOST_WEIGHTS: Final = 5_000
MOST_VERDICTS: Final = 20_000
LARGEST: Final = 1e6
NONE: Final = Figures(accepted=0, rejected=0, rule_f1=0, f1=0)


def made(
    topic: str,
    *,
    weights: Mapping[str, float],
    bias: float,
    threshold: float,
    verdicts: Mapping[str, bool],
    figures: Figures,
) -> Learned:
    """Make a `Learned` whose version is a hash of all that decides."""
    deciding = [FORM, sorted(weights.items()), bias, threshold, sorted(verdicts.items())]
    version = sha256(json.dumps(deciding).encode()).hexdigest()
    return Learned(
        topic=topic,
        version=version,
        weights=weights,
        bias=bias,
        threshold=threshold,
        verdicts=verdicts,
        figures=figures,
    )


def to_json(learned: Learned) -> dict[str, Any]:
    """Return what is stored of `learned`, beside its topic and version."""
    return {
        "form": FORM,
        "weights": dict(learned.weights),
        "bias": learned.bias,
        "threshold": learned.threshold,
        "verdicts": dict(learned.verdicts),
        "figures": asdict(learned.figures),
    }


def from_json(topic: str, version: str, value: Any) -> Learned:
    """Read what `to_json` wrote. What cannot be used comes back as nothing learned: no weights."""
    try:
        _need_form(value["form"])
        return Learned(
            topic=topic,
            version=version,
            weights=_numbers(value["weights"], MOST_WEIGHTS),
            bias=_number(value["bias"]),
            threshold=_number(value["threshold"]),
            verdicts=_verdicts(value["verdicts"]),
            figures=_figures(value["figures"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Learned(topic=topic, version=version, weights={}, bias=0, threshold=0, figures=NONE)


def fingerprint(topic: Topic, learned: Learned | None) -> str:
    """Hash what decides a topic's matches: its rule, and what was learned where it is to be heeded."""
    if learned is None or topic.learn == "off":
        return topic.fingerprint
    return sha256(f"{topic.fingerprint} {topic.learn} {learned.version}".encode()).hexdigest()


def _need_form(value: Any) -> None:
    if value != FORM:
        raise ValueError("written by another version")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"no number: {value!r}")
    if not abs(value) <= LARGEST:  # this way round it is true of NaN, and quick for huge integers
        raise ValueError("a number out of range")
    return float(value)


def _numbers(value: Any, most: int) -> dict[str, float]:
    if len(value) > most:
        raise ValueError("too many weights")
    return {str(name): _number(weight) for name, weight in value.items()}


def _verdicts(value: Any) -> dict[str, bool]:
    if len(value) > MOST_VERDICTS or not all(isinstance(verdict, bool) for verdict in value.values()):
        raise ValueError("no verdicts")
    return {str(name): verdict for name, verdict in value.items()}


def _figures(value: Any) -> Figures:
    return Figures(
        accepted=int(_number(value["accepted"])),
        rejected=int(_number(value["rejected"])),
        rule_f1=_number(value["rule_f1"]),
        f1=_number(value["f1"]),
    )
