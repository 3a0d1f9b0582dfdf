"""py3langid, loaded when it is needed for the first time: 0.9 s of CPU, and 60 MB from then on.

Only texts whose script leaves several configured languages come here, so most sites never load it.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from py3langid.langid import LanguageIdentifier

_NAMES: Final[Mapping[str, str]] = {  # what we are asked for → what the model calls it
    "cmn": "zh", "fil": "tl", "in": "id", "iw": "he", "ji": "yi", "nb": "no", "sh": "sr",
}  # fmt: skip
_LOADING: Final = Lock()  # several threads at once would each hold the whole model for a while


def identify(text: str, candidates: frozenset[str], languages: frozenset[str]) -> tuple[str, float]:
    """Choose the language that a text is in, with its probability; ("", 0.0) if the model knows none.

    `candidates` are some of the site's `languages`, all primary subtags of BCP 47.
    """
    with _LOADING:
        identifier = _identifier(languages)
    asked = {_NAMES.get(each, each): each for each in sorted(candidates, reverse=True)}
    found = [(name, chance) for name, chance in identifier.rank(text) if name in asked]
    if not found:
        return "", 0.0
    name, chance = found[0]
    return asked[name], chance / (sum(chance for _, chance in found) or 1.0)


@lru_cache(maxsize=1)  # a site's languages change with its configuration only
def _identifier(languages: frozenset[str]) -> LanguageIdentifier:
    """Build what tells `languages` apart, and let go of what tells others."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads numpy
    from py3langid.modelio import load_model  # noqa: PLC0415

    weights, priors, names, *automaton, output = load_model(MODEL_DIR / MODEL_FILE)
    nextmove, row = automaton
    wanted = {_NAMES.get(each, each) for each in languages}
    known = [place for place, name in enumerate(names) if name in wanted]
    return LanguageIdentifier(
        weights[:, known].astype("float32"),  # quicker than the half precision of the file
        priors[known],
        [names[place] for place in known],
        nextmove,
        output,
        norm_probs=True,
        tk_row=row,
    )
