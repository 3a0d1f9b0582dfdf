"""More like this: from judged articles to a better choice among what a rule finds. Pure.

    features   an article as words and signs, each with a weight
    train      judgements → `Learned`, and whether it beats the rule alone; only this needs scikit-learn
    weigh      `Learned` × match → the match with another score, or nothing; never a match that was none
    record     `Learned` as JSON and back
    exchange   judgements as lines of JSON and back

Judgements are the truth, and rows; what is learned of them is derived.
"""

from __future__ import annotations

from syndicator.learn.weigh import heeded, weigh

__all__ = ["heeded", "weigh"]
