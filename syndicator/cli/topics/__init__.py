"""`syndicator topics`: what the topics are and hold, and what admins say of their articles.

listing.py   list
judging.py   judge, judgements
learning.py  learn
releasing.py release
"""

from __future__ import annotations

import typer

from syndicator.cli.topics import judging, learning, listing, releasing
from syndicator.cli.topics.common import find

__all__ = ["app", "find"]

app = typer.Typer(help="Topics: what articles are kept for.", no_args_is_help=True)

app.command("list")(listing.list_)
app.command("judge")(judging.judge)
app.command("judgements")(judging.judgements)
app.command("learn")(learning.learn)
app.command("release")(releasing.release)
