"""How text is compared: folding and tokens, and where a token stood. A leaf that every stage may use.

`fold` makes equal what a reader takes for equal (width, case, accents of Latin and Greek, dashes,
apostrophes, invisible marks, traditional and simplified characters); `unify` is the part of it that names of
stored articles rest on. `tokens` cuts text into folded words, or into single characters where the script
writes no spaces; `spans` gives the same tokens with their places in the text as it was written. All are pure;
`fold` is idempotent, so `tokens` may be given folded text too.
"""

from syndicator.text.folding import fold, unify
from syndicator.text.places import aligned, spans
from syndicator.text.words import is_unspaced, tokens

__all__ = ["aligned", "fold", "is_unspaced", "spans", "tokens", "unify"]
